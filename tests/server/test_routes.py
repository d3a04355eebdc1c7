"""All that is not a translation: pages, probes, models, metrics, who may ask under which name, and errors in one envelope."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from livetranslate.errors import LivetranslateError
from livetranslate.events import Event, Finished, Options
from livetranslate.media import Media
from livetranslate.server.run import CannotServe, check_exposure, listen
from livetranslate.settings import BadSettings
from livetranslate.streams import Stream
from tests.server.live import KEY, Live, live, request, settings, told_profile, wait_until

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CHAT = "/v1/chat/completions"
Load = Callable[[], Awaitable[None]]


def envelope(answer: httpx.Response) -> dict[str, str]:
    """The error of an answer, which must be in the one envelope."""
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert set(told["error"]) == {"message", "type", "param", "code"}
    assert re.fullmatch(UUID, told["request_id"])
    assert answer.headers["x-request-id"] == told["request_id"]
    error: dict[str, str] = told["error"]
    return error


def test_probes(server: Live) -> None:
    with server.client(None) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_that_want_no_body(server: Live, path: str) -> None:
    head, _, body = server.exchange(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()).partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body == b""


def test_the_page_says_what_it_is(server: Live) -> None:
    with server.client(None) as client:
        page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>livetranslate</title>" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_openapi_page(server: Live) -> None:
    with server.client(None) as client:
        answer = client.get("/openapi.json")
    page = answer.json()
    assert re.fullmatch(UUID, answer.headers["x-request-id"])
    assert {"/v1/chat/completions", "/compatible-mode/v1/chat/completions", "/v1/models", "/v1/models/{model}"} <= set(
        page["paths"]
    )
    operation = page["paths"]["/v1/chat/completions"]["post"]
    assert set(operation["responses"]) >= {"200", "400", "401", "404", "413", "429", "503"}
    assert operation["security"] == [{"key": []}]
    assert "key" in page["components"]["securitySchemes"]


@pytest.mark.parametrize("prefix", ["/v1", "/compatible-mode/v1"])
def test_models(server: Live, prefix: str) -> None:
    with server.client() as client:
        listed = client.get(f"{prefix}/models").json()
        assert listed["object"] == "list"
        assert [model["id"] for model in listed["data"]] == ["qwen3-livetranslate-flash", "qwen3-livetranslate-flash-2025-12-01"]
        assert listed["data"][0]["profile"] == "scripted"
        assert client.get(f"{prefix}/models/qwen3-livetranslate-flash").json() == listed["data"][0]
        assert envelope(client.get(f"{prefix}/models/gpt-4o"))["code"] == "model_not_found"
        assert envelope(client.get(f"{prefix}/models/qwen3-livetranslate-flash-realtime"))["code"] == "model_not_supported"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", CHAT, 405, "Request method 'GET' is not supported."),
        ("PUT", CHAT, 405, "Request method 'PUT' is not supported."),
        ("OPTIONS", CHAT, 405, "OPTIONS"),
        ("TRACE", CHAT, 405, "TRACE"),
        ("POST", "/v1/models", 405, "POST"),
        ("POST", "/healthz", 405, "POST"),
        ("POST", f"{CHAT}/", 404, "nothing"),
        ("POST", f"/{CHAT}", 404, "nothing"),
        ("POST", "/V1/chat/completions", 404, "nothing"),
        ("POST", "/v1/chat/completions;x", 404, "nothing"),
        ("POST", "/v1/./chat/completions%2f", 404, "nothing"),
        ("POST", "/v1/completions", 404, "nothing"),
        ("GET", "/docs", 404, "nothing"),
        ("GET", "/redoc", 404, "nothing"),
        ("GET", "/../../etc/passwd", 404, "nothing"),
        ("GET", "/playground/%2e%2e/%2e%2e/secret", 404, "nothing"),
    ],
)
def test_other_paths_and_methods(server: Live, method: str, path: str, status: int, words: str) -> None:
    raw = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()
    head, _, body = server.exchange(raw).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    told = json.loads(body)
    assert words in told["error"]["message"]
    assert f"x-request-id: {told['request_id']}".encode() in head
    if status == 405:
        assert b"allow: " in head


def test_head_has_no_body(server: Live) -> None:
    head, _, body = server.exchange(b"HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 405 ")
    assert body == b""


def test_every_route_needs_a_key_but_the_public_ones(server: Live) -> None:
    with server.client(None) as client:
        paths = client.get("/openapi.json").json()["paths"]
        open_paths = set()
        for path, operations in paths.items():
            for method in operations:
                answer = client.request(method, path.replace("{model}", "qwen3-livetranslate-flash"))
                if answer.status_code != 401:
                    open_paths.add(path)
                else:
                    assert "id" not in answer.json()
                    assert envelope(answer)["code"] == "invalid_api_key"
    assert open_paths == {"/healthz", "/readyz"}


@pytest.mark.parametrize(
    "header",
    [
        [],
        ["Authorization: "],
        ["Authorization: Bearer"],
        ["Authorization: Bearer "],
        ["Authorization: Basic c2stdGVzdA=="],
        [f"Authorization: {KEY}"],
        [f"Authorization: Bearer {KEY}x"],
        [f"Authorization: Bearer {KEY[:-1]}"],
        [f"Authorization: Bearer {KEY.upper()}"],
        [f"Authorization: Bearer {KEY} {KEY}"],
        ["Authorization: Bearer " + "x" * 20_000],
        ["Authorization: Bearer sk-\xff\xfe"],
        [f"Authorization: Bearer {KEY}", f"Authorization: Bearer {KEY}"],
        [f"X-Api-Key: {KEY}"],
    ],
    ids=lambda lines: " ".join(lines)[:40] or "none",
)
def test_wrong_keys(server: Live, header: list[str]) -> None:
    head = "\r\n".join([f"GET /v1/models?key={KEY} HTTP/1.1", "Host: localhost", "Connection: close", *header, "", ""])
    answer = server.exchange(head.encode("latin-1"))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"] == "Incorrect API key provided."


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_right_key(server: Live, scheme: str) -> None:
    raw = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nauthorization: {scheme} {KEY}\r\n\r\n"
    assert server.exchange(raw.encode()).startswith(b"HTTP/1.1 200 ")


def test_guessing_is_slowed_down_and_the_right_key_is_not(tmp_path: Path) -> None:
    with live(tmp_path) as server, server.client() as client:
        for _ in range(21):
            answer = client.get("/v1/models", headers={"Authorization": "Bearer sk-wrong"})
        assert answer.status_code == 401
        assert answer.elapsed.total_seconds() >= 0.25
        assert client.get("/v1/models").elapsed.total_seconds() < 0.2


def test_metrics(tmp_path: Path) -> None:
    with live(tmp_path) as server, server.client() as client:
        server.ask(request())
        server.ask(request(model="x" * 30))
        for place in range(20):
            client.get(f"/nowhere/{place}")
            server.ask(request(model=f"model-{place}"))
        told = client.get("/metrics")
        assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
        for line in (
            'livetranslate_requests_total{route="chat",status="200"} 1.0',
            'livetranslate_requests_total{route="chat",status="404"} 21.0',
            'livetranslate_requests_total{route="other",status="404"} 20.0',
            'livetranslate_errors_total{code="model_not_found"} 21.0',
            "livetranslate_running 0.0",
            "livetranslate_queued 0.0",
            "livetranslate_first_text_seconds_count 1.0",
            "livetranslate_first_audio_seconds_count 0.0",
            "livetranslate_real_time_factor_count 1.0",
            'livetranslate_tokens_total{direction="in",kind="audio"} 27.0',
            'livetranslate_audio_seconds_total{direction="in"} 2.1',
        ):
            assert line in told.text, line
        assert "model-" not in told.text
        assert len(told.text.splitlines()) < 150


def test_metrics_can_be_turned_off(tmp_path: Path) -> None:
    with live(tmp_path, metrics=False) as server, server.client() as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:1", True),
        ("127.9.9.9", True),
        ("[::1]:8000", True),
        ("evil.test", False),
        ("localhost.evil.test", False),
        ("127.0.0.1.evil.test", False),
        ("10.0.0.1", False),
        ("[::2]", False),
        ("", False),
        ("local host", False),
        ("localhost/x", False),
        ("a@localhost", False),
        ("localhost:99999999", False),
    ],
)
def test_without_keys_only_loopback_names_are_served(keyless: Live, host: str, allowed: bool) -> None:
    answer = keyless.exchange(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 " if allowed else b"HTTP/1.1 400 ")
    if not allowed:
        assert b"Host" in answer.partition(b"\r\n\r\n")[2]


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("keyless"), api_keys=()) as served:
        yield served


def test_without_keys_any_key_is_taken(keyless: Live) -> None:
    assert keyless.ask(request(), key=None).status_code == 200
    assert keyless.ask(request(), key="whatever").status_code == 200


@pytest.mark.parametrize(("origin", "status"), [("http://evil.test", 400), ("null", 400), (None, 200), ("same", 200)])
def test_without_keys_no_other_sites_page_may_ask(keyless: Live, origin: str | None, status: int) -> None:
    with keyless.client(None) as client:
        headers = {} if origin is None else {"Origin": keyless.base if origin == "same" else origin}
        answer = client.post(CHAT, json=request(), headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_with_keys_any_name_is_served_unless_names_are_listed(tmp_path: Path, server: Live) -> None:
    raw = b"GET /healthz HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n"
    assert server.exchange(raw % b"anything.test").startswith(b"HTTP/1.1 200 ")
    with live(tmp_path, allowed_hosts=("api.example.com",)) as listed:
        assert listed.exchange(raw % b"API.example.com:443").startswith(b"HTTP/1.1 200 ")
        assert listed.exchange(raw % b"localhost").startswith(b"HTTP/1.1 200 ")
        assert listed.exchange(raw % b"anything.test").startswith(b"HTTP/1.1 400 ")


def test_beyond_loopback_only_with_keys(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5"):
        with pytest.raises(CannotServe, match="keys create"):
            check_exposure(settings(tmp_path, api_keys=(), host=host))
        check_exposure(settings(tmp_path, host=host))
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.2"):
        check_exposure(settings(tmp_path, api_keys=(), host=host))


def test_data_that_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotServe, match="LIVETRANSLATE_DATA_DIR"):
        check_exposure(settings(tmp_path / "file"))
    (tmp_path / "livetranslate.db").write_bytes(b"no database " * 100)
    with pytest.raises(CannotServe, match="LIVETRANSLATE_DATA_DIR"):
        check_exposure(settings(tmp_path))


def test_all_addresses_of_both_families(tmp_path: Path) -> None:
    with listen(settings(tmp_path, host="::")) as listening:
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, listening.getsockname()[1])).close()


def test_an_address_that_is_taken(tmp_path: Path, server: Live) -> None:
    with pytest.raises(CannotServe, match=f"port {server.port}"):
        listen(settings(tmp_path, port=server.port))
    with pytest.raises(CannotServe, match=r"no\.such\.host"):
        listen(settings(tmp_path, host="no.such.host.invalid"))


def test_limits_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="100/minute"), live(tmp_path, rate_limit="plenty"):
        pass


async def never() -> None:
    await asyncio.sleep(3600)


async def fail() -> None:
    raise LivetranslateError("The engine lacks its model. Run: make model")


async def break_down() -> None:
    raise RuntimeError("canary-in-the-text")


async def nothing(media: Stream[Media], options: Options) -> Stream[Event]:
    yield Finished()


def test_it_lives_while_it_loads_and_says_so(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(nothing, never), loads=False) as server, server.client() as client:
        assert client.get("/healthz").status_code == 200
        assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (503, {"status": "loading"})
        answer = client.post(CHAT, json=request())
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert envelope(answer)["code"] == "ModelUnavailable"


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (fail, "The engine lacks its model. Run: make model"),
        (break_down, "An engine of the profile 'told' failed: RuntimeError."),
    ],
)
def test_a_server_whose_engines_cannot_load_ends(tmp_path: Path, load: Load, told: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), live(tmp_path, told_profile(nothing, load)) as server:
        wait_until(lambda: server.services.failure, 10)
        assert server.services.failure == told
    assert "canary" not in caplog.text
