"""Work of several requests done together: jobs collected for a moment, done in one call in a thread, answered each on its own."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Self, TypeVar

from livetranslate.errors import EngineError
from livetranslate.streams import Stream

T = TypeVar("T")
U = TypeVar("U")

_LOG = logging.getLogger("livetranslate.engines")


class _End:
    """The last of a job's answers."""

    def __init__(self, failed: bool) -> None:
        self.failed = failed


class Job(Generic[T, U]):
    """One request's part of a batch: its `item`, whether its reader has `left`, and `put` for answers from the thread."""

    def __init__(self, item: T) -> None:
        self.item = item
        self.left = False
        self.answers: asyncio.Queue[U | _End] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def put(self, answer: U) -> None:
        """Hands an answer to the reader."""
        with suppress(RuntimeError):  # the loop is closed, and the reader with it
            self._loop.call_soon_threadsafe(self.answers.put_nowait, answer)

    def end(self, *, failed: bool) -> None:
        """Tells the reader, in the loop, that no more comes."""
        self.answers.put_nowait(_End(failed))


class Batches(Generic[T, U]):
    """Calls `work` in a thread with up to `most` jobs that came within `wait` seconds; what comes meanwhile makes the next batch.

    `work` gives its answers by each job's `put`, should look at `left` now and then, and may raise: then all its jobs fail.
    """

    def __init__(self, work: Callable[[list[Job[T, U]]], None], most: int = 8, wait: float = 0.01) -> None:
        self._work = work
        self._most, self._wait = max(1, most), wait
        self._queue: asyncio.Queue[Job[T, U]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._at_work: list[Job[T, U]] = []
        self.sizes: list[int] = []
        """Sizes of the last batches, for benches."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Ends the work: who still waits gets an error."""
        for job in self._at_work:
            job.left = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        while not self._queue.empty():
            self._queue.get_nowait().end(failed=True)

    async def ask(self, item: T) -> Stream[U]:
        """The answers to an item; leaving early tells the work so. Raises `EngineError` if the work failed."""
        job: Job[T, U] = Job(item)
        self._queue.put_nowait(job)
        try:
            while not isinstance(answer := await job.answers.get(), _End):
                yield answer
        finally:
            job.left = True
        if answer.failed:
            raise EngineError

    async def _run(self) -> None:
        while True:
            jobs = [await self._queue.get()]
            await asyncio.sleep(self._wait)
            while len(jobs) < self._most and not self._queue.empty():
                jobs.append(self._queue.get_nowait())
            if jobs := [job for job in jobs if not job.left]:
                await self._do(jobs)

    async def _do(self, jobs: list[Job[T, U]]) -> None:
        self._at_work = jobs
        self.sizes = [*self.sizes[-999:], len(jobs)]
        failed = True
        working = asyncio.get_running_loop().run_in_executor(None, self._work, jobs)
        try:
            await asyncio.shield(working)
            failed = False
        except asyncio.CancelledError:
            with suppress(Exception):  # it was told to end, and what it says no longer matters
                await working
            raise
        except Exception as failure:  # the readers get an error of ours; which one it was is for the operator
            _LOG.error("a batch failed: %s", type(failure).__name__)
        finally:
            for job in jobs:
                job.end(failed=failed)
            self._at_work = []
