"""Streams and the operators that join stages: run ahead, run side by side, come from a thread, cut anew.

Closing an outer async generator does not close the inner ones: who starts a stream closes it (`aclosing`), and an operator
that is given one closes it.
"""

import asyncio
import re
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

Stream = AsyncGenerator[T, None]
"""An async generator, so that it can be closed."""


class _End:
    """The last thing in a pump's queue: what ended the source, if not its own end."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure


class _Pump(Generic[T]):
    """Runs sources in tasks of their own, into one bounded queue."""

    def __init__(self, limit: int, *sources: Stream[T]) -> None:
        self._queue: asyncio.Queue[T | _End] = asyncio.Queue(limit)
        self._sources = sources
        self._tasks = [asyncio.create_task(self._run(source)) for source in sources]

    async def _run(self, source: Stream[T]) -> None:
        end = _End()
        try:
            async for item in source:
                await self._queue.put(item)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            end = _End(RuntimeError("a source cancelled itself"))
        except Exception as failure:  # handed to the reader, who raises it
            end = _End(failure)
        await self._queue.put(end)

    async def items(self) -> Stream[T]:
        """What the sources give, in order of arrival; raises what a source raised."""
        running = len(self._tasks)
        while running:
            item = await self._queue.get()
            if not isinstance(item, _End):
                yield item
            elif item.failure is not None:
                raise item.failure
            else:
                running -= 1

    async def aclose(self) -> None:
        """Ends the tasks, then closes the sources; holds out against being cancelled meanwhile."""
        closing = asyncio.ensure_future(self._close())
        cancelled: asyncio.CancelledError | None = None
        while not closing.done():
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError as caught:
                if closing.cancelled():
                    raise
                cancelled = caught
        closing.result()
        if cancelled is not None:
            raise cancelled

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for source in self._sources:
            await source.aclose()


async def merge(*sources: Stream[T], limit: int = 1) -> Stream[T]:
    """The items of all sources as they come, each source running in a task of its own, `limit` items ahead of the reader.

    However the reader leaves, the tasks end and the sources are closed. The first failure of a source is raised.
    """
    pump = _Pump(limit, *sources)
    async with aclosing(pump), aclosing(pump.items()) as items:
        async for item in items:
            yield item


def ahead(source: Stream[T], limit: int) -> Stream[T]:
    """Runs `source` in a task of its own, at most `limit` items ahead of its reader, and closes it however the reader leaves."""
    return merge(source, limit=limit)


async def overlap(items: Stream[T], work: Callable[[T], Stream[U]], width: int, limit: int = 64) -> Stream[U]:
    """The streams `work(item)` one after the other, up to `width` of them running at once.

    Each runs at most `limit` items ahead. Order is that of `items`; all is closed however the reader leaves.
    """
    pumps: deque[_Pump[U]] = deque()
    free = asyncio.Semaphore(width)

    async def started() -> Stream[_Pump[U]]:
        async for item in items:
            await free.acquire()
            pump = _Pump(limit, work(item))
            pumps.append(pump)
            yield pump

    try:
        async with aclosing(merge(started(), limit=width)) as running:
            async for pump in running:
                async with aclosing(pump.items()) as results:
                    async for result in results:
                        yield result
                pumps.remove(pump)
                await pump.aclose()
                free.release()
    finally:
        # A stack: being cancelled again while one closes must not keep the others open.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(items.aclose)
            for pump in pumps:
                closing.push_async_callback(pump.aclose)


async def beside(items: Stream[T], wanted: Callable[[T], bool], work: Callable[[T], Stream[T]], limit: int = 64) -> Stream[T]:
    """All items as they come, and beside them what `work` gives for the wanted ones, one after the other.

    What comes of an item always follows it. At most `limit` wanted items wait; then the source does. Closes its source.
    """
    jobs: asyncio.Queue[T | _End] = asyncio.Queue(limit)

    async def passing() -> Stream[T]:
        async with aclosing(items):
            async for item in items:
                yield item
                if wanted(item):
                    await jobs.put(item)
        await jobs.put(_End())

    async def working() -> Stream[T]:
        while not isinstance(job := await jobs.get(), _End):
            async with aclosing(work(job)) as results:
                async for result in results:
                    yield result

    async with aclosing(merge(passing(), working())) as merged:
        async for item in merged:
            yield item


async def within(source: Stream[T], seconds: float) -> Stream[T]:
    """The items of `source`; raises `TimeoutError` if one takes longer than `seconds` to come. Closes its source."""
    async with aclosing(source):
        while True:
            try:
                async with asyncio.timeout(seconds):
                    item = await anext(source)
            except StopAsyncIteration:
                return
            yield item


async def from_thread(items: Callable[[threading.Event], Iterator[T]], limit: int = 8) -> Stream[T]:
    """A stream of what a blocking iterator gives, run in a thread, at most `limit` items ahead of the reader.

    `items` is called in the thread with an event that is set when the reader has left; it should then end soon.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[T | _End] = asyncio.Queue(limit)
    left = threading.Event()

    def put(item: T | _End) -> bool:
        """Hands an item over; False if the reader has left."""
        try:
            handing = asyncio.run_coroutine_threadsafe(queue.put(item), loop)
        except RuntimeError:  # the loop is closed
            return False
        while not left.is_set():
            try:
                handing.result(0.1)
                return True
            except TimeoutError:
                continue
        handing.cancel()
        return False

    def run() -> None:
        end = _End()
        try:
            for item in items(left):
                if not put(item):
                    return
        except Exception as failure:  # handed to the reader, who raises it
            end = _End(failure)
        put(end)

    thread = asyncio.create_task(asyncio.to_thread(run))
    try:
        while not isinstance(item := await queue.get(), _End):
            yield item
        if item.failure is not None:
            raise item.failure
    finally:
        left.set()
        await asyncio.wait([thread])


