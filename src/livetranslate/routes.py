"""Which engine serves which language: several engines that are one to those who use them.

The first that can serves. If it fails before it has said anything, the next that can does; after that its failure stands.
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, Self, TypeVar

from livetranslate.engines import (
    NOTHING,
    Context,
    Engine,
    EngineInfo,
    Interpreter,
    Preparing,
    Recognizer,
    Synthesizer,
    Transcript,
    Translator,
)
from livetranslate.engines.loading import load_together
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import Event, Options
from livetranslate.media import Audio, Media, Utterance
from livetranslate.streams import Stream

E = TypeVar("E", bound=Engine)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Way(Generic[E]):
    """An engine, and what it is used for: `info` is what it can do, or less."""

    engine: E
    info: EngineInfo


class _Routes(Generic[E]):
    """Engines in order of preference, which load and free together."""

    def __init__(self, engines: Sequence[E | Way[E]]) -> None:
        self._ways = tuple(each if isinstance(each, Way) else Way(each, each.info) for each in engines)
        self._loaded = AsyncExitStack()
        self._users = 0

    @property
    def info(self) -> EngineInfo:
        """What they can do together. Each has a sample rate of its own, so none is named."""
        infos = [way.info for way in self._ways]
        return EngineInfo(
            name=" + ".join(info.name for info in infos),
            hears=NOTHING.union(*(info.hears for info in infos)),
            reads=NOTHING.union(*(info.reads for info in infos)),
            writes=NOTHING.union(*(info.writes for info in infos)),
            speaks=NOTHING.union(*(info.speaks for info in infos)),
            voices=NOTHING.union(*(info.voices for info in infos)),
            sees_images=any(info.sees_images for info in infos),
            takes_glossary=any(info.takes_glossary for info in infos),
        )

    async def __aenter__(self) -> Self:
        self._users += 1
        if self._users == 1:  # interpreters of one profile share them
            self._loaded = await load_together(way.engine for way in self._ways)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._users -= 1
        if not self._users:
            await self._loaded.aclose()


async def _first_to_answer(starts: Sequence[Callable[[], Stream[T]]]) -> Stream[T]:
    """The items of the first stream that gives any, or ends well; raises what the last one raised if all fail."""
    for start in starts:
        begun = False
        try:
            async with aclosing(start()) as items:
                async for item in items:
                    begun = True
                    yield item
            return
        except EngineError:
            if begun or start is starts[-1]:
                raise


class HearingRoutes(_Routes[Recognizer]):
    """Recognizers in order of preference: the first that hears a language hears it, the first of all one that is not known."""

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """What the one that hears the language gives; raises `Unsupported` if none does."""
        able = [way.engine for way in self._ways if language is None or language in way.info.hears]
        if not able:
            raise Unsupported(f"No engine of this server hears {language}.")
        return _first_to_answer([partial(engine.transcribe, speech, language, context) for engine in able])


class TranslatingRoutes(_Routes[Translator]):
    """Translators in order of preference: the first that serves a direction translates it."""

    @property
    def info(self) -> EngineInfo:
        served = frozenset(pair for way in self._ways for pair in way.info.directions())
        whole = super().info
        return whole if served == whole.directions() else replace(whole, pairs=served)

    def _able(self, source: str | None, target: str) -> list[Translator]:
        """Who translates that. A source that is not known is any."""
        return [way.engine for way in self._ways if _translates(way.info, source, target)]

    async def prepare(self, source: str, target: str) -> None:
        """Lets the one that will translate this get ready, if it does so."""
        first = next(iter(self._able(source, target)), None)
        if isinstance(first, Preparing):
            await first.prepare(source, target)

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation by the one that serves the direction; raises `Unsupported` if none does."""
        able = self._able(options.source, options.target)
        if not able:
            raise Unsupported(f"No engine of this server translates {options.source or 'text'} into {options.target}.")
        return _first_to_answer([partial(engine.translate, text, options, context) for engine in able])


def _translates(info: EngineInfo, source: str | None, target: str) -> bool:
    return info.serves(source, target) if source is not None else target in info.writes


class SpeakingRoutes(_Routes[Synthesizer]):
    """Synthesizers in order of preference: the first that has the voice and the language speaks, else the first that has this."""

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """The speech of the one chosen; raises `Unsupported` if none speaks the language."""
        able = [way for way in self._ways if language in way.info.speaks]
        if not able:
            raise Unsupported(f"No engine of this server speaks {language}.")
        able.sort(key=lambda way: voice not in way.info.voices)
        return _first_to_answer([partial(way.engine.synthesize, text, language, voice, rate) for way in able])


class Narrowed:
    """An interpreter that is used for less than it can do."""

    def __init__(self, interpreter: Interpreter, info: EngineInfo) -> None:
        self._interpreter = interpreter
        self.info = info

    async def __aenter__(self) -> Self:
        await self._interpreter.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._interpreter.__aexit__(*exc)

    def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """As the interpreter held."""
        return self._interpreter.interpret(media, options)
