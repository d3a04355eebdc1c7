"""Work of several requests done together."""

import asyncio
import threading
from contextlib import aclosing

import pytest

from livetranslate.engines.batches import Batches, Job
from livetranslate.errors import EngineError
from tests.support import collect


def doubled(jobs: list[Job[int, int]]) -> None:
    for job in jobs:
        for _ in range(2):
            job.put(job.item)


async def test_what_comes_together_is_done_together_and_answered_apart() -> None:
    async with Batches(doubled, most=4, wait=0.05) as batches:
        answers = await asyncio.gather(*(collect(batches.ask(number)) for number in range(10)))
    assert answers == [[number, number] for number in range(10)]
    assert batches.sizes == [4, 4, 2]


async def test_a_batch_that_fails_fails_its_own_jobs_alone() -> None:
    def work(jobs: list[Job[int, int]]) -> None:
        if any(job.item < 0 for job in jobs):
            raise RuntimeError("secret words")
        doubled(jobs)

    async with Batches(work, most=2, wait=0.05) as batches:
        found = await asyncio.gather(*(collect(batches.ask(number)) for number in (1, -1, 2, 3)), return_exceptions=True)
    assert [type(answer) for answer in found[:2]] == [EngineError, EngineError]
    assert "secret" not in str(found[0])
    assert found[2:] == [[2, 2], [3, 3]]


async def test_who_has_left_is_told_and_not_begun() -> None:
    seen: list[int] = []
    go_on = threading.Event()

    def work(jobs: list[Job[int, int]]) -> None:
        for job in jobs:
            job.put(job.item)
            go_on.wait(5)
            seen.append(-job.item if job.left else job.item)

    async with Batches(work, most=1, wait=0.0) as batches:
        async with aclosing(batches.ask(7)) as answers:
            assert await anext(answers) == 7
            waiting = asyncio.create_task(collect(batches.ask(8)))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait([waiting])
        go_on.set()
        assert await collect(batches.ask(9)) == [9]
    assert seen == [-7, 9]


async def test_who_waits_at_the_end_gets_an_error() -> None:
    go_on = threading.Event()

    def work(jobs: list[Job[int, int]]) -> None:
        go_on.wait(5)

    batches = await Batches(work, most=1, wait=0.0).__aenter__()
    tasks = [asyncio.create_task(collect(batches.ask(number))) for number in range(3)]
    await asyncio.sleep(0.05)
    go_on.set()
    await batches.__aexit__(None, None, None)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert EngineError in {type(answer) for answer in found}
    with pytest.raises(EngineError):
        raise next(answer for answer in found if isinstance(answer, EngineError))
