"""Decode processes that crash, hang, lie or try their walls, and the process that forks them killed: one caller's error each."""

import ast
import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import psutil
import pytest

from livetranslate.blob import Blob
from livetranslate.decode import Clip, Cost, DecodeLimits, Decoder
from livetranslate.errors import BadMedia, InternalError, LivetranslateError, Overloaded
from livetranslate.media import Audio
from tests import clips
from tests.hostile import rogue

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
"""Where the rogue is found."""
ROGUE = "tests.hostile.rogue"
QUICK = DecodeLimits(stall_seconds=0.6, max_seconds=60.0, held_seconds=5.0)


@pytest.fixture
async def rogues(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Decoder]:
    monkeypatch.setenv("PYTHONPATH", PATH)
    monkeypatch.setenv("LIVETRANSLATE_API_KEYS", "sk-canary")
    async with Decoder(QUICK, worker=ROGUE) as made:
        yield made


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder(DecodeLimits(stall_seconds=1.0)) as made:
        yield made


async def opened(decoder: Decoder, data: bytes) -> Clip:
    with Blob.from_bytes(data) as blob:
        return await decoder.open(blob)


async def heard(decoder: Decoder, data: bytes) -> list[bytes] | LivetranslateError:
    """The chunks of what plays, else the error, wherever it came."""
    try:
        async with await opened(decoder, data) as clip, aclosing(clip.media()) as media:
            return [chunk.pcm async for chunk in media if isinstance(chunk, Audio)]
    except LivetranslateError as error:
        return error


async def processes(decoder: Decoder, count: int) -> list[psutil.Process]:
    """The children once there are so many."""
    async with asyncio.timeout(3):
        while True:
            with suppress(psutil.Error):
                found: list[psutil.Process] = psutil.Process(decoder.pid).children()
                if len(found) == count:
                    return found
            await asyncio.sleep(0.005)


LONG = clips.flac_of_silence(600)


async def test_crashes_are_bad_media(rogues: Decoder) -> None:
    """Before and after the first byte; nobody else notices, and no zombie stays."""
    assert rogues.sealed
    for name in rogue.CRASHES:
        for kind in ("crash", "CRASH"):
            error, others = await asyncio.gather(heard(rogues, f"{kind}:{name}".encode()), heard(rogues, b"good:"))
            assert (type(error), str(error)) == (BadMedia, BadMedia.sentence), name
            assert others == [bytes(8000)]
    await processes(rogues, 0)


async def test_lies_are_bad_media(rogues: Decoder) -> None:
    for name in rogue.LIES:
        begun = time.monotonic()
        assert type(await heard(rogues, f"lie:{name}".encode())) is BadMedia, name
        assert time.monotonic() - begun < 2, name
    await processes(rogues, 0)


async def test_hangs_are_ended(rogues: Decoder) -> None:
    """What neither speaks nor works is killed when the wait is over, what works too long by its limit of CPU time."""
    for data in (b"mute", b"MUTE", b"spin", b"SPIN"):
        begun = time.monotonic()
        assert type(await heard(rogues, data)) is BadMedia
        assert time.monotonic() - begun < 3
    await processes(rogues, 0)


async def test_cpu_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", PATH)
    async with Decoder(DecodeLimits(stall_seconds=30), worker=ROGUE) as rogues:
        begun = time.monotonic()
        assert type(await heard(rogues, b"spin")) is BadMedia
        assert time.monotonic() - begun < 20


