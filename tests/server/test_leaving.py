"""Readers who leave, stall or crawl: all work for them ends at once, and nothing is left open."""

import asyncio
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta
from livetranslate.media import Audio, Media
from livetranslate.streams import Stream
from tests.server.live import KEY, LONG_SPEECH, Live, Told, live, request, spoken, told_profile, wait_until

SECOND = Audio(bytes(48_000), 24_000)
STOPPED_WITHIN = 0.25


def ask(server: Live, body: object, buffer: int | None = None) -> socket.socket:
    """A connection on which this is asked, with so small a receive buffer."""
    raw = json.dumps(body).encode()
    sock = socket.socket()
    if buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.connect(("127.0.0.1", server.port))
    sock.settimeout(10)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(raw)}\r\n\r\n"
    sock.sendall(head.encode() + raw)
    return sock


def leave(sock: socket.socket, *, reset: bool) -> None:
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def idle(server: Live) -> bool:
    services = server.services
    return not (services.drain.active or services.places.running or services.places.waiting or services.places._lanes)


async def silent(media: Stream[Media], options: Options) -> Stream[Event]:
    await asyncio.sleep(3600)
    yield Finished()


async def endless(media: Stream[Media], options: Options) -> Stream[Event]:
    for index in range(10**9):
        yield AudioDelta(0, SECOND)
        await asyncio.sleep(0)
        assert index < 5000, "nobody held it back"


async def talkative(media: Stream[Media], options: Options) -> Stream[Event]:
    while True:
        yield TextDelta(0, "word ")
        await asyncio.sleep(0.01)


def told(server: Live) -> Told:
    interpreter = server.services.profile.interpreter
    assert isinstance(interpreter, Told)
    return interpreter


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("stream", [True, False])
def test_leaving_before_the_first_event_stops_the_work(tmp_path: Path, reset: bool, stream: bool) -> None:
    times = []
    with live(tmp_path, told_profile(silent)) as server:
        for _ in range(5):
            sock = ask(server, request(stream=stream))
            wait_until(lambda: told(server).running, 5)
            left = time.monotonic()
            leave(sock, reset=reset)
            wait_until(lambda: not told(server).running and idle(server), 2)
            times.append(time.monotonic() - left)
        wait_until(lambda: len(server.services._keys.ledger.entries()) == 5, 2)
        entries = server.services._keys.ledger.entries()
    assert sorted(times)[2] < STOPPED_WITHIN
    assert {(entry.ended, entry.status, entry.code) for entry in entries} == {("left", 499, "client_left")}


def test_leaving_in_the_midst_stops_the_work(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(talkative)) as server:
        sock = ask(server, request())
        got = b""
        while got.count(b"data: ") < 5:
            got += sock.recv(65536)
        leave(sock, reset=False)
        wait_until(lambda: not told(server).running and idle(server), 2)
        wait_until(lambda: server.services._keys.ledger.entries(), 2)
        entry = server.services._keys.ledger.entries()[0]
    assert (entry.ended, entry.status) == ("left", 200)
    assert entry.usage.text_out >= 4
    assert entry.first_text_ms is not None


