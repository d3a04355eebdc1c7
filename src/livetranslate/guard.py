"""What holds another of its kind: a limit on running requests, a fallback, and a watch on a translator that repeats itself."""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from functools import reduce
from typing import Self

from livetranslate.engines import Context, EngineInfo, Interpreter, Translator
from livetranslate.engines.loading import load_together
from livetranslate.errors import EngineError, Overloaded
from livetranslate.events import Event, Options
from livetranslate.media import Media, Writing
from livetranslate.streams import Stream

_RETRY_AFTER = 5
"""Seconds after which a client that found the queue full should try again."""


class Limited:
    """An interpreter that runs `running` requests at once and lets `waiting` more wait; the next gets `Overloaded`."""

    def __init__(self, interpreter: Interpreter, running: int, waiting: int) -> None:
        self._interpreter = interpreter
        self._places = running
        self._waiting = waiting
        self._running = 0
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def info(self) -> EngineInfo:
        return self._interpreter.info

    @property
    def running(self) -> int:
        """Requests at work now."""
        return self._running

    @property
    def queued(self) -> int:
        """Requests that wait for a place."""
        return len(self._line)

    async def __aenter__(self) -> Self:
        await self._interpreter.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._interpreter.__aexit__(*exc)

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """As the interpreter held, once there is a place; closes `media`."""
        try:
            await self._enter()
        except BaseException:
            await media.aclose()
            raise
        try:
            async with aclosing(self._interpreter.interpret(media, options)) as events:
                async for event in events:
                    yield event
        finally:
            self._leave()

    async def _enter(self) -> None:
        if self._running < self._places:
            self._running += 1
            return
        if len(self._line) >= self._waiting:
            raise Overloaded(retry_after=_RETRY_AFTER)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came at the same moment: pass it on
                self._leave()
            elif turn in self._line:
                self._line.remove(turn)
            raise

    def _leave(self) -> None:
        """Gives the place to the next in line that still waits."""
        while self._line:
            turn = self._line.popleft()
            if not turn.cancelled():  # else its caller has left, but has not run since
                turn.set_result(None)
                return
        self._running -= 1


class Fallback:
    """Interpreters in order of preference: one that fails before its first event is followed by the next."""

    def __init__(self, interpreters: Sequence[Interpreter]) -> None:
        self._interpreters = tuple(interpreters)
        self._loaded = AsyncExitStack()

    @property
    def info(self) -> EngineInfo:
        """The name and rates of the first; languages and voices that any of them can do."""
        return reduce(_either, (interpreter.info for interpreter in self._interpreters))

    async def __aenter__(self) -> Self:
        self._loaded = await load_together(self._interpreters)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._loaded.aclose()

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """The events of the first interpreter that gives one; what it took of `media` is played again to the next."""
        tape = _Tape(media)
        async with aclosing(media):
            writing = isinstance(await tape.first(), Writing)
            able = [each for each in self._interpreters if _can(each.info, options, writing)] or self._interpreters[:1]
            for interpreter in able:
                begun = False
                try:
                    async with aclosing(interpreter.interpret(tape.play(), options)) as events:
                        async for event in events:
                            begun = True
                            tape.stop()
                            yield event
                    return
                except EngineError:
                    if begun or interpreter is able[-1]:
                        raise


class _Tape:
    """A stream that can be played again from its beginning, until the recording is stopped."""

    def __init__(self, source: Stream[Media]) -> None:
        self._source = source
        self._kept: list[Media] = []
        self._recording = True

    async def first(self) -> Media | None:
        """The first item, which is played with the others; None if there is none."""
        if not self._kept and (item := await anext(self._source, None)) is not None:
            self._kept.append(item)
        return self._kept[0] if self._kept else None

    def stop(self) -> None:
        """Nothing will be played again."""
        self._recording = False
        self._kept.clear()

    async def play(self) -> Stream[Media]:
        for item in list(self._kept):
            yield item
        async for item in self._source:
            if self._recording:
                self._kept.append(item)
            yield item


def _can(info: EngineInfo, options: Options, writing: bool) -> bool:
    takes = info.reads if writing else info.hears
    if options.source is None:
        return bool(takes) and options.target in info.writes
    return options.source in takes and info.serves(options.source, options.target)


def _either(one: EngineInfo, other: EngineInfo) -> EngineInfo:
    """What either can do. A direction that neither serves is none, though each serves another with its languages."""
    both = _union(one, other)
    served = one.directions() | other.directions()
    return both if served == both.directions() else replace(both, pairs=served)


def _union(one: EngineInfo, other: EngineInfo) -> EngineInfo:
    return replace(
        one,
        hears=one.hears | other.hears,
        reads=one.reads | other.reads,
        writes=one.writes | other.writes,
        speaks=one.speaks | other.speaks,
        voices=one.voices | other.voices,
        pairs=frozenset(),
    )


_LOOP = re.compile(r"(?P<part>.{2,80}?)(?P=part){3,}$", re.DOTALL)
_LOOP_REACH = 400
_LOOP_LEAST = 24


def loop_length(text: str) -> int:
    """How many characters at the end of `text` only repeat what stands before them: a part of 2 to 80 characters that comes
    four times or more, 24 characters in all or more. 0 where nothing is repeated.
    """
    found = _LOOP.search(text[-_LOOP_REACH:])
    if found is None or len(found[0]) < _LOOP_LEAST:
        return 0
    return len(found[0]) - len(found["part"])


class Unrepeating:
    """A translator that is stopped when it begins to say the same thing over and over, as generating engines may."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    @property
    def info(self) -> EngineInfo:
        return self._translator.info

    async def __aenter__(self) -> Self:
        await self._translator.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._translator.__aexit__(*exc)

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """As the translator held, up to where it repeats itself; a text that repeats itself as much may be translated."""
        said, allowed = "", loop_length(text) > 0
        async with aclosing(self._translator.translate(text, options, context)) as pieces:
            async for piece in pieces:
                said += piece
                yield piece
                if not allowed and loop_length(said):
                    return
