"""The one door for fetching: an http, https or data URL to a blob, within limits of address, size and time.

A URL names its host; the host is looked up once, every answer is checked, and the checked address is what is connected to.
"""

import asyncio
import logging
import math
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin

import httpx2

from livetranslate.blob import Blob as Blob
from livetranslate.blob import BlobWriter, made_in_thread
from livetranslate.errors import BadUrl, FetchFailed, Overloaded, TooBig
from livetranslate.fetching.addresses import MOST_CHARACTERS, Address, Exemptions, Target, admit, parse
from livetranslate.fetching.inline import may_hold_media, read_data_url

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host name; raises `OSError` if there are none."""

_TIMED_OUT = "Download multimodal file timed out"
_NO_LENGTH = "Missing Content-Length of multimodal url."
_WRONG_TYPE = "Wrong Content-Type of multimodal url"
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": "livetranslate", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BATCH = 1 << 18
_ADDRESSES_TRIED = 3

for _library in ("httpx2", "httpcore2"):
    # Their debug lines hold whole URLs, and a signed URL is a secret.
    logging.getLogger(_library).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds of one fetch; sizes in bytes, times in seconds."""

    data_url_chars: int = 10_485_760
    audio_bytes: int = 100_000_000
    video_bytes: int = 256_000_000
    redirects: int = 3
    dns_seconds: float = 3.0
    connect_seconds: float = 5.0
    first_byte_seconds: float = 10.0
    total_seconds: float = 60.0
    slowest_rate: int = 10_000
    """Bytes a second, in each window of `rate_seconds`."""
    rate_seconds: float = 10.0
    failure_seconds: float = 1.0
    """Failures are told at the end of a multiple of this time, so that the time does not tell the cause."""

    @property
    def silent_seconds(self) -> float:
        """When a fetch is told to have timed out that never got an answer, at whichever stage it hung."""
        return self.dns_seconds + self.connect_seconds + self.first_byte_seconds


