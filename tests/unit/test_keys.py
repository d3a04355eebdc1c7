"""Keys and the ledger in their file: hashed, private, revoked at once; rows without content, and what is asked of them."""

import hashlib
import sqlite3
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from livetranslate.errors import WrongKey
from livetranslate.events import Usage
from livetranslate.keys import ANYBODY, MEMORY, PREFIX, Entry, Guesses, Keys

DAY = 86400.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self, time: float = 1_000_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


ENTRY = Entry(
    time=DAY * 20000,
    request_id="7f1a2b3c-0000-4000-8000-000000000001",
    key_id="key-1",
    route="chat",
    model="qwen3-livetranslate-flash",
    profile="scripted",
    source="zh",
    target="en",
    voice=None,
    stream=True,
    status=200,
    code=None,
    ended="done",
    usage=Usage(1, 2, 3, 4, 5),
    seconds_in=1.5,
    seconds_out=2.5,
    first_text_ms=10.0,
    first_audio_ms=None,
    total_ms=100.0,
)


def test_a_key_is_made_used_and_revoked(tmp_path: Path) -> None:
    clock = Clock()
    keys = Keys(tmp_path / "deep" / "keys.db", clock=clock)
    assert not keys.required
    assert keys.check("anything") == ANYBODY
    key, secret = keys.create("phone", rate_limit="5/minute", token_limit="off", running=2)
    assert secret.startswith(PREFIX)
    assert len(secret) >= len(PREFIX) + 43
    assert keys.required
    assert keys.check(secret) == key
    assert keys.list() == [key]
    assert (key.name, key.created, key.rate_limit, key.token_limit, key.running) == ("phone", clock.time, "5/minute", "off", 2)
    clock.time += 60
    assert keys.revoke(key.id)
    assert not keys.revoke(key.id)
    assert not keys.revoke("key-other")
    assert keys.list() == [replace(key, revoked=clock.time)]
    with pytest.raises(WrongKey):
        keys.check(secret)
    keys.close()


