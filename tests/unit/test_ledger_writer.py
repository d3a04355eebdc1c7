"""The ledger's writer: off the loop, several rows at a time, and none lost to a stop or to a disk that takes none for a while."""

import asyncio
import sqlite3
import threading
import time
from dataclasses import replace

from livetranslate.events import Usage
from livetranslate.keys import MEMORY, Entry, Keys
from livetranslate.server.services import LedgerWriter

ENTRY = Entry(
    0.0, "id", "key", "chat", "model", "profile", None, None, None, True, 200, None, "done", Usage(), 0, 0, None, None, 1
)


def numbered(count: int) -> list[Entry]:
    return [replace(ENTRY, time=float(place)) for place in range(count)]


async def test_a_stop_loses_nothing() -> None:
    keys = await asyncio.to_thread(Keys, MEMORY)
    writer = LedgerWriter(keys.ledger.write)
    writer.start()
    for entry in numbered(50):
        writer.add(entry)
    await writer.stop()
    assert await asyncio.to_thread(keys.ledger.entries) == numbered(50)
    await asyncio.to_thread(keys.close)


async def test_rows_are_written_soon_and_together() -> None:
    written: list[list[Entry]] = []
    writer = LedgerWriter(written.append)
    writer.start()
    for entry in numbered(10):
        writer.add(entry)
    await asyncio.sleep(0.3)
    assert written == [numbered(10)]
    await writer.stop()
    assert written == [numbered(10)]


async def test_a_full_disk_is_waited_for() -> None:
    full, written = True, []

    def write(entries: list[Entry]) -> None:
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        written.extend(entries)

    writer = LedgerWriter(write, retry_seconds=0.05)
    writer.start()
    for entry in numbered(5):
        writer.add(entry)
    await asyncio.sleep(0.3)
    full = False
    await asyncio.sleep(0.3)
    assert written == numbered(5)
    await writer.stop()
    assert written == numbered(5)


async def test_a_slow_disk_does_not_hold_up_the_loop_and_a_stop_waits_for_it() -> None:
    gate, written = threading.Event(), []

    def write(entries: list[Entry]) -> None:
        gate.wait(5)
        written.extend(entries)

    writer = LedgerWriter(write)
    writer.start()
    writer.add(ENTRY)
    await asyncio.sleep(0.2)
    begun = time.monotonic()
    writer.add(ENTRY)
    await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 0.2
    asyncio.get_running_loop().call_later(0.1, gate.set)
    await writer.stop()
    assert written == [ENTRY] * 2
