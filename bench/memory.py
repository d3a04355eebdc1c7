"""(d) A file of three hours: decoded, cut and thrown away, with what this process and its children hold meanwhile."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil

from bench.clips import joined
from livetranslate.blob import Blob
from livetranslate.decode import DecodeLimits, Decoder
from livetranslate.engines.silero import Silero
from livetranslate.media import HEARING_RATE, Utterance, wav_header
from livetranslate.segment import segment
from livetranslate.streams import Stream

HOURS = 3
PIECE_SECONDS = 60.0
TARGETS = {"growth_after_a_minute": 1.1}
"""The most held, to what is held after the first minute of sound."""


def memory(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (d): real speech again and again for three hours, in a WAV file that is streamed from disk."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.wav"
        _write(file)
        megabytes = file.stat().st_size / 1e6
        say(f"{megabytes:.0f} MB of WAV")
        found = asyncio.run(_run(file, say))
    return {"hours": HOURS, "file_megabytes": megabytes, **found, "targets": TARGETS}


def _write(file: Path) -> None:
    piece, times = joined(PIECE_SECONDS), round(HOURS * 3600 / PIECE_SECONDS)
    if shutil.disk_usage(file.parent).free < 2 * len(piece) * times:
        raise SystemExit("too little room for three hours of WAV")
    with file.open("wb") as out:
        out.write(wav_header(len(piece) * times, HEARING_RATE))
        for _ in range(times):
            out.write(piece)


async def _run(file: Path, say: Callable[[str], None]) -> dict[str, Any]:
    held: list[float] = []
    utterances = 0
    started = time.perf_counter()
    async with aclosing(_utterances(file)) as heard:
        async for utterance in heard:
            utterances += 1
            if utterance.audio.end >= PIECE_SECONDS * (len(held) + 1):
                held.append(_megabytes())
    say(f"{utterances} utterances in {time.perf_counter() - started:.0f} s")
    return {
        "utterances": utterances,
        "seconds": time.perf_counter() - started,
        "megabytes_after_a_minute": held[0],
        "megabytes_at_most": max(held),
        "ratios": {"growth_after_a_minute": max(held) / held[0]},
    }


async def _utterances(file: Path) -> Stream[Utterance]:
    async with Decoder(DecodeLimits(max_seconds=(HOURS + 1) * 3600.0)) as decoder:
        with Blob.from_path(file) as blob:
            clip = await decoder.open(blob)
        async with aclosing(segment(clip.media(), Silero())) as cuts:
            async for cut in cuts:
                if isinstance(cut, Utterance):
                    yield cut


def _megabytes() -> float:
    """What this process and its children hold, shared pages once (PSS)."""
    process = psutil.Process()
    held: int = sum(member.memory_full_info().pss for member in [process, *process.children(recursive=True)])
    return held / 1e6
