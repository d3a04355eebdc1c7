"""JSON from strangers: what is refused, within which bounds, and how little it costs."""

import time
from contextlib import suppress

import pytest

from livetranslate.errors import BadBody
from livetranslate.wire.strict_json import DEPTH, NODES, read_object


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"hello"',
        b"0",
        b"{",
        b'{"a":1',
        b'{"a":1}{"b":2}',
        b'{"a":1} x',
        b'{"a":1}\x00',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\n"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"model":"a","model":"b"}',
        b'{"model":"a","m\\u006fdel":"b"}',
        b'{"a":{"b":1,"b":1}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"model=x&messages=y",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_refused(body: bytes) -> None:
    with pytest.raises(BadBody):
        read_object(body)


def test_read() -> None:
    assert read_object(b' {"a" : "x\\"y\\\\", "b:c": [1, {"a": null}], "d": "\\u4e2d\\ud83d\\ude00", "e": 1e-400} ') == {
        "a": 'x"y\\',
        "b:c": [1, {"a": None}],
        "d": "中😀",
        "e": 0.0,
    }


def test_depth_bound() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * levels + b"1" + b"}" * levels

    assert read_object(nested(DEPTH))
    with pytest.raises(BadBody):
        read_object(nested(DEPTH + 1))


def test_node_bound() -> None:
    def wide(values: int) -> bytes:
        return b'{"a":[' + b",".join([b"1"] * values) + b"]}"

    assert read_object(wide(NODES - 2))
    with pytest.raises(BadBody):
        read_object(wide(NODES - 1))


@pytest.mark.parametrize(
    "inside",
    [
        b'"a":"' + b'\\"' * 7_000_000 + b'"',
        b'"a":"' + b"\\\\" * 7_000_000 + b'"',
        b'"a":[' + b"[]," * 4_000_000 + b"[]]",
        b",".join(b'"%d":1' % place for place in range(1_000_000)),
        b'"' * 15_000_000,
        b":" * 15_000_000,
        b" " * 15_000_000,
    ],
    ids=["quotes", "backslashes", "arrays", "names", "open strings", "colons", "blanks"],
)
def test_a_full_body_of_anything_is_judged_in_a_moment(inside: bytes) -> None:
    begun = time.perf_counter()
    with suppress(BadBody):
        read_object(b"{" + inside + b"}")
    assert time.perf_counter() - begun < 1.0
