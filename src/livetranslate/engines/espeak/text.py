"""What espeak-ng is given to say: clauses of bounded length, without what would upset it."""

import re
import unicodedata
from collections.abc import Iterator

_LONGEST = 240
"""Characters of a clause; the first sound of a long text comes when its first clause is made."""
_MARKS = re.compile(r"[<>{}\[\]\\|^~_*#=`@/]+")
_CLAUSE_END = re.compile(r"(?<=[.!?…;:。！？；：])\s*|\n+")
_SOFT_END = re.compile(r"(?<=[,，、])\s*|\s+")


def clean(text: str) -> str:
    """The text without markup, pictures and control characters; espeak-ng would spell their names or take them for commands."""
    kept = (
        " " if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk") else character
        for character in unicodedata.normalize("NFC", text)
    )
    return " ".join(_MARKS.sub(" ", "".join(kept)).split())


def clauses(text: str) -> Iterator[str]:
    """The text in clauses to be spoken one after the other; those without a letter or digit are left out."""
    held = ""
    for part in _CLAUSE_END.split(clean(text)):
        if held and len(held) + len(part) > _LONGEST:
            yield from _short(held)
            held = ""
        held = f"{held} {part}".strip()
    yield from _short(held)


def _short(clause: str) -> Iterator[str]:
    """A clause in pieces of at most `_LONGEST`, cut at commas or blanks where there are any."""
    held = ""
    for part in _SOFT_END.split(clause):
        if held and len(held) + len(part) + 1 > _LONGEST:
            yield from _spoken(held)
            held = ""
        held = f"{held} {part}".strip()
        while len(held) > _LONGEST:
            yield from _spoken(held[:_LONGEST])
            held = held[_LONGEST:]
    yield from _spoken(held)


def _spoken(text: str) -> Iterator[str]:
    if any(character.isalnum() for character in text):
        yield text
