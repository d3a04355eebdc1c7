"""Realtime sockets against a real server: handshakes, whole sessions, clients that leave, stall, flood or stay too long."""

import asyncio
import base64
import json
import random
import socket as sockets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from livetranslate.events import Event, Finished, Options, SpeechStarted, TextDelta
from livetranslate.keys import FILE_NAME, Keys
from livetranslate.media import HEARING_RATE, Media
from livetranslate.streams import Stream
from tests.realtime_client import RealtimeClient
from tests.server.live import KEY, Live, Told, live, told_profile, wait_until
from tests.support import hush, tone

Q3, Q35, Q38 = (f"qwen{number}-livetranslate-flash-realtime" for number in ("3", "3.5", "3.8"))
OAI = "gpt-realtime-translate"
SPEECH = hush(0.3) + tone(2.0) + hush(1.5)


def address(server: Live, model: str = Q35, path: str = "") -> str:
    route = path or ("/v1/realtime/translations" if model == OAI else "/api-ws/v1/realtime")
    return f"{server.base.replace('http', 'ws')}{route}?model={model}"


class Talk:
    """A client's side of a session."""

    def __init__(self, socket: ClientConnection, model: str) -> None:
        self.socket, self.model = socket, model
        self.checked = RealtimeClient(model)
        self.events: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def hear(self, pcm: bytes, piece: float = 0.1) -> None:
        kind = "session.input_audio_buffer.append" if self.model == OAI else "input_audio_buffer.append"
        size = 2 * round(piece * HEARING_RATE)
        for start in range(0, len(pcm), size):
            await self.send(kind, audio=base64.b64encode(pcm[start : start + size]).decode())

    async def until(self, *kinds: str) -> dict[str, Any]:
        """The next event of one of these kinds."""
        while True:
            event = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
            self.events.append(event)
            self.checked.see([event])
            if event["type"] in kinds:
                return dict(event)

    async def finish(self) -> None:
        await self.send("session.close" if self.model == OAI else "session.finish")
        await self.until("session.finished", "session.closed")

    def said(self) -> str:
        return "".join(event.get("transcript", "") for event in self.events if event["type"] == "response.audio_transcript.done")


@asynccontextmanager
async def talk(server: Live, model: str = Q35, key: str | None = KEY, **more: Any) -> AsyncIterator[Talk]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    more = {"compression": None, "proxy": None, "close_timeout": 1, "additional_headers": headers, **more}
    async with connect(more.pop("to", address(server, model)), **more) as socket:
        session = Talk(socket, model)
        await session.until("session.created")
        yield session


def rows(server: Live) -> list[Any]:
    """The ledger's realtime rows."""
    keys = Keys(server.services.settings.data_dir / FILE_NAME, [KEY])
    found = [entry for entry in keys.ledger.entries() if entry.route == "realtime"]
    keys.close()
    return found


async def row(server: Live, number: int) -> Any:
    await asyncio.to_thread(wait_until, lambda: len(rows(server)) > number, 10)
    return (await asyncio.to_thread(rows, server))[number]


def empty(server: Live) -> bool:
    return server.services.places.running == 0 and server.services.drain.active == 0


# The handshake.


async def refusal(server: Live, to: str = "", **more: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(to or address(server), compression=None, proxy=None, **more):
            pass
    response = refused.value.response
    return response.status_code, json.loads(response.body or b"{}")


async def test_a_handshake_without_a_key_is_refused(server: Live) -> None:
    for headers in ({}, {"Authorization": "Bearer sk-wrong"}, {"Authorization": KEY}):
        status, body = await refusal(server, additional_headers=headers)
        assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    status, _ = await refusal(server, f"{address(server)}&api_key={KEY}&authorization=Bearer%20{KEY}")
    assert status == 401


async def test_browsers_may_send_the_key_as_a_subprotocol(server: Live) -> None:
    offered = ["realtime", f"openai-insecure-api-key.{KEY}"]
    async with talk(server, key=None, subprotocols=offered) as session:
        assert session.socket.subprotocol == "realtime"
    status, _ = await refusal(server, subprotocols=["realtime", "openai-insecure-api-key.sk-wrong"])
    assert status == 401


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?model=no-such-model", 404, "model_not_found"),
        ("?model=gpt-realtime-translate", 404, "model_not_found"),
        ("", 400, "invalid_parameter_error"),
        ("?model=", 404, "model_not_found"),
        (f"?model={Q3}&model={Q35}", 400, "invalid_parameter_error"),
        ("?model=" + "x" * 3000, 404, "model_not_found"),
    ],
)
async def test_a_model_must_be_named(server: Live, query: str, status: int, code: str) -> None:
    got, body = await refusal(
        server, address(server).partition("?")[0] + query, additional_headers={"Authorization": f"Bearer {KEY}"}
    )
    assert (got, body["error"]["code"]) == (status, code)
    assert len(body["error"]["message"]) < 200


