"""Data URLs, and which content types can be media at all."""

import binascii
import re

import pybase64

from livetranslate.blob import Blob, made_in_thread
from livetranslate.errors import BadUrl, Overloaded, TooBig

_HEAD = re.compile(
    r"data:(?P<type>[\w.+-]{1,100}/[\w.+-]{1,100})?(?:;[\w.+-]{1,100}=[^;,\s]{0,200}){0,8};base64,", re.IGNORECASE | re.ASCII
)
_NEVER_MEDIA = re.compile(
    r"(text|image|font|model|message|multipart)/.*|application/(json|xml|javascript|pdf|zip|gzip|wasm|dash\+xml|vnd\.apple\.mpegurl|x-mpegurl)"
    r"|audio/(x-)?mpegurl|.*\+(json|xml)"
)


def may_hold_media(content_type: str) -> bool:
    """Whether bytes of this content type can be sound or video; none stated or one never heard of may be."""
    return not _NEVER_MEDIA.fullmatch(content_type.partition(";")[0].strip().lower())


async def read_data_url(url: str, most_characters: int) -> Blob:
    """The bytes within a data URL, which must be in base64; `BadUrl` or `TooBig`."""
    if len(url) > most_characters:
        raise TooBig(f"Exceeded limit on max bytes per data-uri item : {most_characters}'.")
    head = _HEAD.match(url)
    if head is None or not may_hold_media(head["type"] or ""):
        raise BadUrl
    return await made_in_thread(lambda: _keep(_decode(url, head.end())))


def _decode(url: str, start: int) -> bytes:
    try:
        return pybase64.b64decode(url[start:], validate=True)
    except (binascii.Error, ValueError):
        raise BadUrl from None


def _keep(data: bytes) -> Blob:
    try:
        return Blob.from_bytes(data)
    except OSError:
        raise Overloaded from None
