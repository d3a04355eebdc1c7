"""HTTP as attackers write it: one answer at most for each connection, in our envelope, within the limits of time and size."""

import base64
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.server.live import KEY, Live, live, request, wait_until, wav

CHAT = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n" % KEY.encode()
JSON = b"Content-Type: application/json\r\n"
SECOND = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with short limits."""
    limits = {"header_seconds": 0.6, "body_seconds": 0.6, "body_bytes": 200_000, "header_bytes": 8000, "headers": 20}
    with live(tmp_path_factory.mktemp("quick"), limits=limits) as served:
        yield served


def statuses(raw: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]


def told(raw: bytes) -> dict[str, str]:
    """The error of the one answer on the wire, whose envelope and headers agree."""
    head, _, body = raw.partition(b"\r\n\r\n")
    whole = json.loads(body)
    assert f"x-request-id: {whole['request_id']}".encode() in head
    assert b"content-type: application/json" in head
    error: dict[str, str] = whole["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


@pytest.mark.parametrize(
    "raw",
    [
        CHAT + JSON + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde" + SECOND,
        CHAT + JSON + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Content-Length: 4, 4\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Content-Length: -1\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Content-Length: +4\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Content-Length: 0x4\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Content-Length: 99999999999999999999\r\n\r\nabcd" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n" + SECOND,
        CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n" + SECOND,
        b"GET /healthz HTTP/1.1\nHost: localhost\n\n" + SECOND,
        b"GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n" + SECOND,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n" + SECOND,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n" + SECOND,
        b"GET /health\xffz HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND,
        b"BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND,
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"\r\n\r\n\x00\x00",
        b"HELLO\r\n\r\n",
    ],
    ids=lambda raw: repr(raw.removeprefix(CHAT + JSON)[:40]),
)
def test_what_is_framed_wrongly_gets_one_answer_and_the_connection_is_closed(quick: Live, raw: bytes) -> None:
    answer = quick.exchange(raw, wait=5)
    assert statuses(answer) == [400]
    assert told(answer)["type"] == "invalid_request_error"


def test_transfer_encodings_that_we_do_not_undo(quick: Live) -> None:
    answer = quick.exchange(CHAT + JSON + b"Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
    assert statuses(answer) == [400]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost/x\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    ],
)
def test_exactly_one_host(quick: Live, head: bytes) -> None:
    answer = quick.exchange(head)
    assert statuses(answer) == [400]
    assert "Host" in told(answer)["message"]


def test_http_1_0_needs_no_host(quick: Live) -> None:
    assert statuses(quick.exchange(b"GET /healthz HTTP/1.0\r\n\r\n")) == [200]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 9000),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: %b\r\n\r\n" % (b"a" * 9000),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % b"".join(b"X-%d: 1\r\n" % place for place in range(30)),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: %b" % (b"a" * 1_000_000),
        b"GET / HTTP/1.1\r\n%b" % b"".join(b"X-%d: 1\r\n" % place for place in range(50_000)),
    ],
    ids=["long path", "long header", "many headers", "endless header", "endless headers"],
)
def test_heads_that_are_too_large(quick: Live, head: bytes) -> None:
    answer = quick.exchange(head)
    # One that still sends may find the connection reset before it has read the answer.
    assert statuses(answer) == [431] or (len(head) > 500_000 and not answer)


def test_a_trailer_is_no_header(server: Live) -> None:
    body = json.dumps(request(stream=False)).encode()
    raw = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%b\r\n0\r\nAuthorization: Bearer %b\r\n\r\n" % (len(body), body, KEY.encode())
    )
    assert statuses(server.exchange(raw)) == [401]


def test_chunks_are_joined(server: Live) -> None:
    body = json.dumps(request(stream=False)).encode()
    chunks = b"".join(b"%x;name=value\r\n%b\r\n" % (len(piece), piece) for piece in (body[:10], body[10:5000], body[5000:]))
    answer = server.exchange(CHAT + JSON + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert statuses(answer) == [200]


def test_chunk_extensions_are_bounded(quick: Live) -> None:
    answer = quick.exchange(CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 2_000_000)
    assert statuses(answer) in ([400], [])
    with closing(quick.connect()) as sock, suppress(OSError):
        sock.sendall(CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n1;")
        for _ in range(100):
            sock.sendall(b"x" * 10_000)
            time.sleep(0.001)
        pytest.fail("a chunk's extension without end was taken")


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate", b"GZIP, gzip"])
def test_packed_bodies_are_not_unpacked(quick: Live, coding: bytes) -> None:
    answer = quick.exchange(CHAT + JSON + b"Content-Encoding: %b\r\nContent-Length: 100000\r\n\r\n\x1f\x8b" % coding)
    assert statuses(answer) == [415]
    assert told(answer)["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "json"]
)
def test_other_kinds_of_body(server: Live, kind: str) -> None:
    with server.client() as client:
        answer = client.post("/v1/chat/completions", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json", None])
def test_kinds_of_body_that_are_json(server: Live, kind: str | None) -> None:
    body = json.dumps(request(stream=False)).encode()
    head = b"" if kind is None else b"Content-Type: %b\r\n" % kind.encode()
    raw = CHAT + head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert statuses(server.exchange(raw)) == [200]


def test_a_length_over_the_limit_is_refused_at_once(quick: Live) -> None:
    begun = time.monotonic()
    answer = quick.exchange(CHAT + JSON + b"Content-Length: 2000000000\r\n\r\n")
    assert time.monotonic() - begun < 3
    assert statuses(answer) == [413]
    assert told(answer)["code"] == "request_too_large"
    assert b"connection: close" in answer


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit(quick: Live, chunked: bool) -> None:
    body = b" " * 250_000
    head = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) if chunked else b"Content-Length: %d\r\n\r\n" % len(body)
    answer = quick.exchange(CHAT + JSON + head + body)
    assert statuses(answer) == [413]


def test_a_refusal_is_not_lost_to_a_client_that_still_sends(quick: Live) -> None:
    with closing(quick.connect()) as sock:
        sock.sendall(CHAT + JSON + b"Content-Length: 3000000\r\n\r\n")
        for _ in range(10):  # a connection that is closed too soon breaks here
            sock.sendall(b" " * 10_000)
            time.sleep(0.05)
        sock.settimeout(5)
        assert statuses(sock.recv(65536)) == [413]


def test_a_large_body_is_refused_readably_while_it_is_still_sent(quick: Live) -> None:
    with quick.client() as client:
        answer = client.post("/v1/chat/completions", content=b" " * 3_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_the_largest_data_url_passes_and_the_next_does_not(server: Live) -> None:
    prefix = "data:audio/x;base64,"
    data = wav(1.5).ljust((10_485_760 - len(prefix)) // 4 * 3, b"\0")  # what follows the recording is not listened to
    longest = prefix + base64.b64encode(data).decode()
    assert len(longest) == 10_485_760
    answer = server.ask(request(longest, stream=False))
    assert answer.status_code == 200, answer.text[:300]
    answer = server.ask(request(longest + "AAAA", stream=False))
    assert answer.status_code == 400
    assert "Exceeded limit on max bytes per data-uri item : 10485760'" in answer.json()["error"]["message"]


def closed_after(server: Live, raw: bytes, drip: bytes = b"", wait: float = 5.0) -> tuple[float, bytes]:
    """How long the server keeps a connection on which this is sent, then a byte at a time; and what it said."""
    with closing(server.connect()) as sock:
        sock.settimeout(0.05)
        begun, got, sent = time.monotonic(), b"", 0
        with suppress(ConnectionError, BrokenPipeError):
            sock.sendall(raw)
            while time.monotonic() - begun < wait:
                with suppress(TimeoutError):
                    if not (piece := sock.recv(65536)):
                        break
                    got += piece
                if drip:
                    sock.sendall(drip[sent % len(drip) :][:1])
                    sent += 1
        return time.monotonic() - begun, got


@pytest.mark.parametrize(
    ("raw", "drip", "status"),
    [
        (b"", b"", []),
        (b"GET /healthz HTTP/1.1\r\nHo", b"", [408]),
        (b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Very-Long: " + b"x" * 1000, [408]),
        (b"", b"\r\n" * 500, [408]),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\r\n" * 500, [200, 408]),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"", [200]),
        (CHAT + JSON + b"Content-Length: 1000\r\n\r\n{", b"", [408]),
        (CHAT + JSON + b"Content-Length: 1000\r\n\r\n{", b" " * 999, [408]),
        (CHAT + JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 99, [408]),
        (CHAT + JSON + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n", b"", [100, 408]),
    ],
    ids=[
        "silence",
        "half a head",
        "dripping head",
        "dripping line ends",
        "dripping line ends after an answer",
        "silence after an answer",
        "half a body",
        "dripping body",
        "dripping chunks",
        "a promised body",
    ],
)
def test_slow_clients_are_let_go(quick: Live, raw: bytes, drip: bytes, status: list[int]) -> None:
    seconds, got = closed_after(quick, raw, drip, wait=9.0)
    assert statuses(got) == status
    assert seconds < 8.0 if status == [200] else 0.4 < seconds < 6.0
    if 408 in status:
        assert b"x-should-retry: false" in got


def test_many_slow_clients_do_not_disturb_the_others(quick: Live) -> None:
    slow = [quick.connect() for _ in range(200)]
    try:
        for place, sock in enumerate(slow):
            sock.sendall((b"GET / HTT", CHAT + JSON + b"Content-Length: 1000\r\n\r\n{")[place % 2])
        assert quick.ask(request(stream=False)).status_code == 200
        wait_until(lambda: len(quick.server.server_state.connections) <= 1, 10)
    finally:
        for sock in slow:
            sock.close()


def test_a_refused_body_is_not_waited_for(quick: Live) -> None:
    begun = time.monotonic()
    with closing(quick.connect()) as sock:
        sock.sendall(CHAT.replace(KEY.encode(), b"sk-wrong") + JSON + b"Content-Length: 100000\r\n\r\n{")
        sock.settimeout(10)
        got = b""
        while piece := sock.recv(65536):
            got += piece
    assert statuses(got) == [401]
    assert time.monotonic() - begun < 3


def test_requests_one_behind_the_other_are_answered_in_order(server: Live) -> None:
    answer = server.exchange(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100 + b"GET /x HTTP/1.0\r\n\r\n", wait=3)
    assert statuses(answer) == [200] * 100 + [404]


def test_other_protocols_are_not_spoken(server: Live) -> None:
    upgrade = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: %b\r\n%b\r\n"
    for protocol, more in (
        (b"h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        (b"websocket", b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
    ):
        assert statuses(server.exchange(upgrade % (protocol, more), wait=3)) == [401]


def test_a_client_that_breaks_off_its_body_leaves_nothing(quick: Live) -> None:
    for _ in range(20):
        with closing(quick.connect()) as sock:
            sock.sendall(CHAT + JSON + b"Content-Length: 100\r\n\r\n{")
    wait_until(lambda: not quick.services.drain.active, 5)
    assert quick.services.bodies.free == quick.services.settings.limits.bodies_bytes


def test_more_connections_than_the_limit(tmp_path: Path) -> None:
    with live(tmp_path, limits={"connections": 5}) as server:
        kept = [server.connect() for _ in range(5)]
        try:
            wait_until(lambda: len(server.server.server_state.connections) == 5, 5)
            answer = server.exchange(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", wait=2)
            assert statuses(answer) == [503]
            assert b"retry-after: " in answer
        finally:
            for sock in kept:
                sock.close()
        wait_until(lambda: not server.server.server_state.connections, 5)
        assert server.ask(request(stream=False)).status_code == 200


def test_bodies_that_are_more_than_the_server_holds(tmp_path: Path) -> None:
    with live(tmp_path, limits={"bodies_bytes": 100_000}) as server:
        assert server.ask(request(stream=False)).status_code == 200
        half = CHAT + JSON + b"Content-Length: 90000\r\n\r\n" + b" " * 80_000
        with closing(server.connect()) as sock:
            sock.sendall(half)
            wait_until(lambda: server.services.bodies.free < 30_000, 5)
            answer = server.ask(request(stream=False))
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "ModelUnavailable"
        wait_until(lambda: server.services.bodies.free == 100_000, 5)
        assert server.ask(request(stream=False)).status_code == 200


def test_a_connection_that_is_reset_in_the_midst_of_anything(server: Live) -> None:
    body = json.dumps(request()).encode()
    raw = CHAT + JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def reset(size: int) -> None:
        sock = server.connect()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        sock.sendall(raw[:size])
        sock.close()

    threads = [threading.Thread(target=reset, args=(len(raw) * place // 40,)) for place in range(41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: not server.services.drain.active and not server.services.places.running, 5)
    assert server.ask(request(stream=False)).status_code == 200
