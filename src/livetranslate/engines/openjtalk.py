"""Japanese speech by Open JTalk with its voice Mei, kanji and all, in worker processes; nothing is downloaded.

There is one voice. The others are made from it by another pitch, another pace, and a longer or shorter vocal tract, which is the
whole signal stretched, so that its resonances move too.
"""

from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from math import log2
from typing import Any, Self

from livetranslate.engines import EngineInfo
from livetranslate.engines.registry import Need
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import Audio
from livetranslate.speakable import pieces
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker, serve

SAMPLE_RATE = 48_000
"""Hz; the voice's own."""
_LANGUAGE = "ja"
_PACKAGE = "pyopenjtalk-plus"
_MEI = 365.0
"""Hz; the voice's own median pitch."""
_LOUDNESS, _LOUDEST = 0.1, 0.97
"""Of full scale: what the spoken parts are brought to, as an effective value, and the highest peak."""
_LEAD, _FLOOR = 0.05, 0.01
"""Seconds of silence kept before the speech, and what counts as silence, of the loudest."""
_FRAME = SAMPLE_RATE // 50
_CHUNK = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Manner:
    """Median pitch in Hz, the size of the vocal tract against Mei's (1.2 is a fifth longer), and the pace against hers."""

    pitch: float
    size: float
    pace: float


VOICES = {
    "Cherry": Manner(270, 1.0, 1.04),
    "Ethan": Manner(128, 1.2, 1.02),
    "Nofish": Manner(110, 1.22, 0.96),
    "Jada": Manner(236, 1.03, 1.08),
    "Dylan": Manner(149, 1.17, 1.06),
    "Sunny": Manner(350, 0.92, 0.98),
    "Peter": Manner(95, 1.26, 1.0),
    "Kiki": Manner(308, 0.96, 1.0),
    "Eric": Manner(175, 1.13, 1.05),
}


class OpenJTalk:
    """A synthesizer for Japanese, a few sentences at a time.

    `workers` texts are spoken at once; a piece may take `within` seconds.
    """

    def __init__(self, *, workers: int = 1, within: float = 60.0) -> None:
        self._within = within
        self._pool = Pool(lambda: Worker("livetranslate.engines.openjtalk"), workers)
        self.info = EngineInfo(
            name="openjtalk",
            version=_version(),
            speaks=frozenset({_LANGUAGE}),
            voices=frozenset(VOICES),
            sample_rate=SAMPLE_RATE,
            licence="MIT; voice Mei CC-BY-3.0",
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
        """The text spoken; nothing where there is nothing to say."""
        if language != _LANGUAGE or voice not in VOICES:
            raise Unsupported(f"The engine 'openjtalk' does not speak {language} as {voice}.")
        manner, samples = VOICES[voice], 0
        for piece, pause in pieces(text):
            request = {
                "text": piece,
                "pitch": manner.pitch,
                "size": manner.size,
                "speed": manner.pace * rate,
                "pause": pause / rate,
            }
            async with aclosing(self._pool.ask(request, self._within)) as answers:
                async for pcm in answers:
                    if not isinstance(pcm, bytes) or len(pcm) % 2:
                        raise EngineError
                    yield Audio(pcm, SAMPLE_RATE, samples / SAMPLE_RATE)
                    samples += len(pcm) // 2


def _version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""


def prepare() -> Callable[[Any], Iterator[bytes]]:
    """Loads the dictionary and the voice. A request is a piece of text and its manner; answers are PCM."""
    import numpy as np
    import pyopenjtalk
    import soxr

    pyopenjtalk.tts("はい。")

    def level(speech: Any) -> Any:
        """The speech without the silence around it, as loud as all speech."""
        loud = np.flatnonzero(np.abs(speech) > _FLOOR * np.abs(speech).max())
        speech = speech[max(0, loud[0] - round(_LEAD * SAMPLE_RATE)) : loud[-1] + 1]
        frames = np.append(speech, np.zeros(-len(speech) % _FRAME)).reshape(-1, _FRAME)
        power = np.sqrt(np.square(frames).mean(axis=1))
        spoken = np.sqrt(np.square(power[power > 0.1 * power.max()]).mean())
        return speech * min(_LOUDNESS / spoken, _LOUDEST / np.abs(speech).max())

    def answer(request: Any) -> Iterator[bytes]:
        size = request["size"]
        # Stretched by `size`, the signal gets slower and lower by it: both are made good beforehand.
        half_tones = 12 * log2(request["pitch"] * size / _MEI)
        speech, _ = pyopenjtalk.tts(request["text"], speed=request["speed"] * size, half_tone=half_tones, normalize_mode="NFKC")
        # Where the vocoder loses itself, in endless vowels, it gives what is no number.
        speech = np.clip(np.nan_to_num(speech / 32768, posinf=0.0, neginf=0.0), -1.0, 1.0)
        if not speech.any():
            return
        speech = level(soxr.resample(speech, SAMPLE_RATE / size, SAMPLE_RATE))
        silence = np.zeros(round(request["pause"] * SAMPLE_RATE))
        pcm = np.rint(np.concatenate([speech, silence]) * 32767).astype("<i2").tobytes()
        for start in range(0, len(pcm), _CHUNK):
            yield pcm[start : start + _CHUNK]

    return answer


if __name__ == "__main__":
    serve(prepare)
