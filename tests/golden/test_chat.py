"""Requests and the exact answers they get: bodies, statuses and server-sent events, byte by byte, with ids and time held still.

The files lie in `chat/`: `NAME.request` is the body, `NAME.response` the status line, the headers that are ours and the body.
Audio is told as its length in bytes and its SHA-256. LIVETRANSLATE_GOLDEN=write writes them anew; look at the difference.
"""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.clips import talking_film
from tests.server.live import CREATED, ID, KEY, Live, data_url, live, wav

FOLDER = Path(__file__).parent / "chat"
NAMES = sorted(path.stem for path in FOLDER.glob("*.request"))
SOUNDS = {
    "$SPEECH": data_url(wav(1.5)),
    "$TWO_UTTERANCES": data_url(wav(5.0, 1.0)),
    "$SILENCE": data_url(wav()),
    "$VIDEO": data_url(talking_film(wav(1.5)[44:]), "video/x-matroska"),
}
OURS = ("content-type", "cache-control", "x-accel-buffering", "x-request-id", "x-should-retry", "retry-after", "allow")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    still = {"new_id": lambda: ID, "clock": lambda: CREATED + 0.75}
    with live(tmp_path_factory.mktemp("golden"), services=still) as served:
        yield served


def shortened(match: re.Match[str]) -> str:
    pcm = base64.b64decode(match[1], validate=True)
    return f'"data":"<{len(pcm)} bytes {hashlib.sha256(pcm).hexdigest()[:16]}>"'


def told(answer: httpx.Response) -> str:
    headers = [f"{name}: {answer.headers[name]}" for name in OURS if name in answer.headers]
    body = re.sub(r'"data":"([A-Za-z0-9+/=]+)"', shortened, answer.content.decode())
    return "\n".join([str(answer.status_code), *headers, "", body])


@pytest.mark.parametrize("name", NAMES)
def test_golden(server: Live, name: str) -> None:
    body = (FOLDER / f"{name}.request").read_text("utf-8")
    for sound, url in SOUNDS.items():
        body = body.replace(sound, url)
    with server.client(None if name.startswith("no-key") else KEY) as client:
        answer = told(client.post("/v1/chat/completions", content=body.encode(), headers={"Content-Type": "application/json"}))
    golden = FOLDER / f"{name}.response"
    if os.environ.get("LIVETRANSLATE_GOLDEN") == "write":
        golden.write_text(answer, "utf-8")
    assert answer == golden.read_text("utf-8")


def test_there_are_some() -> None:
    assert len(NAMES) >= 10
