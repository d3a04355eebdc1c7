"""English put so that Apertium understands it: contractions, set phrases, politeness, then commands, questions and wording.

Apertium's English analysis is weakest where speech is richest. Each rule turns a form that it misreads into one that it reads
well; docs/design/0008-embedded-translation.md says what each kind of rule was worth.
"""

import re

from livetranslate.engines.apertium.commands import commands, proposals
from livetranslate.engines.apertium.phrases import PHRASES, PLEASE
from livetranslate.engines.apertium.questions import questions
from livetranslate.engines.apertium.sentences import Hold, split_mark
from livetranslate.engines.apertium.wording import aside, clock, lasting, reword, years

_CONTRACTIONS = [
    (re.compile(pattern, re.IGNORECASE), into)
    for pattern, into in (
        (r"\bcan't\b", "cannot"), (r"\bwon't\b", "will not"), (r"\bshan't\b", "shall not"), (r"\blet's\b", "let us"),
        (r"n't\b", " not"), (r"'ll\b", " will"), (r"'re\b", " are"), (r"'ve\b", " have"), (r"\bi'm\b", "I am"),
        (r"\b(it|that|he|she|there|here|what|where|who|how|when)'s (been|got|had|become|gone|done)\b", r"\1 has \2"),
        (r"\b(it|that|he|she|there|here|what|where|who|how|when)'s\b", r"\1 is"),
        (r"\b(i|you|he|she|we|they)'d (better|been|had)\b", r"\1 had \2"), (r"\b(i|you|he|she|we|they|it)'d\b", r"\1 would"),
        (r"\bgonna\b", "going to"), (r"\bwanna\b", "want to"), (r"\bgotta\b", "have to"), (r"\bi\b", "I"),
    )
]  # fmt: skip


def _pattern(phrase: str) -> str:
    """A full stop at the end of a phrase asks for the end of a clause."""
    return re.escape(phrase[:-1]) + r"(?=\s*(?:[,.;:!?]|$))" if phrase.endswith(".") else re.escape(phrase)


_PHRASE = re.compile(r"\b(?:" + "|".join(sorted(map(_pattern, PHRASES), key=len, reverse=True)) + r")\b", re.IGNORECASE)


def expand(sentence: str) -> str:
    """Without contractions."""
    for pattern, into in _CONTRACTIONS:
        sentence = pattern.sub(into, sentence)
    return sentence


def set_phrases(sentence: str, target: str, hold: Hold) -> str:
    """With set phrases set aside in the target language."""

    def one(found: re.Match[str]) -> str:
        phrase = found.group().lower()
        return hold((PHRASES.get(phrase) or PHRASES[phrase + "."])[target], False)

    return _PHRASE.sub(one, sentence)


_POLITE = re.compile(r",? *\bplease\b *,?", re.IGNORECASE)


def politely(sentence: str, target: str, hold: Hold) -> str:
    """With `please` moved to the end, in the target language."""
    core, mark = split_mark(sentence)
    rest, found = _POLITE.subn(" ", core)
    rest = rest.strip(" ,")
    if not found:
        return sentence
    polite = hold(PLEASE[target], False)
    return f"{rest[:1].upper()}{rest[1:]}, {polite}{mark}" if rest else polite + mark


def rewrite(sentence: str, target: str, hold: Hold) -> str:
    """The sentence put so that Apertium understands it."""
    sentence = years(set_phrases(politely(expand(sentence), target, hold), target, hold))
    sentence = aside(reword(lasting(clock(sentence, hold), hold)), target, hold)
    sentence = questions(commands(proposals(sentence, hold), target, hold), hold)
    return " ".join(sentence.split())
