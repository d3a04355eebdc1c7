"""Chunks of chat completions: the bare form byte by byte, what joins utterances, the fold, usage and errors."""

import base64
import inspect
import json
from typing import Any

import pytest

from livetranslate import errors
from livetranslate.errors import LivetranslateError, Overloaded, RateLimited, RequestTooSlow, WrongKey
from livetranslate.events import (
    AudioDelta,
    Change,
    Event,
    Evidence,
    Finished,
    Sighting,
    Span,
    SpeechStarted,
    Term,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
    Usage,
)
from livetranslate.media import Audio
from livetranslate.streams import between
from livetranslate.wire.chat import ChunkEncoder, as_line, envelope, error_event, error_headers, fold, usage_fields

ID = "7f1a2b3c-0000-4000-8000-000000000001"
USAGE = Usage(audio_in=415, audio_out=191, text_out=51)
USAGE_JSON = (
    '{"prompt_tokens":415,"completion_tokens":242,"total_tokens":657,"prompt_tokens_details":{"audio_tokens":415,"text_tokens":0},'
    '"completion_tokens_details":{"audio_tokens":191,"text_tokens":51}}'
)


def encoder() -> ChunkEncoder:
    return ChunkEncoder(ID, 1764755440, "qwen3-livetranslate-flash")


def spoken(seconds: float) -> AudioDelta:
    return AudioDelta(0, Audio(b"\x01\x02" * round(24000 * seconds), 24000))


def line(chunk: dict[str, Any]) -> str:
    return as_line(chunk).decode()


def test_the_bare_form() -> None:
    tail = (
        '"object":"chat.completion.chunk","usage":null,"created":1764755440,"system_fingerprint":null,'
        f'"model":"qwen3-livetranslate-flash","id":"chatcmpl-{ID}"}}\n\n'
    )
    encode = encoder()
    assert line(encode.start()) == (
        'data: {"choices":[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}],' + tail
    )
    assert [line(chunk) for chunk in encode.event(TextDelta(0, " of"))] == [
        'data: {"choices":[{"delta":{"content":" of"},"finish_reason":null,"index":0,"logprobs":null}],' + tail
    ]
    pcm = b"\x01\x02" * 4800
    assert [line(chunk) for chunk in encode.event(AudioDelta(0, Audio(pcm, 24000)))] == [
        f'data: {{"choices":[{{"delta":{{"audio":{{"data":"{base64.b64encode(pcm).decode()}","expires_at":1764755440,'
        f'"id":"audio_{ID}"}}}},"finish_reason":null,"index":0,"logprobs":null}}],' + tail
    ]
    assert [line(chunk) for chunk in encode.event(Finished("stop"))] == [
        'data: {"choices":[{"finish_reason":"stop","delta":{"content":""},"index":0,"logprobs":null}],' + tail
    ]
    assert line(encode.usage(USAGE)) == (
        f'data: {{"choices":[],"object":"chat.completion.chunk","usage":{USAGE_JSON},"created":1764755440,'
        f'"system_fingerprint":null,"model":"qwen3-livetranslate-flash","id":"chatcmpl-{ID}"}}\n\n'
    )


def test_only_what_stays_is_sent() -> None:
    encode = encoder()
    silent: list[Event] = [
        SpeechStarted(0.0),
        TranscriptDelta(0, "hello", "you"),
        TranscriptDone(0, "hello", "en"),
        TextDelta(0, "", "guess"),
        TextDone(0, "x"),
    ]
    assert [encode.event(event) for event in silent] == [[]] * len(silent)


def test_speech_is_cut_into_slices() -> None:
    encode = encoder()
    assert encode.event(spoken(0.19)) == []
    assert len(encode.event(spoken(0.02))) == 1
    sizes = [len(base64.b64decode(chunk["choices"][0]["delta"]["audio"]["data"])) for chunk in encode.event(spoken(2.5))]
    assert all(9600 <= size <= 48000 and size % 6 == 0 for size in sizes)
    rest, finish = [*encode.event(spoken(0.1)), *encode.event(Finished("length"))][-2:]
    assert rest["choices"][0]["delta"]["audio"]["data"]
    assert finish["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("before", "after", "joint"),
    [
        ("", "Hello", ""),
        ("Hello.", "", ""),
        ("Hello.", "World", " "),
        ("Hello. ", "World", ""),
        ("Hello.", " World", ""),
        ("Hello.", "\nWorld", ""),
        ("你好。", "世界", ""),
        ("こんにちは", "世界", ""),
        ("Hello.", "世界", ""),
        ("你好!", "世界", ""),
        ("你好", "World", ""),
        ("안녕하세요.", "세계", " "),
        ("สวัสดี", "โลก", " "),
        ("नमस्ते।", "दुनिया", " "),
        ("مرحبا.", "العالم", " "),
        ("5", "3", " "),
        ("好！", "a", ""),
        ("𠀀", "a", ""),
    ],
)
def test_what_joins_utterances(before: str, after: str, joint: str) -> None:
    assert between(before, after) == joint


