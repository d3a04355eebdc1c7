"""Whether pictures decide between meanings on the embedded profile, change nothing where they should not, and cost no time.

    python -m bench.pictures [--json OUT] [--only mask,bank] [--quiet]

Every sentence is spoken by flite and muxed with a drawn picture into an MP4. A translation is right only if it has a word of the
picture's meaning and none of the other. Exit status 1 if a target was missed.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.film import film, items, speech
from bench.pairs import LANGUAGES, Case, cases, controls, irrelevant
from livetranslate.decode import Decoder
from livetranslate.engines import Interpreter
from livetranslate.events import Evidence, Options, TextDelta, TextDone, TranscriptDone
from livetranslate.media import Media
from livetranslate.profiles import build
from livetranslate.settings import load
from livetranslate.streams import from_iterable

WRONG, CHANGED, LATER = 0.10, 0.05, 1.10
"""Targets: the share of pairs decided wrongly, the share of control sentences changed, first text with pictures over without."""
_VOICES = ("rms", "slt")
_ROUNDS = 5
_READY_SECONDS = 10.0


@dataclass(slots=True)
class Outcome:
    """What became of one film."""

    heard: str = ""
    said: str = ""
    first: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True)
class Decision:
    """A case in one language, and how it went."""

    case: Case
    language: str
    outcome: Outcome

    @property
    def right(self) -> bool:
        """Whether a word of the picture's meaning stands in the text, and none of the other."""
        return _has(self.outcome.said, self.case.right[self.language]) and not _has(
            self.outcome.said, set(self.case.wrong[self.language]) - set(self.case.right[self.language])
        )