async def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that wants more than its address space is refused it, long before the machine suffers."""
    monkeypatch.setenv("PYTHONPATH", PATH)
    told: list[Cost] = []
    async with Decoder(DecodeLimits(memory_bytes=400_000_000), worker=ROGUE, observe=told.append) as rogues:
        assert type(await heard(rogues, b"eat")) is BadMedia
    assert told[0].peak_bytes < 420_000_000


async def test_the_limits_are_set(rogues: Decoder) -> None:
    """Memory as asked for; of CPU time ten seconds until the media is good, and what its length allows after; nothing else."""
    told = await heard(rogues, b"limits")
    assert isinstance(told, list)
    found = dict(zip(rogue.LIMITS, (ast.literal_eval(each.decode()) for each in told), strict=True))
    nothing = dict.fromkeys(("CORE", "FSIZE", "NOFILE", "NPROC"), (0, 0))
    assert found == {"AS": (1 << 30, 1 << 30), "CPU": (10, 140), **nothing}


async def test_the_walls_hold(rogues: Decoder) -> None:
    """Of some forty acts that no decoder needs none is possible."""
    assert rogues.sealed, "this kernel filters no system calls"
    done = await heard(rogues, b"walls")
    assert isinstance(done, list)
    assert [act.decode().strip() for act in done] == []
    assert len(rogue.ACTS) >= 35


async def test_the_walls_do_not_hold_what_is_outside(tmp_path: Path) -> None:
    """The acts are real: most of them succeed where there is no wall."""
    succeeded = []
    for name in (
        "open a file",
        "list a folder",
        "look up a name",
        "make a socket",
        "make a pair",
        "make a pipe",
        "duplicate",
        "start a thread",
    ):
        with suppress(OSError):
            made = rogue.ACTS[name]()
            succeeded.append(name)
            if hasattr(made, "close"):
                made.close()
            elif isinstance(made, int) and name == "duplicate":
                os.close(made)
            elif isinstance(made, tuple):
                for each in made:
                    each.close() if hasattr(each, "close") else os.close(each)
    assert len(succeeded) == 8


async def test_nothing_secret_is_there_to_steal(rogues: Decoder) -> None:
    seen = await heard(rogues, b"environment")
    assert isinstance(seen, list)
    assert b"PATH" in b"".join(seen)
    assert b"canary" not in b"".join(seen)
    assert b"LIVETRANSLATE" not in b"".join(seen)


async def test_poison_is_not_tried_a_third_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two crashes of the same bytes: then they are refused unseen, for an hour; others are not."""
    monkeypatch.setenv("PYTHONPATH", PATH)
    now = 1000.0
    async with Decoder(QUICK, worker=ROGUE, clock=lambda: now) as rogues:
        times = []
        for _ in range(20):
            begun = time.monotonic()
            assert type(await heard(rogues, b"crash:exit")) is BadMedia
            times.append(time.monotonic() - begun)
        assert min(times[:2]) > 0.1  # the wait for news of the forking process
        assert sum(times[2:]) < 18 * 0.1
        assert isinstance(await heard(rogues, b"good:"), list)
        now += 3601
        begun = time.monotonic()
        assert type(await heard(rogues, b"crash:exit")) is BadMedia
        assert time.monotonic() - begun > 0.1


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGKILL, signal.SIGFPE])
async def test_signals_are_one_caller_s_bad_media(number: signal.Signals, decoder: Decoder) -> None:
    async with await opened(decoder, LONG) as other, await opened(decoder, LONG) as clip, aclosing(clip.media()) as media:
        await anext(media)
        first, second = sorted(await processes(decoder, 2), key=lambda process: process.create_time())
        assert first.pid != second.pid
        second.send_signal(number)
        with pytest.raises(BadMedia):
            [chunk async for chunk in media]
        async with aclosing(other.media()) as rest:
            assert sum([chunk.seconds async for chunk in rest if isinstance(chunk, Audio)]) == pytest.approx(other.seconds)
    await processes(decoder, 0)


async def test_a_stopped_process_is_killed(decoder: Decoder) -> None:
    async with await opened(decoder, LONG) as clip, aclosing(clip.media()) as media:
        await anext(media)
        (child,) = await processes(decoder, 1)
        child.suspend()
        begun = time.monotonic()
        with pytest.raises(BadMedia):
            [chunk async for chunk in media]
        assert 0.9 < time.monotonic() - begun < 3
    await processes(decoder, 0)


