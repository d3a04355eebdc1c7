"""Quotas on a clock set by hand: exact at both ends of the window, counted once, and told when to try again."""

import pytest

from livetranslate.errors import BurstLimited, QuotaExceeded, RateLimited
from livetranslate.keys import Key, Limit, Quotas, parse_limit

ONE, TWO = Key("one", ""), Key("two", "")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("100/minute", Limit(100, 60.0)),
        (" 10 per second ", Limit(10, 1.0)),
        ("1000/2 hours", Limit(1000, 7200.0)),
        ("5/DAY", Limit(5, 86400.0)),
        ("0/minute", Limit(0, 60.0)),
        ("off", None),
        ("OFF", None),
        ("", None),
        (None, None),
    ],
)
def test_limits(text: str | None, limit: Limit | None) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["100", "minute", "-1/minute", "1/0minute", "1.5/second", "1/month", "100/minute; 5/second"])
def test_no_limits(text: str) -> None:
    with pytest.raises(ValueError, match="100/minute"):
        parse_limit(text)


def test_off_never_refuses() -> None:
    quotas = Quotas(clock=Clock())
    for _ in range(1000):
        quotas.admit(ONE)
        quotas.reserve(ONE, 10**9)


def test_the_rate_is_exact() -> None:
    clock = Clock()
    quotas = Quotas("3/minute", clock=clock)
    for _ in range(3):
        quotas.admit(ONE)
        clock.time += 10
    with pytest.raises(RateLimited) as caught:
        quotas.admit(ONE)
    assert caught.value.retry_after == 30
    clock.time = 1059.999
    with pytest.raises(RateLimited):
        quotas.admit(ONE)
    clock.time = 1060.0
    quotas.admit(ONE)
    with pytest.raises(RateLimited):
        quotas.admit(ONE)


def test_knocking_on_does_not_lengthen_the_wait() -> None:
    clock = Clock()
    quotas = Quotas("1/minute", clock=clock)
    quotas.admit(ONE)
    for _ in range(59):
        clock.time += 1
        with pytest.raises(RateLimited):
            quotas.admit(ONE)
    clock.time += 1
    quotas.admit(ONE)


def test_keys_have_windows_of_their_own() -> None:
    quotas = Quotas("1/minute", clock=Clock())
    quotas.admit(ONE)
    quotas.admit(TWO)
    with pytest.raises(RateLimited):
        quotas.admit(ONE)


def test_a_keys_own_limits_take_the_place_of_the_settings() -> None:
    quotas = Quotas("1/minute", tokens="10/minute", clock=Clock())
    more, free = Key("more", "", rate_limit="2/minute", token_limit="20/minute"), Key("free", "", rate_limit="off")
    quotas.admit(more)
    quotas.admit(more)
    quotas.reserve(more, 20)
    with pytest.raises(RateLimited):
        quotas.admit(more)
    for _ in range(100):
        quotas.admit(free)


def test_a_burst_is_told_apart() -> None:
    clock = Clock()
    quotas = Quotas("100/minute", "2/second", clock=clock)
    quotas.admit(ONE)
    quotas.admit(ONE)
    with pytest.raises(BurstLimited) as caught:
        quotas.admit(ONE)
    assert caught.value.retry_after == 1
    clock.time += 1
    quotas.admit(ONE)


def test_what_the_burst_refuses_does_not_count_as_a_request() -> None:
    clock = Clock()
    quotas = Quotas("3/minute", "1/second", clock=clock)
    quotas.admit(ONE)
    for _ in range(10):
        with pytest.raises(BurstLimited):
            quotas.admit(ONE)
    for _ in range(2):
        clock.time += 1
        quotas.admit(ONE)


def test_tokens_in_are_refused_and_tokens_out_are_counted() -> None:
    clock = Clock()
    quotas = Quotas(tokens="100/minute", clock=clock)
    quotas.admit(ONE)
    quotas.reserve(ONE, 60)
    with pytest.raises(QuotaExceeded) as caught:
        quotas.reserve(ONE, 41)
    assert caught.value.retry_after == 60
    quotas.spend(ONE, 500)
    with pytest.raises(QuotaExceeded):
        quotas.admit(ONE)
    clock.time += 60
    quotas.admit(ONE)
    quotas.reserve(ONE, 100)


def test_a_request_that_can_never_fit() -> None:
    quotas = Quotas(tokens="10/minute", clock=Clock())
    quotas.admit(ONE)
    with pytest.raises(QuotaExceeded) as caught:
        quotas.reserve(ONE, 11)
    assert caught.value.retry_after == 60


def test_a_limit_of_none() -> None:
    quotas = Quotas("0/minute", clock=Clock())
    with pytest.raises(RateLimited):
        quotas.admit(ONE)
