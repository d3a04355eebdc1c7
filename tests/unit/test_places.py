"""Places at work: limits for the server and each key, fair turns, and nothing lost to readers who leave the line."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from livetranslate.errors import Overloaded, RateLimited
from livetranslate.keys import ANYBODY, Key
from livetranslate.server.places import Places
from livetranslate.settings import Limits

A, B = Key("a", ""), Key("b", "")


def places(
    running: int = 2, waiting: int = 8, key_running: int = 2, key_waiting: int = 4, waiting_seconds: float = 10.0
) -> Places:
    return Places(
        Limits(
            running=running, waiting=waiting, key_running=key_running, key_waiting=key_waiting, waiting_seconds=waiting_seconds
        )
    )


class Guest:
    """Somebody who takes a place and stays until told; `entered` gathers those who got one."""

    def __init__(self, at: Places, key: Key, entered: "list[Guest] | None" = None) -> None:
        self.leave = asyncio.Event()
        self.key = key
        self.task = asyncio.create_task(self._stay(at, [] if entered is None else entered))

    async def _stay(self, at: Places, entered: "list[Guest]") -> None:
        async with at.place(self.key):
            entered.append(self)
            await self.leave.wait()

    async def go(self) -> None:
        self.leave.set()
        await self.task


@contextmanager
def counts(at: Places, running: int, waiting: int) -> Iterator[None]:
    yield
    assert (at.running, at.waiting) == (running, waiting)


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_line_moves() -> None:
    at = places()
    guests = [Guest(at, key) for key in (A, A, B, B)]
    with counts(at, 2, 2):
        await turn()
    await guests[0].go()
    with counts(at, 2, 1):
        await turn()
    for guest in guests[1:]:
        await guest.go()
    assert (at.running, at.waiting) == (0, 0)
    assert not at._lanes


async def test_a_full_line_is_refused_at_once() -> None:
    at = places(running=1, waiting=1, key_waiting=4)
    guests = [Guest(at, A), Guest(at, A)]
    await turn()
    with pytest.raises(Overloaded) as caught:
        async with at.place(B):
            pass
    assert caught.value.retry_after == 5
    for guest in guests:
        await guest.go()


async def test_a_key_has_its_own_share_and_line() -> None:
    at = places(running=8, key_running=1, key_waiting=1)
    guests = [Guest(at, A), Guest(at, A)]
    with counts(at, 1, 1):
        await turn()
    with pytest.raises(RateLimited):
        async with at.place(A):
            pass
    async with at.place(B):
        assert at.running == 2
    for guest in guests:
        await guest.go()


async def test_a_key_may_have_a_share_of_its_own() -> None:
    at = places(running=8, key_running=1)
    wide = Key("wide", "", running=3)
    guests = [Guest(at, wide) for _ in range(4)]
    with counts(at, 3, 1):
        await turn()
    for guest in guests:
        await guest.go()


async def test_without_keys_the_server_is_the_limit() -> None:
    at = places(running=4, waiting=8, key_running=1, key_waiting=1)
    guests = [Guest(at, ANYBODY) for _ in range(10)]
    with counts(at, 4, 6):
        await turn()
    for guest in guests:
        await guest.go()


async def test_one_key_does_not_crowd_out_the_other() -> None:
    at = places(running=2, waiting=100, key_running=2, key_waiting=50)
    entered: list[Guest] = []
    crowd = [Guest(at, A, entered) for _ in range(20)]
    await turn()
    few = [Guest(at, B, entered) for _ in range(3)]
    for place in range(22):
        await turn()
        await entered[place].go()
    assert [guest.key.id for guest in entered[:8]] == ["a", "a", "b", "a", "b", "a", "b", "a"]
    for guest in (*crowd, *few):
        await guest.go()


async def test_who_waits_too_long_is_told_so() -> None:
    at = places(running=1, waiting_seconds=0.05)
    guest = Guest(at, A)
    await turn()
    with pytest.raises(Overloaded):
        async with at.place(B):
            pass
    with counts(at, 1, 0):
        await turn()
    await guest.go()


async def test_no_places_is_a_server_that_is_closed() -> None:
    with pytest.raises(Overloaded):
        async with places(running=0).place(A):
            pass


@pytest.mark.parametrize("seed", range(20))
async def test_readers_who_leave_at_any_moment_lose_no_place(seed: int) -> None:
    dice = random.Random(seed)
    at = places(running=3, waiting=60, key_running=2, key_waiting=60)
    guests: list[Guest] = []
    for _ in range(120):
        choice = dice.random()
        if choice < 0.5:
            guests.append(Guest(at, dice.choice((A, B, Key("c", "")))))
        elif guests and choice < 0.8:
            guests.pop(dice.randrange(len(guests))).leave.set()
        elif guests:
            guests.pop(dice.randrange(len(guests))).task.cancel()
        for _ in range(dice.randrange(3)):
            await asyncio.sleep(0)
        assert at.running <= 3
    for guest in guests:
        guest.leave.set()
    await asyncio.gather(*(guest.task for guest in guests))
    await turn()
    assert (at.running, at.waiting) == (0, 0)
    assert not at._lanes
