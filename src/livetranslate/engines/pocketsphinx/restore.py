"""Text as people write it from words as a recognizer gives them: capitals, commas at pauses, stops and question marks."""

from collections.abc import Sequence
from itertools import pairwise

from livetranslate.engines.pocketsphinx.names import name
from livetranslate.engines.pocketsphinx.search import Word
from livetranslate.engines.pocketsphinx.sentences import BEGIN, END, Likelihood, sentence_starts

_TITLES = {"mister": "Mr", "mr": "Mr", "missus": "Mrs", "mrs": "Mrs", "ms": "Ms", "dr": "Dr"}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARIES = _set(
    "am is are was were do does did have has had can could will would shall should may might must "
    "isn't aren't wasn't weren't don't doesn't didn't haven't hasn't can't couldn't won't wouldn't shouldn't"
)
_SUBJECTS = _set("i you he she it we they there this that these those anyone anybody somebody everyone")
_OWNERS = _set("the a an my your his her its our their any some")
_ASKING = _set("who what where when why how whose whom")
_CONTRACTED = _set("who's what's where's how's why's")
_MEASURES = _set("much many long far old often big high fast soon well good time kind day year color colour")
_CLAUSES = _set("and but or so because which who when where while if although though unless until before after then")
_COMMA_PAUSE = 0.25
"""Seconds of silence before a word that begins a clause, above which a comma stands."""
_LEAST_END = -3.5
"""The log likelihood of an end below which an utterance was cut in the middle of a sentence: 1 in 100 true ends are below it."""


class Restorer:
    """Writes words out; `likelihood` is a language model that knows where sentences begin and end."""

    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood

    def restore(self, words: Sequence[Word]) -> str:
        """The sentences of an utterance. The last one stays open if it was cut in the middle."""
        if not words:
            return ""
        pauses = [0.0, *(max(0.0, word.start - before.end) for before, word in pairwise(words))]
        texts = [word.text for word in words]
        starts = sentence_starts(texts, pauses, self._likelihood)
        ends = [*starts[1:], len(words)]
        written = [write_sentence(texts[start:end], pauses[start:end]) for start, end in zip(starts, ends, strict=True)]
        if self._is_cut(texts[starts[-1] :]):
            written[-1] = written[-1].removesuffix(".")
        return " ".join(written)

    def _is_cut(self, sentence: Sequence[str]) -> bool:
        """Whether a sentence can hardly end where it does."""
        before = sentence[-2] if len(sentence) > 1 else BEGIN
        return self._likelihood(END, sentence[-1], before) < _LEAST_END


def write_sentence(words: Sequence[str], pauses: Sequence[float]) -> str:
    """One sentence, with its commas and its stop."""
    written = [write_word(word) for word in words]
    for index in range(1, len(words) - 1):
        if pauses[index] >= _COMMA_PAUSE and words[index] in _CLAUSES:
            written[index - 1] += ","
    text = " ".join(written)
    return text[:1].upper() + text[1:] + ("?" if is_question(words) else ".")


def write_word(word: str) -> str:
    """A word with the capitals that it has wherever it stands."""
    if word in _TITLES:
        return _TITLES[word]
    letters = word.removesuffix("'s").rstrip(".")
    if len(letters) == 1 and word.endswith((".", ".'s")):  # a spelled letter, which the dictionary writes as "b."
        return letters.upper() + word[len(letters) :].replace(".", "")
    stem, apostrophe, rest = word.partition("'")
    written = "I" if stem == "i" else name(stem)
    return written + apostrophe + rest if written else word


def is_question(words: Sequence[str]) -> bool:
    """Whether it plainly asks: an auxiliary before its subject, after a word that asks or at the beginning."""
    first, second, third, fourth = (*words[:4], *[""] * (4 - len(words[:4])))
    if first in _CONTRACTED:
        return len(words) > 1
    if first in _ASKING:
        if second in _MEASURES:
            return third in _AUXILIARIES or (second in ("much", "many") and fourth in _AUXILIARIES)
        return second in _AUXILIARIES and (first != "when" or third in _SUBJECTS | _OWNERS)
    if first == "which":
        return third in _AUXILIARIES and fourth in _SUBJECTS | _OWNERS
    if first in _AUXILIARIES and first not in ("had", "were", "should"):
        return second in _SUBJECTS or (first in ("is", "are", "was", "does", "did", "do", "can", "could") and second in _OWNERS)
    return False
