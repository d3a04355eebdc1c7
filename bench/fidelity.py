"""What holding back costs and brings: for each number of characters, how much misbehaviour gets through, how long words wait."""

import asyncio
import logging
from statistics import mean

from livetranslate.engines import NO_CONTEXT
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.events import Options
from livetranslate.fidelity import FLAGS, Faithful
from tests.faithful.misbehaving import PROVOKING, WRONG, cases
from tests.faithful.test_faithful import Model

HOLDS = (0, 20, 40, 80, 160, 320)
PARAGRAPH = 4
"""Sentences of the longer texts, in which holding back is felt."""


def paragraph(source: str, target: str, place: int) -> tuple[str, str]:
    """A longer text and its translation: sentences that nobody would answer."""
    chosen = [(place + step) % len(PHRASES[source]) for step in range(PARAGRAPH)]
    return " ".join(PHRASES[source][each] for each in chosen), " ".join(PHRASES[target][each] for each in chosen)


async def _pieces(reply: str, heard: str, source: str, target: str, hold: int) -> list[str]:
    faithful = Faithful(Model(lambda _: reply), TextLanguages(), hold)
    return [piece async for piece in faithful.translate(heard, Options(target, source), NO_CONTEXT)]


async def escapes(hold: int) -> float:
    """The share of misbehaviour of which anything but the flagged words got out, single sentences and within longer texts."""
    tried = escaped = 0
    for case in cases(1):
        before, _ = paragraph(case.source, case.target, case.place)
        for way in WRONG.values():
            reply = way(case)
            if reply is None:
                continue
            for heard, said in ((case.heard, reply), (f"{before} {case.heard}", reply)):
                tried += 1
                escaped += "".join(await _pieces(said, heard, case.source, case.target, hold)) != heard.join(FLAGS)
    return escaped / tried


async def waits(hold: int) -> tuple[float, float]:
    """Characters that the first piece of a good translation waits for, as a share of the whole: of sentences, of longer texts."""
    shares: list[list[float]] = [[], []]
    for case in cases(1):
        texts = ((case.heard, case.good), paragraph(case.source, case.target, case.place))
        for place, (heard, good) in enumerate(texts):
            first = (await _pieces(good, heard, case.source, case.target, hold))[0]
            shares[place].append(len(first) / len(good))
    return mean(shares[0]), mean(shares[1])


async def main() -> None:
    logging.disable()
    print(f"{len(PROVOKING)} languages, {sum(map(len, PROVOKING.values()))} sentences, {len(WRONG)} ways to misbehave")
    print("hold   gets out   first piece waits for: a sentence, four sentences")
    for hold in HOLDS:
        sentence, longer = await waits(hold)
        print(f"{hold:4}   {await escapes(hold):8.2%}   {sentence:8.0%}   {longer:8.0%}")


if __name__ == "__main__":
    asyncio.run(main())
