"""Realtime sessions and the exact events that they tell, with ids and time held still and without a socket.

The files lie in `realtime/`. In `NAME.script` the first line is the model; then a line begins with `>` for a frame of the client,
`*` for an event of the interpreter, and `!` for what the shell says: begin, drained, expire, broke. `NAME.transcript` has the
same lines, each followed by the events that it brings, after `<`, and the media that it hands on, after `=`. Audio is told as its
length in bytes and its SHA-256. LIVETRANSLATE_GOLDEN=write writes the transcripts anew; look at the difference.
"""

import ast
import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from livetranslate import events
from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.errors import EngineError
from livetranslate.media import SPEAKING_RATE, Audio, Commit, Image
from livetranslate.wire.realtime import QWEN, TRANSLATIONS, Abilities, Run, Session, Surroundings, dialect_of
from tests.support import hush, tone

FOLDER = Path(__file__).parent / "realtime"
NAMES = sorted(path.stem for path in FOLDER.glob("*.script"))
ALL = frozenset(LANGUAGES) | {"pl", "uk"}
ABILITIES = Abilities(ALL, ALL, SPOKEN | {"pl"}, frozenset(VOICES))


def opened(model: str) -> Session:
    numbers = count(1)
    given = Surroundings(ABILITIES, lambda: f"{next(numbers):021d}", 1_800_000_000)
    dialect = dialect_of({**QWEN, **TRANSLATIONS}, model)
    assert dialect is not None
    return dialect(model, given)


def client_frame(line: str) -> str:
    """A frame, in which `$SOUND rate seconds` and `$JPEG` stand for Base64."""

    def sound(match: re.Match[str]) -> str:
        rate, seconds = int(match[1]), float(match[2])
        return base64.b64encode(tone(seconds, 300.0, rate) if seconds > 0 else hush(-seconds, rate)).decode()

    jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03" + bytes(9) + b"\xff\xd9"
    return re.sub(r"\$SOUND (\d+) (-?[\d.]+)", sound, line).replace("$JPEG", base64.b64encode(jpeg).decode())


def engine_event(line: str) -> events.Event:
    """An event as it would be written in Python; `AudioDelta(0, 0.25)` has so many seconds of a tone."""
    name, _, arguments = line.partition("(")
    values: tuple[Any, ...] = ast.literal_eval(f"({arguments.removesuffix(')')},)") if arguments != ")" else ()
    if name == "AudioDelta":
        return events.AudioDelta(values[0], Audio(tone(values[1], 200.0, SPEAKING_RATE), SPEAKING_RATE))
    made = getattr(events, name)(*values)
    assert isinstance(made, events.Event)
    return made


def step(session: Session, line: str, runs: list[Run]) -> list[dict[str, Any]]:
    """What a line of the script brings."""
    kind, rest = line[0], line[2:]
    if kind == ">":
        return session.client(client_frame(rest))
    if kind == "*":
        return session.engine(engine_event(rest))
    if rest == "begin":
        session.begin(runs.pop(0))
        return []
    return session.broke(EngineError()) if rest == "broke" else getattr(session, rest)()


def performed(script: str) -> Iterator[str]:
    model, *lines = script.splitlines()
    session = opened(model)
    runs: list[Run] = []
    yield model
    yield from map(told, session.start())
    for line in lines:
        yield line
        if not line or line.startswith("#"):
            continue
        yield from map(told, step(session, line, runs))
        for item in session.take_media():
            if isinstance(item, Run):
                runs.append(item)
            yield f"= {media(item)}"
        if session.farewell is not None:
            yield f"= close {session.farewell}"


def media(item: Audio | Image | Commit | Run | Any) -> str:
    if isinstance(item, Audio):
        return f"Audio({len(item.pcm)} bytes, {item.sample_rate} Hz, at {item.start:g})"
    if isinstance(item, Image):
        return f"Image({item.width}x{item.height}, at {item.at:g})"
    return asked(item.options) if isinstance(item, Run) else repr(item)


def asked(value: Any) -> str:
    """A value of ours by the fields that are not as they are by default."""
    if isinstance(value, tuple):
        return f"({', '.join(map(asked, value))})"
    if not is_dataclass(value):
        return repr(value)
    named = [(field.name, getattr(value, field.name)) for field in fields(value) if getattr(value, field.name) != field.default]
    return f"{type(value).__name__}({', '.join(f'{name}={asked(one)}' for name, one in named if name != 'sampling')})"


def told(event: dict[str, Any]) -> str:
    def shortened(match: re.Match[str]) -> str:
        pcm = base64.b64decode(match[1], validate=True)
        return f'"delta": "<{len(pcm)} bytes {hashlib.sha256(pcm).hexdigest()[:16]}>"'

    return re.sub(r'"delta": "([A-Za-z0-9+/=]{200,})"', shortened, f"< {json.dumps(event, ensure_ascii=False)}")


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    transcript = "\n".join(performed((FOLDER / f"{name}.script").read_text("utf-8"))) + "\n"
    golden = FOLDER / f"{name}.transcript"
    if os.environ.get("LIVETRANSLATE_GOLDEN") == "write":
        golden.write_text(transcript, "utf-8")
    assert transcript == golden.read_text("utf-8")


def test_every_dialect_has_some() -> None:
    assert {name.partition("-")[0] for name in NAMES} == {"q3", "q35", "q38", "oai"}
