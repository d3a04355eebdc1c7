"""Speech by espeak-ng: all the languages of the catalog, nine voices, in worker processes (it is under the GPL, we are not)."""

from importlib import metadata
from importlib.util import find_spec
from typing import Self

from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.engines import EngineInfo
from livetranslate.engines.espeak.text import clauses
from livetranslate.engines.espeak.voices import ESPEAK_LANGUAGES, SOUNDS, words_per_minute
from livetranslate.engines.registry import Need
from livetranslate.media import Audio
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker

SAMPLE_RATE = 22_050
"""Hz; espeak-ng's own."""
_PACKAGE = "espeakng-loader"


class Espeak:
    """A synthesizer. `workers` processes speak at once; an answer that stays away for `within` seconds has failed."""

    def __init__(self, *, workers: int = 1, within: float = 20.0) -> None:
        self._pool = Pool(lambda: Worker("livetranslate.engines.espeak.worker"), workers)
        self._within = within

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("espeakng_loader") else [Need(_PACKAGE, f"pip install {_PACKAGE}")]

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(
            name="espeak",
            version=metadata.version(_PACKAGE) if find_spec("espeakng_loader") else "",
            speaks=frozenset(LANGUAGES) & frozenset(ESPEAK_LANGUAGES),
            voices=frozenset(VOICES),
            sample_rate=SAMPLE_RATE,
            licence="GPL-3.0-or-later, in a process of its own",
        )

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._pool.__aexit__(*exc)

    async def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """Speech, a clause at a time; none for a text without a word in it."""
        sound, samples = SOUNDS[voice], 0
        for clause in clauses(text):
            request = {
                "text": clause,
                "voice": f"{ESPEAK_LANGUAGES[language]}+{sound.variant}",
                "pitch": sound.pitch,
                "range": sound.range,
                "words_per_minute": words_per_minute(sound, language, rate),
                "gain": sound.gain,
            }
            answers = self._pool.ask(request, self._within)
            try:
                async for pcm in answers:
                    yield Audio(pcm, SAMPLE_RATE, samples / SAMPLE_RATE)
                    samples += len(pcm) // 2
            finally:
                await answers.aclose()
