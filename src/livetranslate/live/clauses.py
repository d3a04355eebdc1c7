"""Text that grows, cut into clauses: parts that can be translated before their sentence has ended."""

import re

from livetranslate.live.agreement import units
from livetranslate.streams import ABBREVIATION

_SIGNS = re.compile(r"[.!?…;:,。！？।，；：、]+[\"'»”’」』）)\]]*$")
_LEAST, _MOST = 3, 14
"""Words of a clause; letters of scripts without spaces count half."""


class ClauseCutter:
    """Cuts at signs, and where none comes after so many words: the same however the text comes, as long as words come whole."""

    def __init__(self) -> None:
        self._text = ""

    def push(self, piece: str) -> list[str]:
        """The clauses that `piece` completes."""
        self._text += piece
        found: list[str] = []
        while end := self._end():
            found.append(self._text[:end])
            self._text = self._text[end:]
        return found

    def pause(self) -> list[str]:
        """What a pause of the speaker completes: all that is left, if it is a clause or the end of a sentence."""
        return [self.rest()] if _size(self._text) >= _LEAST or _SIGNS.search(self._text) else []

    def rest(self) -> str:
        """What is left when no more comes."""
        text, self._text = self._text, ""
        return text

    @property
    def waiting(self) -> str:
        """What is no whole clause yet."""
        return self._text

    def _end(self) -> int:
        """Where the first clause ends, 0 if it is not whole yet."""
        length, count = 0, 0.0
        for word in units(self._text):
            length, count = length + len(word), count + _weight(word)
            signed = _SIGNS.search(word) and not ABBREVIATION.search(word)
            if count >= _MOST or (signed and count >= _LEAST):
                return length
        return 0


def _size(text: str) -> float:
    return sum(map(_weight, units(text)))


def _weight(word: str) -> float:
    bare = word.strip()
    return 0.5 if len(bare) == 1 and ord(bare) >= 0x0E00 else 1.0