def _has(text: str, words: Sequence[str] | set[str]) -> bool:
    """Whether one of the words stands in the text, in the singular or a regular plural."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?:s|es|x|i|e)?(?!\w)", text, re.IGNORECASE) for word in words)


async def run(interpreter: Interpreter, media: Sequence[Media], target: str) -> Outcome:
    """One film through the profile."""
    outcome, started = Outcome(), time.perf_counter()
    options = Options(target, "en", details=True)
    async with aclosing(interpreter.interpret(from_iterable(iter(media)), options)) as events:
        async for event in events:
            if isinstance(event, TextDelta) and not outcome.first:
                outcome.first = time.perf_counter() - started
            elif isinstance(event, TranscriptDone):
                outcome.heard += f" {event.text}"
            elif isinstance(event, TextDone):
                outcome.said += f" {event.text}"
            elif isinstance(event, Evidence):
                outcome.evidence.append(event)
    outcome.heard, outcome.said = outcome.heard.strip(), outcome.said.strip()
    return outcome


async def decide(
    interpreter: Interpreter, decoder: Decoder, chosen: Sequence[Case], say: Callable[[str], None]
) -> list[Decision]:
    """Every case in every language."""
    decisions = []
    for number, case in enumerate(chosen):
        pcm = speech(case.sentence, case.voice)
        media = await items(decoder, film(case.picture, pcm, number, moving=number % 4 == 3))
        for language in case.right:
            decision = Decision(case, language, await run(interpreter, media, language))
            decisions.append(decision)
            if not decision.right:
                outcome = decision.outcome
                read = " ".join(word.text for evidence in outcome.evidence for word in evidence.words)
                say(f"{case.noun} {language}: {' / '.join(case.picture)} | read: {read} | {outcome.heard} | {outcome.said}")
    return decisions


async def control(
    interpreter: Interpreter, decoder: Decoder, sentences: Sequence[str], say: Callable[[str], None]
) -> tuple[int, int]:
    """How many sentences come out otherwise with a picture that has nothing to do with them, and how many there were."""
    pictures, changed = irrelevant(), 0
    for number, sentence in enumerate(sentences):
        pcm = speech(sentence, _VOICES[number % 2])
        language = LANGUAGES[number % 4]
        plain = await run(interpreter, await items(decoder, film(None, pcm, number)), language)
        shown = await run(
            interpreter,
            await items(decoder, film(pictures[number % len(pictures)], pcm, number, moving=number % 4 == 3)),
            language,
        )
        if shown.said != plain.said:
            changed += 1
            say(f"changed {language}: {plain.heard} → {shown.heard} | {plain.said} → {shown.said}")
    return changed, len(sentences)


async def delay(interpreter: Interpreter, decoder: Decoder, chosen: Sequence[Case]) -> list[float]:
    """First text with the picture over first text with the sound alone, film by film."""
    ratios = []
    for number, case in enumerate(chosen):
        pcm = speech(case.sentence, case.voice)
        seen = await items(decoder, film(case.picture, pcm, number, moving=True))
        heard = [item for item in seen if not hasattr(item, "jpeg")]
        firsts: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(_ROUNDS):
            for with_picture in (True, False) if turn % 2 else (False, True):
                outcome = await run(interpreter, seen if with_picture else heard, "es")
                firsts[with_picture].append(outcome.first)
        ratios.append(min(firsts[True]) / min(firsts[False]))
    return ratios


async def _measure(only: set[str], say: Callable[[str], None], patience: float | None = None) -> dict[str, Any]:
    chosen = [case for case in cases() if not only or case.noun in only]
    settings = load(profile="embedded")
    profile = build(settings if patience is None else load(profile="embedded", picture_patience=patience))
    if not any(engine.info.name == "rapidocr" for engine in profile.engines):
        raise SystemExit("the embedded profile cannot read: pip install 'livetranslate[ocr]'")
    async with profile.interpreter as interpreter, Decoder() as decoder:
        await asyncio.sleep(_READY_SECONDS)  # the reader loads beside
        decisions = await decide(interpreter, decoder, chosen, say)
        changed, sentences = await control(interpreter, decoder, [] if only else controls(), say)
        ratios = await delay(interpreter, decoder, chosen[:: max(1, len(chosen) // 6)])
    nouns = Counter(decision.case.noun for decision in decisions)
    right = Counter(decision.case.noun for decision in decisions if decision.right)
    languages = {language: [decision.right for decision in decisions if decision.language == language] for language in LANGUAGES}
    return {
        "ratios": {
            "pairs decided wrongly": 1 - sum(right.values()) / len(decisions),
            "controls changed": changed / sentences if sentences else 0.0,
            "first text, with pictures / without": statistics.median(ratios),
        },
        "targets": {"pairs decided wrongly": WRONG, "controls changed": CHANGED, "first text, with pictures / without": LATER},
        "pairs": len(decisions) // 2,
        "sentences": sentences,
        "nouns": {noun: f"{right[noun]}/{nouns[noun]}" for noun in nouns},
        "languages": {language: f"{sum(found)}/{len(found)}" for language, found in languages.items()},
    }


def pictures(say: Callable[[str], None]) -> dict[str, Any]:
    """The part of `make bench`."""
    return asyncio.run(_measure(set(), say))


def main() -> int:
    """Measures, prints a table, and tells by its status whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was measured there")
    parser.add_argument("--only", default="", help="nouns to try, without the control sentences")
    parser.add_argument("--quiet", action="store_true", help="do not print what went wrong")
    parser.add_argument("--patience", type=float, help="wait longer for pictures than the profile does, on a busy machine")
    args = parser.parse_args()
    console = Console(highlight=False)
    say: Callable[[str], None] = (lambda line: None) if args.quiet else (lambda line: console.print(f"  {line}", markup=False))
    found = asyncio.run(_measure({noun for noun in args.only.split(",") if noun}, say, args.patience))
    table = Table("", "measured", "target")
    for name, ratio in found["ratios"].items():
        table.add_row(name, f"{ratio:.3f}", f"≤ {found['targets'][name]}")
    console.print(table)
    console.print(f"{found['pairs']} pairs, {found['sentences']} sentences", markup=False)
    console.print(" ".join(f"{name} {share}" for name, share in {**found["languages"], **found["nouns"]}.items()), markup=False)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    return 1 if any(ratio > found["targets"][name] for name, ratio in found["ratios"].items()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