async def test_there_are_no_sockets_elsewhere(server: Live) -> None:
    for key, status in ((None, 401), (KEY, 404)):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with pytest.raises(InvalidStatus) as refused:
            await connect(address(server, path="/api-ws/v2/realtime"), additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == status
        assert json.loads(refused.value.response.body or b"")["error"]["message"]


async def test_a_path_prefix_and_dated_names_are_taken(server: Live) -> None:
    async with talk(server, to=address(server, f"{Q35}-2026-05-19", "/some/where/api-ws/v1/realtime")) as session:
        assert session.events[0]["session"]["model"].endswith("2026-05-19")


async def test_pages_of_other_sites_are_refused_where_no_key_is_needed(tmp_path: Path) -> None:
    with live(tmp_path, api_keys=()) as server:
        async with talk(server, key=None, origin=server.base):
            pass
        status, body = await refusal(server, origin="http://evil.test")
        assert status == 400
        assert "another site" in body["error"]["message"]


async def test_a_server_that_is_full_or_not_up_refuses_with_a_status(tmp_path: Path) -> None:
    limits = {"running": 1, "waiting": 0, "key_running": 1, "key_waiting": 0}
    headers = {"Authorization": f"Bearer {KEY}"}
    with live(tmp_path / "full", limits=limits) as server:
        async with talk(server):
            status, body = await refusal(server, additional_headers=headers)
            assert (status, body["error"]["code"]) == (429, "limit_requests")
        await asyncio.to_thread(wait_until, lambda: empty(server), 5)
        async with talk(server) as session:
            await session.finish()
            async with talk(server):
                pass  # a session that is over is in nobody's way

    async def never() -> None:
        await asyncio.Event().wait()

    with live(tmp_path / "loading", told_profile(_nothing, never), loads=False) as server:
        status, body = await refusal(server, additional_headers=headers)
        assert (status, body["error"]["code"]) == (503, "ModelUnavailable")


async def _nothing(media: Stream[Media], options: Options) -> Stream[Event]:
    async for _ in media:
        pass
    yield Finished()


# Whole sessions.


@pytest.mark.parametrize("model", [Q3, Q35, Q38, OAI])
async def test_a_session_from_hello_to_farewell(tmp_path: Path, model: str) -> None:
    with live(tmp_path) as server:
        async with talk(server, model) as session:
            spanish = {"audio": {"output": {"language": "es"}}} if model == OAI else {"translation": {"language": "es"}}
            await session.send("session.update", session=spanish)
            await session.until("session.updated")
            await session.hear(SPEECH)
            await session.finish()
            if model == OAI:
                with pytest.raises(ConnectionClosed):
                    await session.socket.recv()
                assert session.socket.close_code == 1000
        entry = await row(server, 0)
        assert (entry.model, entry.target, entry.status, entry.ended, entry.code) == (model, "es", 101, "done", None)
        assert entry.seconds_in == pytest.approx(3.8 if model != OAI else 3.8 / 1.5, abs=0.05)
        assert entry.seconds_out > 0.5
        assert entry.usage.audio_in == pytest.approx(entry.seconds_in * (7 if model in (Q35, Q38) else 12.5), abs=1)
        assert entry.usage.audio_out == pytest.approx(entry.seconds_out * 12.5, abs=1)
        assert empty(server)


async def test_sessions_with_different_everything_do_not_mix(server: Live) -> None:
    async def one(model: str, target: str, voice: str, pitch: float) -> str:
        async with talk(server, model) as session:
            await session.send("session.update", session={"translation": {"language": target}, "voice": voice})
            await session.until("session.updated")
            await session.hear(hush(0.3) + tone(2.0, pitch) + hush(1.2), 0.05)
            await session.finish()
            created = [event["response"] for event in session.events if event["type"] == "response.created"]
            assert all(response.get("voice", voice) == voice for response in created)
            return session.said()

    wanted = [(Q3, "es", "Cherry", 300.0), (Q35, "zh", "Ethan", 310.0), (Q38, "ru", "Tina", 320.0), (Q35, "de", "Mia", 330.0)]
    alone = [await one(*each) for each in wanted]
    assert len(set(alone)) == 4
    for _ in range(3):
        assert list(await asyncio.gather(*(one(*each) for each in wanted))) == alone


async def test_settings_change_between_two_utterances(server: Live) -> None:
    async with talk(server) as session:
        for target in ("es", "zh", "fr"):
            await session.send("session.update", session={"translation": {"language": target}})
            await session.until("session.updated")
            await session.hear(SPEECH)
            await session.until("response.done")
        await session.finish()
    texts = [event["transcript"] for event in session.events if event["type"] == "response.audio_transcript.done"]
    assert len(texts) == 3
    assert any("\u4e00" <= letter <= "\u9fff" for letter in texts[1])


async def test_cumulative_usage_is_a_setting(tmp_path: Path) -> None:
    told = {}
    for cumulative in (False, True):
        with live(tmp_path / str(cumulative), cumulative_usage=cumulative) as server:
            async with talk(server) as session:
                await session.hear(SPEECH + SPEECH)
                await session.finish()
        usages = [event["response"]["usage"] for event in session.events if event["type"] == "response.done"]
        told[cumulative] = [usage["input_tokens_details"]["audio_tokens"] for usage in usages]
    assert told[True] == [told[False][0], sum(told[False])]


# Engines that die.


async def test_an_engine_that_dies_once_does_not_end_the_session(tmp_path: Path) -> None:
    died: list[int] = []

    async def tell(media: Stream[Media], options: Options) -> Stream[Event]:
        async for item in media:
            if not died:
                died.append(1)
                yield SpeechStarted(0.0)
                yield TextDelta(0, "Hol")
                raise RuntimeError("boom")
            del item
        async for event in _nothing(media, options):
            yield event

    with live(tmp_path, told_profile(tell)) as server:
        async with talk(server) as session:
            await session.hear(tone(0.3))
            event = await session.until("error")
            assert event["error"]["code"] == "internal_error"
            assert "boom" not in json.dumps(session.events)
            await session.hear(tone(0.3))
            await session.finish()


async def test_an_engine_that_fails_is_told_and_the_third_time_it_is_over(tmp_path: Path) -> None:
    with live(tmp_path, engines={"scripted": {"fault": "fail", "fault_in": "recognizer"}}) as server:
        async with talk(server) as session:
            for _ in range(3):
                await session.hear(SPEECH)
                event = await session.until("error")
                assert event["error"]["code"] == "ModelServingError"
                assert session.checked.open is None
            with pytest.raises(ConnectionClosed):
                await session.socket.recv()
            assert session.socket.close_code == 1011
        entry = await row(server, 0)
        assert (entry.ended, entry.code) == ("failed", "ModelServingError")
        assert entry.seconds_in > 3
        assert empty(server)


async def test_an_engine_that_fails_by_hand_fails_that_commit(tmp_path: Path) -> None:
    with live(tmp_path, engines={"scripted": {"fault": "fail", "fault_in": "translator"}}) as server:
        async with talk(server) as session:
            await session.send("session.update", session={"turn_detection": None, "translation": {"language": "es"}})
            for _ in range(2):
                await session.hear(SPEECH)
                await session.send("input_audio_buffer.commit")
                done = await session.until("response.done")
                assert done["response"]["status"] == "failed"
                await session.until("error")
            await session.finish()


# Clients that leave, stall, flood or stay too long.


async def test_clients_that_leave_at_any_moment_leave_nothing_open(tmp_path: Path) -> None:
    chance = random.Random(8)
    with live(tmp_path, engines={"scripted": {"hear_delay": 0.05, "word_delay": 0.01, "speak_delay": 0.02}}) as server:

        async def leave(model: str, after: float, *, abruptly: bool) -> None:
            async with talk(server, model) as session:
                sending = asyncio.create_task(session.hear(SPEECH + SPEECH))
                await asyncio.sleep(after)
                sending.cancel()
                await asyncio.wait([sending])
                if abruptly:
                    session.socket.transport.abort()

        for _ in range(6):
            leaving = [
                leave(chance.choice([Q3, Q35, Q38, OAI]), chance.uniform(0, 0.6), abruptly=chance.random() < 0.7)
                for _ in range(8)
            ]
            await asyncio.gather(*leaving)
        await asyncio.to_thread(wait_until, lambda: empty(server), 5)
        await row(server, 47)
        found = await asyncio.to_thread(rows, server)
        assert {one.ended for one in found} == {"left"}
        assert any(one.usage.audio_in for one in found)
        async with talk(server) as session:
            await session.hear(SPEECH)
            await session.finish()


async def test_a_client_that_leaves_stops_the_work_at_once(tmp_path: Path) -> None:
    profile = told_profile(_endless)
    told = profile.interpreter
    assert isinstance(told, Told)
    with live(tmp_path, profile) as server:
        async with talk(server) as session:
            await session.hear(tone(0.2))
            await session.until("response.created")
            assert told.running == 1
        await asyncio.to_thread(wait_until, lambda: told.running == 0, 1.0)
        assert empty(server)


async def _endless(media: Stream[Media], options: Options) -> Stream[Event]:
    await anext(media)
    yield SpeechStarted(0.0)
    while True:
        yield TextDelta(0, "ja ")
        await asyncio.sleep(0.01)


def raw_handshake(server: Live) -> sockets.socket:
    """A socket whose owner reads only when a test does."""
    raw = server.connect()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    lines = [
        f"GET /api-ws/v1/realtime?model={Q35} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {KEY}",
    ]
    raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += raw.recv(1)
    assert b" 101 " in answer
    return raw


def masked(payload: bytes, opcode: int = 1, *, fin: bool = True) -> bytes:
    """A client's frame, masked with zeros."""
    head = bytes([opcode | (0x80 if fin else 0)])
    size = len(payload)
    length = (
        bytes([0x80 | size])
        if size < 126
        else bytes([0xFE]) + size.to_bytes(2)
        if size < 65536
        else bytes([0xFF]) + size.to_bytes(8)
    )
    return head + length + bytes(4) + payload


def text_frame(kind: str, **fields: Any) -> bytes:
    return masked(json.dumps({"type": kind, **fields}).encode())


def closed(raw: sockets.socket, seconds: float) -> bool:
    """Whether the server ends the connection in time, whatever it still sends."""
    raw.settimeout(seconds)
    try:
        while raw.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


async def test_a_reader_that_takes_nothing_is_cut_off_and_its_place_is_free_again(tmp_path: Path) -> None:
    async def shout(media: Stream[Media], options: Options) -> Stream[Event]:
        await anext(media)
        yield SpeechStarted(0.0)
        while True:
            yield TextDelta(0, "x" * 10_000)

    with live(tmp_path, told_profile(shout), limits={"stalled_reader_seconds": 1.0}) as server:
        raw = await asyncio.to_thread(raw_handshake, server)
        await asyncio.to_thread(raw.sendall, text_frame("input_audio_buffer.append", audio=base64.b64encode(tone(0.1)).decode()))
        await asyncio.to_thread(wait_until, lambda: server.services.places.running == 1, 5)
        await asyncio.to_thread(wait_until, lambda: empty(server), 8)
        raw.close()
        entry = await row(server, 0)
        assert entry.code == "reader_stalled"


async def test_sound_beyond_the_backlog_waits_in_the_client(tmp_path: Path) -> None:
    async def deaf(media: Stream[Media], options: Options) -> Stream[Event]:
        await asyncio.Event().wait()
        yield Finished()

    with live(tmp_path, told_profile(deaf), limits={"session_backlog_seconds": 5.0}) as server:
        async with talk(server) as session:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.hear(bytes(2 * HEARING_RATE * 600), 1.0), 3)
        await asyncio.to_thread(wait_until, lambda: empty(server), 5)
        assert (await row(server, 0)).seconds_in == 0


