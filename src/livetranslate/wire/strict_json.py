"""JSON from strangers: one object, within bounds of depth, size and number, and nothing that readers may disagree about."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from livetranslate.errors import BadBody

DEPTH = 64
NODES = 10_000
"""Values in one body, those inside others included."""
_ESCAPED_QUOTES = 100_000

_BRACKETS = re.compile(rb"[][{}]")


def read_object(body: bytes) -> dict[str, Any]:
    """The one object that `body` is; raises `BadBody` for anything else.

    Refused beside broken JSON: NaN and infinities, numbers that no double holds, unpaired surrogates, a name twice in one object,
    more than `DEPTH` levels, more than `NODES` values. The bounds hold before anything is built, so the memory that a body takes
    is within a small multiple of its length.
    """
    colons = _measure(body)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadBody from None
    if not isinstance(value, dict) or colons != _names(value):
        raise BadBody
    return value


def _measure(body: bytes) -> int:
    """How many colons stand outside of strings; raises `BadBody` past the bounds."""
    depth = nodes = colons = 0
    for outside in _outside_strings(body):
        nodes += 1 + outside.count(b",") + outside.count(b"[") + outside.count(b"{")
        if nodes > 2 * NODES:  # each value counted here once, strings and names once more
            raise BadBody
        colons += outside.count(b":")
        for bracket in _BRACKETS.finditer(outside):
            depth += 1 if bracket[0] in b"[{" else -1
            if depth > DEPTH:
                raise BadBody
    return colons


def _outside_strings(body: bytes) -> Iterator[bytes]:
    """What stands between the strings."""
    at = escaped = 0
    while (quote := body.find(b'"', at)) >= 0:
        yield body[at:quote]
        at = quote + 1
        while (end := body.find(b'"', at)) >= 0:
            before = body[at:end]
            at = end + 1
            if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
                break
            escaped += 1
            if escaped > _ESCAPED_QUOTES:
                raise BadBody
        else:
            raise BadBody
    yield body[at:]


def _names(value: Any) -> int:
    """How many names the objects hold; raises `BadBody` past the bound of values."""
    names = nodes = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        nodes += 1
        if nodes > NODES:
            raise BadBody
        if isinstance(item, dict):
            names += len(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return names
