"""What is on screen while somebody speaks: images that look new are read beside recognition, which never waits for it long."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing, suppress

from livetranslate.engines import Reader
from livetranslate.errors import EngineError
from livetranslate.events import Sighting
from livetranslate.media import Image, Media
from livetranslate.pictures import Screen
from livetranslate.streams import Stream

_MOST_WAITING = 8
"""Images that wait to be read; of more, the oldest is skipped."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 4.0
"""Seconds of film in which nothing is read, while images change and the words on them do not: doubled each time; at once the
longest where nothing moves under the words.
"""
_MOST_FAILURES = 2
"""After so many the reader is asked no more in this request: pictures only help."""


class Watch:
    """The screen of one request. Its one task begins with the first image and ends with `aclose`."""

    def __init__(self, reader: Reader | None, language: str | None) -> None:
        self._reader = reader
        self._language = language
        self._screen = Screen()
        self._waiting: deque[Image] = deque()
        self._busy: Image | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._failures = 0
        self._pause = 0.0
        self._next = 0.0
        self._read_at = 0.0

    async def watching(self, media: Stream[Media]) -> Stream[Media]:
        """Passes all media on at once; images that look new are put in line to be read. Closes its source."""
        async with aclosing(media):
            async for item in media:
                if isinstance(item, Image):
                    self._show(item)
                yield item

    def words(self) -> tuple[str, ...]:
        """The words on screen that a recognizer should expect, as far as they are read by now."""
        return self._screen.words(self._language)

    def sightings(self, images: Sequence[Image]) -> tuple[Sighting, ...]:
        """The words on these images, as far as they are read by now."""
        return self._screen.sightings(images)

    async def settled(self, images: Sequence[Image], patience: float) -> None:
        """Waits until these images are read, but no longer than `patience` seconds."""
        if not images or self._task is None:
            return
        last = images[-1].at
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._pending(last):
                    self._changed.clear()
                    await self._changed.wait()

    def _pending(self, at: float) -> bool:
        """Whether an image shown up to that moment waits to be read, or is being read."""
        return any(image.at <= at for image in self._waiting) or (self._busy is not None and self._busy.at <= at)

    def _show(self, image: Image) -> None:
        if self._reader is None or self._failures >= _MOST_FAILURES:
            return
        if not self._screen.show(image):
            self._pause = self._next = 0.0  # a still picture: the next one that differs is news
            return
        self._waiting.append(image)
        if len(self._waiting) > _MOST_WAITING:
            self._screen.skip(self._waiting.popleft())
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_all(self._reader))

    async def _read_all(self, reader: Reader) -> None:
        """Reads what waits, until nothing does; less and less often while the same words stand on images that change."""
        while self._waiting and self._failures < _MOST_FAILURES:
            image = self._busy = self._waiting.popleft()
            try:
                if image.at < self._next or (image.at < self._read_at + _LONGEST_PAUSE and self._screen.keeps_all(image)):
                    self._screen.skip(image)
                else:
                    await self._read(reader, image)
            except EngineError:
                self._failures += 1
            finally:
                self._busy = None
                self._changed.set()
        self._waiting.clear()

    async def _read(self, reader: Reader, image: Image) -> None:
        async with aclosing(reader.read(image, self._language)) as lines:
            news = self._screen.read(image, [line async for line in lines])
        self._pause = 0.0 if news else min(max(2 * self._pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        self._next = image.at + self._pause
        self._read_at = image.at

    async def aclose(self) -> None:
        """Ends the reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()