async def test_a_message_that_is_too_large_closes_the_socket(server: Live) -> None:
    async with talk(server) as session:
        with pytest.raises(ConnectionClosed):
            await session.socket.send("x" * (17 * 1024 * 1024))
            await session.until("nothing")
        assert session.socket.close_code == 1009


async def test_a_flood_of_nonsense_ends_the_session(server: Live) -> None:
    async with talk(server) as session:
        with pytest.raises(ConnectionClosed):
            for _ in range(1200):
                await session.socket.send(b"\x00")
            while True:
                await session.until("nothing")
        assert session.socket.close_code == 1008


async def test_floods_of_fragments_and_pings_are_cut_off(server: Live) -> None:
    for frame, count in ((masked(b"", 0, fin=False), 20_000), (masked(b"p" * 120, 9), 200_000)):
        raw = await asyncio.to_thread(raw_handshake, server)
        if frame[0] & 0x0F == 0:
            await asyncio.to_thread(raw.sendall, masked(b"", 1, fin=False))

        def flood(raw: sockets.socket = raw, frame: bytes = frame, count: int = count) -> bool:
            raw.settimeout(10)
            try:
                for _ in range(count // 1000):
                    raw.sendall(frame * 1000)
            except OSError:
                return True
            return closed(raw, 5)

        assert await asyncio.to_thread(flood)
        raw.close()
    await asyncio.to_thread(wait_until, lambda: empty(server), 5)


@pytest.mark.parametrize("frame", [b"\xc1\x80\0\0\0\0", b"\x81\x05hello", masked(b"\xff\xfe", 1), b"\x83\x80\0\0\0\0"])
async def test_frames_against_the_protocol_end_the_connection(server: Live, frame: bytes) -> None:
    raw = await asyncio.to_thread(raw_handshake, server)
    await asyncio.to_thread(raw.sendall, frame)
    assert await asyncio.to_thread(closed, raw, 10)
    raw.close()


async def test_a_session_ends_when_its_time_is_up(tmp_path: Path) -> None:
    with live(tmp_path, limits={"session_seconds": 1.0}) as server:
        async with talk(server) as session:
            await session.hear(hush(0.2) + tone(1.0))
            event = await session.until("error")
            assert event["error"]["code"] == "session_expired"
            await session.until("session.finished")
            assert session.said(), "what was said is translated"
            with pytest.raises(ConnectionClosed):
                await session.socket.recv()
            assert session.socket.close_code == 1000
        async with talk(server) as session:
            await session.finish()
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(session.socket.recv(), 5)


async def test_tokens_that_are_used_up_end_the_session(tmp_path: Path) -> None:
    with live(tmp_path, token_limit="150/minute") as server:
        async with talk(server) as session:
            await session.hear(hush(40))
            event = await session.until("error")
            assert event["error"]["code"] == "insufficient_quota"
            with pytest.raises(ConnectionClosed):
                await session.socket.recv()
            assert session.socket.close_code == 1008


async def test_a_server_that_stops_says_so(tmp_path: Path) -> None:
    with live(tmp_path, limits={"drain_seconds": 1.0}) as server:
        async with talk(server) as session:
            await session.hear(tone(0.5))
            await asyncio.to_thread(server.server.drain)
            await asyncio.sleep(0.3)
            await session.hear(tone(0.5))
            event = await session.until("error")
            assert event["error"]["code"] == "ModelUnavailable"
            with pytest.raises(ConnectionClosed):
                await session.socket.recv()
            assert session.socket.close_code == 1012


@pytest.fixture(scope="module", autouse=True)
def _the_server_is_left_empty(server: Live) -> Iterator[None]:
    yield
    wait_until(lambda: empty(server), 5)
    assert httpx.get(f"{server.base}/healthz", trust_env=False).status_code == 200
