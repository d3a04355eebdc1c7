"""Readers that leave at random moments: nothing stays open, no task stays behind."""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from livetranslate import profiles
from livetranslate.cascade import Cascade
from livetranslate.events import Options
from livetranslate.guard import Fallback, Limited
from livetranslate.meter import Meter
from livetranslate.segment import Cuts
from livetranslate.settings import Settings
from livetranslate.streams import Stream, ahead, beside, merge, overlap
from tests.support import (
    CountedRecognizer,
    CountedSynthesizer,
    CountedTranslator,
    Gauge,
    LoudVad,
    counted,
    hush,
    in_chunks,
    play,
    tone,
)

READERS = 2000
SPEECH = in_chunks((tone(0.3) + hush(0.6)) * 4, range(1600, 80_000, 1600))
SPOKEN = Options(target="es", source="en", voice="Cherry")


async def leave_at_random(make: Callable[[], Stream[Any]], readers: int, seed: int) -> None:
    """Readers in lots of fifty: some stop reading, some are cancelled, some cancelled twice, some never begin."""
    chance = random.Random(seed)

    async def read(items: int, linger: float) -> None:
        async with aclosing(make()) as stream:
            while items:
                items -= 1
                if await anext(stream, None) is None:
                    return
                if chance.random() < 0.2:
                    await asyncio.sleep(linger)

    for _ in range(readers // 50):
        tasks = [asyncio.create_task(read(chance.randrange(40), chance.choice((0, 0, 0.0005)))) for _ in range(50)]
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(chance.choice((0, 0.0002, 0.001)))
        for task in tasks:
            if chance.random() < 0.6:
                task.cancel()
        await asyncio.sleep(0)
        for task in tasks:
            if chance.random() < 0.3:
                task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


@pytest.mark.parametrize("operator", ["ahead", "merge", "overlap", "beside", "nested"])
async def test_operators(operator: str) -> None:
    gauge, work = Gauge(), Gauge()

    def part(item: int) -> Stream[int]:
        return counted(work, range(3))

    def made() -> Stream[int]:
        source = counted(gauge, range(30))
        return {
            "ahead": lambda: ahead(source, 3),
            "merge": lambda: merge(source, counted(gauge, range(30))),
            "overlap": lambda: overlap(source, part, 3),
            "beside": lambda: beside(source, lambda item: item % 2 == 0, part),
            "nested": lambda: beside(ahead(overlap(ahead(source, 2), part, 4), 1), lambda item: True, part),
        }[operator]()

    await leave_at_random(made, READERS, seed=1)
    assert (gauge.open, work.open) == (0, 0)
    assert gauge.started > READERS / 4
    assert others() == set()


async def test_a_whole_interpreter() -> None:
    source, hearing, saying, speaking = Gauge(), Gauge(), Gauge(), Gauge()
    cascade = Cascade(
        LoudVad(),
        CountedRecognizer(hearing),
        CountedTranslator(saying),
        CountedSynthesizer(speaking),
        cuts=Cuts(pad=0.0),
    )
    limited = Limited(Fallback([cascade]), running=20, waiting=50)

    def made() -> Stream[Any]:
        meter = Meter()
        return meter.see(limited.interpret(meter.hear(play(SPEECH, source)), SPOKEN))

    await leave_at_random(made, READERS, seed=2)
    assert [gauge.open for gauge in (source, hearing, saying, speaking)] == [0, 0, 0, 0]
    assert (limited.running, limited.queued) == (0, 0)
    assert speaking.started > 100
    assert others() == set()


@pytest.mark.parametrize("place", ["recognizer", "translator", "synthesizer"])
@pytest.mark.parametrize("fault", ["fail", "hang", "short", "repeat", "content"])
async def test_scripted_engines_that_go_wrong(fault: str, place: str) -> None:
    settings = Settings(profile="scripted", engines={"scripted": {"fault": fault, "fault_in": place}})
    profile = profiles.build(settings)

    async def made() -> Stream[Any]:
        gauge = Gauge()
        async with aclosing(profile.interpreter.interpret(play(SPEECH, gauge), SPOKEN)) as events:
            try:
                async for event in events:
                    yield event
            except Exception:  # the scripted failure itself
                return
            finally:
                assert gauge.open <= 1

    async def read() -> None:
        async with aclosing(made()) as stream:
            async for _ in stream:
                pass

    async with profile.interpreter:
        for pause in (0.0, 0.001, 0.01):
            task = asyncio.create_task(read())
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert others() == set()
