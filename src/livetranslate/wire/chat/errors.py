"""The one shape of every error: the envelope of a refusal, and the event that ends a stream that failed."""

from typing import Any

import msgspec

from livetranslate.errors import LivetranslateError, WrongKey
from livetranslate.wire.chat.chunks import ID_PREFIX, as_line

_RETRIED = frozenset({408, 409, 429})
"""Statuses below 500 after which the official clients try again by themselves."""


def envelope(error: LivetranslateError, request_id: str) -> dict[str, Any]:
    """The error as the platform writes it; a wrong key is told by its gateway, which knows no answer's id."""
    told: dict[str, Any] = {
        "error": {"message": error.message, "type": error.error_type, "param": None, "code": error.code},
    }
    if not isinstance(error, WrongKey):
        told["id"] = ID_PREFIX + request_id
    told["request_id"] = request_id
    return told


def error_body(error: LivetranslateError, request_id: str) -> bytes:
    """The envelope as the body of a refusal."""
    return msgspec.json.encode(envelope(error, request_id))


def error_headers(error: LivetranslateError) -> dict[str, str]:
    """When to try again, and whether to: clients that see a status that often passes would else repeat what cannot succeed."""
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if not error.retryable and (error.status in _RETRIED or error.status >= 500):
        headers["x-should-retry"] = "false"
    return headers


def error_event(error: LivetranslateError, request_id: str) -> bytes:
    """The last event of a stream that failed; no `[DONE]` follows it."""
    return as_line(envelope(error, request_id))
