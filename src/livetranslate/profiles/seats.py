"""The engines that a profile names: each made but not loaded, what it is used for, and what it lacks on this machine."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from livetranslate.engines import Engine, EngineInfo
from livetranslate.engines.registry import EngineMissing, Need, factory, missing
from livetranslate.profiles.text import Entry, Roles, Text
from livetranslate.settings import BadSettings, Settings

WEIGHTS = "weights"
"""The folder of weights in the data folder, and what a setting begins with that names some."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An engine in a profile: `info` is what it is used for there; `engine` is None where its package cannot even be asked."""

    role: Roles
    entry: Entry
    engine: Engine | None
    info: EngineInfo
    needs: tuple[Need, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it can be loaded here. Servers that it talks to are not asked."""
        return self.engine is not None and not self.needs


def seats(name: str, text: Text, settings: Settings) -> list[Seat]:
    """All engines of a profile, in order; raises `BadSettings` for settings that an engine does not take."""
    return [
        _seat(name, role, entry, text, settings)
        for role, entry in text.entries()
        if (not entry.when or _given(entry, settings).get(entry.when))
        and not (entry.unless and _given(entry, settings).get(entry.unless))
    ]


def _given(entry: Entry, settings: Settings) -> dict[str, Any]:
    """An engine's settings: the profile's, which those of the operator beat."""
    own = settings.engines.get(entry.engine, {}) | (settings.engines.get(entry.name, {}) if entry.name else {})
    return {**entry.settings, **own}


def _seat(profile: str, role: Roles, entry: Entry, text: Text, settings: Settings) -> Seat:
    given = _given(entry, settings)
    wanted = list(dict.fromkeys(_weights_in(given)))
    if strangers := [weights for weights in wanted if weights not in text.weights]:
        raise BadSettings(f"Wrong profile {profile}: {entry.shown} wants weights that are not listed: {', '.join(strangers)}.")
    folder = settings.data_dir / WEIGHTS
    lacking = [
        Need(f"the weights {each}", f"livetranslate models pull {profile}") for each in wanted if not (folder / each).is_dir()
    ]
    try:
        engine: Engine = factory(entry.engine)(**_placed(given, folder))
    except EngineMissing as error:
        return Seat(role, entry, None, EngineInfo(entry.engine), (Need(error.message, "livetranslate engines"),))
    except (TypeError, ValueError):
        told = f"The engine {entry.engine!r} does not take the settings of {entry.shown!r}"
        raise BadSettings(f"{told}: see docs/reference/engines.md.") from None
    return Seat(role, entry, engine, narrow(role, engine.info, entry), (*missing(entry.engine), *lacking, *_keys(given)))


def _keys(given: dict[str, Any]) -> list[Need]:
    """The environment variable that should hold a key, if it is not set and no key is given."""
    variable = given.get("key_env")
    if not variable or given.get("key") or os.environ.get(variable):
        return []
    return [Need(f"a key in the environment variable {variable}", f"export {variable}=...")]


def _weights_in(value: Any) -> Iterator[str]:
    """The names of weights in an engine's settings, however deep."""
    if isinstance(value, str) and value.startswith(f"{WEIGHTS}:"):
        yield value.removeprefix(f"{WEIGHTS}:").partition("/")[0]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _weights_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _weights_in(inner)


def _placed(value: Any, folder: Path) -> Any:
    """The same settings, with folders for names of weights."""
    if isinstance(value, str) and value.startswith(f"{WEIGHTS}:"):
        return str(folder / value.removeprefix(f"{WEIGHTS}:"))
    if isinstance(value, dict):
        return {key: _placed(inner, folder) for key, inner in value.items()}
    return [_placed(inner, folder) for inner in value] if isinstance(value, list) else value


def narrow(role: Roles, info: EngineInfo, entry: Entry) -> EngineInfo:
    """What an entry lets an engine do."""
    if not entry.languages and not entry.into:
        return info
    only = frozenset(entry.languages) or info.takes | info.speaks
    into = frozenset(entry.into) or info.writes
    writes = info.writes & (only if role == "recognizer" else into)
    return replace(
        info,
        hears=info.hears & only,
        reads=info.reads & only,
        writes=writes,
        speaks=info.speaks & only if role == "synthesizer" else info.speaks & into,
        pairs=frozenset((source, target) for source, target in info.pairs if source in only and target in writes),
    )
