"""Servers that engines talk to: what is sent again, how their errors become ours, and whether leaving stops them."""

import asyncio
import json
import logging
import ssl
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.engines.upstream import Upstream as Client
from livetranslate.engines.upstream.chat import converse, pictures
from livetranslate.engines.upstream.passing import Cutter, is_silent
from livetranslate.engines.upstream.sse import Base64Reader, EventReader, PcmReader
from livetranslate.errors import ContentRefused, EngineBusy, EngineError, EngineTimeout
from livetranslate.media import HEARING_RATE, Audio, Image, wav_header
from tests.support import collect, hush, in_chunks, tone
from tests.upstreams import Call, Upstream, base64

KEY = "k-0123456789-secret"


async def said(upstream: Upstream, **settings: Any) -> str:
    async with Client(upstream.url, **{"key": KEY, **settings}) as client, aclosing(converse(client, {"model": "m"})) as pieces:
        return "".join([piece.text async for piece in pieces])


async def test_an_answer_is_read_and_the_key_is_sent() -> None:
    async with Upstream(lambda call: call.say("Ho", "la")) as upstream:
        assert await said(upstream, headers={"X-Title": "t"}) == "Hola"
    assert upstream.calls[0].headers["authorization"] == f"Bearer {KEY}"
    assert upstream.calls[0].headers["x-title"] == "t"
    assert upstream.calls[0].path == "/v1/chat/completions"
    assert upstream.calls[0].body["stream"] is True


async def test_the_key_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", "from-environment")
    async with Upstream(lambda call: call.say("x")) as upstream:
        await said(upstream, key="", key_env="THEIR_KEY")
    assert upstream.calls[0].headers["authorization"] == "Bearer from-environment"


class Failing:
    """Answers badly `times` times, then well."""

    def __init__(self, bad: Any, times: int) -> None:
        self.bad, self.times, self.calls = bad, times, 0

    async def __call__(self, call: Call) -> None:
        self.calls += 1
        if self.calls <= self.times:
            await self.bad(call)
        else:
            await call.say("good")


async def busy(call: Call) -> None:
    await call.reply({"error": {"message": "later", "code": "limit_requests"}}, "429 Too Many Requests", Retry_After="0")


async def hang_up(call: Call) -> None:
    return


async def break_off_early(call: Call) -> None:
    await call.head()


async def bad_request(call: Call) -> None:
    await call.reply({"error": {"message": f"no such {KEY}", "code": "x"}}, "400 Bad Request")


@pytest.mark.parametrize("bad", [busy, hang_up, break_off_early])
async def test_what_was_not_answered_is_sent_again(bad: Any) -> None:
    reply = Failing(bad, 2)
    async with Upstream(reply) as upstream:
        assert await said(upstream) == "good"
    assert reply.calls == 3


@pytest.mark.parametrize(
    ("bad", "error", "calls"),
    [
        (busy, EngineBusy, 3),
        (hang_up, EngineError, 3),
        (bad_request, EngineError, 1),
        (lambda call: call.reply({}, "401 Unauthorized"), EngineError, 1),
        (lambda call: call.reply({}, "404 Not Found"), EngineError, 1),
        (lambda call: call.reply({}, "500 Internal Server Error"), EngineError, 1),
        (lambda call: call.reply({}, "504 Gateway Timeout"), EngineTimeout, 1),
        (lambda call: call.reply({}, "302 Found", Location="http://127.0.0.1:1/"), EngineError, 1),
        (lambda call: call.reply({"error": {"code": "data_inspection_failed"}}, "400 Bad"), ContentRefused, 1),
        (lambda call: call.reply({"choices": []}), EngineError, 1),
    ],
)
async def test_their_errors_become_ours(bad: Any, error: type[Exception], calls: int) -> None:
    reply = Failing(bad, 9)
    async with Upstream(reply) as upstream:
        with pytest.raises(error) as failure:
            await said(upstream)
    assert type(failure.value) is error
    assert reply.calls == calls
    assert KEY not in str(failure.value)
    assert "127.0.0.1" not in str(failure.value)


async def garbled(call: Call) -> None:
    await call.head()
    await call.delta("Ho")
    await call.send(b"data: {not json}\n\n")


