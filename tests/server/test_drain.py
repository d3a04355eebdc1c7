"""The end of a server: at a signal it lets nobody new in, finishes what runs or says that it does not, and ends well."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from livetranslate.keys import FILE_NAME, Keys
from tests.server.live import KEY, LONG_SPEECH, SERVE, Process, process, spoken, wait_until

SLOW = json.dumps({"scripted": {"word_delay": 0.02, "speak_delay": 0.05}})
VERY_SLOW = json.dumps({"scripted": {"word_delay": 0.5}})


class Reader(threading.Thread):
    """Reads one stream to its end."""

    def __init__(self, served: Process) -> None:
        super().__init__()
        self._served = served
        self.events: list[str] = []
        self.failure: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with (
                self._served.client() as client,
                client.stream("POST", "/v1/chat/completions", json=spoken(LONG_SPEECH)) as answer,
            ):
                self.events += [line.removeprefix("data: ") for line in answer.iter_lines() if line]
        except httpx.HTTPError as failure:
            self.failure = failure

    @property
    def last(self) -> Any:
        assert self.failure is None, self.failure
        assert self.events
        return "[DONE]" if self.events[-1] == "[DONE]" else json.loads(self.events[-1])


def running(served: Process) -> float:
    with served.client() as client:
        figures = client.get("/metrics").text
    return float(figures.partition("\nlivetranslate_running ")[2].split()[0])


def ended(served: Process, seconds: float) -> int:
    return served.process.wait(seconds)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_with_nothing_to_do_it_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path) as served:
        with socket.create_connection(("127.0.0.1", httpx.URL(served.base).port or 0)):
            begun = time.monotonic()
            served.signal(number)
            assert ended(served, 10) == 0
            assert time.monotonic() - begun < 3
        assert [line["event"] for line in served.log()][-1] == "draining"


def test_streams_finish_and_newcomers_are_sent_away(tmp_path: Path) -> None:
    with process(tmp_path, ENGINES=SLOW, LIMITS__KEY_RUNNING="10") as served:
        readers = [Reader(served) for _ in range(8)]
        wait_until(lambda: running(served) == 8, 10)
        served.signal()
        time.sleep(0.3)
        with served.client() as client:
            answer = client.post("/v1/chat/completions", json=spoken())
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["error"]["code"] == "ModelUnavailable"
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
            assert client.get("/healthz").status_code == 200
        for reader in readers:
            reader.join(30)
        assert [reader.last for reader in readers] == ["[DONE]"] * 8
        assert ended(served, 10) == 0


def cut_by(served: Process, cut: Callable[[], None], within: float) -> None:
    readers = [Reader(served) for _ in range(4)]
    wait_until(lambda: running(served) == 4, 10)
    begun = time.monotonic()
    cut()
    for reader in readers:
        reader.join(30)
        assert reader.last["error"]["code"] == "ModelUnavailable"
        assert "shutting down" in reader.last["error"]["message"]
        assert reader.last["id"] == json.loads(reader.events[0])["id"]
    assert ended(served, 10) == 0
    assert time.monotonic() - begun < within


def test_at_the_end_of_the_drain_streams_are_told(tmp_path: Path) -> None:
    with process(tmp_path, ENGINES=VERY_SLOW, LIMITS__DRAIN_SECONDS="1") as served:
        cut_by(served, served.signal, within=5)


def test_a_second_signal_hastens(tmp_path: Path) -> None:
    def twice() -> None:
        served.signal()
        time.sleep(0.3)
        served.signal()

    with process(tmp_path, ENGINES=VERY_SLOW) as served:
        cut_by(served, twice, within=5)
        assert [line["ended"] for line in served.log() if line.get("route") == "chat"] == ["failed"] * 4


def test_the_ledger_is_written_before_the_end(tmp_path: Path) -> None:
    with process(tmp_path) as served:
        with served.client() as client:
            for _ in range(5):
                assert client.post("/v1/chat/completions", json=spoken(stream=True)).status_code == 200
        served.signal()
        assert ended(served, 10) == 0
    keys = Keys(tmp_path / FILE_NAME)
    entries = keys.ledger.entries()
    keys.close()
    assert [(entry.status, entry.ended, entry.key_id) for entry in entries] == [(200, "done", "static-1")] * 5
    assert all(entry.usage.audio_out > 0 and entry.first_audio_ms for entry in entries)


def test_engines_that_cannot_load_end_the_process_with_an_error(tmp_path: Path) -> None:
    script = SERVE.replace("profiles.build(settings)", "broken()").replace(
        "settings = load()",
        "from livetranslate.engines import EngineInfo, Profile\n"
        "from livetranslate.errors import LivetranslateError\n"
        "class Broken:\n"
        "    info = EngineInfo('broken')\n"
        "    async def __aenter__(self): raise LivetranslateError('Its model is missing.')\n"
        "    async def __aexit__(self, *exc): return None\n"
        "def broken(): return Profile('broken', Broken())\n"
        "settings = load()",
    )
    given = {"DATA_DIR": str(tmp_path), "PORT": "0", "API_KEYS": KEY}
    environment = {**os.environ, **{f"LIVETRANSLATE_{name}": value for name, value in given.items()}}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Its model is missing." in done.stderr
    assert "Traceback" not in done.stderr