def test_a_key_is_given_a_glossary_and_loses_it(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    key, secret = keys.create("clinic", glossary="source,target\nmask,mascarilla\n")
    assert keys.check(secret).glossary == key.glossary == "source,target\nmask,mascarilla\n"
    assert keys.give_glossary(key.id, None)
    assert keys.check(secret).glossary is None
    assert keys.give_glossary(key.id, "source,target\nmask,careta\n")
    assert [listed.glossary for listed in keys.list()] == ["source,target\nmask,careta\n"]
    keys.revoke(key.id)
    assert not keys.give_glossary(key.id, None)
    assert not keys.give_glossary("key-other", None)


def test_a_file_from_before_there_were_glossaries_is_taken_over(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    _, secret = keys.create("old")
    keys.close()
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        connection.execute("ALTER TABLE keys DROP COLUMN glossary")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    keys = Keys(tmp_path / "keys.db")
    key = keys.check(secret)
    assert (key.name, key.glossary) == ("old", None)
    assert keys.give_glossary(key.id, "source,target\nmask,careta\n")


def test_revoking_the_last_key_opens_nothing(tmp_path: Path) -> None:
    first = Keys(tmp_path / "keys.db")
    key, _ = first.create("only")
    first.revoke(key.id)
    first.close()
    again = Keys(tmp_path / "keys.db")
    assert again.required
    for secret in (None, "", "anything"):
        with pytest.raises(WrongKey):
            again.check(secret)
    again.close()


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    _, secret = keys.create("phone")
    keys.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in raw
    assert secret.removeprefix(PREFIX).encode() not in raw
    assert hashlib.sha256(secret.encode()).digest() in raw


def test_the_file_is_private(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "data" / "keys.db")
    keys.create("phone")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert set(modes) == {"keys.db", "keys.db-wal", "keys.db-shm"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    keys.close()


def test_static_keys() -> None:
    keys = Keys(MEMORY, ["sk-one", "sk-two"])
    assert keys.required
    assert (keys.check("sk-one").id, keys.check("sk-two").id) == ("static-1", "static-2")
    _, secret = keys.create("beside")
    assert keys.check(secret).name == "beside"
    for wrong in (None, "", "sk-on", "sk-one ", "SK-ONE", "sk-thr\xe9e", "\0", "x" * 10**6, "sk-\ud800"):
        with pytest.raises(WrongKey):
            keys.check(wrong)
    keys.close()


@pytest.mark.parametrize("limits", [{"rate_limit": "many"}, {"token_limit": "5/fortnight"}, {"running": 0}])
def test_limits_that_are_none(limits: dict[str, str]) -> None:
    keys = Keys(MEMORY)
    with pytest.raises(ValueError, match=r"limit|key"):
        keys.create("phone", **limits)  # type: ignore[arg-type]
    assert keys.list() == []
    keys.close()


def test_two_processes_share_the_file(tmp_path: Path) -> None:
    server, command = Keys(tmp_path / "keys.db"), Keys(tmp_path / "keys.db")
    key, secret = command.create("made beside a running server")
    assert server.check(secret) == key
    command.revoke(key.id)
    with pytest.raises(WrongKey):
        server.check(secret)
    server.close()
    command.close()


def test_many_threads_use_one_connection(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db", ["sk-one"])
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                keys.check("sk-one")
                keys.ledger.write([ENTRY])
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert keys.ledger.lines()[0].requests == 160
    keys.close()


def test_an_older_file_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        keys = Keys(tmp_path / "keys.db")
        keys.create("again")
        keys.close()
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        assert connection.execute("SELECT count(*) FROM keys").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_ledger_gives_back_what_was_written() -> None:
    keys = Keys(MEMORY)
    other = replace(ENTRY, time=ENTRY.time + 5, source=None, voice="Cherry", code="ModelServingError", ended="failed", status=500)
    keys.ledger.write([other, ENTRY])
    assert keys.ledger.entries() == [ENTRY, other]
    assert keys.ledger.entries(since=ENTRY.time + 1) == [other]
    assert keys.ledger.entries(until=ENTRY.time + 5) == [ENTRY]
    assert keys.ledger.entries(key="key-2") == []
    keys.close()


def test_sums_by_day_key_and_model() -> None:
    keys = Keys(MEMORY)
    keys.ledger.write(
        [
            ENTRY,
            replace(ENTRY, key_id="key-2", ended="failed"),
            replace(ENTRY, time=ENTRY.time + DAY, model="qwen3-livetranslate-flash-2025-12-01"),
        ]
    )
    by_day = keys.ledger.lines("day")
    assert [(line.group, line.requests, line.failed) for line in by_day] == [("2024-10-04", 2, 1), ("2024-10-05", 1, 0)]
    assert by_day[0].usage == Usage(2, 4, 6, 8, 10)
    assert (by_day[0].seconds_in, by_day[0].seconds_out) == (3.0, 5.0)
    assert [(line.group, line.requests) for line in keys.ledger.lines("key")] == [("key-1", 2), ("key-2", 1)]
    assert [line.requests for line in keys.ledger.lines("model")] == [2, 1]
    assert [line.requests for line in keys.ledger.lines(key="key-2")] == [1]
    assert keys.ledger.lines(since=ENTRY.time + 2 * DAY) == []
    assert keys.ledger.lines("day", until=ENTRY.time + DAY) == by_day[:1]
    keys.close()


def test_the_ledger_tells_when_a_key_was_used() -> None:
    keys = Keys(MEMORY)
    key, _ = keys.create("phone")
    keys.ledger.write([replace(ENTRY, key_id=key.id)])
    assert keys.list()[0].last_used == ENTRY.time
    keys.close()


def test_guesses_are_slowed_down_by_address() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    assert [guesses.failed("10.0.0.1") for _ in range(20)] == [0.0] * 20
    assert [guesses.failed("10.0.0.1") for _ in range(6)] == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert guesses.failed("10.0.0.2") == 0.0
    clock.time += 60
    assert guesses.failed("10.0.0.1") == 0.0


def test_a_network_guesses_together_and_the_table_is_bounded() -> None:
    guesses = Guesses(Clock(), addresses=100)
    delays = [guesses.failed(f"2001:db8::{place:x}") for place in range(30)]
    assert delays[-1] == 2.0
    assert guesses.failed("2001:db8:0:1::1") == 0.0
    assert guesses.failed("::ffff:10.0.0.1") == 0.0
    for place in range(1000):
        guesses.failed(f"10.1.{place // 250}.{place % 250}")
    assert len(guesses) == 100
    assert guesses.failed("no address") == 0.0