def test_utterances_are_joined_once() -> None:
    encode = encoder()
    pieces = [(0, "Good"), (0, " morning."), (1, ""), (1, "How"), (1, " are you?"), (3, " Well"), (4, "."), (5, "\u2028x")]
    text = "".join(
        chunk["choices"][0]["delta"]["content"] for index, piece in pieces for chunk in encode.event(TextDelta(index, piece))
    )
    assert text == "Good morning. How are you? Well .\u2028x"


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\n\r\ndata: [DONE]\r\n\r\n", "\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e\0", '"}\\', "😀中é"]
)
def test_one_event_is_one_line(text: str) -> None:
    raw = as_line(encoder().event(TextDelta(0, text))[0])
    told = raw.decode().removesuffix("\n\n")
    assert raw.endswith(b"\n\n")
    assert len(told.splitlines()) == 1
    assert json.loads(told.removeprefix("data: "))["choices"][0]["delta"]["content"] == text


def test_half_a_character_does_not_break_the_stream() -> None:
    assert b'"content":"a?b"' in as_line(encoder().event(TextDelta(0, "a\ud800b"))[0])


@pytest.mark.parametrize("text", ["\x01" * 10_000, "\u2028" * 10_000, "中" * 30_000])
def test_no_event_is_longer_than_64_kib(text: str) -> None:
    chunks = encoder().event(TextDelta(0, text))
    assert max(len(as_line(chunk)) for chunk in chunks) <= 65_536
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == text
    assert max(len(as_line(chunk)) for chunk in encoder().event(spoken(3))) <= 65_536


def test_fold() -> None:
    encode = encoder()
    events: list[Event] = [TextDelta(0, "Good"), TextDelta(0, " day."), spoken(1), TextDelta(1, "Bye."), Finished("length")]
    chunks = [encode.start(), *(chunk for event in events for chunk in encode.event(event))]
    told = json.dumps(fold(chunks, USAGE), separators=(",", ":"))
    assert told == (
        '{"choices":[{"message":{"content":"Good day. Bye.","role":"assistant"},"finish_reason":"length","index":0,'
        f'"logprobs":null}}],"object":"chat.completion","usage":{USAGE_JSON},"created":1764755440,'
        f'"system_fingerprint":null,"model":"qwen3-livetranslate-flash","id":"chatcmpl-{ID}"}}'
    )


def test_usage_of_other_kinds() -> None:
    assert usage_fields(Usage(text_in=3, text_out=4))["prompt_tokens_details"] == {"audio_tokens": 0, "text_tokens": 3}
    assert usage_fields(Usage(text_in=3, text_out=4))["completion_tokens_details"] == {"text_tokens": 4}
    assert usage_fields(Usage(audio_in=1, video_in=2))["prompt_tokens_details"] == {
        "audio_tokens": 1,
        "text_tokens": 0,
        "video_tokens": 2,
    }


def test_envelope() -> None:
    assert envelope(Overloaded("Full."), ID) == {
        "error": {"message": "Full.", "type": "ModelUnavailable", "param": None, "code": "ModelUnavailable"},
        "id": f"chatcmpl-{ID}",
        "request_id": ID,
    }
    assert "id" not in envelope(WrongKey(), ID)


def test_error_event() -> None:
    assert error_event(Overloaded("Full.\n\ndata: [DONE]"), ID) == (
        b'data: {"error":{"message":"Full.\\n\\ndata: [DONE]","type":"ModelUnavailable","param":null,"code":"ModelUnavailable"},'
        b'"id":"chatcmpl-%b","request_id":"%b"}\n\n' % (ID.encode(), ID.encode())
    )


def test_whether_to_try_again() -> None:
    assert error_headers(RateLimited(retry_after=7)) == {"retry-after": "7"}
    assert error_headers(RequestTooSlow()) == {"x-should-retry": "false"}
    assert error_headers(errors.InternalError()) == {"x-should-retry": "false"}
    assert error_headers(errors.BadParameter()) == {}
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, LivetranslateError) and kind.status in (429, 503):
            assert "x-should-retry" not in error_headers(kind())


HEARD: list[Event] = [
    SpeechStarted(0.1),
    Span(0, 0.12345, 2.0),
    TranscriptDelta(0, "Good morning."),
    TranscriptDone(0, "Good morning.", "en"),
    TextDelta(0, "Buenos días."),
    TextDone(0, "Buenos días."),
    spoken(0.5),
    Finished(),
]


