"""Places at work: so many at once for the server and for each key, a bounded line before them, and fair turns."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livetranslate.errors import Overloaded, RateLimited
from livetranslate.keys import ANYBODY, Key
from livetranslate.settings import Limits

RETRY_AFTER = 5
"""Seconds after which a client that found the line full should try again."""


class _Lane:
    """One key's requests: those at work, and those that wait."""

    def __init__(self, most: float) -> None:
        self.most = most
        self.running = 0
        self.line: deque[asyncio.Future[None]] = deque()

    @property
    def ready(self) -> bool:
        """Whether its next may start as soon as there is a place."""
        return bool(self.line) and self.running < self.most


class Places:
    """The places of a server. A free place goes to the waiting key that has the fewest, and among equals in turn."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lanes: dict[str, _Lane] = {}
        self.running = 0
        self.waiting = 0

    @asynccontextmanager
    async def place(self, key: Key) -> AsyncIterator[None]:
        """A place for a request of the key.

        Raises `RateLimited` if the key has too many waiting, `Overloaded` if the server has, or none came free in time.
        """
        lane = self._lanes.setdefault(key.id, self._lane(key))
        try:
            await self._enter(lane)
            try:
                yield
            finally:
                self._leave(lane)
        finally:
            if not lane.running and not lane.line:
                self._lanes.pop(key.id, None)

    def _lane(self, key: Key) -> _Lane:
        return _Lane(math.inf if key == ANYBODY else key.running or self._limits.key_running)

    async def _enter(self, lane: _Lane) -> None:
        if self.running < self._limits.running and lane.running < lane.most and not lane.line:
            self._start(lane)
            return
        if lane.most < math.inf and len(lane.line) >= self._limits.key_waiting:
            raise RateLimited(retry_after=RETRY_AFTER)
        if self.waiting >= self._limits.waiting or not self._limits.running:
            raise Overloaded(retry_after=RETRY_AFTER)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.line.append(turn)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._limits.waiting_seconds):
                await turn
        except BaseException as reason:
            if turn.done() and not turn.cancelled():  # the place came at the same moment: pass it on
                self._leave(lane)
            elif turn in lane.line:
                lane.line.remove(turn)
                self.waiting -= 1
            raise Overloaded(retry_after=RETRY_AFTER) if isinstance(reason, TimeoutError) else reason from None

    def _start(self, lane: _Lane) -> None:
        lane.running += 1
        self.running += 1

    def _leave(self, lane: _Lane) -> None:
        lane.running -= 1
        self.running -= 1
        while self.running < self._limits.running and (ready := [lane for lane in self._lanes.values() if lane.ready]):
            chosen = min(ready, key=lambda lane: lane.running)
            turn = chosen.line.popleft()
            self.waiting -= 1
            if not turn.cancelled():  # else its reader has left, but has not run since
                self._start(chosen)
                turn.set_result(None)
                self._to_the_back(chosen)

    def _to_the_back(self, lane: _Lane) -> None:
        name = next(name for name, other in self._lanes.items() if other is lane)
        self._lanes[name] = self._lanes.pop(name)
