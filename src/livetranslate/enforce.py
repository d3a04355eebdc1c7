"""The glossary enforced: terms that were heard are made to appear in the translation, whatever translator made it."""

import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from difflib import SequenceMatcher

from livetranslate.errors import EngineError
from livetranslate.events import Change, Term
from livetranslate.glossary.agreement import put
from livetranslate.glossary.forms import Gender, beginning, gender, plural
from livetranslate.glossary.matching import Found
from livetranslate.glossary.stand_ins import StandIn, stand_ins
from livetranslate.streams import Stream

Translate = Callable[[str], Stream[str]]
"""Some text to its translation, in pieces."""

_NAMES = tuple(StandIn(name, name) for name in ("Zyvex", "Quorvik", "Vextora", "Brulzan"))
"""Stand in for what is not translated: no dictionary has them."""
_TRIES = 3
_MOST_CHARACTERS = 1 << 17
_PROBES = {"en": ("The {}.", "This is the {}.")}
_PROBE = "{}."
_SENTENCE_START = re.compile(r"(?:^|[.!?…]\s+|[。！？]\s*)$")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Enforced:
    """What became of the terms: those that the text has as it must, those that it has not, and what they changed in it."""

    hits: tuple[Term, ...] = ()
    misses: tuple[Term, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term that was heard, and the words that must appear for it."""

    found: Found
    words: str
    gender: Gender

    def told(self, kept: bool) -> Term:
        entry = self.found.entry
        return Term(entry.source, self.words, kept, entry.sense, self.found.cues)


async def enforce(translate: Translate, text: str, found: Sequence[Found], source: str, target: str) -> Stream[str | Enforced]:
    """The translation with every term in it as the glossary has it, in one piece, and what became of the terms.

    First the plain translation: what it has right stays as it is. Else the sentence is translated anew with plain nouns in the
    place of its terms, nouns of their gender and number, so that the translator itself makes articles and adjectives agree; then
    the nouns are exchanged. Where that fails, the translator's own word for the term is found out and exchanged.
    """
    wanted = [_want(term, text, target) for term in found]
    plain = await _whole(translate(text))
    missing = [want for want, there in zip(wanted, _present(wanted, plain), strict=True) if not there]
    told = await _with_stand_ins(translate, text, wanted, missing, source, target) if missing else plain
    if told is None:
        told = plain
        for want in missing:
            told = await _exchanged(translate, told, text, want, source, target)
    if told:
        yield told
    terms = [(want.told(want not in missing), there) for want, there in zip(wanted, _present(wanted, told), strict=True)]
    yield Enforced(
        tuple(term for term, there in terms if there),
        tuple(term for term, there in terms if not there),
        _changes(plain, told) if told != plain else (),
    )


def _want(term: Found, text: str, target: str) -> _Wanted:
    entry = term.entry
    if entry.do_not_translate:
        return _Wanted(term, text[term.start : term.end], "m")
    words = entry.target
    if term.is_plural and not entry.number:
        words = entry.plural or plural(words, target)
    return _Wanted(term, words, entry.gender or gender(entry.target, target))


async def _whole(pieces: Stream[str]) -> str:
    told: list[str] = []
    length = 0
    async with aclosing(pieces):
        async for piece in pieces:
            told.append(piece)
            length += len(piece)
            if length > _MOST_CHARACTERS:
                raise EngineError("A translator ran away.")
    return "".join(told)


def _spots(words: str, text: str) -> list[re.Match[str]]:
    """Where the words stand in a text as whole words; anywhere in scripts that set no spaces between them."""
    edge = (r"(?<!\w)", r"(?!\w)") if words[:1].isascii() or words[:1].islower() or words[:1].isupper() else ("", "")
    return list(re.finditer(edge[0] + re.escape(words) + edge[1], text, re.IGNORECASE))


def _present(wanted: Sequence[_Wanted], told: str) -> list[bool]:
    """For each term whether its words are in the text, as often as there are terms that want them."""
    left = {want.words.casefold(): len(_spots(want.words, told)) for want in wanted}
    present = []
    for want in wanted:
        left[want.words.casefold()] -= 1
        present.append(left[want.words.casefold()] >= 0)
    return present


async def _with_stand_ins(
    translate: Translate, text: str, wanted: Sequence[_Wanted], missing: Sequence[_Wanted], source: str, target: str
) -> str | None:
    """The translation by way of nouns that stand in for the missing terms; None if they do not come through."""
    for attempt in range(_TRIES):
        nouns = _cast(missing, attempt, source, target)
        if nouns is None:
            return None
        told = _exchange(await _whole(translate(_with(text, missing, nouns, source))), missing, nouns)
        if told is not None and all(_present(wanted, told)):
            return told
    return None


def _cast(missing: Sequence[_Wanted], attempt: int, source: str, target: str) -> list[StandIn] | None:
    """A noun for each term, the same for the same words; None if there are not enough that are free."""
    chosen: dict[str, StandIn] = {}
    for want in missing:
        if want.words in chosen:
            continue
        entry = want.found.entry
        kinds = (
            _NAMES
            if entry.do_not_translate
            else stand_ins(source, target, want.gender, want.found.is_plural, beginning(want.words, target))
        )
        free = [noun for noun in kinds if noun not in chosen.values()]
        if attempt >= len(free):
            return None
        chosen[want.words] = free[attempt]
    return [chosen[want.words] for want in missing]


def _with(text: str, missing: Sequence[_Wanted], nouns: Sequence[StandIn], source: str) -> str:
    """The text with the nouns in the place of the terms."""
    told, end = "", 0
    for want, noun in zip(missing, nouns, strict=True):
        before = text[end : want.found.start]
        if source == "en":
            article = "an" if beginning(noun.source, "en") == "vowel" else "a"
            before = re.sub(r"\b([Aa])n? $", lambda found, n=article[1:]: f"{found[1]}{n} ", before)  # type: ignore[misc]
        told += before
        told += noun.source[:1].upper() + noun.source[1:] if _SENTENCE_START.search(told) else noun.source
        end = want.found.end
    return told + text[end:]


def _exchange(told: str, missing: Sequence[_Wanted], nouns: Sequence[StandIn]) -> str | None:
    """The text with the terms back in the place of the nouns; None unless each noun is there as often as it was sent."""
    for want, noun in dict(zip((want.words for want in missing), zip(missing, nouns, strict=True), strict=True)).values():
        spots = _spots(noun.target, told)
        if len(spots) != sum(other == noun for other in nouns):
            return None
        for spot in reversed(spots):
            words = want.words
            if spot[0][:1].isupper() and not want.found.entry.do_not_translate:
                words = words[:1].upper() + words[1:]
            told = told[: spot.start()] + words + told[spot.end() :]
    return told


async def _exchanged(translate: Translate, told: str, text: str, want: _Wanted, source: str, target: str) -> str:
    """The text with the term in the place of the translator's own word for it, if that can be found out."""
    heard = text[want.found.start : want.found.end]
    for probe in (*_PROBES.get(source, ()), _PROBE):
        frame = await _whole(translate(probe.format(heard)))
        own = _strip(frame, await _whole(translate(probe.format("").replace(" .", "."))) if probe != _PROBE else "")
        spots = _spots(own, told) if own else []
        # Who answers a word as he answers the sentence has not told the word.
        is_word = len(own) < len("".join(_WORD.findall(told))) or len(_WORD.findall(text)) <= len(_WORD.findall(heard)) + 1
        if len(spots) == 1 and is_word:
            return put(told, spots[0].start(), spots[0].end(), want.words, want.gender, want.found.is_plural, target)
    return told


_ARTICLE_FORMS = "el la los las le les l il lo i gli o a os as the un una une uno um uma des unos unas de der die das"
_ARTICLES = frozenset(_ARTICLE_FORMS.split())


def _strip(told: str, frame: str) -> str:
    """What a probe's translation says of the term alone: without the words of the frame, articles and marks."""
    around = {token.casefold() for token in _TOKEN.findall(frame)}
    words = list(_WORD.finditer(told))
    while words and (words[0][0].casefold() in _ARTICLES or words[0][0].casefold() in around):
        words.pop(0)
    return told[words[0].start() : words[-1].end()] if words else ""


def _changes(plain: str, told: str) -> tuple[Change, ...]:
    """The words of the plain translation that gave way, and those that took their place."""
    ours, theirs = list(_TOKEN.finditer(plain)), list(_TOKEN.finditer(told))
    same = SequenceMatcher(None, [word[0] for word in ours], [word[0] for word in theirs], autojunk=False)
    return tuple(
        Change(_between(plain, ours[first:last]), _between(told, theirs[start:end]))
        for kind, first, last, start, end in same.get_opcodes()
        if kind != "equal"
    )


def _between(text: str, words: Sequence[re.Match[str]]) -> str:
    return text[words[0].start() : words[-1].end()] if words else ""