def test_chunks_tell_their_utterance_where_it_was_asked_for() -> None:
    encode = ChunkEncoder(ID, 1, "m", utterances=True)
    chunks = [chunk for event in HEARD for chunk in encode.event(event)]
    own = [{name: chunk[name] for name in ("utterance", "span", "heard") if name in chunk} for chunk in chunks]
    assert own == [
        {"utterance": 0, "span": {"start": 0.123, "end": 2.0}},
        {"utterance": 0, "heard": {"text": "Good morning.", "language": "en"}},
        {"utterance": 0},
        {"utterance": 0},
        {},
    ]
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks] == ["", "", "Buenos días.", None, ""]
    assert fold(chunks, USAGE)["choices"][0]["message"]["content"] == "Buenos días."


def test_without_being_asked_chunks_tell_nothing_of_it() -> None:
    quiet, plain = encoder(), encoder()
    told = [line(chunk) for event in HEARD for chunk in quiet.event(event)]
    assert told == [line(chunk) for event in HEARD if not isinstance(event, Span) for chunk in plain.event(event)]
    assert not any("utterance" in one for one in told)


def test_a_long_transcript_comes_in_pieces() -> None:
    text = "\x01" * 20_000
    chunks = ChunkEncoder(ID, 1, "m", utterances=True).event(TranscriptDone(0, text, ""))
    assert "".join(chunk["heard"]["text"] for chunk in chunks) == text
    assert max(len(line(chunk)) for chunk in chunks) < 64 * 1024


EVIDENCE = Evidence(
    0,
    images=(0.5, 1.23456),
    words=(Sighting("SURGICAL", 0.5, (0.1, 0.22222222, 0.3, 0.4)),),
    corrections=(Change("knock a mirror", "Nakamura"),),
    hits=(Term("mask", "mascarilla", sense="worn by surgeons", cues=("surgical",)),),
    misses=(Term("hat", "sombrero"),),
    changes=(Change("máscara", "mascarilla"),),
)
DETAILS = {
    "utterances": [
        {
            "index": 0,
            "frames": [0.5, 1.235],
            "words": [{"text": "SURGICAL", "at": 0.5, "box": [0.1, 0.2222, 0.3, 0.4]}],
            "corrections": [{"before": "knock a mirror", "after": "Nakamura"}],
            "glossary": {
                "hits": [
                    {"source": "mask", "target": "mascarilla", "kept": False, "sense": "worn by surgeons", "cues": ["surgical"]}
                ],
                "misses": [{"source": "hat", "target": "sombrero", "kept": False, "sense": "", "cues": []}],
            },
            "changes": [{"before": "máscara", "after": "mascarilla"}],
        }
    ]
}


def test_details_come_with_the_last_chunk_before_usage() -> None:
    events: list[Event] = [TextDelta(0, "Es una mascarilla."), TextDone(0, "Es una mascarilla."), EVIDENCE, Finished()]
    encode = ChunkEncoder(ID, 1764755440, "qwen3-livetranslate-flash", details=True)
    chunks = [encode.start(), *(chunk for event in events for chunk in encode.event(event))]
    assert chunks[-1]["details"] == DETAILS
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert [chunk for chunk in chunks if "details" in chunk] == [chunks[-1]]
    assert fold(chunks, USAGE)["details"] == DETAILS


def test_without_details_the_stream_is_the_same_to_the_byte() -> None:
    events: list[Event] = [TextDelta(0, "Hola."), TextDone(0, "Hola."), EVIDENCE, Finished()]
    quiet, plain = encoder(), encoder()
    with_evidence = [line(chunk) for event in events for chunk in quiet.event(event)]
    assert with_evidence == [line(chunk) for event in events if event is not EVIDENCE for chunk in plain.event(event)]
    assert "details" not in fold([encoder().start(), *encoder().event(Finished())], USAGE)


def test_details_that_were_asked_for_are_there_though_empty() -> None:
    (chunk,) = ChunkEncoder(ID, 1, "m", details=True).event(Finished("length"))
    assert chunk["details"] == {"utterances": []}


def test_details_are_bounded() -> None:
    encode = ChunkEncoder(ID, 1, "m", details=True)
    for number in range(500):
        encode.event(Evidence(number, words=tuple(Sighting("w" * 30, 1.0, (0.1, 0.1, 0.1, 0.1)) for _ in range(20))))
    (chunk,) = encode.event(Finished())
    assert chunk["details"]["truncated"] is True
    assert 10 < len(chunk["details"]["utterances"]) < 100
    assert len(line(chunk)) < 64 * 1024
