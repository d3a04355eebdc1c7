"""Chat completions: a request body to what it asks for, events to chunks, chunks to one JSON, and the error envelope."""

from livetranslate.wire.chat.chunks import DONE, Chunk, ChunkEncoder, as_line, fold, usage_fields
from livetranslate.wire.chat.errors import envelope, error_body, error_event, error_headers
from livetranslate.wire.chat.request import ChatRequest, MediaUrl, parse

__all__ = [
    "DONE",
    "ChatRequest",
    "Chunk",
    "ChunkEncoder",
    "MediaUrl",
    "as_line",
    "envelope",
    "error_body",
    "error_event",
    "error_headers",
    "fold",
    "parse",
    "usage_fields",
]
