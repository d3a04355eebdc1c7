"""Text to speech by a server's /v1/audio/speech, streamed as it is made."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Self

from livetranslate.catalog import LANGUAGES, SPOKEN
from livetranslate.engines import EngineInfo
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.sse import PcmReader
from livetranslate.engines.voices import Speakers, VoiceMap
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import SPEAKING_RATE, Audio
from livetranslate.speakable import pieces
from livetranslate.streams import Stream


class OpenAISynthesizer:
    """Speaks by a server: vLLM-Omni with Qwen3-TTS or VoxCPM2, Kokoro servers, a cloud.

    `voices` says which speaker of the server stands for which voice, in which language (see docs/profiles.md); without it the
    voice's own name is sent. `sample_rate` is that of the server's raw samples. `language_field` sends the language by its
    English name, as vLLM-Omni takes it. `speeds` says that the server takes `speed`; where it does not, speech keeps its own
    pace. `extra` is added to each request.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = "http://127.0.0.1:8000/v1", model: str = "", voices: Speakers | None = None,
        languages: Iterable[str] = (), sample_rate: int = SPEAKING_RATE, language_field: bool = True, speeds: bool = True,
        extra: Mapping[str, Any] | None = None, licence: str = "", **server: Any,
    ) -> None:  # fmt: skip
        self._upstream = Upstream(url, **server)
        self._model, self._map, self._rate = model, VoiceMap(voices), sample_rate
        self._language_field, self._speeds, self._extra = language_field, speeds, dict(extra or {})
        self.info = EngineInfo(
            "openai-synthesizer", model, speaks=frozenset(languages or SPOKEN), voices=self._map.voices, licence=licence
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._upstream.__aexit__(*exc)

    async def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """The speech as it comes; nothing where there is nothing to say."""
        if language not in self.info.speaks:
            raise Unsupported(f"The engine 'openai-synthesizer' does not speak {language}.")
        if not pieces(text):
            return
        body = {
            "model": self._model,
            "input": text.strip(),
            "voice": self._map.speaker(voice, language) or voice.lower(),
            "response_format": "pcm",
            "stream": True,
            **({"language": LANGUAGES[language].name} if self._language_field else {}),
            **({"speed": rate} if self._speeds and rate != 1.0 else {}),
            **self._extra,
        }
        reader, samples, begins = PcmReader(self._rate), 0, True
        async with aclosing(self._upstream.chunks("audio/speech", body)) as chunks:
            async for chunk in chunks:
                pcm = reader.push(chunk, begins=begins)
                begins = begins and reader.waits
                if pcm:
                    yield Audio(pcm, reader.rate, samples / reader.rate)
                    samples += len(pcm) // 2
        if not samples:
            raise EngineError("An engine's server made no speech.")
