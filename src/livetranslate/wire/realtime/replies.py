"""What a session of the Qwen family knows of one utterance: its two items, its response, and the events that wait for it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from livetranslate.events import Event
from livetranslate.media import HEARING_RATE, SPEAKING_RATE, Image
from livetranslate.streams import PcmCutter
from livetranslate.tokens import audio_tokens, text_tokens
from livetranslate.wire.realtime.config import Config
from livetranslate.wire.realtime.facts import Facts

_UNIT = 6
"""Bytes: whole samples whose Base64 needs no padding."""
_LEAST, _MOST = SPEAKING_RATE * 2 // 10, SPEAKING_RATE * 2 * 3 // 10
"""Bytes of speech in one event, but for the last: 0.1 to 0.3 seconds."""


@dataclass(slots=True)
class Reply:
    """One utterance, from its first sound to the end of its response."""

    config: Config
    source_id: str
    item_id: str
    response_id: str
    conversation_id: str
    start: float
    end: float
    manual: bool = False
    heard: str = ""
    heard_tail: str = ""
    language: str = ""
    completed: bool = False
    said: str = ""
    tail: str = ""
    opened: bool = False
    worded: bool = False
    over: bool = False
    samples: int = 0
    lag: float = 0.0
    waiting: list[Event] = field(default_factory=list)
    slices: PcmCutter = field(default_factory=lambda: PcmCutter(_LEAST, _MOST, _UNIT))

    @property
    def part(self) -> str:
        """The kind of its content."""
        return "audio" if self.config.spoken else "text"

    @property
    def words(self) -> str:
        """How the events of its text begin."""
        return "response.audio_transcript" if self.config.spoken else "response.text"

    def place(self) -> dict[str, Any]:
        """What events inside the response have in common."""
        return {"response_id": self.response_id, "item_id": self.item_id, "output_index": 0, "content_index": 0}

    def item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        """The translation's item."""
        return {
            "id": self.item_id,
            "object": "realtime.item",
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content,
        }

    def source(self, role: str, status: str) -> dict[str, Any]:
        """The item of what was heard."""
        return {
            "id": self.source_id,
            "object": "realtime.item",
            "type": "message",
            "status": status,
            "role": role,
            "content": [{"type": "input_audio"}],
        }

    def spoken_slices(self, pcm: bytes) -> Iterator[bytes]:
        """The slices of speech that can leave."""
        self.samples += len(pcm) // 2
        yield from self.slices.push(pcm)


@dataclass(slots=True)
class Counted:
    """What a session's responses have cost; sound is counted from the end of the response before."""

    facts: Facts
    cumulative: bool
    until: float = 0.0
    images: list[tuple[float, int]] = field(default_factory=list)
    total: dict[str, int] = field(default_factory=dict)

    def see(self, image: Image) -> None:
        """Counts an image, for the response that comes after it."""
        side = self.facts.image_side
        self.images.append((image.at, math.ceil(Fraction(image.width * image.height, 2 * side * side))))

    def usage(self, reply: Reply) -> dict[str, Any]:
        """The usage of a response that is done."""
        facts = self.facts
        heard = max(0.0, reply.end - self.until)
        self.until = max(self.until, reply.end)
        now = {
            "text_in": sum(text_tokens(term) + text_tokens(wanted) for term, wanted in reply.config.phrases),
            "audio_in": audio_tokens(round(heard * HEARING_RATE), HEARING_RATE, facts.tokens_in),
            "image_in": self._image_tokens(reply.end),
            "text_out": text_tokens(reply.said) + self._transcript_tokens(reply),
            "audio_out": audio_tokens(reply.samples, SPEAKING_RATE),
        }
        self.total = {kind: self.total.get(kind, 0) + count for kind, count in now.items()}
        return _fields(self.total if self.cumulative else now, spoken=reply.config.spoken)

    def _transcript_tokens(self, reply: Reply) -> int:
        return text_tokens(reply.heard) if self.facts.bills_transcript and reply.config.transcriber else 0

    def _image_tokens(self, until: float) -> int:
        shown = sum(tokens for at, tokens in self.images if at <= until)
        self.images = [(at, tokens) for at, tokens in self.images if at > until]
        return shown


def _fields(tokens: dict[str, int], *, spoken: bool) -> dict[str, Any]:
    into = {"text_tokens": tokens["text_in"], "audio_tokens": tokens["audio_in"]}
    if tokens["image_in"]:
        into["image_tokens"] = tokens["image_in"]
    out = {"text_tokens": tokens["text_out"]}
    if spoken or tokens["audio_out"]:
        out["audio_tokens"] = tokens["audio_out"]
    return {
        "total_tokens": sum(into.values()) + sum(out.values()),
        "input_tokens": sum(into.values()),
        "output_tokens": sum(out.values()),
        "input_tokens_details": into,
        "output_tokens_details": out,
    }