async def from_iterable(items: AsyncIterable[T] | Iterator[T]) -> Stream[T]:
    """A closable stream of what any iterable gives."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


_SENTENCE_END = re.compile(r"[.!?…]+[\"'»”’)\]]*\s+|[。！？।]+[」』”’）]*\s*|\n+")
ABBREVIATION = re.compile(r"(?:^|[\s(\"'])(?:Mr|Mrs|Ms|Dr|St|Sr|Sra|Dra|Sig|Mme|M|[A-Z])\.$")


class SentenceCutter:
    """Cuts text that comes in pieces into sentences, the same however it comes in pieces."""

    def __init__(self) -> None:
        self._text = ""

    def push(self, piece: str) -> list[str]:
        """The sentences that `piece` completes, each with the white space after it."""
        self._text += piece
        found: list[str] = []
        start = 0
        for end in _SENTENCE_END.finditer(self._text):
            # Marks and closing quotes at the very end may go on in the next piece.
            if end.end() == len(self._text):
                break
            if ABBREVIATION.search(self._text[start : end.start() + 1]):
                continue
            found.append(self._text[start : end.end()])
            start = end.end()
        self._text = self._text[start:]
        return found

    def rest(self) -> str:
        """What is left when no more comes."""
        text, self._text = self._text, ""
        return text


def _is_unspaced(character: str) -> bool:
    """Whether a character is of a script that puts no space between sentences: Han, Kana, and their punctuation."""
    return (
        "\u3000" <= character <= "\u30ff"
        or "\u3400" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or "\uff00" <= character <= "\uff60"
        or "\U00020000" <= character <= "\U0003ffff"
    )


def between(before: str, after: str) -> str:
    """What joins a text to the one before: a space, unless either has one there or is written without spaces."""
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    return "" if _is_unspaced(before[-1]) or _is_unspaced(after[0]) else " "


class PcmCutter:
    """Joins and cuts PCM into slices of `least` to `most` bytes, each a multiple of `unit`; only the last may be odd."""

    def __init__(self, least: int, most: int, unit: int) -> None:
        if not unit <= least <= most or most % unit:
            raise ValueError("a slice is at least a unit, and at most a multiple of it")
        self._least, self._most, self._unit = least, most, unit
        self._held = bytearray()

    def push(self, pcm: bytes) -> list[bytes]:
        """The slices that can leave now."""
        self._held += pcm
        slices: list[bytes] = []
        while len(self._held) >= self._least:
            size = min(self._most, len(self._held))
            size -= size % self._unit
            if size < self._least:
                break
            slices.append(bytes(self._held[:size]))
            del self._held[:size]
        return slices

    def rest(self) -> bytes:
        """What is left when no more comes."""
        pcm = bytes(self._held)
        self._held.clear()
        return pcm
