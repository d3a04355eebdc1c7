"""The wire under anything: the parser raises our errors alone, and how text and speech come in pieces does not matter."""

import base64
import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from livetranslate.catalog import LANGUAGES, MODELS, VOICES
from livetranslate.errors import LivetranslateError
from livetranslate.events import AudioDelta, Event, Finished, TextDelta, Usage
from livetranslate.media import Audio
from livetranslate.wire.chat import ChunkEncoder, as_line, fold, parse, usage_fields
from livetranslate.wire.chat.request import MediaUrl

REFUSED = (400, 404)

scalars = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20)
anything = some.recursive(
    scalars, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=8), inner, max_size=4)
)


def either(good: some.SearchStrategy[Any]) -> some.SearchStrategy[Any]:
    """Mostly right, sometimes anything."""
    return some.one_of(good, good, good, anything)


parts = some.one_of(
    some.fixed_dictionaries(
        {
            "type": some.just("input_audio"),
            "input_audio": either(some.fixed_dictionaries({"data": either(some.just("https://a/b"))})),
        }
    ),
    some.fixed_dictionaries({"type": some.just("text"), "text": either(some.text(max_size=20))}),
    some.fixed_dictionaries(
        {"type": either(some.just("video_url")), "video_url": either(some.fixed_dictionaries({"url": some.text()}))}
    ),
)
messages = some.lists(
    either(
        some.fixed_dictionaries({"role": either(some.just("user")), "content": either(some.lists(either(parts), max_size=2))})
    ),
    max_size=2,
)
requests = some.fixed_dictionaries(
    {
        "model": either(some.sampled_from(MODELS)),
        "messages": either(messages),
        "translation_options": either(
            some.fixed_dictionaries(
                {"target_lang": either(some.sampled_from(list(LANGUAGES)))},
                optional={"source_lang": either(some.sampled_from(list(LANGUAGES)))},
            )
        ),
    },
    optional={
        "stream": either(some.booleans()),
        "stream_options": either(some.fixed_dictionaries({"include_usage": either(some.booleans())})),
        "modalities": either(some.lists(either(some.sampled_from(["text", "audio"])), max_size=3)),
        "audio": either(
            some.fixed_dictionaries(
                {"voice": either(some.sampled_from(list(VOICES)))}, optional={"format": either(some.just("wav"))}
            )
        ),
        **{
            name: anything
            for name in (
                "speech_rate",
                "max_tokens",
                "seed",
                "temperature",
                "top_p",
                "top_k",
                "presence_penalty",
                "repetition_penalty",
                "n",
            )
        },
    },
)


def judged(body: bytes) -> None:
    """A body is parsed within the contract's ranges, or refused by one of our errors with a short sentence."""
    request, refusal = None, None
    try:
        request = parse(body)
    except LivetranslateError as caught:
        refusal = caught
    if request is None:
        assert refusal is not None
        assert refusal.status in REFUSED
        assert 0 < len(refusal.message) < 400
        assert refusal.message.encode()
        return
    options = request.options
    assert options.target in LANGUAGES
    assert options.source is None or options.source in LANGUAGES
    assert options.voice is None or (options.voice in VOICES and LANGUAGES[options.target].spoken and request.stream)
    assert 0.5 <= options.speech_rate <= 2.0
    assert 1 <= options.max_tokens <= 4096
    assert 0 <= options.sampling.temperature < 2
    assert 0 < options.sampling.top_p <= 1
    assert options.sampling.repetition_penalty > 0
    assert request.stream or not request.include_usage
    if isinstance(request.source, MediaUrl):
        assert request.source.url.lower().startswith(("http://", "https://", "data:"))


@settings(max_examples=400, deadline=None)
@given(requests)
def test_requests_of_all_kinds(request: Any) -> None:
    judged(json.dumps(request).encode())


@settings(max_examples=200, deadline=None)
@given(anything)
def test_any_json(value: Any) -> None:
    judged(json.dumps(value).encode())


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    judged(body)


@settings(max_examples=200, deadline=None)
@given(requests, some.data())
def test_damaged_requests(request: Any, data: some.DataObject) -> None:
    body = bytearray(json.dumps(request).encode())
    for _ in range(data.draw(some.integers(1, 4))):
        place = data.draw(some.integers(0, len(body) - 1))
        body[place] = data.draw(some.integers(0, 255))
    judged(bytes(body))


def cuts(length: int) -> some.SearchStrategy[list[int]]:
    return some.lists(some.integers(0, length), max_size=12).map(sorted)


def pieces(whole: Any, borders: list[int]) -> list[Any]:
    edges = [0, *borders, len(whole)]
    return [whole[begin:end] for begin, end in pairwise(edges)]


def encoded(events: list[Event]) -> tuple[str, bytes, list[bytes]]:
    """The text, the speech as a client joins it, and the slices."""
    encoder = ChunkEncoder("id", 1, MODELS[0])
    chunks = [encoder.start(), *(chunk for event in [*events, Finished()] for chunk in encoder.event(event))]
    told = [json.loads(as_line(chunk).decode().removeprefix("data: ")) for chunk in chunks]
    assert told == chunks
    deltas = [chunk["choices"][0]["delta"] for chunk in told]
    data = [delta["audio"]["data"] for delta in deltas if "audio" in delta]
    assert all("content" not in delta for delta in deltas if "audio" in delta)
    assert all(data)
    return (
        "".join(delta.get("content", "") for delta in deltas),
        base64.b64decode("".join(data)),
        [base64.b64decode(part) for part in data],
    )


texts = some.text(alphabet=some.characters(codec="utf-8"), max_size=60) | some.sampled_from(
    ["Hello. ", "你好。", " x", "안녕", "\u2028"]
)


@settings(max_examples=150, deadline=None)
@given(some.lists(texts, max_size=4), some.data())
def test_how_text_is_cut_does_not_matter(said: list[str], data: some.DataObject) -> None:
    whole: list[Event] = [TextDelta(index, text) for index, text in enumerate(said)]
    cut: list[Event] = [
        TextDelta(index, piece) for index, text in enumerate(said) for piece in pieces(text, data.draw(cuts(len(text))))
    ]
    text, _, _ = encoded(whole)
    assert encoded(cut)[0] == text
    assert "".join(text.split()) == "".join("".join(said).split())


@settings(max_examples=100, deadline=None)
@given(some.integers(0, 90_000), some.data())
def test_how_speech_is_cut_does_not_matter(samples: int, data: some.DataObject) -> None:
    pcm = bytes((place * 7 + place // 251) % 256 for place in range(2 * samples))
    events: list[Event] = [
        AudioDelta(0, Audio(pcm[2 * begin : 2 * end], 24000)) for begin, end in pairwise([0, *data.draw(cuts(samples)), samples])
    ]
    _, joined, slices = encoded(events)
    assert joined == pcm
    assert all(9600 <= len(part) <= 48000 and len(part) % 6 == 0 for part in slices[:-1])


@given(some.lists(texts, max_size=4))
def test_the_fold_is_the_stream(said: list[str]) -> None:
    encoder = ChunkEncoder("id", 1, MODELS[0])
    events: list[Event] = [*(TextDelta(index, text) for index, text in enumerate(said)), Finished("length")]
    chunks = [encoder.start(), *(chunk for event in events for chunk in encoder.event(event))]
    whole = fold(chunks, Usage(text_out=3))
    assert whole["choices"][0]["message"]["content"] == encoded(events[:-1])[0]
    assert whole["choices"][0]["finish_reason"] == "length"
    assert whole["usage"] == usage_fields(Usage(text_out=3))