@pytest.fixture(scope="module")
def never_answers() -> Iterator[str]:
    """A URL whose server takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/a.wav"


def test_leaving_while_it_is_fetched(tmp_path: Path, never_answers: str) -> None:
    with live(tmp_path, fetch_allow=("127.0.0.1",)) as server:
        sock = ask(server, request(never_answers))
        wait_until(lambda: server.services.places.running, 5)
        time.sleep(0.1)
        leave(sock, reset=False)
        wait_until(lambda: idle(server), 1)


def test_leaving_the_line(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(silent), limits={"running": 1}) as server:
        first, second = ask(server, request()), ask(server, request())
        wait_until(lambda: server.services.places.waiting == 1, 5)
        leave(second, reset=False)
        wait_until(lambda: server.services.places.waiting == 0, 1)
        assert server.services.places.running == 1
        leave(first, reset=False)
        wait_until(lambda: idle(server), 1)


def test_readers_who_leave_at_random_leave_nothing(tmp_path: Path) -> None:
    dice = random.Random(5)
    script = {"scripted": {"word_delay": 0.002, "speak_delay": 0.01, "hear_delay": 0.002}}
    with live(tmp_path, engines=script, limits={"key_running": 8, "key_waiting": 16}) as server:
        assert server.ask(request(stream=False)).status_code == 200
        process = psutil.Process()
        before = (process.num_fds(), len(process.children(recursive=True)))

        def visit(wait: float, reset: bool) -> None:
            sock = ask(server, spoken(LONG_SPEECH))
            time.sleep(wait)
            leave(sock, reset=reset)

        rounds = 15
        for _ in range(rounds):
            visits = [threading.Thread(target=visit, args=(dice.random() ** 2 * 0.6, dice.random() < 0.5)) for _ in range(8)]
            for thread in visits:
                thread.start()
            for thread in visits:
                thread.join()
        wait_until(lambda: idle(server), 5)
        wait_until(lambda: (process.num_fds(), len(process.children(recursive=True))) <= before, 5)
        wait_until(lambda: len(server.services._keys.ledger.entries()) >= 8 * rounds, 5)
        entries = server.services._keys.ledger.entries()
        assert server.services.bodies.free == server.services.settings.limits.bodies_bytes
        assert server.ask(request(stream=False)).status_code == 200
    assert sum(entry.ended == "left" for entry in entries) > 4 * rounds
    assert {entry.ended for entry in entries} <= {"left", "done"}


def test_a_reader_who_stalls_holds_the_engine_back_and_is_cut_off(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(endless), limits={"stalled_reader_seconds": 1.0}) as server:
        sock = ask(server, spoken(max_tokens=4096), buffer=4096)
        wait_until(lambda: told(server).running, 5)
        begun = time.monotonic()
        wait_until(lambda: not told(server).running and idle(server), 10)
        assert 0.5 < time.monotonic() - begun < 4
        wait_until(lambda: server.services._keys.ledger.entries(), 2)
        entry = server.services._keys.ledger.entries()[0]
        wait_until(lambda: not server.server.server_state.connections, 3)
        sock.close()
    assert (entry.ended, entry.code) == ("left", "reader_stalled")
    # What the kernel took in both directions, and 1 MiB at most that was held for it.
    assert entry.seconds_out * 64_000 < 8_000_000


def test_a_reader_who_crawls_is_waited_for(tmp_path: Path) -> None:
    with live(tmp_path, told_profile(endless), limits={"stalled_reader_seconds": 1.0}) as server:
        with closing(ask(server, spoken(max_tokens=4096), buffer=4096)) as sock:
            wait_until(lambda: told(server).running, 5)
            time.sleep(0.2)
            for _ in range(60):
                assert sock.recv(2048)
                time.sleep(0.05)
            assert told(server).running == 1
        wait_until(lambda: idle(server), 2)


def test_many_stalled_readers_do_not_disturb_the_others(tmp_path: Path) -> None:
    limits = {"stalled_reader_seconds": 5.0, "running": 100, "key_running": 100}
    with live(tmp_path, limits=limits) as server:
        stalled = [ask(server, spoken(LONG_SPEECH), buffer=4096) for _ in range(8)]
        wait_until(lambda: server.services.places.running == 8, 10)
        for _ in range(5):
            assert server.ask(request(stream=False)).status_code == 200
        for sock in stalled:
            sock.close()
        wait_until(lambda: idle(server), 10)


def test_the_last_words_to_a_reader_who_stalls_do_not_keep_the_connection(tmp_path: Path) -> None:
    with live(tmp_path, limits={"stalled_reader_seconds": 0.5}) as server:
        socks = [ask(server, request(stream=False), buffer=2048) for _ in range(5)]
        for sock in socks:
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n\r\n" % KEY.encode() * 50)
        wait_until(lambda: not server.server.server_state.connections, 15)
        for sock in socks:
            sock.close()
