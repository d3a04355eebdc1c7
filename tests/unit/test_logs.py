"""The log: one line of valid JSON for each event, whatever is in it, and nothing of an exception's text."""

import io
import json
import logging
import sys
import threading

import pytest

from livetranslate.server.logs import EVENTS, JsonLines, log, to_stderr, whereabouts

CANARY = "canary-3f9a"


@pytest.mark.parametrize(
    "text", ["a\r\nb", '{"level":"ERROR"}', "\x1b[31mred", "\u2028", "\0", '"', "\ud800", "%s%n", "x" * 10_000]
)
def test_one_event_is_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with to_stderr("debug"):
        log(EVENTS, logging.DEBUG, "event", route=text)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.isascii()
    assert json.loads(told)["route"] == text
    assert not any(character < " " for character in told[:-1])


def test_below_the_level_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with to_stderr("warning"):
        log(EVENTS, logging.INFO, "quiet")
        log(EVENTS, logging.WARNING, "loud")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["loud"]


def failing() -> None:
    try:
        raise KeyError(CANARY)
    except KeyError as cause:
        raise ValueError(CANARY) from cause


def test_exceptions_are_told_without_their_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=CANARY) as caught:
        failing()
    with to_stderr("debug"):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=caught.value)
    told = capsys.readouterr().err
    assert CANARY not in told
    assert json.loads(told)["failure"] == whereabouts(caught.value)
    assert whereabouts(caught.value).startswith("ValueError in failing ")
    assert "test_logs.py" in whereabouts(caught.value)
    assert "from KeyError in failing" in whereabouts(caught.value)


def test_a_reader_of_the_log_who_stalls_holds_up_nobody() -> None:
    gate = threading.Event()

    class Stalled(io.StringIO):
        def write(self, text: str) -> int:
            gate.wait(10)
            return super().write(text)

    before, sys.stderr = sys.stderr, Stalled()
    try:
        with to_stderr("info"):
            for _ in range(20_000):
                log(EVENTS, logging.INFO, "event")
            gate.set()
        assert 5_000 < sys.stderr.getvalue().count("\n") < 20_000
    finally:
        sys.stderr = before


def test_other_objects_in_a_record_do_not_break_it() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "event", (), None)
    record.fields = {"thing": object()}
    assert "object" in json.loads(JsonLines().format(record))["thing"]