async def told_late(call: Call) -> None:
    await call.head()
    await call.delta("Ho")
    await call.event({"error": {"message": "out of memory", "code": 500}})


async def told_by_llama(call: Call) -> None:
    await call.head()
    await call.delta("Ho")
    await call.send(b'error: {"code": 503, "message": "loading"}\n\n')


async def killed(call: Call) -> None:
    await call.head()
    await call.delta("Ho")


async def filtered(call: Call) -> None:
    await call.head()
    await call.delta("Ho")
    await call.delta("", "content_filter")
    await call.send(b"data: [DONE]\n\n")


async def stalled(call: Call) -> None:
    await call.head()
    await call.delta("Ho")
    await call.gone()


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (garbled, EngineError),
        (told_late, EngineError),
        (told_by_llama, EngineBusy),
        (killed, EngineError),
        (filtered, ContentRefused),
        (stalled, EngineTimeout),
    ],
)
async def test_a_failure_in_the_middle_is_told_and_nothing_is_sent_twice(bad: Any, error: type[Exception]) -> None:
    heard = []
    async with Upstream(bad) as upstream, Client(upstream.url, silent_seconds=0.3) as client:
        with pytest.raises(error):
            async with aclosing(converse(client, {})) as pieces:
                async for piece in pieces:
                    heard.append(piece.text)
        assert heard == ["Ho"]
        assert len(upstream.calls) == 1
        await upstream.settled()


async def test_nobody_there_is_told_after_some_tries() -> None:
    async with Upstream(hang_up) as upstream:
        url = upstream.url
    async with Client(url, tries=2) as client:
        with pytest.raises(EngineError, match="cannot be reached"):
            await collect(converse(client, {}))


@pytest.mark.parametrize("words", [0, 1])
async def test_leaving_and_being_cancelled_stop_the_server(words: int) -> None:
    stopped = asyncio.Event()

    async def endless(call: Call) -> None:
        await call.head()
        for _ in range(words):
            await call.delta("Ho")
        await call.gone()
        stopped.set()

    async with Upstream(endless) as upstream, Client(upstream.url) as client:
        if words:
            async with aclosing(converse(client, {})) as pieces:
                await anext(pieces)
        else:
            task = asyncio.create_task(collect(converse(client, {})))
            await upstream.called()
            task.cancel()
            await asyncio.wait([task])
        await asyncio.wait_for(stopped.wait(), 5)


async def test_keys_and_words_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Upstream(lambda call: call.say("Hola")) as upstream:
        await said(upstream)
    told = " ".join(record.getMessage() for record in caplog.records if record.name.startswith(("httpx", "httpcore", "live")))
    assert KEY not in told
    assert "Hola" not in told


async def test_tls_is_verified_and_an_own_authority_may_be_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    async with Upstream(lambda call: call.say("safe"), tls=tls) as upstream:
        assert await said(upstream, ca=str(tmp_path / "ca.pem")) == "safe"
        with pytest.raises(EngineError):
            await said(upstream, tries=1)


async def test_a_proxy_is_used() -> None:
    async with Upstream(lambda call: call.say("proxied")) as proxy:
        upstream = Upstream(hang_up)
        upstream.url = "http://model.internal.test/v1"
        assert await said(upstream, proxy=proxy.url.removesuffix("/v1")) == "proxied"
        assert proxy.calls[0].path == "http://model.internal.test/v1/chat/completions"


SPOKEN = tone(0.25, rate=24_000)


async def omni_audio(call: Call, pieces: list[bytes]) -> None:
    """As vLLM-Omni streams: text, then sound in the place of content, an empty one among it."""
    await call.head()
    await call.delta("Hola", modality="text")
    await call.delta("", modality="audio", audio_metadata=None)
    for piece in pieces:
        await call.delta(base64(piece), modality="audio", metrics={})
    await call.delta("", "stop", modality="audio")
    await call.send(b"data: [DONE]\n\n")


@pytest.mark.parametrize("headers", [False, True])
async def test_speech_of_vllm_omni_with_or_without_headers(headers: bool) -> None:
    cut = [SPOKEN[:4800], SPOKEN[4800:4806], SPOKEN[4806:]]
    wavs = [wav_header(len(part), 24_000) + part for part in cut]
    async with Upstream(lambda call: omni_audio(call, wavs if headers else cut)) as upstream, Client(upstream.url) as client:
        pieces = await collect(converse(client, {}))
    assert "".join(piece.text for piece in pieces) == "Hola"
    assert b"".join(piece.pcm for piece in pieces) == SPOKEN


