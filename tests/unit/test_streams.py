"""The operators that join stages."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from livetranslate.streams import PcmCutter, SentenceCutter, Stream, ahead, beside, from_thread, merge, overlap, within
from tests.support import Gauge, collect, counted


async def failing(gauge: Gauge, after: int) -> Stream[int]:
    async for item in counted(gauge, range(after)):
        yield item
    raise ValueError("broken")


async def test_ahead_gives_all_in_order_and_closes() -> None:
    gauge = Gauge()
    assert await collect(ahead(counted(gauge, range(100)), 7)) == list(range(100))
    assert gauge.open == 0


async def test_ahead_runs_on_while_the_reader_is_busy_but_not_further_than_its_limit() -> None:
    made: list[int] = []

    async def source() -> Stream[int]:
        for item in range(100):
            made.append(item)
            yield item

    async with aclosing(ahead(source(), 5)) as stream:
        assert await anext(stream) == 0
        await asyncio.sleep(0.01)
        assert len(made) == 7  # one read, five in the queue, one at the door


async def test_ahead_raises_what_the_source_raised_after_its_items() -> None:
    gauge, seen = Gauge(), []
    with pytest.raises(ValueError, match="broken"):
        async for item in ahead(failing(gauge, 3), 1):
            seen.append(item)
    assert seen == [0, 1, 2]
    assert gauge.open == 0


async def test_a_source_that_cancels_itself_does_not_hang_its_reader() -> None:
    async def source() -> Stream[int]:
        yield 1
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="cancelled itself"):
        await collect(ahead(source(), 1))


async def test_ahead_left_early_closes_source() -> None:
    gauge = Gauge()
    async with aclosing(ahead(counted(gauge, range(100)), 2)) as stream:
        async for item in stream:
            if item == 3:
                break
    assert gauge.open == 0
    assert gauge.started == 1


async def test_merge_takes_from_all() -> None:
    gauge = Gauge()
    items = await collect(merge(counted(gauge, range(10)), counted(gauge, range(100, 110))))
    assert sorted(items) == [*range(10), *range(100, 110)]
    assert [item for item in items if item < 100] == list(range(10))
    assert gauge.open == 0


async def test_overlap_cancelled_again_while_it_closes_still_closes_all() -> None:
    source, work, closing = Gauge(), Gauge(), asyncio.Event()

    async def slow_to_close(item: int) -> Stream[int]:
        with work:
            try:
                yield item
                await asyncio.Event().wait()
            finally:
                closing.set()
                await asyncio.sleep(0.01)

    async def read() -> None:
        async with aclosing(overlap(counted(source, range(9)), slow_to_close, 3)) as stream:
            async for _ in stream:
                pass

    reader = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    assert (source.open, work.open) == (1, 3)
    reader.cancel()
    await closing.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (source.open, work.open) == (0, 0)


@pytest.mark.parametrize("width", [1, 2, 3, 8])
async def test_overlap_keeps_order_and_width(width: int) -> None:
    source, work = Gauge(), Gauge()

    def three(item: int) -> Stream[int]:
        return counted(work, [10 * item, 10 * item + 1, 10 * item + 2], pause=0.003)

    items = await collect(overlap(counted(source, range(12)), three, width))
    assert items == [10 * item + part for item in range(12) for part in range(3)]
    assert work.most == width
    assert (source.open, work.open) == (0, 0)


async def test_overlap_stops_at_a_failure_and_closes_the_rest() -> None:
    gauge, work = Gauge(), Gauge()

    def second_fails(item: int) -> Stream[int]:
        return failing(work, 1) if item == 1 else counted(work, range(50))

    with pytest.raises(ValueError, match="broken"):
        await collect(overlap(counted(gauge, range(10)), second_fails, 3))
    assert (gauge.open, work.open) == (0, 0)


async def test_beside_passes_items_at_once_and_gives_results_after_them() -> None:
    gauge = Gauge()

    def slow_double(item: int) -> Stream[int]:
        return counted(gauge, [100 * item], pause=0.01)

    items = await collect(beside(counted(gauge, range(1, 7)), lambda item: item % 2 == 0, slow_double))
    assert items == [1, 2, 3, 4, 5, 6, 200, 400, 600]
    assert gauge.open == 0


async def test_beside_waits_when_too_many_results_are_due() -> None:
    passed: list[int] = []

    async def source() -> Stream[int]:
        for item in range(100):
            passed.append(item)
            yield item

    async def never(item: int) -> Stream[int]:
        await asyncio.Event().wait()
        yield item

    async with aclosing(beside(source(), lambda item: item < 100, never, limit=3)) as stream:
        for _ in range(5):
            await asyncio.wait_for(anext(stream), 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.02)
    assert len(passed) <= 6


async def test_within_raises_at_a_slow_item() -> None:
    gauge = Gauge()

    async def slow() -> Stream[int]:
        with gauge:
            yield 1
            await asyncio.sleep(10)
            yield 2

    seen = []
    with pytest.raises(TimeoutError):
        async for item in within(slow(), 0.01):
            seen.append(item)
    assert seen == [1]
    assert gauge.open == 0


async def test_from_thread_gives_all_and_raises() -> None:
    def items(left: threading.Event) -> Iterator[int]:
        yield from range(20)
        raise ValueError("broken")

    seen = []
    with pytest.raises(ValueError, match="broken"):
        async for item in from_thread(items, limit=2):
            seen.append(item)
    assert seen == list(range(20))


async def test_from_thread_left_early_tells_the_thread() -> None:
    ended = threading.Event()

    def items(left: threading.Event) -> Iterator[int]:
        try:
            place = 0
            while not left.is_set():
                yield place
                place += 1
                time.sleep(0.001)
        finally:
            ended.set()

    async with aclosing(from_thread(items, limit=2)) as stream:
        assert await anext(stream) == 0
    assert ended.is_set()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two? Three", ["One. ", "Two? ", "Three"]),
        ("你好。再见！好", ["你好。", "再见！", "好"]),
        ("Pi is 3.14 today. Yes.", ["Pi is 3.14 today. ", "Yes."]),
        ('He said "no." Then left.', ['He said "no." ', "Then left."]),
        ("Wait... what?! Go", ["Wait... ", "what?! ", "Go"]),
        ("Mr. and Mrs. Bly saw Dr. J. Roe. He left", ["Mr. and Mrs. Bly saw Dr. J. Roe. ", "He left"]),
        ("", [""]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    cutter = SentenceCutter()
    assert [*cutter.push(text), cutter.rest()] == sentences


def test_pcm_slices_are_whole_units_between_least_and_most() -> None:
    cutter = PcmCutter(least=12, most=24, unit=6)
    slices = [*cutter.push(bytes(5)), *cutter.push(bytes(50)), *cutter.push(bytes(8))]
    assert all(12 <= len(piece) <= 24 and len(piece) % 6 == 0 for piece in slices)
    assert sum(map(len, slices)) + len(cutter.rest()) == 63


def test_pcm_cutter_refuses_sizes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="slice"):
        PcmCutter(least=4, most=24, unit=6)
