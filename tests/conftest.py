"""What every test is held to: no network beyond this machine, no task left behind, nothing of ours that blocks the loop."""

import asyncio
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

_TASK_GRACE = 1.0
"""Seconds in which tasks that were told to end may end."""


class OutsideNetworkError(Exception):
    """A test reached for another machine."""


def _stay_inside(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if arguments[0].family != socket.AF_UNIX and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
            raise OutsideNetworkError(f"a connection to {address[0]}")


sys.addaudithook(_stay_inside)


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Calls from our own modules that block a running loop raise, but for tests marked `may_block`."""
    if request.node.get_closest_marker("may_block"):
        yield
        return
    with blockbuster_ctx("livetranslate") as watch:
        for function in watch.functions.values():
            # once, at the start
            function.can_block_in("engines/registry.py", ("factory", "names"))
            function.can_block_in("profiles/__init__.py", ("build",))
            function.can_block_in("profiles/plan.py", ("plan",))
            function.can_block_in("profiles/text.py", ("names",))
        yield


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    """Tasks that a test starts are over with it."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=_TASK_GRACE)
    assert not (names := [repr(task) for task in left if not task.done()]), f"tasks left behind: {names}"
