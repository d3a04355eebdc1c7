"""What is written down of a request: a ledger row, a line of the log, figures; and nothing of what was said."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from livetranslate.keys import Entry
from livetranslate.server.logs import REQUESTS
from tests.server.live import CREATED, ID, KEY, SPEECH, Live, data_url, live, process, request, spoken, wait_until, wav

CANARY = "canary7f3b"


def entries(server: Live, count: int) -> list[Entry]:
    wait_until(lambda: len(server.services._keys.ledger.entries()) >= count, 5)
    found = server.services._keys.ledger.entries()
    assert len(found) == count
    return found


def test_rows_for_every_way_to_end(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        server.ask(spoken())
        server.ask(request(stream=False, max_tokens=2, translation_options={"target_lang": "zh"}))
        server.ask(request(translation_options={"target_lang": "xx"}))
        server.ask(request("data:audio/wav;base64,AAAA"))
        server.ask(request(), key="sk-wrong")
        with server.client() as client:
            client.get("/v1/models")
        done, cut, refused, broken = entries(server, 4)
    assert (done.status, done.ended, done.code, done.stream) == (200, "done", None, True)
    assert (done.source, done.target, done.voice, done.profile) == ("en", "es", "Cherry", "scripted")
    assert (done.model, done.route, done.key_id) == ("qwen3-livetranslate-flash", "chat", "static-1")
    assert done.usage.audio_in == 27
    assert done.usage.audio_out > 12
    assert done.seconds_in == pytest.approx(2.1, abs=0.01)
    assert done.seconds_out > 1
    assert 0 < (done.first_text_ms or 0) <= (done.first_audio_ms or 0) <= done.total_ms
    assert (cut.status, cut.ended, cut.stream, cut.voice, cut.source, cut.target) == (200, "cut", False, None, None, "zh")
    assert cut.usage.completion <= 2
    assert (refused.status, refused.ended, refused.code) == (400, "failed", "invalid_parameter_error")
    assert (refused.model, refused.usage.total) == ("", 0)
    assert (broken.status, broken.ended, broken.target, broken.usage.total) == (400, "failed", "es", 0)


def test_the_time_of_a_row_is_that_of_the_clock(tmp_path: Path) -> None:
    with live(tmp_path, services={"clock": lambda: CREATED + 0.25, "new_id": lambda: ID}) as server:
        answer = server.ask(request(stream=False)).json()
        (entry,) = entries(server, 1)
    assert (entry.time, entry.request_id) == (CREATED + 0.25, ID)
    assert answer["created"] == CREATED
    assert answer["id"] == f"chatcmpl-{entry.request_id}"


def line_of(records: list[logging.LogRecord]) -> dict[str, Any]:
    fields: dict[str, Any] = vars(records[-1])["fields"]
    return fields


def test_one_line_for_each_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, REQUESTS.name), live(tmp_path) as server:
        server.ask(spoken())
        wait_until(lambda: caplog.records, 2)
        told = line_of(caplog.records)
        assert (told["key"], told["route"], told["status"], told["ended"]) == ("static-1", "chat", 200, "done")
        assert (told["source"], told["target"], told["voice"]) == ("en", "es", "Cherry")
        assert told["bytes_in"] > len(SPEECH)
        assert told["bytes_out"] > 50_000
        with server.client() as client:
            client.get("/healthz")
            client.get("/readyz")
            client.get("/metrics")
            client.get("/nowhere?x=1")
        wait_until(lambda: line_of(caplog.records)["status"] == 404, 2)
        assert [vars(record)["fields"]["route"] for record in caplog.records if record.name == REQUESTS.name] == ["chat", "other"]


HOSTILE = [
    f"{CANARY}",
    f'{CANARY}"\\',
    f"{CANARY}\r\nHTTP/1.1 200 OK\r\n",
    f'{CANARY}", "status": 200, "x": "',
    f"\x1b[31m{CANARY}",
    f"{CANARY}\x00",
    f"{CANARY}%s%n{{7*7}}",
]


def test_what_customers_say_is_nowhere(tmp_path: Path) -> None:
    """Canaries in every field of a request, at the most talkative level, and not one of them in anything the process writes."""
    with process(tmp_path, LOG_LEVEL="DEBUG", FETCH_ALLOW="127.0.0.1") as served, served.client() as client:
        for text in HOSTILE:
            for fields in (
                {"model": text},
                {"user": text, "metadata": {text: text}},
                {"translation_options": {"target_lang": text}},
                {"translation_options": {"target_lang": "es", "source_lang": text}},
                {"modalities": ["text", "audio"], "audio": {"voice": text}},
                {"messages": [{"role": text, "content": text}]},
                {"messages": [{"role": "user", "content": f"Good morning {text}."}]},
                {"messages": [{"role": "user", "content": [{"type": text}]}]},
                {"stream": text},
                {text: text},
            ):
                client.post("/v1/chat/completions", json=request(**fields))
            for url in (f"file:///{text}", f"data:{text},", text):
                client.post("/v1/chat/completions", json=request(url))
            client.post("/v1/chat/completions", content=text.encode(), headers={"Content-Type": "application/json"})
        for url in (f"http://127.0.0.1:1/{CANARY}.wav?sig={CANARY}", f"http://{CANARY}.invalid/"):
            client.post("/v1/chat/completions", json=request(url))
        data = wav(1.0) + CANARY.encode()
        client.post("/v1/chat/completions", json=request(data_url(data)))
        for key in (f"sk-{CANARY}", CANARY):
            client.get("/v1/models", headers={"Authorization": f"Bearer {key}"})
            client.get(f"/v1/models?key={key}", headers={"User-Agent": CANARY, "X-Request-Id": CANARY, "Referer": CANARY})
            client.get(f"/v1/models/{CANARY}")
            client.get(f"/{CANARY}")
        figures = client.get("/metrics").text
        served.signal()
        assert served.process.wait(20) == 0
        said = served._log.read_text()
        assert len([json.loads(line) for line in said.splitlines()]) > 50
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("livetranslate.db*"))
    for secret in (CANARY, KEY):
        assert secret not in said
        assert secret not in figures
        assert secret.encode() not in kept
