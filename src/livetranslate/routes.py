"""Which engine serves which language: several engines that are one to those who use them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from livetranslate.engines import NOTHING, EngineInfo, Synthesizer
from livetranslate.engines.loading import load_together
from livetranslate.errors import Unsupported
from livetranslate.media import Audio
from livetranslate.streams import Stream


class SpeakingRoutes:
    """Synthesizers in order of preference: the first that speaks a language speaks it. They load and free together."""

    def __init__(self, synthesizers: Sequence[Synthesizer]) -> None:
        self._synthesizers = tuple(synthesizers)
        self._loaded = AsyncExitStack()

    @property
    def info(self) -> EngineInfo:
        """What they can do together. Each gives speech at a rate of its own, so no rate is named."""
        infos = [synthesizer.info for synthesizer in self._synthesizers]
        return EngineInfo(
            name=" + ".join(info.name for info in infos),
            speaks=NOTHING.union(*(info.speaks for info in infos)),
            voices=NOTHING.union(*(info.voices for info in infos)),
        )

    async def __aenter__(self) -> Self:
        self._loaded = await load_together(self._synthesizers)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._loaded.aclose()

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """The speech of the first that speaks the language; raises `Unsupported` if none does."""
        for synthesizer in self._synthesizers:
            if language in synthesizer.info.speaks:
                return synthesizer.synthesize(text, language, voice, rate)
        raise Unsupported(f"No engine of this server speaks {language}.")
