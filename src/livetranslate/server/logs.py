"""What the server says of itself: one JSON line an event on standard error, without a customer's words, URLs or keys."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

REQUESTS = logging.getLogger("livetranslate.requests")
EVENTS = logging.getLogger("livetranslate.server")
_FIELDS = "fields"
_FRAMES = 30
_SOURCES = re.compile(r"site-packages/|src/|lib/python[0-9.]+/")


def configure(level: str) -> None:
    """Sends our lines and the web server's to standard error; other libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("livetranslate", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
    logging.getLogger("livetranslate").setLevel(level.upper())
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def log(logger: logging.Logger, level: int, event: str, **fields: Any) -> None:
    """One line with these fields; texts in them come out escaped."""
    logger.log(level, event, extra={_FIELDS: fields})


def whereabouts(failure: BaseException) -> str:
    """An exception's kind and the places it passed, without its message, which may quote a customer."""
    frames = reversed(traceback.extract_tb(failure.__traceback__)[-_FRAMES:])
    places = " < ".join(f"{frame.name} {_SOURCES.split(frame.filename)[-1]}:{frame.lineno}" for frame in frames)
    cause = f"; from {whereabouts(failure.__cause__)}" if failure.__cause__ is not None else ""
    return f"{type(failure).__qualname__} in {places}{cause}"


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
