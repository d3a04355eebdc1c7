"""From a name to an engine: entry points, and the sentence for a missing extra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from livetranslate.engines import Engine
from livetranslate.errors import LivetranslateError

GROUP = "livetranslate.engines"
"""The entry-point group. A value names a callable that takes the engine's settings as keywords and gives an engine.

The callable may have an attribute `needs`, a function that gives the `Need`s of this machine that are not met.
"""


@dataclass(frozen=True, slots=True)
class Need:
    """Something an engine lacks on this machine, and the command that brings it."""

    what: str
    command: str


class EngineMissing(LivetranslateError):
    """An engine is unknown or lacks something; the message says which command to run."""


def names() -> list[str]:
    """All engines that are registered, built in or by plugins."""
    return sorted({point.name for point in metadata.entry_points(group=GROUP)})


def factory(name: str) -> Any:
    """What makes the engine of that name; its docstring says what it is for. Raises `EngineMissing`."""
    points = metadata.entry_points(group=GROUP, name=name)
    if not points:
        raise EngineMissing(f"There is no engine called {name!r}. Registered: {', '.join(names())}.")
    try:
        return next(iter(points)).load()
    except (ImportError, AttributeError) as failure:
        raise EngineMissing(f"The engine {name!r} is registered but cannot be loaded: install its package anew.") from failure


def missing(name: str) -> list[Need]:
    """What the engine lacks on this machine; empty if it can run."""
    needs = getattr(factory(name), "needs", None)
    found: list[Need] = needs() if needs is not None else []
    return found


def make(name: str, settings: Mapping[str, Any] | None = None) -> Engine:
    """The engine of that name, not yet loaded; raises `EngineMissing` with the command to run if it cannot be had."""
    refuse(name, missing(name))
    engine: Engine = factory(name)(**(settings or {}))
    return engine


def refuse(name: str, lacks: Sequence[Need]) -> None:
    """Raises `EngineMissing`, with the command to run, if there is anything that the engine lacks."""
    if lacks:
        raise EngineMissing(
            f"The engine {name!r} lacks {', '.join(need.what for need in lacks)}. "
            f"Run: {' && '.join(dict.fromkeys(need.command for need in lacks))}"
        )
