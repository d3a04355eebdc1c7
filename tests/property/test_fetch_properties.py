"""Laws of reading URLs: whatever comes, it is refused in our words or read as every other parser reads it."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2
from hypothesis import example, given
from hypothesis import strategies as st

from livetranslate.errors import BadUrl, FetchFailed
from livetranslate.fetching.addresses import parse

_ODD = ("\u3002", "\u2460", "\u00df", "\u0301", "\u200d", "\u00e9", "\ud800", "\t", "\n", " ", "\0", "%", "%00", "%2e", "\\")
_PLAIN = (
    "//",
    "/",
    "@",
    ":",
    "#",
    "?",
    "[",
    "]",
    "::1",
    "127.0.0.1",
    "0x7f",
    "0177",
    "a.test",
    ".",
    "..",
    "80",
    "65536",
    "-1",
    "xn--",
    "A",
    "_",
)
PIECES = st.sampled_from(("http://", "https://", *_PLAIN, *_ODD))
URLS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=12).map("".join),
    st.tuples(st.sampled_from(["http://", "HTTPS://"]), st.lists(PIECES, max_size=8).map("".join)).map("".join),
)


@given(URLS)
@example("http://allowed.test\\@127.0.0.1/")
@example("http://127.0.0.1#@allowed.test/")
@example("http://127.0.0.1?.allowed.test/")
@example("http://[::1].allowed.test/")
@example("HTTP://A0")
@example("HTTP://A\u2460")
def test_parsers_agree(url: str) -> None:
    try:
        target = parse(url)
    except (BadUrl, FetchFailed):
        return
    assert parse(target.url) == target
    assert target.url.isascii()
    for read in (httpx2.URL(target.url), *_as_given(url)):
        assert read.scheme == target.scheme
        assert read.raw_host.decode() == target.host
        assert (read.port or {"http": 80, "https": 443}[read.scheme]) == target.port
        assert not read.userinfo
    assert httpx2.URL(target.url).raw_path.decode() == target.path
    split = urlsplit(target.url)
    assert split.hostname == target.host
    assert target.literal == (ip_address(target.host) if ":" in target.host or target.host.rpartition(".")[2].isdigit() else None)


def _as_given(url: str) -> list[httpx2.URL]:
    """What the client makes of the URL as it came, which is what we made of it or nothing: it maps fewer characters."""
    try:
        return [httpx2.URL(url)]
    except httpx2.InvalidURL:
        return []
