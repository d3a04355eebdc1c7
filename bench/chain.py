"""(a) The embedded profile against the plain chain of the same engines; (b) the same through HTTP against in-process."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from contextlib import aclosing
from importlib.metadata import files
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from bench.clips import as_wav, joined
from bench.served import Timed, ask, body, server
from livetranslate import profiles
from livetranslate.blob import Blob
from livetranslate.decode import Decoder
from livetranslate.events import AudioDelta, Options, TextDelta
from livetranslate.meter import Meter
from livetranslate.settings import Settings

CHAIN_SECONDS = 90.0
HTTP_SECONDS = 20.0
ROUNDS = 5
TARGETS_A = {"first_text": 0.05, "first_audio": 0.05, "whole": 0.5}
TARGET_B = 1.05
SPANISH = Options("es", "en", "Cherry")


def chain(_: Callable[[str], None]) -> dict[str, Any]:
    """Part (a): one clip through the chain, then through the server."""
    wav = as_wav(joined(CHAIN_SECONDS))
    naive = _naive(wav)
    with server("embedded") as served:
        ours = asyncio.run(_through_http(served.url, [body(wav)]))[0]
        ready = served.ready_seconds
    ratios = {name: getattr(ours, name) / naive[name] for name in TARGETS_A}
    return {
        "clip_seconds": CHAIN_SECONDS,
        "ready_seconds": ready,
        "chain_seconds": naive,
        "ours_seconds": {name: getattr(ours, name) for name in TARGETS_A},
        "ratios": ratios,
        "targets": TARGETS_A,
    }


def model() -> list[str]:
    """The arguments that name the model in the wheel of pocketsphinx, which our engine uses too."""
    found = next(file for file in files("pocketsphinx") or () if file.name == "cmudict-en-us.dict")
    folder = Path(str(found.locate())).parent
    return ["-hmm", f"{folder}/en-us", "-lm", f"{folder}/en-us.lm.bin", "-dict", f"{folder}/cmudict-en-us.dict"]


def _naive(wav: bytes) -> dict[str, float]:
    """Seconds to the chain's first text, first speech and end: each program begins when the one before has ended."""
    for program in ("pocketsphinx_continuous", "apertium", "espeak-ng"):
        if which(program) is None:
            raise SystemExit(f"the plain chain needs {program}: make setup-bench")
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.wav"
        clip.write_bytes(wav)
        started = time.perf_counter()
        heard = _run(["pocketsphinx_continuous", *model(), "-infile", str(clip), "-logfn", "/dev/null"], b"")
        said = _run(["apertium", "-u", "eng-spa"], heard)
        text = time.perf_counter() - started
        espeak = ["espeak-ng", "-v", "es", "--stdin", "--stdout"]
        with subprocess.Popen(espeak, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as speaking:
            assert speaking.stdin is not None
            assert speaking.stdout is not None
            speaking.stdin.write(said)
            speaking.stdin.close()
            speaking.stdout.read(1024)
            audio = time.perf_counter() - started
            speaking.stdout.read()
        return {"first_text": text, "first_audio": audio, "whole": time.perf_counter() - started}


def _run(command: list[str], given: bytes) -> bytes:
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


async def _through_http(url: str, requests: list[bytes]) -> list[Timed]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return [await ask(client, url, request) for request in requests]


async def _in_process(wav: bytes, rounds: int, between: Callable[[], None]) -> list[float]:
    profile = profiles.build(Settings(profile="embedded"))
    seconds = []
    async with profile.interpreter, Decoder() as decoder:
        for _ in range(rounds + 1):
            started, said = time.perf_counter(), 0
            with Blob.from_bytes(wav) as blob:
                clip, meter = await decoder.open(blob), Meter()
                heard = meter.hear(clip.media())
                async with aclosing(heard), aclosing(meter.see(profile.interpreter.interpret(heard, SPANISH))) as events:
                    async for event in events:
                        said += isinstance(event, TextDelta | AudioDelta)
            seconds.append(time.perf_counter() - started)
            if not said:
                raise SystemExit("the embedded profile said nothing")
            await asyncio.to_thread(between)
    return seconds[1:]


def http(_: Callable[[str], None]) -> dict[str, Any]:
    """Part (b): turn about, in this process and through the server, after one round of each to warm up."""
    wav = as_wav(joined(HTTP_SECONDS))
    request = body(wav)
    through: list[float] = []
    with server("embedded") as served:
        inside = asyncio.run(
            _in_process(wav, ROUNDS, lambda: through.append(asyncio.run(_through_http(served.url, [request]))[0].whole))
        )
    return {
        "clip_seconds": HTTP_SECONDS,
        "in_process_seconds": median(inside),
        "http_seconds": median(through[1:]),
        "ratios": {"whole": median(through[1:]) / median(inside)},
        "targets": {"whole": TARGET_B},
    }
