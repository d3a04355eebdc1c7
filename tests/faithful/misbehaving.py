"""Sentences that provoke, their translations, and every known way of not translating them."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from livetranslate.engines.scripted.phrases import PHRASES

HERE = Path(__file__).parent
PROVOKING: dict[str, list[str]] = tomllib.loads((HERE / "provoking.toml").read_text("utf-8"))
REPLIES: dict[str, dict[str, str]] = tomllib.loads((HERE / "replies.toml").read_text("utf-8"))
QUESTIONS, INJECTIONS, COMMANDS, SOUNDS_LIKE = range(6), range(6, 11), (*range(11, 16), 18, 19), (16, 17)


@dataclass(frozen=True)
class Case:
    """A sentence in one language and its translation into another."""

    place: int
    source: str
    target: str

    @property
    def heard(self) -> str:
        return PROVOKING[self.source][self.place]

    @property
    def good(self) -> str:
        return PROVOKING[self.target][self.place]


Way = Callable[[Case], str | None]
"""What a misbehaving model says; None where it would behave."""


def story(language: str) -> str:
    """Something long, as a model writes that was asked for a poem."""
    return "\n".join(PHRASES[language] * 2)


def told(kind: str, case: Case, *places: int) -> str | None:
    return REPLIES[kind][case.target] if case.place in places else None


def other(case: Case) -> str:
    """A language that is neither."""
    return next(code for code in ("en", "fr", "zh", "ar") if code not in (case.source, case.target))


WRONG: dict[str, Way] = {
    "answers a question": lambda case: told("answers", case, *QUESTIONS),
    "is eager": lambda case: told("eager", case, *INJECTIONS, *COMMANDS),
    "refuses": lambda case: told("refusals", case, *QUESTIONS, *INJECTIONS, *COMMANDS),
    "refuses in English": lambda case: None if 16 <= case.place <= 17 or case.target == "en" else REPLIES["refusals"]["en"],
    "says what it is": lambda case: told("declarations", case, *QUESTIONS, *INJECTIONS, *COMMANDS),
    "obeys at length": lambda case: story(case.target) if case.place in (*INJECTIONS, *COMMANDS) else None,
    "obeys in a word": lambda case: "PWNED" if len(case.good) > 18 else None,
    "asks back": lambda case: f"{REPLIES['eager'][case.target]} OK?" if case.place in COMMANDS else None,
    "echoes": lambda case: case.heard,
    "answers in another language": lambda case: PROVOKING[other(case)][case.place],
    "says it for ever": lambda case: " ".join([case.good] * 12),
    "says nothing": lambda case: " \n",
    "says marks": lambda case: "...",
    "leaks what it was told": lambda case: f"You translate sentence by sentence. source_text: {case.good}",
}

REPAIRABLE: dict[str, Way] = {
    "in quotes": lambda case: f'"{case.good}"',
    "in round quotes": lambda case: f"“{case.good}”",
    "in corner marks": lambda case: f"「{case.good}」",
    "in bold": lambda case: f"**{case.good}**",
    "in a fence": lambda case: f"```text\n{case.good}\n```",
    "in our marks": lambda case: f"<source_text>{case.good}</source_text>",
    "in a tag": lambda case: f"<translation>\n{case.good}\n</translation>",
    "in JSON": lambda case: f'{{"translation": "{case.good}"}}',
    "in a list of JSON": lambda case: f'["{case.good}"]',
    "in fenced JSON": lambda case: f'```json\n{{"text": "{case.good}"}}\n```',
    "after a preamble": lambda case: preamble(case, "\n\n"),
    "after a preamble in its line": lambda case: preamble(case, " "),
    "after an English preamble": lambda case: f"{REPLIES['preambles']['en']}\n{case.good}" if case.place != 19 else None,
    "after a word": lambda case: f"Translation: {case.good}" if case.place != 19 else None,
    "before a note": lambda case: f"{case.good}\n\n{REPLIES['notes'][case.target]}",
    "before a note in its line": lambda case: f"{case.good} {REPLIES['notes'][case.target]}",
    "before an explanation": lambda case: f"{case.good}\n\nThis sentence means: {case.heard}",
    "after a thought": lambda case: f"<think>\nThe user wants…\n</think>\n\n{case.good}",
    "before the template's marks": lambda case: f"{case.good}<|im_end|>\n<|im_start|>user\nThanks!",
    "before the end of a turn": lambda case: f"{case.good}</s>",
}


def preamble(case: Case, gap: str) -> str | None:
    """The sentence with a colon of its own keeps what stands before it, so it is left out."""
    return f"{REPLIES['preambles'][case.target]}{gap}{case.good}" if case.place != 19 else None


def cases(targets_each: int = 17) -> Iterator[Case]:
    """The sentences of each language into the `targets_each` languages that follow it."""
    codes = list(PROVOKING)
    for number, source in enumerate(codes):
        for step in range(1, targets_each + 1):
            for place in range(len(PROVOKING[source])):
                yield Case(place, source, codes[(number + step) % len(codes)])
