"""The other end of a fetch, gone wrong: lies about lengths, bombs, drips, resets, rubbish. All fail alike in little memory."""

import asyncio
import gzip
import random
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import psutil
import pytest

from livetranslate.errors import FetchFailed, LivetranslateError, TooBig
from livetranslate.fetch import Fetcher, FetchLimits
from tests.net import GOOD, WAV, Names, Visit, Web

LIMITS = FetchLimits(
    dns_seconds=0.3,
    connect_seconds=0.3,
    first_byte_seconds=0.3,
    total_seconds=2,
    slowest_rate=100_000,
    rate_seconds=0.3,
    failure_seconds=0,
    audio_bytes=3_000_000,
)
MOST_MEMORY = 4_000_000
"""That a fetch may need of Python's memory, whatever is sent."""

Page = Callable[[Visit], Awaitable[None]]


@pytest.fixture
async def fetch() -> AsyncIterator[Fetcher]:
    async with Fetcher(LIMITS, allow=[GOOD], resolve=Names()) as fetcher:
        yield fetcher


async def outcome(fetch: Fetcher, source: str) -> LivetranslateError | int:
    """The error, or the size of what came."""
    try:
        with await fetch.fetch(source) as blob:
            return blob.size
    except LivetranslateError as error:
        return error


async def zeros(visit: Visit, head: bytes) -> None:
    """The head, then zeros for ever."""
    await visit.send(head)
    while True:
        await visit.send(bytes(65536))


async def said(visit: Visit, data: bytes) -> None:
    await visit.send(data)


async def reset(visit: Visit, share: float) -> None:
    """The beginning of a body, then a reset."""
    await visit.answer(WAV[: int(share * len(WAV))], length=len(WAV))
    visit.writer.transport.abort()


def head(*lines: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *lines, "", ""]).encode("latin-1")


