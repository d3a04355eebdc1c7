"""From a model's reply to the translation in it: bare, fenced, quoted, tagged, in JSON, after a preamble or before a note."""

import json
import re

from livetranslate.fidelity.phrases import AGREES, NOTES, TRANSLATION

_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
TEMPLATE = re.compile(r"<\|[^|>]{1,40}\|>|</s>|<(?:end|start)_of_turn>|\[/?INST\]|<eos>|<\uff5c[^>]{1,40}>")
"""What templates of chat models put between turns: nothing after it is the translation."""
_FENCE = re.compile(r"^```\w*\s*\n?(.*?)\n?```\s*$", re.DOTALL)
_TAG = re.compile(r"^<([A-Za-z_]{2,30})>(.*?)(?:</\1>\s*)?$", re.DOTALL)
_KEYS = ("translation", "translated_text", "text", "output", "result", "target", "content")
_QUOTES = (
    ('"', '"'),
    ("'", "'"),
    ("“", "”"),
    ("‘", "’"),
    ("«", "»"),
    ("„", "“"),
    ("„", "”"),
    ("「", "」"),
    ("『", "』"),
    ("`", "`"),
    ("*", "*"),
)
_MARKS = frozenset("\"'“‘«„「『")
_ANY_TRANSLATION = re.compile("|".join(TRANSLATION.values()))
_ANY_AGREES = re.compile("|".join(AGREES.values()))
_NOTE = re.compile(rf"\s*[(\[（【*_]*\s*(?:{NOTES})")
_ASIDE = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*$")
_COLONS = (":", "：")
_MOST_LINES = 3
"""Lines of a reply to one: an announcement, the translation, a note. More are something else."""


def translation_in(reply: str, heard: str) -> str:
    """The translation of `heard` that a reply holds; what the speaker's own words may hold as well is not taken off."""
    text = TEMPLATE.split(_THOUGHT.sub("", reply).strip())[0].strip()
    for _ in range(4):  # one wrapping in another
        before = text
        text = _line(_preamble(_quotes(_tags(_json(text)), heard), heard), heard)
        if text == before:
            break
    return _aside(text, heard)


def _json(text: str) -> str:
    if text[:1] not in ("{", "["):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        named = [value[key] for key in _KEYS if isinstance(value.get(key), str)]
        value = named[0] if named else next(iter(value.values()), "") if len(value) == 1 else ""
    return value.strip() if isinstance(value, str) and value else text


def _tags(text: str) -> str:
    if fenced := _FENCE.match(text):
        return fenced[1].strip()
    tagged = _TAG.match(text)
    return tagged[2].strip() if tagged else text


def _quotes(text: str, heard: str) -> str:
    if text.startswith("**") and text.endswith("**"):
        text = text[1:-1]
    if heard.strip()[:1] in _MARKS or len(text) < 3:
        return text
    inner = text[1:-1]
    wrapped = (text[0], text[-1]) in _QUOTES and text[0] not in inner and text[-1] not in inner
    return inner.strip() if wrapped else text


def _preamble(text: str, heard: str) -> str:
    """Without what announces a translation: a line or a clause that ends in a colon and speaks of translating, or agrees."""
    if any(colon in heard for colon in _COLONS):
        return text
    place = min((text.find(colon) for colon in _COLONS if colon in text), default=-1)
    if not 0 < place < 120 or not text[place + 1 :].strip(" *\n"):
        return text
    head = text[:place].lower().strip("*# ")
    if re.search(r"[(\[（【。]|[.?] ", head):
        return text
    announces = _ANY_TRANSLATION.search(head) or _ANY_AGREES.match(head) or re.fullmatch(r"\(?[a-z]{2,12}\)?", head)
    return text[place + 1 :].strip(" *\n") if announces else text


def _line(text: str, heard: str) -> str:
    """Of several lines for one, the first that is not a heading: what follows is a note or an answer."""
    if "\n" in heard.strip() or "\n" not in text:
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rest = [line for line in lines if not line.endswith(_COLONS)]
    return rest[0] if rest and len(lines) <= _MOST_LINES else text


def _aside(text: str, heard: str) -> str:
    """Without a note in brackets at the end."""
    if any(mark in heard for mark in "([（【"):
        return text
    aside = _ASIDE.search(text)
    return text[: aside.start()].strip() if aside and _NOTE.match(aside[0].lower()) else text