async def test_speech_in_delta_audio_cut_anywhere_and_its_transcript() -> None:
    async def openai(call: Call) -> None:
        await call.head()
        encoded = base64(SPOKEN)
        await call.event({"choices": [{"delta": {"content": None, "audio": {"id": "a", "transcript": "Hola"}}}]})
        for start in range(0, len(encoded), 1001):
            await call.event({"choices": [{"delta": {"audio": {"data": encoded[start : start + 1001]}}}]})
        await call.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})

    async with Upstream(openai) as upstream, Client(upstream.url) as client:
        pieces = await collect(converse(client, {}))
    assert "".join(piece.text for piece in pieces) == "Hola"
    assert b"".join(piece.pcm for piece in pieces) == SPOKEN


EVENTS = b': hello\r\ndata: {"a":"x\xe2\x80\xa8y"}\r\n\r\nevent: message\ndata:{"b":\ndata: 1}\n\nid: 3\rdata: [DONE]\r\r'
TOLD = [b'{"a":"x\xe2\x80\xa8y"}', b'{"b":\n1}', b"[DONE]"]


@given(st.lists(st.integers(0, len(EVENTS)), max_size=12))
def test_events_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    reader, borders = EventReader(), [0, *sorted(cuts), len(EVENTS)]
    found = [event for a, b in pairwise(borders) for event in reader.push(EVENTS[a:b])]
    assert [*found, *reader.rest()] == TOLD


def test_an_event_without_end_is_refused() -> None:
    reader = EventReader()
    with pytest.raises(EngineError):
        for _ in range(40):
            reader.push(b"data: " + b"x" * 1_000_000)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 9), st.booleans())
def test_base64_is_the_same_however_it_is_cut_and_padded(parts: list[bytes], size: int, padded: bool) -> None:
    texts = [base64(part) for part in parts] if padded else [base64(b"".join(parts))]
    reader, out = Base64Reader(), b""
    for text in texts:
        for start in range(0, len(text), size):
            out += reader.push(text[start : start + size])
    assert out == b"".join(parts)


@given(st.lists(st.integers(0, 400), max_size=8), st.booleans())
def test_samples_are_whole_and_the_same_however_they_are_cut(cuts: list[int], header: bool) -> None:
    pcm = tone(0.01)
    data = (wav_header(len(pcm), 22_050) if header else b"") + pcm
    reader, borders, out, begins = PcmReader(24_000), [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)], b"", True
    for a, b in pairwise(borders):
        if a < b:
            piece = reader.push(data[a:b], begins=begins)
            begins = begins and reader.waits
            assert len(piece) % 2 == 0
            out += piece
    assert out == pcm
    assert reader.rate == (22_050 if header else 24_000)


def test_frames_are_spread_over_what_was_shown() -> None:
    images = tuple(Image(bytes([place]), 1, 1, place) for place in range(10))
    shown = [json.dumps(part) for part in pictures(images, 4)]
    assert shown == [json.dumps(part) for part in pictures(tuple(images[place] for place in (0, 3, 6, 9)), 4)]
    assert pictures(images, 0) == pictures((), 4) == []
    assert len(pictures(images, 1)) == 1


def test_sound_is_cut_at_its_quietest_moment_and_none_is_lost() -> None:
    pcm = tone(2.2) + hush(0.3) + tone(3.0) + hush(0.3) + tone(1.0)
    cutter, parts = Cutter(2.0, 4.0), []
    for audio in in_chunks(pcm, range(1600, len(pcm) // 2, 1600)):
        parts += cutter.push(audio)
    rest = cutter.rest()
    assert rest is not None
    parts.append(rest)
    assert b"".join(part.pcm for part in parts) == pcm
    assert parts[0].end == pytest.approx(2.35, abs=0.1)
    assert parts[1].start == parts[0].end
    assert all(part.seconds <= 4.0 for part in parts)
    assert is_silent(Audio(hush(3), HEARING_RATE))
    assert not is_silent(rest)
