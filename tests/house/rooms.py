"""The rooms of the house as docs/design/architecture.md lists them, and which source file belongs to which."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "livetranslate"
PACKAGE = "livetranslate"
ANY = "any"
ALL_ABOVE = "all above"
WORDS = "words"
SOME_ENGINE = "engines/<name>"


@dataclass(frozen=True)
class Room:
    """A line of the table: the room's name, the rooms it may import, and the libraries from outside."""

    name: str
    group: str
    may_import: frozenset[str]
    libraries: frozenset[str]


def table() -> dict[str, Room]:
    """The rooms of the architecture page, in its order."""
    rooms: dict[str, Room] = {}
    group = ""
    for line in (ROOT / "docs" / "design" / "architecture.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header := re.fullmatch(r"\*(\w+)\*", cells[0]):
            group = header[1]
        elif len(cells) == 4 and cells[0].startswith("`"):
            name = cells[0].strip("`")
            rooms[name] = Room(name, group, _allowed(cells[2], rooms), _names(cells[3]))
    return rooms


def _names(cell: str) -> frozenset[str]:
    return frozenset(name for name in re.split(r",\s*", cell) if name not in ("–", ""))


def _allowed(cell: str, above: dict[str, Room]) -> frozenset[str]:
    """The rooms that a cell names, its groups spelled out; a room that is not further up is an error of the table."""
    allowed: set[str] = set()
    for name in _names(cell):
        if name == ALL_ABOVE:
            allowed |= set(above)
        elif name == WORDS:
            allowed |= {room.name for room in above.values() if room.group == WORDS}
        else:
            assert name in above, f"the table names {name!r} before its own line"
            allowed.add(name)
    return frozenset(allowed)


def modules() -> dict[str, Path]:
    """All modules of the project by dotted name below the package; the package's own `__init__` is the empty name."""
    found: dict[str, Path] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str, rooms: dict[str, Room]) -> str | None:
    """The room of a module given by its dotted name below the package: the longest that fits."""
    parts = module.split(".")
    for size in range(len(parts), 0, -1):
        name = "/".join(parts[:size])
        if name in rooms and (name != "engines" or size == len(parts)):
            return name
    return SOME_ENGINE if parts[0] == "engines" and SOME_ENGINE in rooms else None


def engine_of(module: str) -> str:
    """The engine that a module of `engines/` belongs to."""
    return module.split(".")[1]


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it: `a.b` for `import a.b`, and `a.b` and `a.b.c` for `from a.b import c`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found
