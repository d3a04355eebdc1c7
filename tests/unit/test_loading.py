"""Engines loaded side by side."""

import asyncio
from typing import Self

import pytest

from livetranslate.engines import EngineInfo
from livetranslate.engines.loading import load_together


class Loadable:
    """An engine that takes `pause` to load, and may fail; `log` notes when it was loaded and freed."""

    def __init__(self, name: str, log: list[str], pause: float = 0.01, failure: Exception | None = None) -> None:
        self.info, self.log, self.pause, self.failure = EngineInfo(name), log, pause, failure

    async def __aenter__(self) -> Self:
        self.log.append(f"load {self.info.name}")
        await asyncio.sleep(self.pause)
        if self.failure is not None:
            raise self.failure
        self.log.append(f"loaded {self.info.name}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.log.append(f"freed {self.info.name}")


async def test_all_load_at_once_and_are_freed_backwards() -> None:
    log: list[str] = []
    stack = await load_together([Loadable("a", log, 0.02), Loadable("b", log)])
    assert log == ["load a", "load b", "loaded b", "loaded a"]
    await stack.aclose()
    assert log[4:] == ["freed b", "freed a"]


async def test_a_failure_frees_the_others() -> None:
    log: list[str] = []
    with pytest.raises(ValueError, match="broken"):
        await load_together([Loadable("a", log, 0.001), Loadable("b", log, 0.01, ValueError("broken")), Loadable("c", log, 5)])
    assert log == ["load a", "load b", "load c", "loaded a", "freed a"]


async def test_being_cancelled_frees_what_was_loaded() -> None:
    log: list[str] = []
    task = asyncio.create_task(load_together([Loadable("a", log, 0.001), Loadable("b", log, 5)]))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["load a", "load b", "loaded a", "freed a"]
