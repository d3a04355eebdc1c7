"""Qwen3-Omni behind vLLM or vLLM-Omni: speech and frames to text, and in its own voice if wanted."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Self

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import NO_CONTEXT, Context, EngineInfo, Transcript
from livetranslate.engines.omni.prompts import system, task
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.chat import converse, pictures, sound
from livetranslate.engines.upstream.passing import Part, PassThrough
from livetranslate.engines.voices import Speakers, VoiceMap
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, Audio, Image, Utterance
from livetranslate.streams import Stream

_URL = "http://127.0.0.1:8091/v1"
_MODEL = "Qwen/Qwen3-Omni-30B-A3B-Instruct"
_LICENCE = "Apache-2.0"
HEARS = frozenset(LANGUAGES) - {"el", "hi", "th"}
"""What its makers list as speech that it understands, of the 18."""
SPEAKS = frozenset({"en", "zh", "fr", "de", "ru", "it", "es", "pt", "ja", "ko"})
_SPEAKERS = {"Ethan": "ethan", "Cherry": "chelsie", "*": "chelsie"}


class Omni:
    """Translates speech into text by Qwen3-Omni, an utterance at a time, seeing up to `images` frames of it.

    Any synthesizer speaks what it says. `languages` are those that it hears, `extra` is added to each request.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = _URL, model: str = _MODEL, images: int = 4, languages: Iterable[str] = (), most_tokens: int = 1024,
        extra: Mapping[str, Any] | None = None, **server: Any,
    ) -> None:  # fmt: skip
        self._upstream = Upstream(url, **server)
        self._model, self._images, self._most_tokens, self._extra = model, images, most_tokens, dict(extra or {})
        self.info = EngineInfo(
            "omni", model, hears=frozenset(languages or HEARS), writes=frozenset(LANGUAGES), sample_rate=HEARING_RATE,
            licence=_LICENCE, sees_images=images > 0,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._upstream.__aexit__(*exc)

    async def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        """The translation as the model writes it."""
        body = {
            **_asked(self._model, speech.audio, context.images, self._images, options, context),
            "modalities": ["text"],
            "max_tokens": min(options.max_tokens, self._most_tokens),
            **self._extra,
        }
        async with aclosing(converse(self._upstream, body)) as pieces:
            async for piece in pieces:
                if piece.text:
                    yield piece.text


class OmniInterpreter(PassThrough):
    """Translates by Qwen3-Omni on vLLM-Omni and lets it speak for itself, `part_seconds` of sound at a time.

    Its talker has three voices and no Cantonese; `voices` says which of them stands for which.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = _URL, model: str = _MODEL, images: int = 4, languages: Iterable[str] = (),
        voices: Speakers | None = None, part_seconds: float = 12.0, most_tokens: int = 2048,
        extra: Mapping[str, Any] | None = None, **server: Any,
    ) -> None:  # fmt: skip
        super().__init__(Upstream(url, **server), part_seconds)
        self._model, self._images, self._most_tokens, self._extra = model, images, most_tokens, dict(extra or {})
        self._map = VoiceMap(voices or _SPEAKERS)
        self.info = EngineInfo(
            "omni-interpreter", model, hears=frozenset(languages or HEARS), writes=frozenset(LANGUAGES), speaks=SPEAKS,
            voices=self._map.voices, licence=_LICENCE, sees_images=images > 0,
        )  # fmt: skip

    def request(self, part: Part, options: Options) -> Mapping[str, Any]:
        """The body of chat completions, with what vLLM-Omni takes beside: the voice at the top, raw samples for sound."""
        assert part.audio is not None, "it reads no text"
        spoken: dict[str, Any] = {"modalities": ["text"]}
        if options.voice and options.target in SPEAKS and (speaker := self._map.speaker(options.voice, options.target)):
            spoken = {"modalities": ["text", "audio"], "voice": speaker, "audio": {"format": "pcm"}}
        return {
            **_asked(self._model, part.audio, part.images, self._images, options, NO_CONTEXT),
            **spoken,
            "max_tokens": min(options.max_tokens, self._most_tokens),
            **self._extra,
        }


def _asked(
    model: str, audio: Audio, images: tuple[Image, ...], most_images: int, options: Options, context: Context
) -> dict[str, Any]:
    """The model, and the messages: pictures, sound, and then the task."""
    shown = pictures(images, most_images)
    words = {"type": "text", "text": task(options, context, images=bool(shown))}
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": system(context)},
            {"role": "user", "content": [*shown, sound(audio), words]},
        ],
        "temperature": options.sampling.temperature,
    }
