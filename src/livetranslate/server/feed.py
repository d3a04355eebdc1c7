"""What waits for a session's interpreters: media of one run after the other, at the rate at which they hear."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress

from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Commit, Media
from livetranslate.resample import Resampler
from livetranslate.streams import Stream
from livetranslate.wire.realtime import Run

_SLICE = 0.5
"""Seconds of sound that are handed on at once, so that nothing long keeps the loop busy."""


class Feed:
    """Holds at most `seconds` of sound, and what one event brings: `room` waits until there is less."""

    def __init__(self, seconds: float) -> None:
        self._most = seconds
        self._held: deque[Media | Run] = deque()
        self._run: Run | None = None
        self._ended = False
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        self.backlog = 0.0
        """Seconds of sound that wait."""

    def put(self, items: Iterable[Media | Run]) -> None:
        """Adds what came from a client."""
        for item in items:
            self._held.append(item)
            if isinstance(item, Audio):
                self.backlog += item.seconds
        self._news.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = True
        self._news.set()

    def drop(self) -> None:
        """Forgets the media that waits; the runs stay."""
        self._held = deque(item for item in self._held if isinstance(item, Run))
        self.backlog = 0.0
        self._taken.set()

    async def room(self, seconds: float) -> bool:
        """Waits up to so many seconds for room for more sound, and says whether there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.backlog >= self._most:
                    self._taken.clear()
                    await self._taken.wait()
        return self.backlog < self._most

    async def next_run(self) -> Run | None:
        """The run of the next media that waits; None when no more comes."""
        while True:
            while self._held and isinstance(self._held[0], Run):
                self._run = self._held.popleft()  # type: ignore[assignment]
            if self._held:
                return self._run
            if self._ended:
                return None
            await self._wait()

    async def media(self) -> Stream[Media]:
        """The media of the run that has begun, up to the next run, with its sound at `HEARING_RATE`."""
        hearing: _Hearing | None = None
        while (item := await self._next()) is not None:
            if isinstance(item, Audio):
                self.backlog -= item.seconds
                self._taken.set()
                if hearing is None or hearing.rate != item.sample_rate:
                    hearing = _Hearing(item)
                for audio in hearing.push(item):
                    yield audio
                    await asyncio.sleep(0)
                continue
            if isinstance(item, Commit) and hearing is not None:
                for audio in hearing.rest():
                    yield audio
                hearing = None
            yield item
        if hearing is not None:
            for audio in hearing.rest():
                yield audio

    async def _next(self) -> Media | None:
        while not self._held:
            if self._ended:
                return None
            await self._wait()
        item = self._held[0]
        return None if isinstance(item, Run) else self._held.popleft()  # type: ignore[return-value]

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()


class _Hearing:
    """One stretch of sound without a gap, brought to `HEARING_RATE`."""

    def __init__(self, first: Audio) -> None:
        self.rate = first.sample_rate
        self._resampler = Resampler(first.sample_rate, HEARING_RATE)
        self._start = first.start
        self._samples = 0

    def push(self, audio: Audio) -> Iterator[Audio]:
        """The sound that can leave, in slices."""
        size = BYTES_PER_SAMPLE * round(_SLICE * audio.sample_rate)
        for place in range(0, len(audio.pcm), size):
            yield from self._made(self._resampler.push(audio.pcm[place : place + size]))

    def rest(self) -> Iterator[Audio]:
        """What is left at the end."""
        yield from self._made(self._resampler.push(b"", last=True))

    def _made(self, pcm: bytes) -> Iterator[Audio]:
        if pcm:
            made = Audio(pcm, HEARING_RATE, self._start + self._samples / HEARING_RATE)
            self._samples += made.samples
            yield made
