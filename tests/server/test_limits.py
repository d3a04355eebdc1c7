"""Quotas and places through HTTP: the codes of the contract, when to try again, and full servers that answer at once."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from livetranslate.events import Event, Finished, Options, TextDelta
from livetranslate.media import Media
from livetranslate.streams import Stream
from tests.server.live import KEY, Live, data_url, live, request, told_profile, wait_until, wav
from tests.server.test_failures import saying

OTHER = "sk-other-9876543210"


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    message: str = error["message"]
    return message


def test_requests_a_minute(tmp_path: Path) -> None:
    with live(tmp_path, rate_limit="3/minute", api_keys=(KEY, OTHER)) as server:
        assert [server.ask(request(stream=False)).status_code for _ in range(3)] == [200] * 3
        answer = server.ask(request(stream=False))
        assert "request" in refused(answer, 429, "limit_requests")
        assert 50 <= int(answer.headers["retry-after"]) <= 60
        assert "x-should-retry" not in answer.headers
        assert server.ask(request(stream=False), key=OTHER).status_code == 200
        forged = {"X-Forwarded-For": "10.1.2.3", "Forwarded": "for=10.1.2.3", "X-Real-IP": "10.1.2.3"}
        with server.client() as client:
            assert client.post("/v1/chat/completions", json=request(), headers=forged).status_code == 429


def test_refused_requests_count_too(tmp_path: Path) -> None:
    with live(tmp_path, rate_limit="2/minute") as server:
        assert [server.ask({}).status_code for _ in range(3)] == [400, 400, 429]


def test_bursts(tmp_path: Path) -> None:
    with live(tmp_path, burst_limit="2/second") as server:
        while (answer := server.ask({})).status_code == 400:
            pass
        assert "too quickly" in refused(answer, 429, "limit_burst_rate")
        assert answer.headers["retry-after"] == "1"
        time.sleep(1.05)
        assert server.ask({}).status_code == 400


def test_tokens_a_day(tmp_path: Path) -> None:
    with live(tmp_path, token_limit="50/day") as server:
        first = server.ask(request(stream=False)).json()["usage"]["total_tokens"]
        assert 27 < first < 50
        answer = server.ask(request(stream=False))  # what goes in would be over the limit
        assert "quota" in refused(answer, 429, "insufficient_quota")
        assert int(answer.headers["retry-after"]) > 80_000
        assert server.ask({}).status_code == 400


def test_what_is_refused_after_it_was_opened_is_closed(tmp_path: Path) -> None:
    minutes = data_url(wav(*[2.0] * 50))  # more than is decoded before it is asked for
    with live(tmp_path, token_limit="1/day") as server:
        refused(server.ask(request()), 429, "insufficient_quota")
        process = psutil.Process()
        before = process.num_fds(), len(process.children(recursive=True))
        for _ in range(5):
            refused(server.ask(request(minutes)), 429, "insufficient_quota")
        wait_until(lambda: (process.num_fds(), len(process.children(recursive=True))) <= before, 5)


def test_tokens_that_came_out_count(tmp_path: Path) -> None:
    with live(tmp_path, token_limit="40/day") as server:
        words: dict[str, Any] = {"messages": [{"role": "user", "content": "Good morning, everyone."}]}
        used = [server.ask(request(stream=False, **words)) for _ in range(6)]
        statuses = [answer.status_code for answer in used]
        spent = sum(answer.json()["usage"]["total_tokens"] for answer in used if answer.status_code == 200)
        assert statuses == sorted(statuses)
        assert statuses[-1] == 429
        assert 33 <= spent < 40 + 12


def test_the_limits_of_a_key_made_here(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        _, secret = server.services._keys.create("small", rate_limit="1/hour")
        assert server.ask(request(stream=False), key=secret).status_code == 200
        refused(server.ask(request(stream=False), key=secret), 429, "limit_requests")
        key = server.services._keys.list()[0]
        server.services._keys.revoke(key.id)
        refused(server.ask(request(stream=False), key=secret), 401, "invalid_api_key")


GATE = threading.Event()


@pytest.fixture(autouse=True)
def _closed_gate() -> None:
    GATE.clear()


async def until_told(media: Stream[Media], options: Options) -> Stream[Event]:
    yield TextDelta(0, "Hola")
    await asyncio.to_thread(GATE.wait, 20)
    yield Finished()


@contextmanager
def busy(server: Live, requests: int, key: str = KEY) -> Iterator[None]:
    """So many requests that go on until the end of the block."""
    with ThreadPoolExecutor(requests) as pool:
        asked = [pool.submit(server.ask, request(), key) for _ in range(requests)]
        try:
            yield
        finally:
            GATE.set()
            assert [answer.result().status_code for answer in asked] == [200] * requests


def test_a_full_server_says_so_at_once(tmp_path: Path) -> None:
    limits = {"running": 2, "waiting": 1, "key_running": 9, "key_waiting": 9}
    with live(tmp_path, told_profile(until_told), limits=limits) as server, busy(server, 3):
        wait_until(lambda: (server.services.places.running, server.services.places.waiting) == (2, 1), 5)
        with server.client() as client:
            times = []
            for _ in range(11):
                answer = client.post("/v1/chat/completions", json=request())
                refused(answer, 503, "ModelUnavailable")
                times.append(answer.elapsed.total_seconds())
                assert 0 < int(answer.headers["retry-after"]) <= 120
            assert sorted(times)[5] < 0.1
            figures = client.get("/metrics").text
            assert "livetranslate_running 2.0" in figures
            assert "livetranslate_queued 1.0" in figures
            assert client.get("/readyz").status_code == 200


def test_one_key_cannot_take_all(tmp_path: Path) -> None:
    limits = {"running": 8, "key_running": 1, "key_waiting": 1}
    with live(tmp_path, told_profile(until_told), limits=limits, api_keys=(KEY, OTHER)) as server, busy(server, 2):
        wait_until(lambda: (server.services.places.running, server.services.places.waiting) == (1, 1), 5)
        answer = server.ask(request())
        refused(answer, 429, "limit_requests")
        assert int(answer.headers["retry-after"]) > 0
        with server.stream(request(), key=OTHER) as events:
            assert "role" in next(events)
            assert "Hola" in next(events)


def test_too_long_for_the_model(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        words: dict[str, Any] = {"messages": [{"role": "user", "content": "word " * 50_000}]}
        assert "Range of input length" in refused(server.ask(request(**words)), 400, "invalid_parameter_error")


def test_more_at_once_than_there_are_places_all_get_their_turn(tmp_path: Path) -> None:
    script = {"scripted": {"word_delay": 0.01}}
    with live(tmp_path, engines=script, limits={"running": 3, "key_running": 3, "key_waiting": 40}) as server:
        with ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(lambda _: server.ask(request(stream=False)), range(24)))
        assert [answer.status_code for answer in answers] == [200] * 24
        assert len({answer.json()["id"] for answer in answers}) == 24
        assert len({answer.json()["choices"][0]["message"]["content"] for answer in answers}) == 1


def test_a_server_that_is_closed_for_maintenance(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(saying(Finished())), limits={"running": 0}) as server:
        refused(server.ask(request()), 503, "ModelUnavailable")
        assert server.ask({}).status_code == 400
