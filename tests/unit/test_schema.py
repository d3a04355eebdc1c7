"""The OpenAPI page tells what the parser does: bounds, defaults, names and values."""

import json
import math
from typing import Any

import pytest

from livetranslate.errors import BadRequest
from livetranslate.events import Options, Sampling
from livetranslate.server.schema import CHAT
from livetranslate.wire.chat import ChatRequest, parse

SCHEMA = CHAT["openapi_extra"]["requestBody"]["content"]["application/json"]["schema"]
PROPERTIES = SCHEMA["properties"]
BOUNDED = [name for name, rule in PROPERTIES.items() if {"minimum", "exclusiveMinimum"} & set(rule)]
GOOD = {
    "model": "qwen3-livetranslate-flash",
    "messages": [{"role": "user", "content": "Good morning."}],
    "translation_options": {"target_lang": "en"},
}


def read(**fields: Any) -> ChatRequest:
    return parse(json.dumps({**GOOD, **fields}).encode())


def test_there_are_bounds() -> None:
    assert len(BOUNDED) == 8


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds(name: str) -> None:
    rule = PROPERTIES[name]
    whole = "integer" in rule["type"]
    for bound, outwards in (("minimum", -math.inf), ("maximum", math.inf)):
        if bound in rule:
            beyond = rule[bound] + (1 if outwards > 0 else -1) if whole else math.nextafter(rule[bound], outwards)
            assert read(**{name: rule[bound]})
            with pytest.raises(BadRequest):
                read(**{name: beyond})
        if (exclusive := f"exclusive{bound.capitalize()}") in rule:
            assert read(**{name: math.nextafter(rule[exclusive], -outwards)})
            with pytest.raises(BadRequest):
                read(**{name: rule[exclusive]})


@pytest.mark.parametrize("name", PROPERTIES)
def test_types(name: str) -> None:
    rule = PROPERTIES[name]
    kinds = rule.get("type", "string" if name == "model" else "array")
    samples = {"string": "x", "number": 0.75, "integer": 1, "boolean": True, "array": [{}], "object": {}}
    for kind, sample in samples.items():
        if kind not in kinds and not (kind == "integer" and "number" in kinds):
            with pytest.raises(BadRequest):
                read(**{"stream": True, "modalities": ["text", "audio"], "audio": {"voice": "Cherry"}, name: sample})
    if "null" in kinds or None in rule.get("enum", ()):
        assert read(**{name: None})


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_what_is_required(name: str) -> None:
    with pytest.raises(BadRequest):
        parse(json.dumps({other: value for other, value in GOOD.items() if other != name}).encode())


def test_defaults() -> None:
    default = {name: rule["default"] for name, rule in PROPERTIES.items() if rule.get("default") is not None}
    explicit = read(**default)
    assert explicit == read()
    assert explicit.options == Options("en", sampling=Sampling())


def test_values() -> None:
    for model in PROPERTIES["model"]["enum"]:
        assert read(model=model).model == model
    for modalities in PROPERTIES["modalities"]["enum"]:
        assert read(modalities=modalities, stream=True, audio={"voice": "Cherry"})
    for voice in PROPERTIES["audio"]["properties"]["voice"]["enum"]:
        assert read(modalities=["text", "audio"], stream=True, audio={"voice": voice}).options.voice == voice
