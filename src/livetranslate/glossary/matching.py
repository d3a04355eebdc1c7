"""Which entries of a glossary hold for what was heard and seen: terms found in a text, and one meaning chosen for each."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from livetranslate.glossary import Entry
from livetranslate.glossary.forms import plural, plural_word
from livetranslate.glossary.nouns import is_noun

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_ASKED_FOR = 2
"""The weight of a cue found where its entry asks for it; what is merely said in favour weighs one."""
_LONGEST_TERM = 8
"""Words of a term that are compared; a longer one is not found."""


_Row = tuple[tuple[str, ...], bool, Entry]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A term in a text: the entry that holds for it, where it stands, its number, and the cues that decided."""

    entry: Entry
    start: int
    end: int
    is_plural: bool
    cues: tuple[str, ...] = ()


def words(text: str) -> list[Word]:
    """The words of a text, a possessive `'s` left out."""
    return [
        Word(bare, found.start(), found.start() + len(bare))
        for found in _WORD.finditer(text)
        if (bare := _POSSESSIVE.sub("", found[0]))
    ]


@cache
def key(word: str) -> str:
    """A form in which a word is the same in singular and plural, in capitals and without; for comparing, not for people."""
    low = word.casefold()
    for ending, singular in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x")):
        if len(low) > len(ending) + 1 and low.endswith(ending):
            return low[: -len(ending)] + singular
    return low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")) else low


def keys(texts: Iterable[str]) -> set[str]:
    """The keys of all words of the texts."""
    return {key(word.text) for text in texts for word in words(text)}


def _cues(cues: tuple[str, ...], there: Collection[str]) -> tuple[str, ...]:
    """The cues all of whose words are among the keys `there`."""
    return tuple(cue for cue in cues if all(key(word.text) in there for word in words(cue)))


@cache
def _forms(source: str, language: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """The word sequences that stand for a term, and whether each is its plural."""
    plain = tuple(word.text for word in words(source))
    if not plain or len(plain) > _LONGEST_TERM:
        return ()
    many = tuple(word.text for word in words(plural(source, language)))
    every = (*plain[:-1], plural_word(plain[-1], language))
    return tuple(dict.fromkeys([(plain, False), (many, many != plain), (every, every != plain)]))


def find(
    text: str, layers: Sequence[Sequence[Entry]], seen: Collection[str], said: Collection[str], language: str
) -> list[Found]:
    """The terms in a text of `language`, and which entry holds for each; the layers come in order of precedence, all for one pair
    of languages.

    `seen` and `said` are keys of the words on screen and of those said before. Where terms overlap, the one that begins first
    counts, then the longest. Where cues call for two meanings alike, none is chosen: the translator knows as much.
    """
    found: list[Found] = []
    there = words(text)
    heard, place = {key(word.text) for word in there}, 0
    tables = [_table(layer, language) for layer in layers]
    while place < len(there):
        for table in tables:
            fitting = [row for row in table.get(there[place].text.casefold(), ()) if _stands(row, there, place, language)]
            length = max((len(form) for form, _, _ in fitting), default=0)
            longest = [(entry, is_plural) for form, is_plural, entry in fitting if len(form) == length]
            chosen = _choose(longest, seen, said, heard)
            if chosen is not None:
                entry, is_plural, cues = chosen
                last = there[place + length - 1]
                found.append(Found(entry, there[place].start, last.end, is_plural or entry.number == "plural", cues))
                place += length - 1
                break
        place += 1
    return found


def _table(entries: Sequence[Entry], language: str) -> dict[str, list[_Row]]:
    """The forms of all terms by their first word."""
    rows: dict[str, list[_Row]] = {}
    for entry in entries:
        for form, is_plural in _forms(entry.source, language):
            rows.setdefault(form[0].casefold(), []).append((form, is_plural, entry))
    return rows


def _stands(row: _Row, there: list[Word], place: int, language: str) -> bool:
    """Whether a form stands at that place, in the case and as the part of speech that its entry asks for."""
    form, is_plural, entry = row
    texts = [word.text for word in there[place : place + len(form)]]
    same = list(form) == texts or (
        not entry.match_case and [word.casefold() for word in form] == [text.casefold() for text in texts]
    )
    return same and (not entry.noun or language != "en" or is_noun([word.text.casefold() for word in there], place, is_plural))


Choice = tuple[Entry, bool, tuple[str, ...]]


def _choose(
    fitting: list[tuple[Entry, bool]], seen: Collection[str], said: Collection[str], heard: Collection[str]
) -> Choice | None:
    """The entry that holds, by its cues: the one with most of them on screen or said, else the first that needs none.

    What is said speaks for or against a meaning, but with half the weight, and opens only those that ask for it.
    """
    best: Choice | None = None
    most, tied = 0, False
    for entry, is_plural in fitting:
        on_screen = _cues(entry.when_seen, seen)
        spoken = _cues(entry.when_said, {*heard, *said})
        weight = _ASKED_FOR * len({*on_screen, *spoken}) + len(_cues(entry.when_seen, heard))
        if weight > most:
            best = (entry, is_plural, (*on_screen, *spoken)) if on_screen or spoken else None
            most, tied = weight, False
        elif weight and weight == most and (best is None or best[0].target != entry.target):
            tied = True
    if best is not None and not tied:
        return best
    plain = next(((entry, is_plural, ()) for entry, is_plural in fitting if not entry.conditional), None)
    return plain
