"""Loads engines side by side, for what holds several of them."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack

from livetranslate.engines import Engine


async def load_together(engines: Iterable[Engine]) -> AsyncExitStack:
    """Loads all, each in a task of its own; closing the stack frees them, the last first.

    If one fails, or the caller is cancelled, those that were loaded are freed, and the first failure is raised.
    """
    wanted = tuple(engines)
    tasks = [asyncio.create_task(engine.__aenter__()) for engine in wanted]
    loaded = AsyncExitStack()
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        _note(loaded, wanted, tasks)
        await loaded.aclose()
        raise
    _note(loaded, wanted, tasks)
    return loaded


def _note(loaded: AsyncExitStack, engines: Iterable[Engine], tasks: Iterable["asyncio.Task[Engine]"]) -> None:
    for engine, task in zip(engines, tasks, strict=True):
        if not task.cancelled() and task.exception() is None:
            loaded.push_async_exit(engine.__aexit__)
