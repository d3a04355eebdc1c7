"""The rules of fetching: which addresses are public, how a URL is read, what is exempt, and which content can be media."""

from ipaddress import ip_address

import pytest

from livetranslate.errors import BadUrl, FetchFailed
from livetranslate.fetching.addresses import Exemptions, Target, admit, is_public, parse
from livetranslate.fetching.inline import may_hold_media


def _words(text: str) -> list[str]:
    return text.split()


INSIDE = _words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16
169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::7f00:1
100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:1ff::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 3ffe::1
3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::a9fe:a9fe fec0::1 ff02::1 ff0e::1
""")
OUTSIDE = _words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 168.63.129.15 169.253.255.255
172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.114.0
223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2003::1 2606:4700:4700::1111 2a00::1 3ffd::1
""")


@pytest.mark.parametrize("text", INSIDE)
def test_inside(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("http://a.test", "a.test", 80, "/", "a.test"),
        ("HTTPS://A.Test/", "a.test", 443, "/", "a.test"),
        ("https://a.test:8443/x", "a.test", 8443, "/x", "a.test:8443"),
        ("http://a.test:80?q=1", "a.test", 80, "/?q=1", "a.test"),
        ("http://a.test#f", "a.test", 80, "/", "a.test"),
        ("http://a.test:", "a.test", 80, "/", "a.test"),
        ("http://a_b.test/%41%zz+ /é?é=@:/?#x", "a_b.test", 80, "/%41%zz+%20/%C3%A9?%C3%A9=@:/?", "a_b.test"),
        ("http://a.test/a@b:c", "a.test", 80, "/a@b:c", "a.test"),
        ("http://bücher.test/", "xn--bcher-kva.test", 80, "/", "xn--bcher-kva.test"),
        ("http://ⓔxample.test/", "example.test", 80, "/", "example.test"),
        ("http://例え.テスト/", "xn--r8jz45g.xn--zckzah", 80, "/", "xn--r8jz45g.xn--zckzah"),
        ("http://8.8.8.8/", "8.8.8.8", 80, "/", "8.8.8.8"),
        ("http://8。8。8。8/", "8.8.8.8", 80, "/", "8.8.8.8"),
        ("http://①②⑦.0.0.1:81/", "127.0.0.1", 81, "/", "127.0.0.1:81"),
        ("http://[2001:4860:4860:0:0:0:0:8888]:81/", "2001:4860:4860::8888", 81, "/", "[2001:4860:4860::8888]:81"),
    ],
)
def test_reads(url: str, host: str, port: int, path: str, authority: str) -> None:
    target = parse(url)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)
    assert parse(target.url) == target


@pytest.mark.parametrize(
    "url",
    [
        "", "a.wav", "/a.wav", "//a.test/", "http:", "http:/a.test/", "http:a.test", "http://", "http:///a", "http://:80/",
        "ftp://a.test/", "file:///etc/passwd", "javascript:alert(1)", "http+unix://a/", "http://[::1", "http://::1/", "http://[]/",
        "http://[a.test]/", "http://a b/", "http://a.test:0/", "http://a.test:65536/", "http://a.test:-1/", "http://a.test:+80/",
        "http://a.test:8 0/",
        "http://a.test:٨٠/", "http://a.test/\n", "http://a\t.test/", "http://a.test\x00.b/", "http://a.test/\x85", " http://a.test/",
        "http://a.test:80:80/", "http://" + "a" * 300, "http://" + "a." * 200 + "test/", "http://a.test/" + "a" * 9000, "http://\u200b/",
        "http://a\ud800.test/", "http://xn--a.b\u0301\u0301.\u2260/",
    ],
    ids=lambda url: ascii(url[:40]),
)  # fmt: skip
def test_is_no_url(url: str) -> None:
    with pytest.raises(BadUrl):
        parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://a@b.test/", "http://a:b@b.test/", "http://@b.test/", "http://a.test\\@b.test/", "http://a.test/\\..@b.test", "http://a.test\\b",
        "http://a.test%2f@b.test/", "http://127.0.0.%31/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://2130706433/",
        "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://0/", "http://1.2.3.4.5/", "http://256.1.1.1/",
        "http://a.test./", "http://-a.test/", "http://a..test/", "http://.a.test/", "http://a-.test/", "http://a.test,b/", "http://a!b/",
        "http://127.0.0.1./", "http://1.1.1.08/", "http://a.0x1/", "http://" + "a" * 64 + ".test/",
    ],
    ids=lambda url: ascii(url[:40]),
)  # fmt: skip
def test_is_written_so_that_parsers_differ(url: str) -> None:
    with pytest.raises(FetchFailed):
        parse(url)


def target(host: str = "a.test", port: int = 80) -> Target:
    return parse(f"http://{host}:{port}/")


def test_one_bad_answer_spoils_all() -> None:
    nothing = Exemptions()
    assert list(map(str, admit(target(), ["1.1.1.1", "8.8.8.8", "1.1.1.1"], nothing, {80}))) == ["1.1.1.1", "8.8.8.8"]
    for answers in (["1.1.1.1", "10.0.0.1"], ["1.1.1.1", "::1"], ["::ffff:1.1.1.1"], [], ["1.1.1"], ["1.1.1.1", "a.test"]):
        with pytest.raises(FetchFailed):
            admit(target(), answers, nothing, {80})
    with pytest.raises(FetchFailed):
        admit(target(), [f"1.1.{number // 256}.{number % 256}" for number in range(500)] + ["127.0.0.1"], nothing, {80})


def test_exemptions_are_exact() -> None:
    exempt = Exemptions(["10.1.0.0/16", "[fd00::1]", " Files.Test ", "127.0.0.1"])
    assert admit(target("a.test", 99), ["10.1.2.3"], exempt, {80})
    assert admit(target("files.test", 99), ["192.168.0.1"], exempt, {80})
    assert admit(target("[fd00::1]", 99), ["fd00::1"], exempt, {80})
    for host, answers in (
        ("a.test", ["10.2.0.1"]),
        ("a.test", ["10.1.0.1", "192.168.0.1"]),
        ("x.files.test", ["192.168.0.1"]),
        ("files.test.evil.test", ["192.168.0.1"]),
        ("[fd00::2]", ["fd00::2"]),
        ("[::ffff:127.0.0.1]", ["::ffff:127.0.0.1"]),
    ):
        with pytest.raises(FetchFailed):
            admit(target(host), answers, exempt, {80})
    with pytest.raises(BadUrl):
        admit(target("a.test", 99), ["10.1.2.3", "1.1.1.1"], exempt, {80})
    assert not exempt.may_use(target("[::1]", 99), {80})
    assert exempt.may_use(target("a.test", 99), {80})
    assert not Exemptions(["files.test"]).may_use(target("a.test", 99), {80})


def test_wrong_exemptions_are_told_at_once() -> None:
    for item in ("", "http://a.test/", "a b", "10.0.0.0/99", "a.test:80", "*.a.test"):
        with pytest.raises(ValueError, match="neither a host name nor a network"):
            Exemptions([item])


def test_what_can_be_media() -> None:
    for kind in ("", "audio/wav", "Video/MP4; codecs=x", "application/octet-stream", "application/ogg", "audio/mpeg", "x/y"):
        assert may_hold_media(kind), kind
    for kind in (
        "text/html",
        "Application/JSON ; a=b",
        "image/svg+xml",
        "audio/mpegurl",
        "application/x-foo+json",
        "multipart/mixed",
    ):
        assert not may_hold_media(kind), kind
