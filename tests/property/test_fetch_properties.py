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
def test_parsers_agree(url: str) -> None:
    try:
        target = parse(url)
    except (BadUrl, FetchFailed):
        return
    assert parse(target.url) == target
    assert target.url.isascii()
    for read in (httpx2.URL(target.url), httpx2.URL(url)):
        assert read.scheme == target.scheme
        assert read.raw_host.decode() == target.host
        assert (read.port or {"http": 80, "https": 443}[read.scheme]) == target.port
        assert not read.userinfo
    assert httpx2.URL(target.url).raw_path.decode() == target.path
    split = urlsplit(target.url)
    assert split.hostname == target.host
    assert target.literal == (ip_address(target.host) if ":" in target.host or target.host[-1].isdigit() else None)
