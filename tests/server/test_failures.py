"""What fails before the first byte is a status, what fails after it one error event; no stream ends in silence."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from livetranslate.errors import ContentRefused, EngineError, EngineTimeout, LivetranslateError, Overloaded
from livetranslate.events import AudioDelta, Event, Finished, Options, SpeechStarted, TextDelta, TextDone
from livetranslate.media import Audio, Media
from livetranslate.server.logs import REQUESTS
from livetranslate.streams import Stream
from tests.server.live import Live, Told, live, request, spoken, told_profile, wait_until

CANARY = "canary-9c2e"
Tell = Callable[[Stream[Media], Options], Stream[Event]]
SOUND = Audio(b"\x01\x02" * 2400, 24000)


def saying(*events: Event | Exception | float) -> Tell:
    """An interpreter that gives these events, raises these exceptions, and pauses so many seconds."""

    async def interpret(media: Stream[Media], options: Options) -> Stream[Event]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            if isinstance(event, float):
                await asyncio.sleep(event)
            else:
                yield event

    return interpret


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose interpreter does as a test tells it; it waits 0.2 s for a first word."""
    with live(tmp_path_factory.mktemp("told"), told_profile(saying()), limits={"admit_seconds": 0.2}) as server:
        yield server


def tell(server: Live, what: Tell) -> None:
    interpreter = server.services.profile.interpreter
    assert isinstance(interpreter, Told)
    interpreter.tell = what


def events_of(server: Live, body: Any) -> list[str]:
    with server.stream(body) as events:
        return list(events)


FAILURES = [
    (EngineError(), 500, "ModelServingError", "An engine failed"),
    (EngineTimeout(), 500, "RequestTimeOut", "did not answer in time"),
    (ContentRefused("Input data may contain inappropriate content."), 400, "data_inspection_failed", "inappropriate"),
    (Overloaded(retry_after=3), 503, "ModelUnavailable", "unavailable"),
    (RuntimeError(CANARY), 500, "internal_error", "internal error"),
    (UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY), 500, "internal_error", "internal error"),
    (MemoryError(CANARY), 500, "internal_error", "internal error"),
    (RecursionError(CANARY), 500, "internal_error", "internal error"),
    (StopAsyncIteration(CANARY), 500, "internal_error", "internal error"),
    (TimeoutError(CANARY), 500, "internal_error", "internal error"),
    (ConnectionResetError(CANARY), 500, "internal_error", "internal error"),
]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("failure", "status", "code", "words"), FAILURES, ids=lambda value: type(value).__name__)
def test_what_fails_at_once_is_a_status(
    told: Live, caplog: pytest.LogCaptureFixture, failure: Exception, status: int, code: str, words: str, stream: bool
) -> None:
    tell(told, saying(SpeechStarted(0.0), failure))
    with caplog.at_level(logging.DEBUG):
        answer = told.ask(request(stream=stream))
        wait_until(lambda: not told.services.drain.active, 2)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert words in answer.json()["error"]["message"]
    assert CANARY not in answer.text + str(answer.headers) + caplog.text
    retryable = isinstance(failure, LivetranslateError) and failure.retryable
    assert answer.headers.get("x-should-retry") == ("false" if status >= 500 and not retryable else None)
    if isinstance(failure, Overloaded):
        assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize("before", [(TextDelta(0, "Hola"),), (0.3,), (AudioDelta(0, SOUND), AudioDelta(0, SOUND))])
@pytest.mark.parametrize(("failure", "status", "code", "words"), FAILURES, ids=lambda value: type(value).__name__)
def test_what_fails_later_is_an_event(
    told: Live,
    caplog: pytest.LogCaptureFixture,
    before: tuple[Event | float, ...],
    failure: Exception,
    status: int,
    code: str,
    words: str,
) -> None:
    tell(told, saying(*before, failure))
    with caplog.at_level(logging.DEBUG):
        events = events_of(told, spoken())
    last = json.loads(events[-1])
    assert last["error"]["code"] == code
    assert words in last["error"]["message"]
    assert last["id"] == json.loads(events[0])["id"] == f"chatcmpl-{last['request_id']}"
    assert all(json.loads(event)["choices"][0]["finish_reason"] is None for event in events[:-1])
    assert CANARY not in "".join(events) + caplog.text


def test_an_interpreter_that_ends_without_a_last_event_has_failed(told: Live) -> None:
    tell(told, saying(TextDelta(0, "Hola"), TextDone(0, "Hola")))
    assert json.loads(events_of(told, request())[-1])["error"]["code"] == "ModelServingError"
    assert told.ask(request(stream=False)).status_code == 500


def test_nothing_follows_the_last_event(told: Live) -> None:
    tell(told, saying(TextDelta(0, "Hola"), Finished(), TextDelta(0, " otra vez"), EngineError()))
    events = events_of(told, request())
    assert events[-1] == "[DONE]"
    assert "otra" not in "".join(events)


def test_a_slow_engine_does_not_hold_back_the_beginning(told: Live) -> None:
    tell(told, saying(1.5, TextDelta(0, "Hola"), Finished()))
    begun = time.monotonic()
    with told.stream(request()) as events:
        first = json.loads(next(events))
        assert time.monotonic() - begun < 1.0
        assert first["choices"][0]["delta"] == {"content": "", "role": "assistant"}
        assert "Hola" in next(events)
        assert time.monotonic() - begun > 1.4


def test_hostile_words_stay_in_their_event(told: Live) -> None:
    words = "\n\ndata: [DONE]\n\n\r\x00\u2028\u2029\x85event: x"
    tell(told, saying(TextDelta(0, words), Finished()))
    raw = told.ask(request()).content
    events = raw.decode().removesuffix("\n\n").split("\n\n")
    assert len(events) == 4
    assert all(len(event.splitlines()) == 1 for event in events)
    assert json.loads(events[1].removeprefix("data: "))["choices"][0]["delta"]["content"] == words


async def fail_while_cleaning_up(media: Stream[Media], options: Options) -> Stream[Event]:
    try:
        yield TextDelta(0, "Hola")
        yield Finished()
    finally:
        raise RuntimeError(CANARY)


def test_failing_to_clean_up_after_the_end_is_our_matter_alone(told: Live, caplog: pytest.LogCaptureFixture) -> None:
    tell(told, fail_while_cleaning_up)
    with caplog.at_level(logging.DEBUG):
        events = events_of(told, request())
        wait_until(lambda: not told.services.drain.active, 2)
        wait_until(lambda: any(record.name == REQUESTS.name for record in caplog.records), 2)
    assert "Hola" in "".join(events)
    assert events[-1] == "[DONE]"
    assert CANARY not in "".join(events) + caplog.text
    bugs = [vars(record)["fields"]["failure"] for record in caplog.records if record.getMessage() == "bug"]
    assert len(bugs) == 1
    assert bugs[0].startswith("RuntimeError in fail_while_cleaning_up")
