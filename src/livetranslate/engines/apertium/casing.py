"""Capitals for English that comes without any, as a recognizer gives it."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

from livetranslate.engines.apertium.rules import listed

WORDS = Path("/usr/share/dict/american-english")
"""Debian's word list `wamerican`; without it only the names below get their capitals."""

# Names that are also common words, or missing from word lists; those that are common words far more often are left out.
_NAMES = frozenset(
    listed(
        """
    monday tuesday wednesday thursday friday saturday sunday january february april june july september october november
    december english french german italian spanish portuguese russian chinese japanese korean american british european
    african asian america england britain europe africa asia france germany italy spain portugal russia china japan india
    canada australia mexico brazil london paris berlin rome madrid york washington john mary james jack tom jim joe bob peter
    paul george david michael mike mr mrs ms dr
    """
    )
)
_WORD = re.compile(r"[\w']+")


class Casing:
    """Restores capitals; `capitalized` are words, in lower case, that exist only with a capital."""

    def __init__(self, capitalized: frozenset[str]) -> None:
        self._capitalized = capitalized | _NAMES

    def restore(self, sentence: str) -> str:
        """The sentence with capitals, if it has none at all; else as it is."""
        if any(letter.isupper() for letter in sentence):
            return sentence
        sentence = _WORD.sub(self._word, sentence)
        return sentence[:1].upper() + sentence[1:]

    def lower_first(self, sentence: str) -> str:
        """The sentence without the capital that only its place gives its first word: some words are unknown with one."""
        first = _WORD.match(sentence)
        if first is None or not first.group().istitle() or first.group().partition("'")[0] == "I":
            return sentence
        return sentence if first.group().lower() in self._capitalized else sentence[:1].lower() + sentence[1:]

    def _word(self, found: re.Match[str]) -> str:
        word = found.group()
        stem = word.partition("'")[0]
        return word[:1].upper() + word[1:] if stem == "i" or stem in self._capitalized else word


def _read(path: Path) -> frozenset[str]:
    words = path.read_text("utf-8").split()
    small = {word for word in words if word[:1].islower()}
    return frozenset(word.lower() for word in words if word[:1].isupper() and "'" not in word) - small


async def load(path: Path) -> Casing:
    """The casing that a word list teaches."""
    with suppress(OSError):
        return Casing(await asyncio.to_thread(_read, path))
    return Casing(frozenset())
