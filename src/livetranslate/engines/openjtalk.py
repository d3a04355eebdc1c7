"""Japanese speech by Open JTalk, which reads kanji: one voice, made nine by pitch and pace, in a worker process."""

import re
from collections.abc import Callable, Iterator
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Self

from livetranslate.catalog import VOICES
from livetranslate.engines import EngineInfo
from livetranslate.engines.registry import Need
from livetranslate.media import Audio
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker, serve

SAMPLE_RATE = 48_000
"""Hz; Open JTalk's own."""
_PACKAGE = "pyopenjtalk-plus"
_LOUDNESS = 0.75
"""Of what it gives, whose peaks reach full scale."""

# Half tones from the voice's own pitch, and its pace.
_SOUNDS = {
    "Cherry": (1.0, 1.0), "Ethan": (-7.0, 1.03), "Nofish": (-9.0, 0.94), "Jada": (-1.0, 1.08), "Dylan": (-5.0, 1.06),
    "Sunny": (4.0, 0.97), "Peter": (-11.0, 1.04), "Kiki": (2.5, 1.02), "Eric": (-8.0, 0.97),
}  # fmt: skip
_CLAUSE = re.compile(r"[^。！？!?\n、,]{1,80}[。！？!?\n、,]*")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f<>{}\[\]\\|^~_*#=`@/]+")


class OpenJTalk:
    """A synthesizer for Japanese. `workers` processes speak at once; an answer must come within `within` seconds."""

    def __init__(self, *, workers: int = 1, within: float = 30.0) -> None:
        self._pool = Pool(lambda: Worker("livetranslate.engines.openjtalk"), workers)
        self._within = within
        self.info = EngineInfo(
            name="openjtalk",
            version=metadata.version(_PACKAGE) if find_spec("pyopenjtalk") else "",
            speaks=frozenset({"ja"}),
            voices=frozenset(VOICES),
            sample_rate=SAMPLE_RATE,
            licence="MIT",
        )

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("pyopenjtalk") else [Need(_PACKAGE, f"pip install {_PACKAGE}")]

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._pool.__aexit__(*exc)

    async def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """Speech, a clause at a time; none for a text without a word in it."""
        half_tones, pace = _SOUNDS[voice]
        samples = 0
        for clause in _CLAUSE.findall(_UNSPEAKABLE.sub(" ", text)):
            if not any(character.isalnum() for character in clause):
                continue
            answers = self._pool.ask({"text": clause, "half_tones": half_tones, "pace": pace * rate}, self._within)
            try:
                async for pcm in answers:
                    yield Audio(pcm, SAMPLE_RATE, samples / SAMPLE_RATE)
                    samples += len(pcm) // 2
            finally:
                await answers.aclose()


def _prepare() -> Callable[[Any], Iterator[bytes]]:
    import numpy as np
    import pyopenjtalk

    pyopenjtalk.tts("あ")  # loads dictionary and voice

    def speak(request: dict[str, Any]) -> Iterator[bytes]:
        sound, _ = pyopenjtalk.tts(request["text"], speed=request["pace"], half_tone=request["half_tones"])
        yield np.clip(sound * _LOUDNESS, -32768, 32767).astype("<i2").tobytes()

    return speak


if __name__ == "__main__":
    serve(_prepare)
