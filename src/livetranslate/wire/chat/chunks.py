"""Events to the chunks of chat completions, chunks to server-sent events, and the fold of the same chunks to one JSON."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pybase64

from livetranslate.events import AudioDelta, Event, Evidence, Finished, Reason, TextDelta, Usage
from livetranslate.media import SPEAKING_RATE
from livetranslate.streams import PcmCutter, between
from livetranslate.wire.chat.details import details_fields
from livetranslate.wire.chat.utterances import heard_fields

ID_PREFIX, AUDIO_ID_PREFIX = "chatcmpl-", "audio_"
DONE = b"data: [DONE]\n\n"
SLICE_UNIT = 6
"""Bytes: whole samples whose Base64 needs no padding, so clients may join the Base64 of slices and decode once."""
SLICE_LEAST, SLICE_MOST = SPEAKING_RATE * 2 // 5, SPEAKING_RATE * 2
"""Bytes of speech in one chunk, but for the last: 0.2 to 1 second."""
_TEXT_MOST = 4096
"""Characters in one chunk, so that no event is longer than 64 KiB however it is escaped."""

Chunk = dict[str, Any]

# Line ends to readers that follow Unicode; inside JSON they can only stand in strings.
_LINE_ENDS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


class ChunkEncoder:
    """Turns one answer's events into its chunks, in the bare form of the wire and its order of keys.

    Text leaves as it comes; speech is cut anew into slices of 0.2 to 1 second. Only what stays is sent: a delta's guess is not.
    With `utterances`, an extension of ours, chunks say which utterance they belong to, and more of them tell what was heard when.
    With `details`, another, the chunk that says why it ends carries what was used beside the sound.
    """

    def __init__(self, request_id: str, created: int, model: str, *, utterances: bool = False, details: bool = False) -> None:
        self._request_id = request_id
        self._created = created
        self._model = model
        self._cutter = PcmCutter(SLICE_LEAST, SLICE_MOST, SLICE_UNIT)
        self._utterance: int | None = None
        self._last = ""  # the last character sent
        self._utterances = utterances
        self._evidence: list[Evidence] | None = [] if details else None

    def start(self) -> Chunk:
        """The first chunk, the only one with a role."""
        return self._choice({"delta": {"content": "", "role": "assistant"}, "finish_reason": None})

    def event(self, event: Event) -> list[Chunk]:
        """The chunks that can leave with this event; `Finished` brings the chunk that says why."""
        if isinstance(event, TextDelta):
            return [self._of(event.utterance, self._text(text)) for text in self._texts(event)]
        if isinstance(event, AudioDelta):
            return [self._of(event.utterance, self._audio(pcm)) for pcm in self._cutter.push(event.audio.pcm)]
        if isinstance(event, Finished):
            return [*([self._audio(rest)] if (rest := self._cutter.rest()) else ()), self._finish(event.reason)]
        if isinstance(event, Evidence) and self._evidence is not None:
            self._evidence.append(event)
        elif self._utterances:
            return [{**self._text(""), **fields} for fields in heard_fields(event)]
        return []

    def usage(self, usage: Usage) -> Chunk:
        """The chunk after the last choice."""
        return self._chunk([], usage_fields(usage))

    def _texts(self, delta: TextDelta) -> Iterator[str]:
        """The delta's text in pieces of a bounded length, after what joins its utterance to the one before."""
        text = delta.text.encode("utf-8", "replace").decode() if not delta.text.isascii() else delta.text
        if not text:
            return
        if delta.utterance != self._utterance:
            text = between(self._last, text) + text
            self._utterance = delta.utterance
        self._last = text[-1]
        for start in range(0, len(text), _TEXT_MOST):
            yield text[start : start + _TEXT_MOST]

    def _of(self, utterance: int, chunk: Chunk) -> Chunk:
        return {**chunk, "utterance": utterance} if self._utterances else chunk

    def _text(self, text: str) -> Chunk:
        return self._choice({"delta": {"content": text}, "finish_reason": None})

    def _audio(self, pcm: bytes) -> Chunk:
        audio = {
            "data": pybase64.b64encode_as_string(pcm),
            "expires_at": self._created,
            "id": AUDIO_ID_PREFIX + self._request_id,
        }
        return self._choice({"delta": {"audio": audio}, "finish_reason": None})

    def _finish(self, reason: Reason) -> Chunk:
        chunk = self._choice({"finish_reason": reason, "delta": {"content": ""}})
        return chunk if self._evidence is None else {**chunk, "details": details_fields(self._evidence)}

    def _choice(self, choice: dict[str, Any]) -> Chunk:
        return self._chunk([{**choice, "index": 0, "logprobs": None}], None)

    def _chunk(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None) -> Chunk:
        return {
            "choices": choices,
            "object": "chat.completion.chunk",
            "usage": usage,
            "created": self._created,
            "system_fingerprint": None,
            "model": self._model,
            "id": ID_PREFIX + self._request_id,
        }


def usage_fields(usage: Usage) -> dict[str, Any]:
    """The usage object: kinds that were not there are left out, but for the text and the sound that went in."""
    prompt = {"audio_tokens": usage.audio_in, "text_tokens": usage.text_in}
    if usage.video_in:
        prompt["video_tokens"] = usage.video_in
    completion = {"audio_tokens": usage.audio_out} if usage.audio_out else {}
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {**completion, "text_tokens": usage.text_out},
    }


def as_line(value: dict[str, Any]) -> bytes:
    """A server-sent event of exactly one line, whatever the texts in it hold."""
    line = msgspec.json.encode(value)
    for end, escaped in _LINE_ENDS:
        line = line.replace(end, escaped)
    return b"data: " + line + b"\n\n"


def fold(chunks: Iterable[Chunk], usage: Usage) -> dict[str, Any]:
    """The `chat.completion` that a stream of chunks amounts to; its speech, if any, has no place in it."""
    text: list[str] = []
    reason, last = None, {}
    for last in chunks:
        for choice in last["choices"]:
            text.append(choice["delta"].get("content", ""))
            reason = choice["finish_reason"] or reason
    message = {"content": "".join(text), "role": "assistant"}
    whole = {
        "choices": [{"message": message, "finish_reason": reason, "index": 0, "logprobs": None}],
        "object": "chat.completion",
        "usage": usage_fields(usage),
        "created": last.get("created"),
        "system_fingerprint": None,
        "model": last.get("model"),
        "id": last.get("id"),
    }
    return {**whole, "details": last["details"]} if "details" in last else whole
