"""Child processes that answer: order, failure, death, leaving, replacement."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from livetranslate.errors import EngineError, EngineTimeout
from livetranslate.workers import Pool, Worker, serve
from tests.support import collect

MODULE = "tests.unit.test_workers"


def answer(request: dict[str, Any]) -> Iterator[Any]:
    """What the child of these tests does."""
    for item in range(request.get("count", 0)):
        time.sleep(request.get("pause", 0))
        yield item
    if "say" in request:
        yield request["say"]
    match request.get("then"):
        case "fail":
            raise EngineError("The engine says no.")
        case "break":
            raise ZeroDivisionError
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "print":
            print("noise on standard output", flush=True)
            yield "printed"
        case "pid":
            yield os.getpid()


def refuse() -> Any:
    raise RuntimeError("nothing to load")


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker(MODULE)
    await worker.start()
    yield worker
    await worker.kill()


async def test_answers_come_in_order_and_again(worker: Worker) -> None:
    for _ in range(3):
        assert await collect(worker.ask({"count": 100})) == list(range(100))


async def test_bytes_and_large_values_pass_unchanged(worker: Worker) -> None:
    blob = os.urandom(3_000_000)
    assert await collect(worker.ask({"say": blob})) == [blob]


async def test_what_libraries_print_does_not_spoil_the_answer(worker: Worker) -> None:
    assert await collect(worker.ask({"then": "print"})) == ["printed"]


async def test_a_failure_is_told_and_the_child_lives(worker: Worker) -> None:
    with pytest.raises(EngineError, match="The engine says no"):
        await collect(worker.ask({"count": 1, "then": "fail"}))
    with pytest.raises(EngineError) as hidden:
        await collect(worker.ask({"then": "break"}))
    assert hidden.value.message == EngineError.sentence
    assert await collect(worker.ask({"say": "fine"})) == ["fine"]


async def test_death_and_silence_are_errors(worker: Worker) -> None:
    with pytest.raises(EngineTimeout):
        await collect(worker.ask({"count": 1, "pause": 5}, within=0.05))
    other = Worker(MODULE)
    await other.start()
    with pytest.raises(EngineError, match="died"):
        await collect(other.ask({"count": 2, "then": "die"}))
    await other.kill()
    assert not other.alive


async def test_a_child_that_cannot_start_is_an_error() -> None:
    for module in ("tests.unit.no_such_module", f"{MODULE}"):
        worker = Worker(module, *(["refuse"] if module == MODULE else []))
        with pytest.raises(EngineError):
            await worker.start()
        assert not worker.alive


async def test_a_pool_serves_side_by_side_and_replaces_the_dead() -> None:
    async with Pool(lambda: Worker(MODULE), 2) as pool:
        answers = await asyncio.gather(*(collect(pool.ask({"count": 3, "then": "pid"})) for _ in range(6)))
        assert [answer[:3] for answer in answers] == [[0, 1, 2]] * 6
        assert len({answer[3] for answer in answers}) == 2
        with pytest.raises(EngineError):
            await collect(pool.ask({"then": "die"}))
        again = await asyncio.gather(*(collect(pool.ask({"then": "pid"})) for _ in range(4)))
        assert len(again) == 4


async def test_leaving_an_answer_kills_its_worker_and_the_next_answer_is_right() -> None:
    async with Pool(lambda: Worker(MODULE), 1) as pool:
        async with aclosing(pool.ask({"then": "pid"})) as stream:
            pid = await anext(stream)
        async with aclosing(pool.ask({"count": 1000, "pause": 0.05})) as stream:
            assert await anext(stream) == 0
        assert await collect(pool.ask({"say": "mine"})) == ["mine"]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_closed_pool_leaves_no_child() -> None:
    pool = Pool(lambda: Worker(MODULE), 2)
    async with pool:
        pids = {pid for answer in [await collect(pool.ask({"then": "pid"})) for _ in range(4)] for pid in answer}
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_caller_cancelled_while_it_waits_takes_no_worker_with_it() -> None:
    async with Pool(lambda: Worker(MODULE), 1) as pool:
        busy = asyncio.create_task(collect(pool.ask({"count": 3, "pause": 0.05})))
        await asyncio.sleep(0.02)
        waiting = asyncio.create_task(collect(pool.ask({"say": "never"})))
        await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await busy == [0, 1, 2]
        assert await asyncio.wait_for(collect(pool.ask({"say": "next"})), 2) == ["next"]


if __name__ == "__main__":
    serve(refuse if "refuse" in sys.argv else lambda: answer)
