"""(j) Live, beside WhisperLiveKit: the same words at the same pace, by the same recognizer that takes the same time."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
from websockets.asyncio.client import connect

from bench.live import PIECE, SECONDS, ours
from bench.served import free_port
from bench.tones import sound, timeline
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE

VENV = Path("build/peers")
# Of torch, a release whose CPU build is enough: no model is loaded.
PACKAGES = ("torch==2.13.0", "whisperlivekit==0.2.26", "openai>=2")
COMMAND = "--backend openai-api --backend-policy localagreement --lan en --pcm-input --no-vac --host 127.0.0.1"
COMPARED = ("ready_s", "memory_mb", "first_text_from_start_s", "sent_again", "kilobytes_a_minute")
# Not of the first text: here it is a translated clause, there a word of the transcript.
TARGETS = {name: 1.0 for name in COMPARED if name != "first_text_from_start_s"}


def peers(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (j): ratios of ours to theirs."""
    program = _installed(say)
    if program is None:
        return {"measured": {}, "ratios": {}, "targets": {}}
    mine, theirs = ours(), _theirs(program)
    for name in COMPARED:
        say(f"{name}: {mine[name]:.2f} here, {theirs[name]:.2f} there")
    say(f"words lost or doubled: none here, {theirs['words_wrong']} of {len(timeline(SECONDS))} there")
    ratios = {name: mine[name] / theirs[name] for name in COMPARED}
    return {"measured": {"here": mine, "there": theirs}, "ratios": ratios, "targets": TARGETS}


def _installed(say: Callable[[str], None]) -> Path | None:
    """The peer's program in an environment of its own, made now if it is not there."""
    program = VENV / "bin" / "whisperlivekit-server"
    if not program.exists():
        say(f"installing {', '.join(PACKAGES)} into {VENV}")
        try:
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
            for package in PACKAGES:
                subprocess.run([str(VENV / "bin" / "pip"), "install", "--quiet", package], check=True)
        except subprocess.CalledProcessError:
            say("NOT MEASURED: WhisperLiveKit could not be installed here")
            return None
    return program.absolute()


@contextmanager
def _running(command: list[str], url: str, **environment: str) -> Iterator[tuple[psutil.Process, float]]:
    """A server, and the seconds until it answered."""
    started = time.perf_counter()
    log = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment}) as process:
        try:
            while not _answers(url):
                if process.poll() is not None or time.perf_counter() - started > 120:
                    raise SystemExit(f"{command[0]} did not start")
                time.sleep(0.02)
            yield psutil.Process(process.pid), time.perf_counter() - started
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code < 500
    except httpx2.TransportError:
        return False


def _theirs(program: Path) -> dict[str, float]:
    api, port = free_port(), free_port()
    told = f"http://127.0.0.1:{api}/told"
    environment = {"OPENAI_BASE_URL": f"http://127.0.0.1:{api}/v1", "OPENAI_API_KEY": "none", "HF_HUB_OFFLINE": "1"}
    command = [str(program), *COMMAND.split(), "--port", str(port), "--warmup-file", ""]
    with (
        _running([sys.executable, "-m", "bench.fake_asr", str(api)], told),
        _running(command, f"http://127.0.0.1:{port}/", **environment) as (process, ready),
    ):
        first, size, text = asyncio.run(_talk(port))
        family = [process, *process.children(recursive=True)]
        memory = sum(member.memory_info().rss for member in family) / 1e6
        sent = httpx2.get(told).json()["seconds_sent"]
    words = timeline(SECONDS)
    return {
        "ready_s": ready,
        "memory_mb": memory,
        "first_text_from_start_s": first - words[0].start,
        "sent_again": sent / sum(word.end - word.start for word in words),
        "kilobytes_a_minute": size / 1000 / (SECONDS / 60),
        "words_wrong": _wrong(text.split(), [word.text for word in words]),
    }


@dataclass(slots=True)
class _Heard:
    first: float = 0.0
    size: int = 0
    text: str = ""


async def _talk(port: int) -> tuple[float, int, str]:
    """When the first words that stay came, how many bytes came in all, and all that stayed."""
    heard, pcm = _Heard(), sound(SECONDS)
    size = BYTES_PER_SAMPLE * round(PIECE * HEARING_RATE)
    async with connect(f"ws://127.0.0.1:{port}/asr", compression=None, proxy=None, max_size=None) as socket:
        begun = time.perf_counter() + 0.2
        listening = asyncio.create_task(_listen(socket, heard, begun))
        for number, start in enumerate(range(0, len(pcm), size), 1):
            await asyncio.sleep(begun + number * PIECE - time.perf_counter())
            await socket.send(pcm[start : start + size])
        await socket.send(b"")
        await asyncio.wait_for(listening, 60)
    return heard.first, heard.size, heard.text


async def _listen(socket: Any, heard: _Heard, begun: float) -> None:
    async for frame in socket:
        event = json.loads(frame)
        heard.size += len(frame)
        if event.get("type") == "ready_to_stop":
            return
        if text := " ".join(line["text"] for line in event.get("lines", ()) if line["text"].strip()):
            heard.first = heard.first or time.perf_counter() - begun
            heard.text = text


def _wrong(told: list[str], spoken: list[str]) -> int:
    """Words by which two texts differ: Levenshtein's distance."""
    row = list(range(len(told) + 1))
    for count, word in enumerate(spoken, 1):
        last, row[0] = row[0], count
        for place, other in enumerate(told, 1):
            last, row[place] = row[place], min(last + (word != other), row[place] + 1, row[place - 1] + 1)
    return row[-1]