async def test_a_stopped_process_ends_when_it_is_left(decoder: Decoder) -> None:
    clip = await opened(decoder, LONG)
    (child,) = await processes(decoder, 1)
    child.suspend()
    begun = time.monotonic()
    await clip.aclose()
    assert time.monotonic() - begun < 0.5
    await processes(decoder, 0)


async def test_sigterm_and_interrupt_are_for_the_server(decoder: Decoder) -> None:
    """A group of processes told to end goes on decoding until the server lets go."""
    assert decoder.pid is not None
    async with await opened(decoder, LONG) as clip:
        for process in (psutil.Process(decoder.pid), *await processes(decoder, 1)):
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGINT)
        async with aclosing(clip.media()) as media:
            assert sum([chunk.seconds async for chunk in media if isinstance(chunk, Audio)]) == pytest.approx(clip.seconds)
    assert isinstance(await heard(decoder, clips.tone_wav()), list)


async def test_the_forking_process_killed_is_replaced(decoder: Decoder) -> None:
    """Who was decoding is told that we failed, not his media; the next caller is served, soon, and nothing is in quarantine."""
    for _ in range(3):
        clip = await opened(decoder, LONG)
        media = clip.media()
        await anext(media)
        killed = decoder.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(InternalError):
            [chunk async for chunk in media]
        await media.aclose()
        begun = time.monotonic()
        assert isinstance(await heard(decoder, clips.tone_wav()), list)
        assert time.monotonic() - begun < 5
        assert decoder.pid != killed
        assert not psutil.pid_exists(killed)
    async with await opened(decoder, LONG):
        pass


async def test_the_forking_process_killed_in_the_middle_of_opening() -> None:
    """Thirty openings while it is killed three times: each is served by the next one, or told that we failed."""
    async with Decoder() as decoder:
        tasks = [asyncio.create_task(heard(decoder, clips.tone_wav(1 + number / 100))) for number in range(30)]
        for _ in range(3):
            await asyncio.sleep(0.03)
            if decoder.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(decoder.pid, signal.SIGKILL)
        outcomes = await asyncio.gather(*tasks)
        assert {type(outcome) for outcome in outcomes} <= {list, InternalError}
        assert isinstance(await heard(decoder, clips.tone_wav()), list)


async def test_a_forking_process_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InternalError):
        async with Decoder(worker="livetranslate.no_such_module"):
            pass


async def test_no_room_for_another_process_is_not_the_media_s_fault(decoder: Decoder) -> None:
    """The forking process may not fork: the caller is asked to come back, and the bytes are not in quarantine."""
    assert decoder.pid is not None
    zygote = psutil.Process(decoder.pid)
    usual = zygote.rlimit(psutil.RLIMIT_NOFILE)
    zygote.rlimit(psutil.RLIMIT_NOFILE, (3, usual[1]))
    for _ in range(3):
        assert type(await heard(decoder, clips.tone_wav())) is Overloaded
    zygote.rlimit(psutil.RLIMIT_NOFILE, usual)
    assert isinstance(await heard(decoder, clips.tone_wav()), list)


async def test_the_children_die_with_the_server(tmp_path: Path) -> None:
    """A server killed outright leaves no decode process behind, not even one that stands still."""
    script = tmp_path / "server.py"
    script.write_text(
        "import asyncio\n"
        "from livetranslate.blob import Blob\n"
        "from livetranslate.decode import Decoder\n"
        "from tests import clips\n"
        "async def main():\n"
        "    async with Decoder() as decoder:\n"
        "        with Blob.from_bytes(clips.flac_of_silence(600)) as blob:\n"
        "            clip = await decoder.open(blob)\n"
        "        print(decoder.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": PATH}
    )
    assert server.stdout is not None
    zygote = psutil.Process(int(await server.stdout.readline()))
    family = [zygote, *zygote.children()]
    assert len(family) == 2
    family[1].suspend()
    server.kill()
    await server.wait()
    async with asyncio.timeout(3):
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
