"""The OpenAPI page's account of the routes; what decides is `wire/chat`, and a test holds the two together."""

from typing import Any

from starlette.responses import PlainTextResponse

from livetranslate.catalog import LANGUAGES, MODELS, VOICES
from livetranslate.tokens import OUTPUT_LIMIT

_AUDIO_PART = {
    "type": "object",
    "required": ["type", "input_audio"],
    "properties": {
        "type": {"const": "input_audio"},
        "input_audio": {
            "type": "object",
            "required": ["data"],
            "properties": {
                "data": {"type": "string", "description": "An http or https URL, or a data URL with base64."},
                "format": {"type": ["string", "null"], "description": "A hint; the bytes decide."},
            },
        },
    },
}
_TEXT_PART = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": {"type": "string", "minLength": 1}},
}


def _number(low: float, high: float | None, default: float | None, **more: Any) -> dict[str, Any]:
    bounds = {"minimum": low} if high is None else {"minimum": low, "maximum": high}
    return {"type": ["number", "null"], "default": default, **bounds, **more}


_LANGUAGE = {"type": "string", "description": f"A code or English name of: {', '.join(LANGUAGES)}."}
_PROPERTIES: dict[str, Any] = {
    "model": {"enum": list(MODELS)},
    "messages": {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": {
            "type": "object",
            "required": ["role", "content"],
            "properties": {
                "role": {"const": "user"},
                "content": {
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        {"type": "array", "minItems": 1, "maxItems": 1, "items": {"anyOf": [_AUDIO_PART, _TEXT_PART]}},
                    ]
                },
            },
        },
    },
    "translation_options": {
        "type": "object",
        "required": ["target_lang"],
        "properties": {
            "source_lang": {**_LANGUAGE, "type": ["string", "null"], "default": None},
            "target_lang": _LANGUAGE,
            "utterances": {
                "type": ["boolean", "null"],
                "default": False,
                "description": "An extension: chunks tell their utterance, and more of them what was heard in it and when.",
            },
        },
    },
    "stream": {"type": ["boolean", "null"], "default": False},
    "stream_options": {
        "type": ["object", "null"],
        "properties": {"include_usage": {"type": ["boolean", "null"], "default": False}},
    },
    "modalities": {"enum": [None, ["text"], ["text", "audio"], ["audio", "text"]], "default": ["text"]},
    "audio": {
        "type": ["object", "null"],
        "description": "Required when modalities has audio, and ignored otherwise.",
        "properties": {
            "voice": {"type": "string", "enum": list(VOICES)},
            "format": {"enum": ["wav", None]},
            "speech_rate": _number(0.5, 2.0, None),
        },
    },
    "speech_rate": _number(0.5, 2.0, 1.0),
    "max_tokens": {"type": ["integer", "null"], "minimum": 1, "maximum": OUTPUT_LIMIT, "default": OUTPUT_LIMIT},
    "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**31 - 1},
    "temperature": _number(0.0, None, 0.000001, exclusiveMaximum=2.0),
    "top_p": {"type": ["number", "null"], "exclusiveMinimum": 0.0, "maximum": 1.0, "default": 0.8},
    "top_k": {"type": ["integer", "null"], "minimum": 0, "default": 1},
    "presence_penalty": _number(-2.0, 2.0, 0.0),
    "repetition_penalty": {"type": ["number", "null"], "exclusiveMinimum": 0.0, "default": 1.05},
}

_ERROR = {
    "type": "object",
    "required": ["error", "request_id"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": "null"},
                "code": {"type": "string"},
            },
        },
        "id": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
_REFUSALS = {
    status: {"description": about, "content": {"application/json": {"schema": _ERROR}}}
    for status, about in (
        (400, "The request cannot be served as it stands."),
        (401, "No key, or a wrong one."),
        (404, "No such model."),
        (408, "The request did not arrive in time."),
        (413, "The body is too large."),
        (415, "The body is not plain JSON."),
        (429, "The key's requests or tokens are used up for now."),
        (500, "The server failed."),
        (503, "The server is full, loading or shutting down."),
    )
}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _REFUSALS[status] for status in statuses}


CHAT: dict[str, Any] = {
    "summary": "Translate speech, or a text",
    "description": "Streams chunks as server-sent events; answers with one JSON if stream is false, which only text allows.",
    "responses": {
        200: {
            "description": "Chunks, each a line `data: {...}`, then `data: [DONE]`; or one chat.completion.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}},
        },
        **_refusals(400, 401, 404, 408, 413, 415, 429, 500, 503),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["model", "messages", "translation_options"],
                        "properties": _PROPERTIES,
                    }
                }
            },
        },
        "security": [{"key": []}],
    },
}
MODEL_LIST: dict[str, Any] = {
    "summary": "The models, and what this profile can do",
    "responses": _refusals(400, 401),
    "openapi_extra": {"security": [{"key": []}]},
}
MODEL: dict[str, Any] = {
    "summary": "One model",
    "responses": _refusals(400, 401, 404),
    "openapi_extra": {
        "parameters": [{"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}],
        "security": [{"key": []}],
    },
}
_STATE = {
    "application/json": {"schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}}
}
HEALTH: dict[str, Any] = {
    "summary": "Whether the process lives",
    "responses": {200: {"description": "It does.", "content": _STATE}, **_refusals(400)},
}
READY: dict[str, Any] = {
    "summary": "Whether it serves",
    "responses": {
        200: {"description": "It does.", "content": _STATE},
        503: {"description": "It loads, or shuts down.", "content": _STATE},
        **_refusals(400),
    },
}
METRICS: dict[str, Any] = {
    "summary": "Figures for Prometheus",
    "response_class": PlainTextResponse,
    "responses": _refusals(400, 401),
    "openapi_extra": {"security": [{"key": []}]},
}
SECURITY = {"key": {"type": "http", "scheme": "bearer"}}