FAULTS: dict[str, Page] = {
    "F02 zeros for ever, no length": partial(zeros, head=head()),
    "F03 chunks for ever": partial(zeros, head=head("Transfer-Encoding: chunked") + b"ffffffff\r\n"),
    "F04 length minus one": partial(zeros, head=head("Content-Length: -1")),
    "F04 two lengths": partial(zeros, head=head("Content-Length: 44", "Content-Length: 45")),
    "F04 two lengths in one": partial(zeros, head=head("Content-Length: 44, 45")),
    "F04 length in words": partial(zeros, head=head("Content-Length: 0x2c")),
    "F04 length in other digits": partial(zeros, head="HTTP/1.1 200 OK\r\nContent-Length: ٤٤\r\n\r\n".encode()),
    "F04 length and chunks": partial(zeros, head=head("Content-Length: 44", "Transfer-Encoding: chunked")),
    "F05 a byte at a time": partial(said, data=head("Content-Length: 44")),
    "F08 reset at 1 %": partial(reset, share=0.01),
    "F08 reset at 50 %": partial(reset, share=0.5),
    "F08 reset at 99 %": partial(reset, share=0.99),
    **{
        f"F09 {status}": partial(Visit.answer, body=b"<html>", status=f"{status} X", Content_Type="text/html")
        for status in (201, 204, 205, 206, 226, 300, 304, 305, 306, 400, 401, 403, 404, 407, 416, 429, 500, 503, 599)
    },
    "F09 101": partial(said, data=head("Upgrade: x", "Connection: upgrade", status="HTTP/1.1 101 Switching Protocols")),
    "F12 gzip": partial(Visit.answer, body=gzip.compress(bytes(3_000_000)), Content_Encoding="gzip"),
    "F12 double gzip": partial(Visit.answer, body=gzip.compress(gzip.compress(WAV)), Content_Encoding="gzip, gzip"),
    "F12 br": partial(Visit.answer, body=WAV, Content_Encoding="br"),
    "F12 zstd": partial(Visit.answer, body=WAV, Content_Encoding="zstd"),
    "F12 deflate": partial(Visit.answer, body=WAV, Content_Encoding="deflate"),
    "F12 unknown": partial(Visit.answer, body=WAV, Content_Encoding="x"),
    "F13 long status line": partial(zeros, head=b"HTTP/1.1 200 " + b"O" * 200_000),
    "F13 many headers": partial(zeros, head=head(*(f"X-{number}: {number}" for number in range(10_000)), "Content-Length: 44")),
    "F13 endless header": partial(zeros, head=b"HTTP/1.1 200 OK\r\nX: "),
    "F13 HTTP/0.9": partial(said, data=WAV),
    "F13 HTTP/2": partial(said, data=b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80\0\4\0\1\0\0\0\5\0\xff\xff\xff"),
    "F13 HTTP/x": partial(said, data=head("Content-Length: 4", status="HTTP/x 200 OK") + b"RIFF"),
    "F13 nothing": partial(said, data=b""),
    "F13 status 1000": partial(said, data=head("Content-Length: 4", status="HTTP/1.1 1000 OK") + b"RIFF"),
    "F13 folded header": partial(said, data=b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 4\r\n\r\nRI"),
    "F13 informational for ever": partial(zeros, head=head(status="HTTP/1.1 100 Continue") * 2000),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_faults_are_one_failure(name: str, fetch: Fetcher) -> None:
    async with Web({"/": FAULTS[name]}) as web:
        tracemalloc.start()
        try:
            error = await outcome(fetch, web.url())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert type(error) is FetchFailed, error
    assert error.message in {
        FetchFailed.sentence,
        "Download multimodal file timed out",
        "Missing Content-Length of multimodal url.",
    }
    assert peak < MOST_MEMORY
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


async def test_what_comes_after_the_stated_length_is_not_read(fetch: Fetcher) -> None:
    """F01: ten bytes are stated and zeros sent for ever: ten are taken."""
    async with Web({"/": partial(zeros, head=head("Content-Length: 10"))}) as web:
        assert await outcome(fetch, web.url()) == 10
        assert web.visits[0].sent < 30_000_000


@pytest.mark.parametrize("length", [3_000_001, 99_999_999_999_999_999_999])
async def test_a_stated_length_over_the_limit_is_believed(fetch: Fetcher, length: int) -> None:
    """It is refused by the head alone: the body, which never comes, is not waited for."""

    async def page(visit: Visit) -> None:
        await visit.send(head(f"content-LENGTH: {length}"))
        await visit.gone()

    async with Web({"/": page}) as web:
        assert type(await outcome(fetch, web.url())) is TooBig


async def test_a_large_body_does_not_lie_in_memory() -> None:
    async def large(visit: Visit) -> None:
        await visit.send(head("Content-Length: 40000000"))
        for _ in range(1000):
            await visit.send(bytes(40_000))

    async with Web({"/": large}) as web, Fetcher(FetchLimits(), allow=[GOOD]) as fetch:
        tracemalloc.start()
        try:
            assert await outcome(fetch, web.url()) == 40_000_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < MOST_MEMORY


async def test_names_of_five_hundred_addresses() -> None:
    """F15: all of them are looked at, and three at most are tried."""
    names = Names({"many.test": [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(500)]})
    async with Fetcher(LIMITS, allow=["127.1.0.0/16"], resolve=names) as fetch:
        begun = asyncio.get_running_loop().time()
        assert type(await outcome(fetch, "http://many.test:1/")) is FetchFailed
        assert asyncio.get_running_loop().time() - begun < 1


@pytest.mark.parametrize("failure", [OSError("SERVFAIL"), UnicodeError("label too long"), ValueError("odd")])
async def test_a_resolver_that_fails(failure: Exception) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise failure

    async with Fetcher(LIMITS, resolve=resolve) as fetch:
        assert type(await outcome(fetch, "http://a.test/")) is FetchFailed


async def test_random_answers_are_one_failure(fetch: Fetcher) -> None:
    """Two hundred mutations of a good answer: ours or the WAV, nothing else, and no connection left."""
    good = head("Content-Type: audio/wav", f"Content-Length: {len(WAV)}") + WAV
    dice = random.Random(7)

    async def mutated(visit: Visit) -> None:
        data = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(90) if dice.random() < 0.9 else dice.randrange(len(data))
            kind = dice.randrange(3)
            if kind == 0:
                data[place] = dice.randrange(256)
            elif kind == 1:
                data[place:place] = dice.randbytes(dice.randint(1, 4))
            else:
                del data[place : place + dice.randint(1, 4)]
        await visit.send(bytes(data))

    async with Web({"/": mutated}) as web:
        before = psutil.Process().num_fds()
        outcomes = []
        for _ in range(10):
            outcomes += await asyncio.gather(*(outcome(fetch, web.url()) for _ in range(20)))
        await asyncio.sleep(0.05)
        assert psutil.Process().num_fds() <= before
    assert {type(each) for each in outcomes} <= {int, FetchFailed, TooBig}
    assert any(isinstance(each, int) for each in outcomes)
    assert any(isinstance(each, FetchFailed) for each in outcomes)
