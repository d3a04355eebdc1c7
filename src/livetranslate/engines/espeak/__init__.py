"""Speech by eSpeak NG in worker processes: all languages of the catalog, nine voices, the first sound within milliseconds.

The library is under the GPL: it is loaded in a process of its own, which shares nothing with us but a pipe.
"""

from contextlib import aclosing
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Self

from livetranslate.engines import EngineInfo
from livetranslate.engines.espeak.voices import LANGUAGES, VOICES, pace
from livetranslate.engines.registry import Need
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import Audio
from livetranslate.speakable import pieces
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker

SAMPLE_RATE = 22_050
"""Hz; the library's own."""
_WORKER = "livetranslate.engines.espeak.worker"
_PACKAGE = "espeakng-loader"


class Espeak:
    """A robot's speech, at hundreds of times real time.

    `workers` texts are spoken at once, and none rests for over `within` seconds.
    """

    def __init__(self, *, workers: int = 2, within: float = 30.0) -> None:
        self._within = within
        self._pool = Pool(lambda: Worker(_WORKER), workers)
        self.info = EngineInfo(
            name="espeak",
            version=_version(),
            speaks=frozenset(LANGUAGES),
            voices=frozenset(VOICES),
            sample_rate=SAMPLE_RATE,
            licence="GPL-3.0-or-later, in a process of its own",
        )

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("espeakng_loader") else [Need(_PACKAGE, f"pip install {_PACKAGE}")]

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._pool.__aexit__(*exc)

    async def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """The text spoken, as the library gives it; nothing where there is nothing to say."""
        if language not in LANGUAGES or voice not in VOICES:
            raise Unsupported(f"The engine 'espeak' does not speak {language} as {voice}.")
        spoken = pieces(text)
        if not spoken:
            return
        manner = VOICES[voice]
        request = {
            "voice": f"{LANGUAGES[language].code}+{manner.variant}",
            "rate": pace(manner, language, rate),
            "volume": manner.volume,
            "pitch": manner.pitch,
            "range": manner.range,
            "pieces": [(piece, pause / rate) for piece, pause in spoken],
        }
        samples = 0
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
