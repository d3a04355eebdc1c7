"""Imports point up the table of docs/design/architecture.md, and libraries stay in their rooms."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.house.rooms import ANY, PACKAGE, ROOT, SOME_ENGINE, engine_of, imports, modules, room_of, table

ROOMS = table()
OURS = {"tests", "scripts", "bench"}
MODULES = {name: path for name, path in modules().items() if name and not name.endswith("__main__")}


def inside(path: Path) -> set[str]:
    """The project's own modules that a file imports, by dotted name below the package."""
    found = {name.removeprefix(f"{PACKAGE}.") for name in imports(path) if name.startswith(f"{PACKAGE}.")}
    return {name for name in found if name in MODULES}


def outside(path: Path) -> set[str]:
    """The libraries that a file imports, by their first name."""
    tops = {name.split(".")[0] for name in imports(path)}
    return tops - set(sys.stdlib_module_names) - {PACKAGE, ""}


def test_the_table_is_read() -> None:
    assert len(ROOMS) > 20
    assert "errors" in ROOMS["catalog"].may_import
    assert "server" in ROOMS["cli"].may_import
    assert "cli" not in ROOMS["server"].may_import


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_room(name: str) -> None:
    assert room_of(name, ROOMS), f"{name} is in no room of docs/design/architecture.md"


@pytest.mark.parametrize("name", [name for name in ROOMS if name != SOME_ENGINE])
def test_every_room_exists(name: str) -> None:
    assert name.replace("/", ".") in MODULES, f"the table of docs/design/architecture.md names {name}, which is not there"


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_up_the_table(name: str) -> None:
    room = room_of(name, ROOMS)
    assert room is not None
    for other in inside(MODULES[name]):
        target = room_of(other, ROOMS)
        allowed = target == room or target in ROOMS[room].may_import
        assert allowed, f"{name} imports {other}: {room} may import {sorted(ROOMS[room].may_import)}"


@pytest.mark.parametrize("name", [name for name in MODULES if room_of(name, ROOMS) == SOME_ENGINE])
def test_engines_import_no_other_engine(name: str) -> None:
    others = {other for other in inside(MODULES[name]) if room_of(other, ROOMS) == SOME_ENGINE}
    assert {engine_of(other) for other in others} <= {engine_of(name)}


@pytest.mark.parametrize("name", MODULES)
def test_libraries_stay_in_their_rooms(name: str) -> None:
    room = room_of(name, ROOMS)
    assert room is not None
    allowed = ROOMS[room].libraries
    if ANY not in allowed:
        strangers = outside(MODULES[name]) - allowed
        assert not strangers, f"{name} imports {sorted(strangers)}: {room} may import {sorted(allowed) or 'none'}"


def plain(package: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def test_libraries_are_declared() -> None:
    """Each library imported stands in pyproject.toml, not only among what another one brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    declared = {plain(re.split(r"[<>=~!;\[ ]", requirement)[0]) for requirement in wanted}
    brought = metadata.packages_distributions()
    elsewhere = {
        str(path.relative_to(ROOT)): path for top in ("tests", "scripts", "bench") for path in (ROOT / top).rglob("*.py")
    }
    elsewhere = {
        name: path for name, path in elsewhere.items() if not name.startswith("tests/server/clients/")
    }  # locks of their own
    for name, path in {**MODULES, **elsewhere}.items():
        packages = {library: {plain(package) for package in brought.get(library, [])} for library in outside(path) - OURS}
        undeclared = [library for library, found in packages.items() if not found & declared]
        assert not undeclared, f"{name} imports {undeclared}, which pyproject.toml does not name"


def test_no_module_imports_relatively() -> None:
    for name, path in MODULES.items():
        assert "from ." not in path.read_text("utf-8"), f"{name} imports relatively"
