"""API keys: made here, kept as SHA-256, looked up without telling how near a guess was."""

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from livetranslate.errors import WrongKey
from livetranslate.keys.database import Database
from livetranslate.keys.ledger import Ledger
from livetranslate.keys.limits import Clock, parse_limit

PREFIX = "sk-lt-"
_KEY_BYTES = 32
_LONGEST = 512
_SHOWN = ("id", "name", "created", "last_used", "revoked", "rate_limit", "token_limit", "running", "glossary")


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Times are unix seconds; limits of its own are written as in the settings, None: as set there.

    `glossary` is CSV text: the terms for all its requests that say nothing else.
    """

    id: str
    name: str
    created: float | None = None
    last_used: float | None = None
    revoked: float | None = None
    rate_limit: str | None = None
    token_limit: str | None = None
    running: int | None = None
    glossary: str | None = None


ANYBODY = Key("anybody", "no key needed")
"""Who asks where no key is needed."""


class Keys:
    """The keys and the ledger in one SQLite file. Its methods block: a server calls them off its loop.

    `static` keys come from the settings; they are compared in the same way and cannot be revoked here.
    """

    def __init__(self, path: Path, static: Iterable[str] = (), clock: Clock = time.time) -> None:
        self._database = Database(path)
        self._static = [(_digest(secret), Key(f"static-{place}", "from the settings")) for place, secret in enumerate(static, 1)]
        self._required = bool(self._static)  # once true it stays so: keys are revoked, not deleted
        self._clock = clock
        self.ledger = Ledger(self._database)

    def close(self) -> None:
        self._database.close()

    def create(
        self,
        name: str,
        *,
        rate_limit: str | None = None,
        token_limit: str | None = None,
        running: int | None = None,
        glossary: str | None = None,
    ) -> tuple[Key, str]:
        """A new key and its secret, which is shown this once. Raises `ValueError` for a limit that is not written like one."""
        parse_limit(rate_limit)
        parse_limit(token_limit)
        if running is not None and running < 1:
            raise ValueError("a key runs at least one request at once")
        secret = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
        key = Key(f"key-{secrets.token_hex(4)}", name, self._clock(), None, None, rate_limit, token_limit, running, glossary)
        with self._database.connection() as connection:
            connection.execute(
                "INSERT INTO keys (id, name, digest, created, rate_limit, token_limit, running, glossary)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (key.id, name, _digest(secret), key.created, rate_limit, token_limit, running, glossary),
            )
        return key, secret

    def list(self) -> list[Key]:
        """All keys that were made here, the revoked ones too, oldest first."""
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(f"SELECT {', '.join(_SHOWN)} FROM keys ORDER BY created, id")]

    def revoke(self, key_id: str) -> bool:
        """Ends a key at once; False if there is none of that id, or it is revoked already."""
        with self._database.connection() as connection:
            done = connection.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (self._clock(), key_id)
            ).rowcount
        return done == 1

    def give_glossary(self, key_id: str, glossary: str | None) -> bool:
        """From now on a key's requests go by these terms, or by none of its own; False if there is no active key of that id."""
        with self._database.connection() as connection:
            done = connection.execute(
                "UPDATE keys SET glossary = ? WHERE id = ? AND revoked IS NULL", (glossary, key_id)
            ).rowcount
        return done == 1

    @property
    def required(self) -> bool:
        """Whether a key is needed: as soon as there is one, be it revoked, so that revoking the last one opens nothing."""
        if not self._required:
            with self._database.reading() as connection:
                self._required = connection.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None
        return self._required

    def check(self, secret: str | None) -> Key:
        """Whose secret it is; `ANYBODY`, whatever is sent, where none is needed. Raises `WrongKey`.

        A digest is looked up, never a secret: what a guess shares with a key says nothing about what their digests share.
        """
        if not self.required:
            return ANYBODY
        if not secret or len(secret) > _LONGEST:
            raise WrongKey
        digest = _digest(secret)
        found: Key | None = None
        for known, key in self._static:
            if hmac.compare_digest(known, digest):
                found = key
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM keys WHERE digest = ? AND revoked IS NULL", (digest,)).fetchone()
        if row is not None and hmac.compare_digest(row["digest"], digest):
            found = _key(row)
        if found is None:
            raise WrongKey
        return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _key(row: sqlite3.Row) -> Key:
    return Key(**{name: row[name] for name in _SHOWN})
