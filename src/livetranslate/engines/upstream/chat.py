"""Chat completions as their many servers stream them: text and speech in whichever place each puts them."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pybase64

from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.sse import Base64Reader, PcmReader
from livetranslate.errors import ContentRefused, EngineError
from livetranslate.media import SPEAKING_RATE, Audio, Image, wav_header
from livetranslate.streams import Stream

PATH = "chat/completions"


@dataclass(frozen=True, slots=True)
class Piece:
    """More of an answer: text, or speech at `rate`; `finish` says why it ended, in the server's word."""

    text: str = ""
    pcm: bytes = b""
    rate: int = SPEAKING_RATE
    finish: str = ""


async def converse(upstream: Upstream, body: Mapping[str, Any]) -> Stream[Piece]:
    """The answer to a request, streamed; the last piece has its `finish`. Raises `EngineError` if it breaks off without one."""
    reader, finish = _Reader(), ""
    async with aclosing(upstream.events(PATH, body)) as events:
        async for event in events:
            for choice in event.get("choices") or ():
                piece = reader.piece(event, choice)
                finish = choice.get("finish_reason") or finish
                if piece.text or piece.pcm:
                    yield piece
    if not finish:
        raise EngineError("An engine's server broke off its answer.")
    if finish == "content_filter":
        raise ContentRefused
    yield Piece(finish=finish)


class _Reader:
    """Reads the choices of one answer."""

    def __init__(self) -> None:
        self._base64 = Base64Reader()
        self._pcm = PcmReader(SPEAKING_RATE)

    def piece(self, event: Mapping[str, Any], choice: Mapping[str, Any]) -> Piece:
        delta = choice.get("delta") or {}
        content, audio = delta.get("content"), delta.get("audio")
        if event.get("modality") == "audio":  # vLLM-Omni: speech in the place of text, each piece with a header unless it is PCM
            self._rate_of(choice.get("audio_metadata"))
            return self._speech(content)
        if isinstance(audio, dict) and audio.get("data"):  # OpenAI, SGLang-Omni and the original
            return self._speech(audio["data"])
        if not content and isinstance(audio, dict):
            content = audio.get("transcript")
        return Piece(content) if isinstance(content, str) else Piece()

    def _rate_of(self, metadata: Any) -> None:
        rate = metadata.get("sample_rate_hz") if isinstance(metadata, dict) else None
        if isinstance(rate, int) and rate > 0:
            self._pcm.rate = rate

    def _speech(self, data: Any) -> Piece:
        if not isinstance(data, str):
            return Piece()
        pcm = self._pcm.push(self._base64.push(data), begins=True)
        return Piece(pcm=pcm, rate=self._pcm.rate)


def sound(audio: Audio) -> dict[str, Any]:
    """Speech as a part of a message: WAV in Base64, as OpenAI and vLLM take it."""
    return {"type": "input_audio", "input_audio": {"data": wav_base64(audio), "format": "wav"}}


def wav_base64(audio: Audio) -> str:
    """Speech as a WAV in Base64."""
    return pybase64.b64encode_as_string(wav_header(len(audio.pcm), audio.sample_rate) + audio.pcm)


def pictures(images: tuple[Image, ...], most: int) -> list[dict[str, Any]]:
    """Up to `most` of the images as parts of a message, spread evenly, the first and the last among them."""
    if not images or most < 1:
        return []
    count = min(most, len(images))
    places = [round(place * (len(images) - 1) / max(1, count - 1)) for place in range(count)]
    urls = [f"data:image/jpeg;base64,{pybase64.b64encode_as_string(images[place].jpeg)}" for place in places]
    return [{"type": "image_url", "image_url": {"url": url}} for url in urls]
