"""Hostile URLs: every spelling of a forbidden place, at every entry, behind redirects and names. Nobody may be connected to."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest

from livetranslate.errors import BadUrl, FetchFailed, LivetranslateError
from livetranslate.fetch import Fetcher, FetchLimits
from tests.net import GOOD, WAV, Canary, Connects, Names, Visit, Web

QUICK = FetchLimits(
    dns_seconds=0.5, connect_seconds=0.5, first_byte_seconds=0.5, total_seconds=3, rate_seconds=0.5, failure_seconds=0
)

# P stands for the port that the canary listens on, at every address of this machine.
FORBIDDEN = {
    "U01": "http://127.0.0.1:P/a.wav",
    "U02": "http://127.255.255.254:P/",
    "U03": "http://0.0.0.0:P/",
    "U04": "http://0:P/",
    "U05": "http://localhost:P/",
    "U06": "http://2130706433:P/",
    "U07": "http://0x7f000001:P/",
    "U08": "http://0177.0.0.1:P/",
    "U09": "http://127.1:P/",
    "U10": "http://0x7f.1:P/",
    "U10b": "http://0177.0x0.0.1:P/",
    "U10c": "http://017700000001:P/",
    "U11": "http://[::1]:P/",
    "U12": "http://[::]:P/",
    "U13": "http://[::ffff:127.0.0.1]:P/",
    "U14": "http://[::ffff:7f00:1]:P/",
    "U15": "http://[::127.0.0.1]:P/",
    "U16": "http://[64:ff9b::7f00:1]:P/",
    "U17": "http://[2002:7f00:1::]:P/",
    "U18": "http://[fec0::1]:P/",
    "U19": "http://[fe80::1%25eth0]:P/",
    "U19b": "http://[fd00:ec2::254]:P/",
    "U19c": "http://[fe80::1%25lo]:P/",
    "U20": "http://allowed.test\\@127.0.0.1:P/",
    "U20b": "http://allowed.test:P/\\..@127.0.0.1",
    "U21": "http://allowed.test@127.0.0.1:P/",
    "U21b": "http://allowed.test:80@127.0.0.1:P/",
    "U22": "http://127.0.0.1:P#@allowed.test/",
    "U23": "http://127.0.0.1:P?.allowed.test/",
    "U24": "http://127.0.0.%31:P/",
    "U25": "http://%31%32%37.0.0.1:P/",
    "U26": "http://127。0。0。1:P/",
    "U27": "http://①②⑦.0.0.1:P/",
    "U27b": "http://１２７.０.０.１:P/",
    "U29": "http://127-0-0-1.sslip.test:P/",
    "U29b": "http://rebind.test:P/",
    "U30": "http://allowed.test.:P/",
    "U30b": "HTTP://LOCALHOST:P",
    "U30c": "http://localhost.localdomain:P/",
    "U31": "http://169.254.169.254:P/latest/meta-data/",
    "U31b": "http://100.100.100.200:P/",
    "U31c": "http://192.0.0.192:P/",
    "U31d": "http://168.63.129.16:P/",
    "U31e": "http://metadata.test:P/",
    **{
        f"U32-{host}": f"http://{host}:P/"
        for host in ("10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "192.0.2.1")
    },
    **{f"U32-{host}": f"http://{host}:P/" for host in ("192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255")},
    "U33": "http://mixed4.test:P/",
    "U33b": "http://mixed6.test:P/",
    "U33c": "http://many.test:P/",
    "U47e": "https://127.0.0.1:P/",
}
NO_URLS = {
    "U28": "http://127.0\t.0.1:P/",
    "U28b": "http://127.0.0.1\n:P/",
    "U28c": "http://127.0.0.1\0.allowed.test:P/",
    "U28d": " http://127.0.0.1:P/",
    "U28e": "http://127.0.0.1:P/ \n",
    "U28f": "http:/127.0.0.1:P",
    "U28g": "http:127.0.0.1:P",
    "U28h": "//127.0.0.1:P/",
    "U28i": "http:///127.0.0.1:P/",
    "U30d": "http://[::1].allowed.test:P/",
    "U35": "file:///etc/passwd",
    "U35b": "file://localhost/etc/passwd",
    "U36": "clips/a.wav",
    "U37": "\\\\127.0.0.1\\share\\a.wav",
    "U38": "c:\\a.wav",
    "U39": "ftp://127.0.0.1:P/a.wav",
    "U40": "gopher://127.0.0.1:P/_",
    "U41": "rtsp://127.0.0.1:P/",
    "U41b": "rtmp://127.0.0.1:P/",
    "U42": "oss://bucket/a.wav",
    **{
        f"U43-{index}": text
        for index, text in enumerate(["concat:a|b", "pipe:0", "fd:0", "lavfi:sine", "cache:http://127.0.0.1:P/"])
    },
    "U43-5": "subfile,,start,0,end,9,,:/etc/passwd",
    "U43-6": "crypto:http://127.0.0.1:P/",
    "U43-7": "async:http://127.0.0.1:P/",
    **{
        f"U44-{index}": text
        for index, text in enumerate(["javascript:alert(1)", "blob:null/1", "jar:file:a!b", "dict://127.0.0.1:P/"])
    },
    **{
        f"U44b-{index}": text
        for index, text in enumerate(["ldap://127.0.0.1:P/", "unix:/tmp/s", "http+unix://%2Ftmp%2Fs/", "ws://127.0.0.1:P/"])
    },
    "U45": "http://127.0.0.1:P/" + "a" * 100_000,
    "U45b": "http://" + "a" * 300 + ":P/",
    "U47": "http://public.test:22/",
    "U47b": "http://public.test:0/",
    "U47c": "http://public.test:65536/",
    "U47d": "http://public.test:-1/",
    "U49": "data:audio/wav,127.0.0.1",
    "U50": "http://xn--a.test\u0301\u0301/",
    "bare base64": "UklGRiQAAABXQVZF",
    "empty": "",
    "surrogate": "http://\ud800/",
}
SPELLINGS = FORBIDDEN | NO_URLS
RELATIVE = {"empty", "U36", "U43-5", "bare base64"}
"""As the target of a redirect these are paths on the same host."""
PUBLIC = "8.8.8.8"


class Turning(Names):
    """As `Names`, but `rebind.test` is inside at every second look-up, and outside at the others."""

    def __init__(self) -> None:
        super().__init__(
            {
                "localhost": ["127.0.0.1"],
                "localhost.localdomain": ["127.0.0.1", "::1"],
                "127-0-0-1.sslip.test": ["127.0.0.1"],
                "metadata.test": ["169.254.169.254"],
                "mixed4.test": [PUBLIC, "10.0.0.1"],
                "mixed6.test": [PUBLIC, "::1"],
                "many.test": [*(f"8.8.{number // 256}.{number % 256}" for number in range(500)), "127.0.0.1"],
                "public.test": [PUBLIC],
            }
        )

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        if host == "rebind.test":
            self.asked.append(host)
            return ["127.0.0.1"] if self.asked.count(host) % 2 else [PUBLIC, "127.0.0.1"]
        return await super().__call__(host, port)


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async with Canary() as listener:
        with Connects() as connects:
            yield listener
        assert listener.accepts == 0
        assert [other for other in connects.others if other[0] != GOOD] == []


async def refusal(fetch: Fetcher, source: str, *, video: bool = False) -> LivetranslateError:
    with pytest.raises(LivetranslateError) as raised:
        (await fetch.fetch(source, video)).close()
    return raised.value


def test_the_spellings_do_lead_inside() -> None:
    """Most of them are the canary's address to the system's own resolver: so the refusals below are ours."""
    inside = []
    for name, source in FORBIDDEN.items():
        host = source.split("//")[1].split("/")[0].removesuffix(":P").strip("[]")
        try:
            answers = socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            continue
        inside += [name for answer in answers if str(answer[4][0]) in ("127.0.0.1", "127.255.255.254", "0.0.0.0", "::1", "::")]
    assert len(set(inside)) >= 12, inside


@pytest.mark.parametrize("name", SPELLINGS)
async def test_refused(name: str, canary: Canary) -> None:
    """As it stands, as a video, and as the target of redirects; also where the canary's port is one to fetch from."""
    source = SPELLINGS[name].replace(":P", f":{canary.port}")
    kinds: tuple[type[LivetranslateError], ...] = (BadUrl,) if name in NO_URLS else (FetchFailed,)
    names = Turning()
    async with Web() as web, Fetcher(QUICK, allow=["allowed.test"], ports=[80, canary.port, web.port], resolve=names) as fetch:
        for video in (False, True):
            error = await refusal(fetch, source, video=video)
            assert isinstance(error, kinds), error
            assert error.message == kinds[0].sentence
        if source.isascii() and source.isprintable() and name not in RELATIVE:
            for status in (301, 302, 303, 307, 308):
                web.pages["/"] = partial(Visit.answer, body=b"", status=f"{status} Go", Location=source)
                error = await refusal(fetch, web.url("/", "allowed.test"))
                assert (type(error), error.message) == (FetchFailed, FetchFailed.sentence)
                assert len(web.visits) >= 1