class Fetcher:
    """Fetches for everyone, as an async context manager.

    `allow` names hosts and networks that may be fetched from though they are private, on any port; other hosts on `ports` only.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        allow: Iterable[str] = (),
        ports: Iterable[int] = (80, 443),
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        self._exempt = Exemptions(allow)
        self._ports = frozenset(ports)
        self._resolve = resolve or self._ask_system
        self._tls = tls
        self._lookups: ThreadPoolExecutor | None = None
        self._transport: httpx2.AsyncHTTPTransport | None = None

    async def __aenter__(self) -> Self:
        self._lookups = ThreadPoolExecutor(16, thread_name_prefix="fetch-dns")
        self._transport = await asyncio.to_thread(self._make_transport)
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._transport is not None:
            await self._transport.aclose()
        if self._lookups is not None:
            self._lookups.shutdown(wait=False, cancel_futures=True)
        self._transport = self._lookups = None

    def _make_transport(self) -> httpx2.AsyncHTTPTransport:
        # No connection is kept: one made for a host's name must not serve another name that has the same address.
        return httpx2.AsyncHTTPTransport(
            verify=self._tls or True,
            trust_env=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._lookups, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(answer[4][0]) for answer in found]

    async def fetch(self, source: str, video: bool = False) -> Blob:
        """The bytes that a URL or data URL names; whoever asks closes the blob.

        `BadUrl` if it is neither, `FetchFailed` if they cannot be had, `TooBig` if they are too many.
        """
        if source[:5].lower() == "data:":
            return await read_data_url(source, self._limits.data_url_chars)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(self._limits.total_seconds):
                return await self._download(parse(source), self._limits.video_bytes if video else self._limits.audio_bytes)
        except (TimeoutError, httpx2.TimeoutException):
            failure, earliest = FetchFailed(_TIMED_OUT), begun + self._limits.silent_seconds
        except FetchFailed as refused:
            failure, earliest = refused, begun
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError):
            failure, earliest = FetchFailed(), begun
        await self._sit_out(begun, earliest)
        raise failure

    async def _sit_out(self, begun: float, earliest: float) -> None:
        """Waits for the end of the time class, and not less than until `earliest`."""
        now, step = asyncio.get_running_loop().time(), self._limits.failure_seconds
        if step > 0:
            earliest = max(earliest, begun + step * math.ceil((now - begun) / step))
        await asyncio.sleep(earliest - now)

    async def _download(self, target: Target, most_bytes: int) -> Blob:
        """Follows redirects, each target checked like the first."""
        for hop in range(self._limits.redirects + 1):
            try:
                response = await self._ask(target)
            except BadUrl:
                raise (FetchFailed() if hop else BadUrl()) from None
            try:
                if response.status_code not in _MOVED:
                    return await self._receive(response, most_bytes)
                target = _onward(target, response)
            finally:
                await response.aclose()
        raise FetchFailed

    async def _ask(self, target: Target) -> httpx2.Response:
        """The head of the answer, from the first of the checked addresses that can be connected to."""
        if not self._exempt.may_use(target, self._ports):
            raise BadUrl
        if target.literal is not None:
            answers: Sequence[str] = [target.host]
        else:
            async with asyncio.timeout(self._limits.dns_seconds):
                answers = await self._resolve(target.host, target.port)
        *others, last = admit(target, answers, self._exempt, self._ports)[:_ADDRESSES_TRIED]
        loop = asyncio.get_running_loop()
        connect_by = loop.time() + self._limits.connect_seconds
        for tried, address in enumerate(others):
            try:
                by = loop.time() + (connect_by - loop.time()) / (len(others) + 1 - tried)
                return await self._ask_at(target, address, by)
            except (httpx2.ConnectError, _ConnectTimeout):
                continue
        return await self._ask_at(target, last, connect_by)

    async def _ask_at(self, target: Target, address: Address, connect_by: float) -> httpx2.Response:
        """Asks at this address and no other, under the name that was asked for."""
        if self._transport is None:
            raise RuntimeError("a fetcher is an async context manager")
        loop = asyncio.get_running_loop()
        connection: Any = None
        asked = False

        async def trace(event: str, info: dict[str, Any]) -> None:
            nonlocal connection, asked
            if event == "connection.connect_tcp.complete":
                connection = info["return_value"]
            elif event == "http11.send_request_headers.started":
                asked = True
                limit.reschedule(loop.time() + self._limits.first_byte_seconds)

        host = f"[{address}]" if address.version == 6 else str(address)
        request = httpx2.Request(
            "GET",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            headers={"Host": target.authority, **_HEADERS},
            extensions={"sni_hostname": target.host, "trace": trace},
        )
        try:
            async with asyncio.timeout_at(connect_by) as limit:
                return await self._transport.handle_async_request(request)
        except BaseException as failure:
            if connection is not None:
                await connection.aclose()  # which the library leaves open when it is cancelled in a TLS handshake
            if isinstance(failure, TimeoutError) and not asked:
                raise _ConnectTimeout from None
            raise

    async def _receive(self, response: httpx2.Response, most_bytes: int) -> Blob:
        """The body of a good answer; checks what its head says, and counts what comes."""
        length = _stated_length(response)
        if length > most_bytes:
            raise TooBig
        loop = asyncio.get_running_loop()
        with await made_in_thread(_new_file) as file:
            batch = bytearray()
            async with asyncio.timeout(self._limits.rate_seconds) as limit:
                in_window = 0
                async for piece in response.aiter_raw():
                    batch += piece
                    in_window += len(piece)
                    if file.size + len(batch) > most_bytes:
                        raise TooBig
                    if in_window >= self._limits.slowest_rate * self._limits.rate_seconds:
                        in_window = 0
                        limit.reschedule(loop.time() + self._limits.rate_seconds)
                    if len(batch) >= _BATCH:
                        await asyncio.to_thread(_append, file, bytes(batch))
                        batch.clear()
            await asyncio.to_thread(_append, file, bytes(batch))
            if file.size != length:
                raise FetchFailed
            return file.blob()


class _ConnectTimeout(TimeoutError):
    """No connection in time; another address may do."""


def _new_file() -> BlobWriter:
    try:
        return BlobWriter()
    except OSError:
        raise Overloaded from None


def _append(file: BlobWriter, data: bytes) -> None:
    try:
        file.write(data)
    except OSError:
        raise Overloaded from None


def _onward(target: Target, response: httpx2.Response) -> Target:
    """Where a redirect leads; `FetchFailed` if that is no http or https URL."""
    location = response.headers.get("Location", "")
    if not location or len(location) > MOST_CHARACTERS:
        raise FetchFailed
    try:
        # What has a scheme is a whole URL, and what has none is joined to the one fetched; one parser reads both.
        return parse(location if _SCHEME.match(location) else urljoin(target.url, location))
    except (BadUrl, ValueError):
        raise FetchFailed from None


def _stated_length(response: httpx2.Response) -> int:
    """The length that a good answer states; raises what is wrong with any other answer."""
    headers = response.headers
    if response.status_code != 200 or headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchFailed
    if not may_hold_media(headers.get("Content-Type", "")):
        raise FetchFailed(_WRONG_TYPE)
    length = headers.get("Content-Length")
    if length is None:
        raise FetchFailed(_NO_LENGTH)
    if "Transfer-Encoding" in headers or not re.fullmatch(r"[0-9]{1,20}", length):
        raise FetchFailed
    return int(length)
