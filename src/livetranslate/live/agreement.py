"""What stays of transcripts that are made anew while a phrase grows: the words on which two in a row agree."""

import re
import unicodedata

from livetranslate.streams import between

# A letter of a script without spaces, or a run of anything else, each with the white space before it.
_UNIT = re.compile(
    r"\s*(?:[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
)


def units(text: str) -> list[str]:
    """A text's words, or letters where words have no spaces between them; joined, they are the text without its last space."""
    return _UNIT.findall(text)


class Agreement:
    """One phrase's transcripts, a longer one each time. What is settled is never taken back."""

    def __init__(self) -> None:
        self._settled: list[str] = []
        self._before: list[str] = []

    @property
    def settled(self) -> str:
        """What stays so far."""
        return "".join(self._settled)

    def guess(self, text: str) -> tuple[str, str]:
        """A transcript of the phrase so far: what more of it stays, and the rest, which may change.

        The last word may be cut in two, and waits for the next transcript in any case.
        """
        now = units(text)
        start = _continues(self._settled, now)
        agreed = 0
        rest, before = now[start:], self._before[_continues(self._settled, self._before) :]
        for one, other in zip(rest[:-1], before, strict=False):
            if _plain(one) != _plain(other):
                break
            agreed += 1
        self._before = now
        more, tail = self._settle(rest[:agreed]), "".join(rest[agreed:])
        return more, between(self._settled[-1], tail) + tail if self._settled else tail

    def final(self, text: str) -> str:
        """The transcript of the whole phrase: what more of it stays, which is all the rest."""
        now = units(text)
        return self._settle(now[_continues(self._settled, now) :])

    def _settle(self, more: list[str]) -> str:
        if more and self._settled and not more[0][0].isspace():
            more = [between(self._settled[-1], more[0]) + more[0], *more[1:]]
        self._settled += more
        return "".join(more)


def _plain(unit: str) -> str:
    """A word without case and signs, by which two transcripts are compared."""
    return "".join(letter for letter in unit.casefold() if unicodedata.category(letter)[0] in "LNM") or unit.strip()


def _continues(settled: list[str], now: list[str]) -> int:
    """Where in `now` the words after the settled ones begin: where the words before are most like the settled ones."""
    known, found = [_plain(unit) for unit in settled], [_plain(unit) for unit in now]
    if found[: len(known)] == known:
        return len(known)
    # Levenshtein's distances between all that is settled and each beginning of what was found.
    row = list(range(len(found) + 1))
    for count, word in enumerate(known, 1):
        last, row[0] = row[0], count
        for place, other in enumerate(found, 1):
            last, row[place] = row[place], min(last + (word != other), row[place] + 1, row[place - 1] + 1)
    return min(range(len(row)), key=lambda place: (row[place], abs(place - len(known))))