async def test_a_name_that_turns_wins_nothing(canary: Canary) -> None:
    """Outside at the look-up, inside at the next: in a thousand fetches there is no next look-up."""
    names = Turning()
    async with Fetcher(QUICK, ports=[canary.port], resolve=names) as fetch:
        failures = await asyncio.gather(*(refusal(fetch, f"http://rebind.test:{canary.port}/") for _ in range(1000)))
    assert {type(failure) for failure in failures} == {FetchFailed}
    assert len(names.asked) == 1000


async def test_a_public_address_is_connected_to_and_no_other() -> None:
    """A name with a public address leads to a connect to that very address: the audit of the process says so."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    async with Fetcher(QUICK, resolve=resolve) as fetch:
        for source in ("http://public.test/a.wav", f"https://{PUBLIC}/a.wav"):
            with pytest.raises(ExceptionGroup) as stopped:  # by the guard of this suite, which lets nothing out
                await fetch.fetch(source)
            assert [str(each) for each in stopped.value.exceptions] == [f"a connection to {PUBLIC}"]
    assert asked == ["public.test"]


async def test_redirects_end(canary: Canary) -> None:
    """To itself, and to itself with a query that grows: four answers are asked for, and no fifth."""

    async def grow(visit: Visit) -> None:
        web.pages[f"{visit.path}a"] = grow
        await visit.answer(b"", "302 Found", Location=f"{visit.path}a")

    async with Web() as web, Fetcher(QUICK, allow=["allowed.test"], resolve=Turning()) as fetch:
        web.pages |= {"/loop": partial(Visit.answer, body=b"", status="302 Found", Location="/loop"), "/grow?": grow}
        for path in ("/loop", "/grow?"):
            assert type(await refusal(fetch, web.url(path, "allowed.test"))) is FetchFailed
            assert len(web.visits) == 4
            web.visits.clear()


async def test_redirect_to_a_forbidden_place_after_good_ones(canary: Canary) -> None:
    async with Web() as web, Fetcher(QUICK, allow=["allowed.test"], resolve=Turning()) as fetch:
        web.pages |= {
            "/1": lambda visit: visit.answer(b"", "302 Found", Location="/2"),
            "/2": lambda visit: visit.answer(b"", "302 Found", Location=f"//127.0.0.1:{canary.port}/"),
            "/3": lambda visit: visit.answer(b"", "302 Found", Location=f"http://allowed.test\\@127.0.0.1:{canary.port}/"),
            "/4": lambda visit: visit.answer(b"", "302 Found", Location="/5"),
        }
        assert type(await refusal(fetch, web.url("/1", "allowed.test"))) is FetchFailed
        assert type(await refusal(fetch, web.url("/3", "allowed.test"))) is FetchFailed
        with await fetch.fetch(web.url("/4", "allowed.test")) as blob:
            assert blob.size == len(WAV)


async def test_an_exemption_is_no_door_to_the_neighbours(canary: Canary) -> None:
    """One host is exempt: not its neighbours' addresses, not its other spellings, not what it redirects to."""
    async with Web() as web, Fetcher(QUICK, allow=[GOOD], resolve=Turning()) as fetch:
        web.pages["/out"] = lambda visit: visit.answer(b"", "302 Found", Location=f"http://127.0.0.1:{canary.port}/")
        with await fetch.fetch(web.url()) as blob:
            assert blob.size == len(WAV)
        for source in (
            f"http://127.0.0.3:{canary.port}/",
            f"http://[::ffff:{GOOD}]:{web.port}/",
            f"http://127.2:{web.port}/",
            web.url("/out"),
        ):
            assert isinstance(await refusal(fetch, source), (FetchFailed, BadUrl))
