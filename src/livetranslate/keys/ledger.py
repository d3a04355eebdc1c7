"""The usage ledger: a row for each request, without a word of what was said, and the questions that are asked of it."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import Literal

from livetranslate.events import Usage
from livetranslate.keys.database import Database

Ended = Literal["done", "cut", "left", "failed"]
"""All was said; the token limit cut it; the reader left; it failed, or was refused."""
Group = Literal["day", "key", "model"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `time` in unix seconds at its start; milliseconds count from there; status 499: left before any answer."""

    time: float
    request_id: str
    key_id: str
    route: str
    model: str
    profile: str
    source: str | None
    target: str | None
    voice: str | None
    stream: bool
    status: int
    code: str | None
    ended: Ended
    usage: Usage
    seconds_in: float
    seconds_out: float
    first_text_ms: float | None
    first_audio_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True)
class Line:
    """The sum of many requests; `group` is their day (UTC), key id or model, or "" for all."""

    group: str
    requests: int
    failed: int
    usage: Usage
    seconds_in: float
    seconds_out: float


_KINDS = ("audio_in", "video_in", "text_in", "audio_out", "text_out")
_COLUMNS = tuple(name for field in fields(Entry) for name in (_KINDS if field.name == "usage" else (field.name,)))
_INSERT = f"INSERT INTO usage ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_GROUPS: dict[Group | None, str] = {
    None: "''",
    "day": "date(time, 'unixepoch')",
    "key": "key_id",
    "model": "model",
}


class Ledger:
    """The rows in the database. Its methods block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, entries: Iterable[Entry]) -> None:
        """Adds the entries, and remembers when their keys were used."""
        entries = list(entries)
        rows = [tuple(_flat(entry)) for entry in entries]
        used = {entry.key_id: entry.time for entry in entries}
        with self._database.connection() as connection:
            connection.executemany(_INSERT, rows)
            connection.executemany("UPDATE keys SET last_used = ? WHERE id = ?", [(time, key) for key, time in used.items()])

    def entries(self, since: float | None = None, until: float | None = None, key: str | None = None) -> list[Entry]:
        """The requests from `since` until before `until`, of one key or of all, oldest first."""
        where, values = _where(since, until, key)
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM usage {where} ORDER BY time, number", values).fetchall()
        found = []
        for row in rows:
            named = dict(zip(_COLUMNS, row, strict=True))
            usage = Usage(**{kind: named.pop(kind) for kind in _KINDS})
            found.append(Entry(**{**named, "stream": bool(named["stream"])}, usage=usage))
        return found

    def lines(
        self, by: Group | None = None, since: float | None = None, until: float | None = None, key: str | None = None
    ) -> list[Line]:
        """Sums of the requests from `since` until before `until`, grouped; of one key or of all."""
        where, values = _where(since, until, key)
        sums = ", ".join(f"sum({name})" for name in (*_KINDS, "seconds_in", "seconds_out"))
        query = (
            f"SELECT {_GROUPS[by]} AS grouped, count(*), sum(ended = 'failed'), {sums} FROM usage {where} "
            "GROUP BY grouped ORDER BY grouped"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return [Line(row[0], row[1], row[2], Usage(*row[3:8]), row[8], row[9]) for row in rows]


def _flat(entry: Entry) -> Iterator[object]:
    for field in fields(Entry):
        value = getattr(entry, field.name)
        if isinstance(value, Usage):
            yield from astuple(value)
        else:
            yield value


def _where(since: float | None, until: float | None, key: str | None) -> tuple[str, list[object]]:
    conditions: list[tuple[str, object]] = [("time >= ?", since), ("time < ?", until), ("key_id = ?", key)]
    asked = [(condition, value) for condition, value in conditions if value is not None]
    if not asked:
        return "", []
    return "WHERE " + " AND ".join(condition for condition, _ in asked), [value for _, value in asked]
