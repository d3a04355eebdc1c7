"""What was heard, and when, utterance by utterance: an extension of ours to the chunks of a streamed answer."""

from collections.abc import Iterator
from typing import Any

from livetranslate.events import Event, Span, TranscriptDone

_TEXT_MOST = 4096
"""Characters in one chunk, so that no event is longer than 64 KiB however it is escaped."""


def heard_fields(event: Event) -> Iterator[dict[str, Any]]:
    """The fields of the chunks that tell an event: where an utterance lies in the recording, or what was heard in it."""
    match event:
        case Span(utterance, start, end):
            yield {"utterance": utterance, "span": {"start": round(start, 3), "end": round(end, 3)}}
        case TranscriptDone(utterance, text, language):
            for start in range(0, len(text), _TEXT_MOST):
                piece = text[start : start + _TEXT_MOST].encode("utf-8", "replace").decode()
                yield {"utterance": utterance, "heard": {"text": piece, "language": language or None}}
