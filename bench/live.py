"""(i) Live: how late words and speech come at the pace of a speaker, what that costs on the wire, and whether it grows."""

import asyncio
import base64
import json
import re
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import linear_regression, median, quantiles
from typing import Any

import httpx2
import psutil
from websockets.asyncio.client import connect

from bench.clockwork import interpreter
from bench.latency import Sentence, installed, scored
from bench.served import free_port
from bench.tones import sound, timeline
from livetranslate.events import Lag, Live, Options
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Media
from livetranslate.streams import Stream

SECONDS = 66.0
"""As long as the recording on which peers are measured."""
PIECE = 0.1
MINUTES = 60
MODEL = "qwen3.8-livetranslate-flash-realtime"
LIMITS = {
    "first_text_s": 1.0,
    "first_audio_s": 1.5,
    "first_text_from_start_s": 2.5,
    "ready_s": 2.0,
    "memory_mb": 150.0,
    "sent_again": 4.0,
    "kilobytes_a_minute": 60.0,
    "lag_slope": 0.01,
}


@dataclass(slots=True)
class Heard:
    """What came back, and when, in seconds from the first sound."""

    words: list[tuple[float, str]] = field(default_factory=list)
    speech: list[float] = field(default_factory=list)
    size: int = 0
    audio_size: int = 0
    response: str = ""


def live(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (i): a minute at the speaker's pace through a server, then an hour on the media clock."""
    found = ours(say)
    found["lag_slope"] = abs(asyncio.run(_slope()))
    ratios = {name: found[name] / most for name, most in LIMITS.items()}
    return {"measured": found, "limits": LIMITS, "ratios": ratios, "targets": dict.fromkeys(LIMITS, 1.0)}


def ours(say: Callable[[str], None] = lambda line: None) -> dict[str, float]:
    """What a minute at the speaker's pace through a server shows."""
    port, started = str(free_port()), time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "bench.clockwork", port], stdout=subprocess.PIPE) as process:
        try:
            ready = _ready(port, process, started)
            work = sum(psutil.Process(process.pid).cpu_times()[:2])
            heard = asyncio.run(talk(f"ws://127.0.0.1:{port}", sound(SECONDS)))
            memory = psutil.Process(process.pid).memory_info().rss / 1e6
        finally:
            process.terminate()
        assert process.stdout is not None
        told = json.loads(process.stdout.read().splitlines()[-1])
    words, late = timeline(SECONDS), _late(heard)
    say(f"text after the end of its sentence: median {median(late):.2f} s, worst of twenty {quantiles(late, n=20)[-1]:.2f} s")
    if program := installed(say):
        spoken = sorted({(word.clause_start, word.clause_end) for word in words})
        sentences = [Sentence(*span, " ".join(word.text for word in words if word.clause_start == span[0])) for span in spoken]
        say(f"OmniSTEval: {scored(single(heard.words), sentences, SECONDS, program)}")
    say(f"ready with {work:.1f} s of CPU time, which is what a machine without other work takes")
    say(f"{len(late)} words in {len(heard.words)} events, {told['calls']} questions to the recognizer")
    return {
        "first_text_s": late[0],
        "first_audio_s": heard.speech[0] - words[0].clause_end,
        "first_text_from_start_s": heard.words[0][0] - words[0].start,
        "ready_s": ready,
        "memory_mb": memory,
        "sent_again": told["seconds_sent"] / sum(word.end - word.start for word in words),
        "kilobytes_a_minute": (heard.size - heard.audio_size) / 1000 / (SECONDS / 60),
    }


def _ready(port: str, process: "subprocess.Popen[bytes]", started: float) -> float:
    while process.poll() is None:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return time.perf_counter() - started
        except httpx2.TransportError:
            time.sleep(0.02)
    raise SystemExit("the server did not start")


async def talk(url: str, pcm: bytes) -> Heard:
    """Speech as a microphone would send it."""
    heard = Heard()
    size = BYTES_PER_SAMPLE * round(PIECE * HEARING_RATE)
    async with connect(f"{url}/api-ws/v1/realtime?model={MODEL}", compression=None, proxy=None) as socket:
        update = {"translation": {"language": "es"}, "output_modalities": ["text", "audio"]}
        turns = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 800}
        await socket.send(json.dumps({"type": "session.update", "session": {**update, "turn_detection": turns}}))
        begun = time.perf_counter() + 0.2
        listening = asyncio.create_task(_listen(socket, heard, begun))
        for number, start in enumerate(range(0, len(pcm), size), 1):
            await asyncio.sleep(begun + number * PIECE - time.perf_counter())
            audio = base64.b64encode(pcm[start : start + size]).decode()
            await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        await socket.send(json.dumps({"type": "session.finish"}))
        await listening
    return heard


async def _listen(socket: Any, heard: Heard, begun: float) -> None:
    async for frame in socket:
        at, event = time.perf_counter() - begun, json.loads(frame)
        heard.size += len(frame)
        if event["type"] == "response.audio_transcript.delta":
            between = "" if event["response_id"] == heard.response else " "
            heard.response = event["response_id"]
            heard.words.append((at, between + event["delta"]))
        elif event["type"] == "response.audio.delta":
            heard.audio_size += len(frame)
            heard.speech.append(at)
        elif event["type"] == "session.finished":
            return


def single(pieces: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """The words of pieces, each with the time of the piece that it begins in."""
    text = "".join(piece for _, piece in pieces)
    ends = [*accumulate(len(piece) for _, piece in pieces)]
    return [(pieces[bisect_right(ends, word.start())][0], word[0]) for word in re.finditer(r"\S+", text)]


def _late(heard: Heard) -> list[float]:
    """For each word, how long after the end of its clause it came; raises `SystemExit` if one is lost or doubled."""
    said, words = single(heard.words), timeline(SECONDS)
    if [word for _, word in said] != [word.text for word in words]:
        raise SystemExit("words were lost or doubled")
    return [at - word.clause_end for (at, _), word in zip(said, words, strict=True)]


async def _slope() -> float:
    """How much further behind speech is with each second of an hour."""
    cascade, _ = interpreter(honest=False)
    hour = sound(60.0 * MINUTES)
    at: list[float] = []
    lags: list[float] = []

    async def media() -> Stream[Media]:
        size = BYTES_PER_SAMPLE * HEARING_RATE
        for start in range(0, len(hour), size):
            at.append(start / size)
            yield Audio(hour[start : start + size], HEARING_RATE, start / size)

    times: list[float] = []
    async with aclosing(cascade.interpret(media(), Options("fr", "en", "Cherry", live=Live()))) as events:
        async for event in events:
            if isinstance(event, Lag):
                lags.append(event.seconds)
                times.append(at[-1])
    return linear_regression(times, lags).slope


if __name__ == "__main__":
    found = live(print)
    print(json.dumps(found, indent=1))
