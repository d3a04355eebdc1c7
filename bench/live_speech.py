"""(k) Live with real engines and real speech: LibriVox readings through the embedded profile at the pace of their readers."""

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.latency import Sentence, installed, scored
from bench.live import single, talk
from bench.served import server
from livetranslate.engines import Context
from livetranslate.engines.apertium import Apertium
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE
from tests.support import hush

FOLDER = Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE = 1.5
LIMITS = {"first_text_s": 1.0, "first_audio_s": 1.5}


def live_speech(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (k): the readings one after the other. The reference is what the same translator makes of the right words."""
    if not FOLDER.exists():
        raise SystemExit("no English recordings: apt-get install pocketsphinx-testdata")
    pcm, spans, texts = readings()
    with server("embedded") as served:
        heard = asyncio.run(talk(served.url.replace("http", "ws"), pcm))
    sentences = [Sentence(*span, text) for span, text in zip(spans, asyncio.run(translated(texts)), strict=True)]
    found = {"first_text_s": _after(heard.words, spans), "first_audio_s": _after([(at, "") for at in heard.speech], spans)}
    seconds = len(pcm) / 2 / HEARING_RATE
    if program := installed(say):
        found |= scored(single(heard.words), sentences, seconds, program)
    say(f"{seconds:.0f} s of sound, {len(single(heard.words))} words in {len(heard.words)} events")
    ratios = {name: found[name] / most for name, most in LIMITS.items()}
    return {"measured": found, "limits": LIMITS, "ratios": ratios, "targets": dict.fromkeys(LIMITS, 1.0)}


def readings() -> tuple[bytes, list[tuple[float, float]], list[str]]:
    """All readings with pauses between them, when each is read, and its words."""
    pcm, spans = hush(PAUSE), []
    for path in sorted(FOLDER.glob("*.wav")):
        with wave.open(str(path)) as sound:
            read = sound.readframes(sound.getnframes())
        start = len(pcm) / 2 / HEARING_RATE
        spans.append((start, start + len(read) / 2 / HEARING_RATE))
        pcm += read + hush(PAUSE)
    lines = sorted((FOLDER / "transcription").read_text().splitlines(), key=lambda line: line.rpartition("(")[2])
    return pcm, spans, [line.rpartition("(")[0].replace("<s>", "").replace("</s>", "").strip() for line in lines]


async def translated(texts: list[str]) -> list[str]:
    """The right words by the translator of the profile."""
    async with Apertium() as engine:
        return ["".join([piece async for piece in engine.translate(text, Options("es", "en"), Context())]) for text in texts]


def _after(told: list[tuple[float, str]], spans: list[tuple[float, float]]) -> float:
    """How long after the end of a reading the first of it came, at most nothing if it came before: the median of the readings."""
    return median(max(0.0, min((at for at, _ in told if at >= start), default=float("inf")) - end) for start, end in spans)


if __name__ == "__main__":
    print(live_speech(print))
