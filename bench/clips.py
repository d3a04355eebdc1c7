"""Real English speech to measure with: the clips beside the project, else LibriVox readings from a Debian package."""

import asyncio
import json
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from livetranslate.blob import Blob
from livetranslate.decode import Decoder
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, wav_header

MEDIA = Path(__file__).parents[2] / "shared" / "media"
LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of English speech and what is said in it, where that is known."""

    path: Path
    transcript: str | None = None


def recordings() -> list[Recording]:
    """English speech, spoken by people; raises `SystemExit` where there is none, and says what to install."""
    manifest = MEDIA / "MANIFEST.json"
    if manifest.exists():
        files = json.loads(manifest.read_text("utf-8"))["files"]
        return [
            Recording(MEDIA / file["path"], file["transcript"])
            for file in files
            if file["kind"] == "speech" and file.get("language") == "en" and file.get("transcript")
        ]
    if found := sorted(LIBRIVOX.glob("*.wav")):
        return [Recording(path) for path in found]
    raise SystemExit("no English recordings: apt-get install pocketsphinx-testdata")


async def decoded(paths: Iterable[Path]) -> list[bytes]:
    found = []
    async with Decoder() as decoder:
        for path in paths:
            with Blob.from_path(path) as blob:
                clip = await decoder.open(blob)
                async with aclosing(clip.media()) as media:
                    found.append(b"".join([item.pcm async for item in media if isinstance(item, Audio)]))
    return found


def joined(seconds: float) -> bytes:
    """So many seconds of speech as PCM at `HEARING_RATE`: the recordings one after the other, with pauses, again if need be."""
    pause, wanted = bytes(BYTES_PER_SAMPLE * round(PAUSE_SECONDS * HEARING_RATE)), round(seconds * HEARING_RATE)
    pcm = bytearray()
    for part in cycle(asyncio.run(decoded(recording.path for recording in recordings()))):
        pcm += part + pause
        if len(pcm) >= BYTES_PER_SAMPLE * wanted:
            return bytes(pcm[: BYTES_PER_SAMPLE * wanted])
    raise SystemExit("no English recordings")


def as_wav(pcm: bytes) -> bytes:
    """A WAV file of PCM at `HEARING_RATE`."""
    return wav_header(len(pcm), HEARING_RATE) + pcm
