"""What the server says of itself: one JSON line an event on standard error, without a customer's words, URLs or keys."""

import asyncio
import json
import logging
import queue
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from typing import Any

REQUESTS = logging.getLogger("livetranslate.requests")
EVENTS = logging.getLogger("livetranslate.server")
_FIELDS = "fields"
_FRAMES = 30
_WAITING = 10_000
_LAST_WORDS = 2.0
_SOURCES = re.compile(r"site-packages/|src/|lib/python[0-9.]+/")


@contextmanager
def to_stderr(level: str) -> Iterator[None]:
    """Sends all lines to standard error: ours from `level` on, those of libraries from WARNING on.

    A thread writes them, so that whoever reads them slowly holds up nobody; lines that it cannot keep up with are dropped.
    """
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING)
    listener = _Writer(lines, logging.StreamHandler(sys.stderr))
    handler = _Enqueue(lines)
    handler.setFormatter(JsonLines())
    root, ours = logging.getLogger(), logging.getLogger("livetranslate")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel(level.upper())
    listener.start()
    try:
        yield
    finally:
        listener.stop()
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


class _Enqueue(QueueHandler):
    """Formats at once and writes later."""

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Writer(QueueListener):
    """Writes what waits before it stops, but for a reader who stalls it waits only a moment."""

    def stop(self) -> None:
        with suppress(queue.Full):
            self.queue.put(self._sentinel, timeout=_LAST_WORDS)  # type: ignore[attr-defined]
        if self._thread is not None:
            self._thread.join(_LAST_WORDS)


def log(logger: logging.Logger, level: int, event: str, **fields: Any) -> None:
    """One line with these fields; texts in them come out escaped."""
    logger.log(level, event, extra={_FIELDS: fields})


def whereabouts(failure: BaseException) -> str:
    """An exception's kind and the places it passed, without its message, which may quote a customer."""
    frames = reversed(traceback.extract_tb(failure.__traceback__)[-_FRAMES:])
    places = " < ".join(f"{frame.name} {_SOURCES.split(frame.filename)[-1]}:{frame.lineno}" for frame in frames)
    cause = f"; from {whereabouts(failure.__cause__)}" if failure.__cause__ is not None else ""
    return f"{type(failure).__qualname__} in {places}{cause}"


def log_stray(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the event loop says of failures that nobody took: where, and not with which words."""
    failure = context.get("exception")
    told = whereabouts(failure) if isinstance(failure, BaseException) else None
    log(EVENTS, logging.ERROR, "stray failure", about=str(context.get("message")), failure=told)


class JsonLines(logging.Formatter):
    """A record as one line of ASCII JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": record.getMessage(),
        }
        told |= getattr(record, _FIELDS, {})
        if record.exc_info and record.exc_info[1] is not None:
            told["failure"] = whereabouts(record.exc_info[1])
        return json.dumps(told, ensure_ascii=True, default=str)
