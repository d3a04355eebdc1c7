"""Glossaries from files: CSV of a user's own terms, and the starter set of ambiguous nouns that comes with the package."""

import csv
import io
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from livetranslate.errors import BadParameter
from livetranslate.glossary import FIELDS, FLAGS, MOST_ENTRIES, Entry, Glossary, parse_entry

_MOST_BYTES = 4 * 1024 * 1024
_MOST_IN_FILE = 20 * MOST_ENTRIES
_TRUE, _FALSE = frozenset({"true", "yes", "1", "x"}), frozenset({"", "false", "no", "0"})
_BETWEEN_CUES = "|"
_SENSES = "senses.csv"
_TARGETS = ("es", "fr", "it", "pt")


def read_csv(path: Path) -> Glossary:
    """The entries of a CSV file in UTF-8 with a header line; cues are set apart by `|`.

    Raises `BadParameter`, which names the line, if the file cannot be read or is not in order.
    """
    return parse_csv(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a CSV file; raises `BadParameter` if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError:
        raise BadParameter(f"{path}: the glossary cannot be read") from None
    except UnicodeDecodeError:
        raise BadParameter(f"{path}: a glossary is UTF-8 text") from None
    if len(data) > _MOST_BYTES:
        raise BadParameter(f"{path}: a glossary has at most {_MOST_BYTES} bytes")
    return text


@lru_cache(maxsize=64)
def stored(text: str) -> Glossary:
    """The entries of CSV text that was looked at before it was stored."""
    return parse_csv(text, "glossary")


def parse_csv(text: str, where: str) -> Glossary:
    """The entries of CSV text, set apart by commas, semicolons or tabs, whichever its header line has."""
    header = text.partition("\n")[0]
    between = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=between, skipinitialspace=True)
    names = [name.strip().casefold() for name in rows.fieldnames or []]
    if "source" not in names or (unknown := [name for name in names if name not in FIELDS]):
        told = f"no column {unknown[0][:64]!r}" if "source" in names else "a header line with source"
        raise BadParameter(f"{where}: a glossary has {told}. Columns: {', '.join(FIELDS)}.")
    rows.fieldnames = names
    entries: list[Entry] = []
    try:
        for row in rows:
            if not any(isinstance(value, str) and value.strip() for value in row.values()):
                continue
            if None in row:
                raise BadParameter(f"{where} line {rows.line_num}: more cells than columns")
            entries.append(_entry(row, f"{where} line {rows.line_num}"))
            if len(entries) > _MOST_IN_FILE:
                raise BadParameter(f"{where}: at most {_MOST_IN_FILE} entries")
    except csv.Error:
        raise BadParameter(f"{where} line {rows.line_num}: no CSV") from None
    return tuple(entries)


def _entry(row: dict[str, str | None], where: str) -> Entry:
    cells: dict[str, Any] = {}
    for name, cell in row.items():
        value = (cell or "").strip()
        if name in FLAGS:
            if value.casefold() not in _TRUE | _FALSE:
                raise BadParameter(f"{where}.{name}: it must be yes or no")
            cells[name] = value.casefold() in _TRUE
        elif name in ("when_seen", "when_said"):
            cells[name] = [cue.strip() for cue in value.split(_BETWEEN_CUES) if cue.strip()]
        else:
            cells[name] = value
    return parse_entry(cells, where)


@cache
def senses() -> Glossary:
    """The starter set: ambiguous everyday English nouns, and the meaning that words on screen call for."""
    text = resources.files("livetranslate.glossary").joinpath(_SENSES).read_text("utf-8")
    return tuple(_sense(row, language) for row in csv.DictReader(io.StringIO(text)) for language in _TARGETS if row[language])


def _sense(row: dict[str, str], language: str) -> Entry:
    """A line's entry for one language. Its cell is "m banco", "f luz/luces" where the plural is not regular, "mp óculos" for a
    target that has only a plural."""
    kind, _, words = row[language].partition(" ")
    target, _, more = words.partition("/")
    return Entry(
        source=row["noun"],
        target=target,
        source_language="en",
        target_language=language,
        when_seen=tuple(cue.replace("_", " ") for cue in row["cues"].split()),
        noun=True,
        plural=more,
        gender="f" if kind[0] == "f" else "m",
        number="plural" if kind.endswith("p") else "",
        sense=row["sense"],
    )
