"""Speech to text by a server: /v1/audio/transcriptions, or a chat model that tags the language it hears."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Literal, Self, get_args

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.chat import converse, sound
from livetranslate.errors import EngineError
from livetranslate.media import HEARING_RATE, Utterance, wav_header
from livetranslate.streams import Stream

Way = Literal["transcriptions", "chat"]

_BY_NAME = {name.casefold(): code for code, each in LANGUAGES.items() for name in (code, each.name)}
_BY_NAME |= {
    "mandarin": "zh",
    "zh-cn": "zh",
    "zh-tw": "zh",
    "zh-hans": "zh",
    "zh-hant": "zh",
    "cantonese (yue)": "yue",
    "zh-yue": "yue",
}
_TAG, _MARK = "language ", "<asr_text>"
_LEAST_SAMPLES = HEARING_RATE // 20
"""Sound shorter than this is refused by most servers, and holds no word."""


class OpenAIRecognizer:
    """Recognizes by a server, an utterance at a time.

    `way` "transcriptions" posts a WAV to /v1/audio/transcriptions; "chat" asks a chat model that answers `language
    English<asr_text>…`, as Qwen3-ASR does, and streams. `format` is the answer asked of transcriptions: verbose_json tells the
    language, json does not. `hint` is what the model should know before (a prompt, names). `extra` is added to each request.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = "http://127.0.0.1:8000/v1", model: str = "", way: Way = "transcriptions",
        format: str = "verbose_json", languages: Iterable[str] = (), hint: str = "",
        extra: Mapping[str, Any] | None = None, licence: str = "", **server: Any,
    ) -> None:  # fmt: skip
        if way not in get_args(Way):
            raise ValueError(way)
        self._upstream = Upstream(url, **server)
        self._model, self._way, self._format, self._hint, self._extra = model, way, format, hint, dict(extra or {})
        known = frozenset(languages or LANGUAGES)
        self.info = EngineInfo("openai-recognizer", model, hears=known, writes=known, sample_rate=HEARING_RATE, licence=licence)

    async def __aenter__(self) -> Self:
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._upstream.__aexit__(*exc)

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """What the server hears; its language is the one asked for, else the one it tells, else empty."""
        if speech.audio.samples < _LEAST_SAMPLES:
            yield Transcript("", language or "", final=True)
            return
        ask = self._by_chat if self._way == "chat" else self._by_transcriptions
        async with aclosing(ask(speech, language, ", ".join(filter(None, (self._hint, *context.words))))) as transcripts:
            async for transcript in transcripts:
                yield transcript

    async def _by_transcriptions(self, speech: Utterance, language: str | None, hint: str) -> Stream[Transcript]:
        wav = wav_header(len(speech.audio.pcm), speech.audio.sample_rate) + speech.audio.pcm
        fields = {"model": self._model, "response_format": self._format, "temperature": "0", **self._extra}
        if language is not None:
            fields["language"] = language
        if hint:
            fields["prompt"] = hint
        answer = await self._upstream.ask("audio/transcriptions", data=fields, files={"file": ("speech.wav", wav, "audio/wav")})
        text = answer.get("text") if isinstance(answer, dict) else None
        if not isinstance(text, str):
            raise EngineError("An engine's server answered rubbish.")
        yield Transcript(text.strip(), language or _code(answer.get("language")), final=True)

    async def _by_chat(self, speech: Utterance, language: str | None, hint: str) -> Stream[Transcript]:
        system = [{"role": "system", "content": hint}] if hint else []
        body = {
            "model": self._model,
            "messages": [*system, {"role": "user", "content": [sound(speech.audio)]}],
            "temperature": 0.0,
            **self._extra,
        }
        answer = ""
        async with aclosing(converse(self._upstream, body)) as pieces:
            async for piece in pieces:
                answer += piece.text
                heard, text = _untagged(answer)
                if piece.text and text:
                    yield Transcript("", language or heard, tail=text)
        heard, text = _untagged(answer, whole=True)
        yield Transcript(text.strip(), language or heard, final=True)


def _code(name: Any) -> str:
    """The code of a language by any name that servers give it; empty if it is none of the catalog's."""
    return _BY_NAME.get(name.strip().casefold(), "") if isinstance(name, str) else ""


def _untagged(answer: str, *, whole: bool = False) -> tuple[str, str]:
    """The language that an answer begins with, and its text so far; an answer without a tag is text."""
    head, mark, text = answer.partition(_MARK)
    if mark:
        return _code(head.strip().removeprefix(_TAG)), text
    tagged = answer.startswith(_TAG) or (_TAG.startswith(answer) and not whole)
    return "", "" if tagged else answer
