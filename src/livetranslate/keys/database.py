"""The one SQLite file of keys and usage: made private, in WAL mode, with one connection behind a lock."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "livetranslate.db"
MEMORY = Path(":memory:")
"""A database that lives and dies with its connection."""

_SCHEMA = (
    """
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        digest BLOB NOT NULL UNIQUE,
        created REAL NOT NULL,
        last_used REAL,
        revoked REAL,
        rate_limit TEXT,
        token_limit TEXT,
        running INTEGER
    ) STRICT;
    CREATE TABLE usage (
        number INTEGER PRIMARY KEY,
        time REAL NOT NULL,
        request_id TEXT NOT NULL,
        key_id TEXT NOT NULL,
        route TEXT NOT NULL,
        model TEXT NOT NULL,
        profile TEXT NOT NULL,
        source TEXT,
        target TEXT,
        voice TEXT,
        stream INTEGER NOT NULL,
        status INTEGER NOT NULL,
        code TEXT,
        ended TEXT NOT NULL,
        audio_in INTEGER NOT NULL,
        video_in INTEGER NOT NULL,
        text_in INTEGER NOT NULL,
        audio_out INTEGER NOT NULL,
        text_out INTEGER NOT NULL,
        seconds_in REAL NOT NULL,
        seconds_out REAL NOT NULL,
        first_text_ms REAL,
        first_audio_ms REAL,
        total_ms REAL NOT NULL
    ) STRICT;
    CREATE INDEX usage_by_time ON usage (time);
    CREATE INDEX usage_by_key ON usage (key_id, time);
    """,
    "ALTER TABLE keys ADD COLUMN glossary TEXT",
)
"""One script for each version of the file; what is here is never changed, only added to."""


class Database:
    """The file's connection, shared by threads one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        if self._path != MEMORY:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # the files beside it take over its mode
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10.0)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")  # two that start at once upgrade one after the other
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for script in _SCHEMA[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_SCHEMA)}")
        connection.execute("COMMIT")
        return connection

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction of its own, which is undone if the body raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for questions alone."""
        with self._lock:
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()
