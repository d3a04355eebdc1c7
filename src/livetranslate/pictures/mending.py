"""Words that were misheard, mended by words on screen that sound the same; cautious: most words on screen are not said."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from livetranslate.events import Change
from livetranslate.glossary.matching import key

_LEAST_CONSONANTS = 4
_LEAST_JOINED = 6
"""Consonants of a word that stands for several and is not written as a name: "no table" is not "NOTABLE"."""
_MOST_JOINED = 3
"""Words heard that may stand for one on screen."""
_NEAR = 0.4
"""What it costs to take a voiced consonant for its unvoiced one, a wrong one costing 1."""
_CLOSE_ENOUGH = 0.1
"""Of the number of consonants."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# English spelling to sounds, coarsely: the longest that fits comes first.
_SPELLINGS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("tch|ch(?=[eiaou]|$)", "C"), ("sch|sh|[cs]i(?=[aou])|ti(?=[aou])|ch", "S"), ("ph", "f"), ("th", "0"),
        ("gh(?=t)|(?<=[aiou])gh|w(?=r)", ""),
        ("^kn|^gn", "n"), ("^ps", "s"), ("dge|dg|j|g(?=[eiy])", "J"), ("ck|q|c(?![eiy])|k|x(?=c)", "k"),
        ("x", "ks"), ("c", "s"),
        ("mb$", "m"), ("g", "g"), ("h", ""), ("y(?=[aeiou])", "y"), ("w", "w"), ("[aeiouy]+", "a"),
    )
]  # fmt: skip
_PAIRS = {frozenset(pair) for pair in ("pb", "td", "kg", "sz", "fv", "mn", "CJ", "SC", "SJ", "Ss")}


@cache
def sound(letters: str) -> str:
    """How English letters sound, coarsely: a letter for each consonant, `a` for any run of vowels."""
    rest, told = "".join(filter(str.isalpha, letters.casefold())), ""
    at = 0
    while at < len(rest):
        for pattern, heard in _SPELLINGS:
            if found := pattern.match(rest, at):
                told += heard
                at = found.end()
                break
        else:
            told += rest[at]
            at += 1
    return re.sub(r"(.)\1+", r"\1", told)


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return _NEAR if frozenset((one, other)) in _PAIRS else 1.0


def _distance(one: str, other: str) -> float:
    """The least cost of turning one string of consonants into another."""
    row = [float(place) for place in range(len(other) + 1)]
    for place, letter in enumerate(one, 1):
        before, row = row, [float(place)]
        for at, wanted in enumerate(other, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + _cost(letter, wanted)))
    return row[-1]


def _sounds_alike(heard: Sequence[str], word: str) -> bool:
    """Whether words heard sound like a word on screen: consonants nearly the same, as many syllables, the same beginning."""
    ours, theirs = sound("".join(heard)), sound(word)
    if ours[:1] != theirs[:1] or ours.count("a") != theirs.count("a"):
        return False
    wanted = theirs.replace("a", "")
    least = _LEAST_CONSONANTS if len(heard) == 1 or _is_name(word) else _LEAST_JOINED
    if len(wanted) < least:
        return False
    # many speakers do not sound an r at the end
    cost = _distance(ours.removesuffix("r").replace("a", ""), theirs.removesuffix("r").replace("a", ""))
    return cost == 0 if len(heard) == 1 else cost <= _CLOSE_ENOUGH * len(wanted)


def _is_name(word: str) -> bool:
    """Whether a word is written as names are."""
    return word[:1].isupper() and not word.isupper()


def mend(text: str, words: Sequence[str], language: str) -> tuple[str, tuple[Change, ...]]:
    """The text with misheard words replaced by those of `words` that sound the same, and which they were. English only.

    What was heard and is on screen itself stays as it is.
    """
    if language != "en" or not words:
        return text, ()
    shown = {key(word) for word in words}
    there = list(_WORD.finditer(text))
    known = {key(found[0]) for found in there}
    wanted = [word for word in words if key(word) not in known]
    mended: list[Change] = []
    told, end, place = "", 0, 0
    while place < len(there):
        match = _match(text, there, place, wanted, shown)
        if match is None:
            place += 1
            continue
        word, size = match
        first, last = there[place], there[place + size - 1]
        heard = text[first.start() : last.end()]
        mended.append(Change(heard, word))
        told += text[end : first.start()] + word
        end, place = last.end(), place + size
    return told + text[end:], tuple(mended)


def _match(
    text: str, there: Sequence[re.Match[str]], place: int, wanted: Sequence[str], shown: set[str]
) -> tuple[str, int] | None:
    """The word on screen that sounds like what begins at a place, and how many words that is: as few as will do."""
    for size in range(1, _MOST_JOINED + 1):
        spots = there[place : place + size]
        group = [found[0] for found in spots]
        apart = any(text[before.end() : after.start()].strip() for before, after in pairwise(spots))
        if len(group) < size or apart or any(key(word) in shown for word in group):
            break
        for word in wanted:
            if _sounds_alike(group, word):
                return word, size
    return None
