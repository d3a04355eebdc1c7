"""What all requests of one app share: engines, doors, keys, quotas, places, the ledger's writer, and whether it is up."""

import asyncio
import logging
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Self, TypeVar

from livetranslate.doors import make_decoder, make_fetcher
from livetranslate.engines import Profile
from livetranslate.errors import LivetranslateError, Overloaded, WrongKey
from livetranslate.keys import FILE_NAME, Entry, Guesses, Key, Keys, Quotas
from livetranslate.server.exchange import BodyRoom
from livetranslate.server.logs import EVENTS, log, whereabouts
from livetranslate.server.metrics import Metrics
from livetranslate.server.places import RETRY_AFTER, Places
from livetranslate.settings import BadSettings, Settings

T = TypeVar("T")

_LEDGER_PAUSE = 0.1
_LEDGER_MOST = 100_000
"""Rows that wait for a disk that takes none."""


class Drain:
    """The way down: from `begin` on nobody new is let in; from `cut` on what still runs ends with an error."""

    def __init__(self) -> None:
        self.draining = False
        self.cut = asyncio.Event()
        self.active = 0

    def begin(self) -> None:
        self.draining = True


class LedgerWriter:
    """Writes the ledger from a thread, several rows at a time; rows wait where the disk is full."""

    def __init__(self, write: Callable[[list[Entry]], None], retry_seconds: float = 5.0) -> None:
        self._entries = write
        self._retry_seconds = retry_seconds
        self._waiting: deque[Entry] = deque(maxlen=_LEDGER_MOST)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._come = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._come.set()

    async def stop(self) -> None:
        """Writes what waits, as far as the disk takes it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._write()
        await asyncio.to_thread(self._thread.shutdown)

    async def _run(self) -> None:
        while True:
            await self._come.wait()
            self._come.clear()
            await asyncio.sleep(_LEDGER_PAUSE)
            if not await self._write():
                await asyncio.sleep(self._retry_seconds)
                self._come.set()

    async def _write(self) -> bool:
        """Whether all that waits is written now."""
        rows = list(self._waiting)
        if not rows:
            return True
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._entries, rows)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            if writing.exception() is None:
                self._drop(len(rows))
            raise
        except sqlite3.Error as failure:
            log(EVENTS, logging.ERROR, "the usage ledger cannot be written", failure=type(failure).__name__, rows=len(rows))
            return False
        self._drop(len(rows))
        return True

    def _drop(self, written: int) -> None:
        for _ in range(min(written, len(self._waiting))):
            self._waiting.popleft()


class Services:
    """As an async context manager: open while the app lives. Engines load in the background; until then all get 503.

    `clock` gives unix seconds, `now` a clock that never goes back, `new_id` a fresh UUID; tests hand in their own.
    """

    def __init__(
        self,
        profile: Profile,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        now: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.profile, self.settings = profile, settings
        self.clock, self.now, self.new_id = clock, now, new_id
        try:
            self.quotas = Quotas(settings.rate_limit, settings.burst_limit, settings.token_limit, now)
        except ValueError as wrong:
            raise BadSettings(f"rate_limit, burst_limit, token_limit: {wrong}.") from None
        self.guesses = Guesses(now)
        self.places = Places(settings.limits)
        self.bodies = BodyRoom(settings.limits.bodies_bytes)
        self.drain = Drain()
        self.metrics = Metrics(profile.name)
        self.metrics.watch(lambda: self.places.running, lambda: self.places.waiting)
        self.fetcher = make_fetcher(settings)
        self.decoder = make_decoder(settings)
        self._guarded = False
        self.loaded = False
        self.failure: str | None = None
        """Why the engines could not be loaded, or freed."""
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="requests")

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            opening.push_async_callback(asyncio.to_thread, self._threads.shutdown)
            self._keys = await self.off(lambda: Keys(self.settings.data_dir / FILE_NAME, self.settings.api_keys, self.clock))
            opening.push_async_callback(self.off, self._keys.close)
            self._ledger = LedgerWriter(self._keys.ledger.write)
            self._ledger.start()
            opening.push_async_callback(self._ledger.stop)
            engines = asyncio.create_task(self._run_engines())
            opening.push_async_callback(_end, engines)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._open.aclose()

    async def _run_engines(self) -> None:
        """Loads the doors and the engines, keeps them until it is cancelled, and frees them in the same task."""
        try:
            async with self.fetcher, self.decoder, self.profile.interpreter:
                self.loaded = True
                log(EVENTS, logging.INFO, "engines loaded", profile=self.profile.name)
                await asyncio.Event().wait()
        except LivetranslateError as failure:
            self.failure = failure.message
        except Exception as failure:  # an engine of any make; whoever runs the server is told, and it ends
            self.failure = f"An engine of the profile {self.profile.name!r} failed: {type(failure).__name__}."
            log(EVENTS, logging.ERROR, "engines failed", failure=whereabouts(failure))
        finally:
            self.loaded = False

    async def off(self, work: Callable[[], T]) -> T:
        """Runs what blocks in a thread of our own, so that engines that keep the common ones busy delay no key check."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def keys_required(self) -> bool:
        """Whether requests need a key; once they do, they always will."""
        if not self._guarded:
            self._guarded = await self.off(lambda: self._keys.required)
        return self._guarded

    async def authenticate(self, headers: list[str], address: str) -> Key:
        """Whose key the Authorization headers hold; raises `WrongKey`, the later the more an address has guessed."""
        scheme, _, secret = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        try:
            return await self.off(lambda: self._keys.check(secret.strip() if scheme.lower() == "bearer" else None))
        except WrongKey:
            await asyncio.sleep(self.guesses.failed(address))
            raise

    def check_up(self) -> None:
        """Raises `Overloaded` while the engines load, and from the time the server is told to stop."""
        if self.drain.draining:
            raise Overloaded("The server is shutting down. Please try again.", retry_after=1)
        if not self.loaded:
            raise Overloaded("The engines are still being loaded. Please try again.", retry_after=RETRY_AFTER)

    def write(self, entry: Entry) -> None:
        """Puts a row into the ledger, soon."""
        self._ledger.add(entry)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
