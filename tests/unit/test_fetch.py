"""Fetching: what is asked of a server, what is taken from it, how it fails and when that is told."""

import asyncio
import base64
import gc
import hashlib
import os
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import trustme
import uvloop

from livetranslate.errors import BadUrl, FetchFailed, LivetranslateError, TooBig
from livetranslate.fetch import Fetcher, FetchLimits
from tests.net import GOOD, WAV, Canary, Connects, Names, Visit, Web

SOON = FetchLimits(
    dns_seconds=0.2,
    connect_seconds=0.2,
    first_byte_seconds=0.3,
    total_seconds=3.0,
    slowest_rate=10_000,
    rate_seconds=0.4,
    failure_seconds=0.0,
    audio_bytes=200_000,
    video_bytes=400_000,
)


def fetcher(limits: FetchLimits = SOON, names: Names | None = None, tls: ssl.SSLContext | None = None) -> Fetcher:
    return Fetcher(limits, allow=[GOOD], resolve=names or Names(), tls=tls)


async def taken(fetcher: Fetcher, source: str, *, video: bool = False) -> bytes:
    """The bytes that a fetch brings."""
    with await fetcher.fetch(source, video) as blob:
        data = os.pread(blob.fileno(), blob.size + 1, 0)
        assert len(data) == blob.size
        assert hashlib.sha256(data).hexdigest() == blob.sha256
        return data


async def failure(fetcher: Fetcher, source: str) -> LivetranslateError:
    """What a fetch that must fail raises."""
    with pytest.raises(LivetranslateError) as raised:
        (await fetcher.fetch(source)).close()
    return raised.value


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web() as server:
        yield server


async def test_brings_the_bytes(web: Web) -> None:
    body = os.urandom(190_000)
    web.pages["/a.wav"] = lambda visit: visit.answer(body, Content_Type="audio/wav")
    async with fetcher() as fetch:
        assert await taken(fetch, web.url("/a.wav")) == body
        assert await taken(fetch, web.url("/a.wav", "allowed.test")) == body


