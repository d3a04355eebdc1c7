"""The original model in its cloud, or any server of its contract such as this one, as an interpreter."""

from collections.abc import Iterable, Mapping
from typing import Any

from livetranslate.catalog import LANGUAGES, MODELS, SPOKEN, VOICES
from livetranslate.engines import EngineInfo
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.chat import wav_base64
from livetranslate.engines.upstream.passing import Part, PassThrough
from livetranslate.events import Options

_LONGEST = 220.0
"""Seconds whose WAV in Base64 stays within the contract's 10 MiB."""
_MOST_TOKENS = 4096


class DashScope(PassThrough):
    """Passes sound on to qwen3-livetranslate-flash, `part_seconds` at a time, and its text and speech back.

    The contract takes frames only inside a video file, so what is on screen is not passed on. `reads` lets text through as well,
    which the original cloud answers but does not document.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", model: str = MODELS[0],
        part_seconds: float = 60.0, reads: bool = False, languages: Iterable[str] = (), extra: Mapping[str, Any] | None = None,
        **server: Any,
    ) -> None:  # fmt: skip
        super().__init__(Upstream(url, **server), min(part_seconds, _LONGEST / 1.25))
        self._model, self._extra = model, dict(extra or {})
        known = frozenset(languages or LANGUAGES)
        self.info = EngineInfo(
            "dashscope", model, hears=known, reads=known if reads else frozenset(), writes=known, speaks=SPOKEN & known,
            voices=frozenset(VOICES), licence="a cloud service",
        )  # fmt: skip

    def request(self, part: Part, options: Options) -> Mapping[str, Any]:
        """The body of chat completions, as the model's guide has it."""
        content: Any = part.writing
        if part.audio is not None:
            data = f"data:audio/wav;base64,{wav_base64(part.audio)}"
            content = [{"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}]
        languages = {"target_lang": options.target, **({"source_lang": options.source} if options.source else {})}
        spoken: dict[str, Any] = {"modalities": ["text"]}
        if options.voice is not None:
            spoken = {"modalities": ["text", "audio"], "audio": {"voice": options.voice, "format": "wav"}}
            spoken |= {} if options.speech_rate == 1.0 else {"speech_rate": options.speech_rate}
        sampling = options.sampling
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "stream_options": {"include_usage": True},
            "translation_options": languages,
            "max_tokens": min(options.max_tokens, _MOST_TOKENS),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "presence_penalty": sampling.presence_penalty,
            "repetition_penalty": sampling.repetition_penalty,
            **({} if sampling.seed is None else {"seed": sampling.seed}),
            **spoken,
            **self._extra,
        }
