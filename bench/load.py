"""(c) Many streams at once on scripted engines with honest delays: what one more reader costs the others, and the CPU."""

import asyncio
from collections.abc import Callable
from statistics import median
from typing import Any

import httpx2

from bench.served import Timed, ask, body, server
from livetranslate.media import HEARING_RATE, wav_header
from tests.support import hush, tone

STREAMS = (1, 8, 64)
TARGETS = {"first_audio_at_8": 1.2}
CONFIG = """
[limits]
running = 64
key_running = 64
key_waiting = 64

[engines.scripted]
hear_delay = 0.25
word_delay = 0.03
speak_delay = 0.05
"""
ROUNDS = {1: 5, 8: 3, 64: 1}


def load(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (c): the same 12 s clip, so many times at once."""
    pcm = (tone(3.0) + hush(0.6)) * 3
    request = body(wav_header(len(pcm), HEARING_RATE) + pcm)
    found: dict[str, Any] = {}
    with server("scripted", CONFIG) as served:
        asyncio.run(_at_once(served.url, request, 2))
        for streams in STREAMS:
            before, timed = served.cpu_seconds(), []
            for _ in range(ROUNDS[streams]):
                timed += asyncio.run(_at_once(served.url, request, streams))
            cpu = (served.cpu_seconds() - before) / len(timed)
            found[str(streams)] = {
                "first_text": median(one.first_text for one in timed),
                "first_audio": median(one.first_audio for one in timed),
                "first_audio_worst": max(one.first_audio for one in timed),
                "whole": median(one.whole for one in timed),
                "server_cpu_per_stream": cpu,
            }
            say(f"{streams} streams: first audio {found[str(streams)]['first_audio']:.3f} s, {1000 * cpu:.0f} ms of CPU each")
    alone = found["1"]["first_audio"]
    ratios = {f"first_audio_at_{streams}": found[str(streams)]["first_audio"] / alone for streams in STREAMS[1:]}
    return {"clip_seconds": len(pcm) / 2 / HEARING_RATE, "streams": found, "ratios": ratios, "targets": TARGETS}


async def _at_once(url: str, request: bytes, streams: int) -> list[Timed]:
    limits = httpx2.Limits(max_connections=streams, max_keepalive_connections=0)
    async with httpx2.AsyncClient(trust_env=False, limits=limits) as client:
        return await asyncio.gather(*(ask(client, url, request) for _ in range(streams)))