async def test_asks_by_name_and_tells_nothing_else(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with Canary() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://user:secret@127.0.0.1:{proxy.port}")
        (tmp_path / ".netrc").write_text(
            f"machine allowed.test login me password secret\nmachine {GOOD} login me password secret\n"
        )
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        async with fetcher() as fetch:
            await taken(fetch, web.url("/a%20b c/ü.wav?x=1&y=%2F ü#part", "Allowed.TEST"))
        assert proxy.accepts == 0
    (visit,) = web.visits
    assert visit.path == "/a%20b%20c/%C3%BC.wav?x=1&y=%2F%20%C3%BC"
    assert visit.headers == {
        "host": f"allowed.test:{web.port}",
        "user-agent": "livetranslate",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }


async def test_connects_to_the_checked_address_alone(web: Web) -> None:
    """A name whose answer changes after the look-up gains nothing: it is looked up once."""

    class Turning(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            self.asked.append(host)
            return [GOOD if len(self.asked) % 2 else "127.0.0.1"]

    names = Turning()
    async with Canary() as canary, fetcher(names=names) as fetch:
        with Connects((GOOD, web.port)) as connects:
            for number in range(100):
                if number % 2:
                    assert isinstance(await failure(fetch, web.url("/", "turning.test")), FetchFailed)
                else:
                    assert await taken(fetch, web.url("/", "turning.test")) == WAV
        assert connects.others == []
        assert canary.accepts == 0
    assert len(names.asked) == 100


async def test_takes_the_next_address_when_one_is_dead(web: Web) -> None:
    names = Names({"two.test": ["127.0.0.3", "127.0.0.4", GOOD]})
    async with Fetcher(SOON, allow=["two.test"], resolve=names) as fetch:
        assert await taken(fetch, web.url("/", "two.test")) == WAV


async def test_follows_three_redirects_without_cookies(web: Web) -> None:
    async def moved(visit: Visit, to: str, status: int) -> None:
        await visit.answer(b"", f"{status} Moved", Location=to, Set_Cookie="a=b; Path=/")

    web.pages["/1"] = lambda visit: moved(visit, "/2?q", 301)
    web.pages["/2?q"] = lambda visit: moved(visit, f"//allowed.test:{web.port}/3", 307)
    web.pages["/3"] = lambda visit: moved(visit, "../x/../4", 308)
    web.pages["/0"] = lambda visit: moved(visit, "1", 303)
    async with fetcher() as fetch:
        assert await taken(fetch, web.url("/1")) == WAV
        assert [visit.path for visit in web.visits] == ["/1", "/2?q", "/3", "/4"]
        assert not any("cookie" in visit.headers or "referer" in visit.headers for visit in web.visits)
        assert isinstance(await failure(fetch, web.url("/0")), FetchFailed)
        assert [visit.path for visit in web.visits[4:]] == ["/0", "/1", "/2?q", "/3"]


@pytest.mark.parametrize(
    "location", ["", "file:///etc/passwd", "data:audio/wav;base64,AAAA", "ftp://allowed.test/", "http://", "//[", "http://a b/"]
)
async def test_redirects_to_no_url_of_ours_fail(web: Web, location: str) -> None:
    web.pages["/"] = lambda visit: visit.answer(b"", "302 Found", Location=location)
    async with fetcher() as fetch:
        error = await failure(fetch, web.url())
    assert type(error) is FetchFailed
    assert error.message == FetchFailed.sentence


@pytest.mark.parametrize(
    "kind", ["text/html", "TEXT/HTML; charset=utf-8", "application/json", "text/plain", "image/png", "application/vnd.api+json",
             "application/vnd.apple.mpegurl", "audio/x-mpegurl", "application/dash+xml"],
)  # fmt: skip
async def test_content_that_cannot_be_media_is_refused(web: Web, kind: str) -> None:
    web.pages["/"] = lambda visit: visit.answer(Content_Type=kind)
    async with fetcher() as fetch:
        error = await failure(fetch, web.url())
    assert type(error) is FetchFailed
    assert "Wrong Content-Type of multimodal url" in error.message


@pytest.mark.parametrize(
    "kind", ["audio/wav", "video/mp4", "application/octet-stream", "binary/octet-stream", "application/ogg", "", "?"]
)
async def test_other_content_is_taken(web: Web, kind: str) -> None:
    web.pages["/"] = lambda visit: visit.answer(Content_Type=kind)
    async with fetcher() as fetch:
        assert await taken(fetch, web.url()) == WAV


async def test_a_length_is_demanded(web: Web) -> None:
    async def chunked(visit: Visit) -> None:
        await visit.answer(b"3\r\nabc\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked")

    web.pages |= {"/none": lambda visit: visit.answer(length=None), "/chunked": chunked}
    async with fetcher() as fetch:
        for path in ("/none", "/chunked"):
            error = await failure(fetch, web.url(path))
            assert type(error) is FetchFailed
            assert error.message == "Missing Content-Length of multimodal url."


async def test_sizes_are_bounded(web: Web) -> None:
    web.pages["/"] = lambda visit: visit.answer(bytes(200_001))
    async with fetcher() as fetch:
        assert type(await failure(fetch, web.url())) is TooBig
        assert len(await taken(fetch, web.url(), video=True)) == 200_001


async def test_all_other_failures_read_the_same(web: Web) -> None:
    async def torn(visit: Visit) -> None:
        await visit.answer(WAV[:1000], length=len(WAV))

    async def silent(visit: Visit) -> None:
        pass

    web.pages |= {
        "/404": lambda visit: visit.answer(b"no", "404 Not Found", Content_Type="text/html"),
        "/500": lambda visit: visit.answer(b"no", "500 Oh"),
        "/206": lambda visit: visit.answer(WAV, "206 Partial Content"),
        "/304": lambda visit: visit.answer(b"", "304 Not Modified"),
        "/gzip": lambda visit: visit.answer(WAV, Content_Encoding="gzip"),
        "/torn": torn,
        "/silent": silent,
        "/both": lambda visit: visit.answer(b"0\r\n\r\n", length=5, Transfer_Encoding="chunked"),
    }
    async with Canary() as inside, Web() as closed:
        pass
    async with fetcher() as fetch:
        sources = [web.url(path) for path in web.pages]
        sources += [closed.url(), "http://127.0.0.1/", f"http://inside.test:{inside.port}/", "http://nowhere.test/"]
        told = [await failure(fetch, source) for source in sources]
    assert {type(error) for error in told} == {FetchFailed}
    assert {error.message for error in told} == {"Failed to download multimodal content."}


async def test_failures_are_told_at_the_same_time(web: Web) -> None:
    """A refused address, a closed port, an unknown name, a 404 and a slow 404 are told alike: the time is no port scanner."""

    async def late(visit: Visit) -> None:
        await asyncio.sleep(0.15)
        await visit.answer(b"", "404 Not Found")

    web.pages |= {"/404": lambda visit: visit.answer(b"", "404 Not Found"), "/late": late}
    async with Web() as closed:
        pass
    limits = FetchLimits(failure_seconds=0.8)
    async with Fetcher(limits, allow=[GOOD, "inside.test"], resolve=Names({"inside.test": ["127.0.0.9"]})) as fetch:

        async def timed(source: str) -> float:
            begun = time.monotonic()
            assert type(await failure(fetch, source)) is FetchFailed
            return time.monotonic() - begun

        sources = [web.url("/404"), web.url("/late"), closed.url(), "http://127.0.0.1:80/", "http://nowhere.test/", "http://a@b/"]
        took = await asyncio.gather(*map(timed, sources))
    assert min(took) >= 0.8
    assert max(took) < 1.6
    assert max(took) - min(took) < 0.4


async def test_time_outs_are_told_at_one_time(web: Web) -> None:
    """A name server, a listener and a server that never answer are told alike, at the end of all three limits."""

    class Slow(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            if host == "slow.test":
                await asyncio.sleep(30)
            return [GOOD]

    async def never(visit: Visit) -> None:
        await visit.gone()

    async def dripping(visit: Visit) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" * 9:
            await visit.send(bytes([letter]))
            await asyncio.sleep(0.05)

    web.pages |= {"/never": never, "/dripping": dripping}
    async with fetcher(names=Slow()) as fetch:
        for source in ("http://slow.test/", web.url("/never"), web.url("/dripping")):
            begun = time.monotonic()
            error = await failure(fetch, source)
            assert type(error) is FetchFailed
            assert error.message == "Download multimodal file timed out"
            assert SOON.silent_seconds <= time.monotonic() - begun < SOON.silent_seconds + 0.5


async def test_a_body_that_drips_is_cut(web: Web) -> None:
    async def dripping(visit: Visit) -> None:
        await visit.answer(b"", length=1000)
        while True:
            await visit.send(b"a")
            await asyncio.sleep(0.02)

    async def stalling(visit: Visit) -> None:
        await visit.answer(bytes(100_000), length=150_000)
        await visit.gone()

    async def steady(visit: Visit) -> None:
        await visit.answer(b"", length=100_000)
        for _ in range(10):
            await visit.send(bytes(10_000))
            await asyncio.sleep(0.08)

    web.pages |= {"/dripping": dripping, "/stalling": stalling, "/steady": steady}
    async with fetcher() as fetch:
        for path in ("/dripping", "/stalling"):
            begun = time.monotonic()
            assert (await failure(fetch, web.url(path))).message == "Download multimodal file timed out"
            assert time.monotonic() - begun < 2  # and not only at the end of all time
        assert len(await taken(fetch, web.url("/steady"))) == 100_000


async def test_the_whole_has_a_limit(web: Web) -> None:
    async def endless(visit: Visit) -> None:
        await visit.answer(b"", length=150_000)
        while True:
            await visit.send(bytes(700))
            await asyncio.sleep(0.02)

    web.pages["/"] = endless
    limits = FetchLimits(
        total_seconds=0.8, rate_seconds=0.4, first_byte_seconds=0.1, connect_seconds=0.1, dns_seconds=0.1, failure_seconds=0
    )
    async with fetcher(limits) as fetch:
        begun = time.monotonic()
        assert (await failure(fetch, web.url())).message == "Download multimodal file timed out"
        assert 0.8 <= time.monotonic() - begun < 1.6


async def test_leaving_stops_the_download(web: Web) -> None:
    left = asyncio.Event()

    async def endless(visit: Visit) -> None:
        await visit.answer(bytes(60_000), length=190_000)
        await visit.gone()
        left.set()

    web.pages["/"] = endless
    process = psutil.Process()
    async with fetcher(FetchLimits()) as fetch:
        before = process.num_fds()
        task = asyncio.create_task(fetch.fetch(web.url()))
        await web.visited.wait()
        await asyncio.sleep(0.1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with asyncio.timeout(0.25):
            await left.wait()
        await asyncio.sleep(0.05)
        assert process.num_fds() == before


def certificates(
    authority: trustme.CA, name: str, begun: datetime | None = None, ended: datetime | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_before=begun, not_after=ended).configure_cert(context)
    return context


async def test_tls_is_verified_by_the_name() -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    past = datetime.now(UTC) - timedelta(days=2)
    servers = {
        "good": certificates(authority, "allowed.test"),
        "wrong name": certificates(authority, "other.test"),
        "self-signed": certificates(stranger, "allowed.test"),
        "expired": certificates(authority, "allowed.test", past, past + timedelta(days=1)),
    }
    asked: list[str | None] = []
    servers["good"].sni_callback = lambda _socket, name, _context: asked.append(name)
    async with fetcher(tls=trusting) as fetch:
        for kind, tls in servers.items():
            async with Web(tls=tls) as web:
                source = web.url("/", "allowed.test", "https")
                if kind == "good":
                    assert await taken(fetch, source) == WAV
                    assert web.visits[0].headers["host"] == f"allowed.test:{web.port}"
                else:
                    error = await failure(fetch, source)
                    assert (type(error), error.message) == (FetchFailed, FetchFailed.sentence), kind
                    assert web.visits == []
    assert asked == ["allowed.test"]


async def test_a_tls_handshake_that_stalls_is_a_time_out(web: Web) -> None:
    async with fetcher() as fetch:
        error = await failure(fetch, web.url("/", "allowed.test", "https"))
    assert error.message == "Download multimodal file timed out"
    gc.collect()  # a connection left open would warn now


def inline(data: bytes, head: str = "data:audio/wav;base64,") -> str:
    return head + base64.b64encode(data).decode()


async def test_data_urls_are_decoded() -> None:
    async with fetcher() as fetch:
        for head in (
            "data:audio/wav;base64,",
            "DATA:;BASE64,",
            "data:;base64,",
            "data:audio/ogg;codecs=opus;base64,",
            "data:video/mp4;base64,",
        ):
            assert await taken(fetch, inline(WAV, head)) == WAV
        assert await taken(fetch, "data:audio/wav;base64,") == b""


@pytest.mark.parametrize(
    "source",
    [
        *("data:", "data:,", "data:audio/wav,abc", "data:audio/wav;base64", "data:audio/wav;base64;base64,AAAA"),
        *("data:text/html;base64,AAAA", "data:image/png;base64,AAAA", " data:audio/wav;base64,AAAA"),
        *("data:audio/wav;base64," + text for text in ("@@@@", "AAA", "AAAA=", "AA=A", "AA AA", "AA\nAA", "A-_A", "QUJD!!!REVG")),
        *("data:audio/wav;base64," + text for text in ("ÄÄÄÄ", "\0AAA", "\ud800AAA", "A" * 4001)),
        *("data:" + "a" * 3_000_000 + ";base64,AAAA", "data:audio/wav;" + "a=b;" * 500_000 + "base64,AAAA"),
    ],
    ids=lambda source: ascii(source[:50]),
)
async def test_other_data_urls_are_refused(source: str) -> None:
    async with fetcher() as fetch:
        begun = time.monotonic()
        assert type(await failure(fetch, source)) is BadUrl
        assert time.monotonic() - begun < 0.5


async def test_data_urls_are_bounded_to_the_character() -> None:
    head = "data:audio/wav;base64,"
    most = head + "A" * (10_485_760 - len(head) - (10_485_760 - len(head)) % 4)
    async with fetcher() as fetch:
        assert len(await taken(fetch, most)) == (len(most) - len(head)) // 4 * 3
        error = await failure(fetch, most + "A" * (10_485_761 - len(most)))
    assert type(error) is TooBig
    assert error.message == "Exceeded limit on max bytes per data-uri item : 10485760'."


async def test_many_at_once(web: Web) -> None:
    async with fetcher() as fetch:
        bodies = await asyncio.gather(*(taken(fetch, web.url(f"/{number}")) for number in range(64)))
    assert set(bodies) == {WAV}


async def test_the_system_is_asked_for_names(web: Web) -> None:
    async with Fetcher(SOON, allow=["localhost"]) as fetch:
        async with Web(host="127.0.0.1") as home:
            assert await taken(fetch, home.url("/", "localhost")) == WAV
        assert type(await failure(fetch, "http://no-such-host.invalid/")) is FetchFailed


async def test_ports_are_a_list_except_where_exempt(web: Web) -> None:
    names = Names({"public.test": ["1.1.1.1"], "named.test": [GOOD]})
    async with Fetcher(SOON, resolve=names) as fetch:
        assert type(await failure(fetch, "http://public.test:22/")) is BadUrl
        assert type(await failure(fetch, "http://1.1.1.1:6379/")) is BadUrl
    assert names.asked == []
    async with Fetcher(SOON, allow=["named.test"], resolve=names) as fetch:
        assert await taken(fetch, web.url("/", "named.test")) == WAV
    async with Fetcher(SOON, allow=["127.0.0.0/30"], resolve=names) as fetch:
        assert await taken(fetch, web.url("/", "named.test")) == WAV
        assert type(await failure(fetch, "http://public.test:22/")) is BadUrl


def test_fetches_on_uvloop() -> None:
    """The server's loop: a good fetch, one that hangs, and one that is left."""

    async def never(visit: Visit) -> None:
        await visit.gone()

    async def run() -> None:
        async with Web({"/never": never}) as web, fetcher() as fetch:
            assert await taken(fetch, web.url("/", "allowed.test")) == WAV
            assert (await failure(fetch, web.url("/never"))).message == "Download multimodal file timed out"
            task = asyncio.create_task(fetch.fetch(web.url("/never")))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    uvloop.run(run())
