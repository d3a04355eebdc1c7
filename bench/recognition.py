"""Word error rates of the embedded recognition beside stock pocketsphinx, clip by clip, on real English speech.

    python -m bench.recognition [--json OUT] [--foreign]

Stock is there twice, with the model that we use: `library` is the default decoder given each whole file at once, its best;
`program` is Debian's pocketsphinx_continuous on the file, the first part of the plain chain. Ours is what the embedded profile
does with the same sound: the VAD, the cuts, the recognizer and its gate, told that it is English. Exit status 1 if the clips'
total is over the target beside either. `--foreign` also counts how often speech in other languages is refused where nobody said
which it is.
"""

import argparse
import asyncio
import json
import re
import resource
import subprocess
import time
import wave
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import jiwer
from rich.console import Console
from rich.table import Table

from bench.chain import model
from bench.clips import LIBRIVOX, MEDIA, PAUSE_SECONDS, as_wav, decoded, recordings
from livetranslate.engines import NO_CONTEXT
from livetranslate.engines.pocketsphinx import PocketSphinx
from livetranslate.engines.silero import Silero
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Media, Utterance
from livetranslate.segment import segment
from livetranslate.streams import Stream

TARGET = 0.85
"""Our word error rate on the clips over stock's."""
STOCK = ("library", "program")
WHO = (*STOCK, "ours")
_SPELLINGS = {"mr": "mister", "mrs": "missus", "dr": "doctor"}


@dataclass(slots=True)
class Score:
    """Errors and words of a clip or of many, as stock and we heard it, and the seconds of processor that took."""

    name: str
    seconds: float
    words: int = 0
    errors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WHO, 0))
    texts: dict[str, str] = field(default_factory=dict)

    def rate(self, who: str) -> float:
        return self.errors[who] / self.words if self.words else 0.0

    def ratio(self, stock: str) -> float:
        return self.errors["ours"] / max(1, self.errors[stock])


def plain(text: str) -> str:
    """Lower case and no signs, titles in full: what word error rates are counted on."""
    words = re.sub(r"[^a-z' ]", " ", text.lower().replace("’", "'").replace("-", " ")).split()
    return " ".join(_SPELLINGS.get(word, word) for word in words)


def errors(said: str, heard: str) -> tuple[int, int]:
    """Words wrong, missing and too many; and words said."""
    said, heard = plain(said), plain(heard)
    if not heard:
        return len(said.split()), len(said.split())
    found = jiwer.process_words(said, heard)
    return found.substitutions + found.deletions + found.insertions, len(said.split())


def clips() -> list[tuple[str, str, bytes]]:
    """Name, transcript and sound of the clips whose whole transcript is known."""
    known = [recording for recording in recordings() if recording.transcript and "…" not in recording.transcript]
    sounds = asyncio.run(decoded(recording.path for recording in known))
    return [(one.path.name, one.transcript or "", pcm) for one, pcm in zip(known, sounds, strict=True)]


def readings() -> list[tuple[str, str, bytes]]:
    """The same of the readings in Debian's pocketsphinx-testdata."""
    found = []
    lines = (LIBRIVOX / "transcription").read_text("utf-8").splitlines() if LIBRIVOX.exists() else []
    for line in lines:
        if match := re.fullmatch(r"<s> (.*) </s> \((.*)\)", line):
            with wave.open(str(LIBRIVOX / f"{match[2]}.wav")) as file:
                found.append((match[2].rpartition("_")[2], match[1], file.readframes(file.getnframes())))
    return found


def run_on(parts: Iterable[tuple[str, str, bytes]], name: str) -> tuple[str, str, bytes]:
    """All of them as one recording with pauses."""
    parts = list(parts)
    pause = bytes(BYTES_PER_SAMPLE * round(PAUSE_SECONDS * HEARING_RATE))
    return name, " ".join(said for _, said, _ in parts), pause.join(pcm for _, _, pcm in parts)


def library(pcm: bytes) -> str:
    """What the library makes of it with its own defaults."""
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return " ".join(re.sub(r"\(\d+\)", "", part.word) for part in decoder.seg() or () if part.word[0] not in "<[")


def program(pcm: bytes) -> str:
    """What Debian's program makes of it with its own defaults."""
    with NamedTemporaryFile(suffix=".wav") as file:
        file.write(as_wav(pcm))
        file.flush()
        command = ["pocketsphinx_continuous", *model(), "-infile", file.name, "-logfn", "/dev/null"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout


async def _media(pcm: bytes) -> Stream[Media]:
    yield Audio(pcm, HEARING_RATE)


async def ours(recognizer: PocketSphinx, vad: Silero, pcm: bytes, language: str | None) -> str:
    """What the embedded profile makes of it, told its language or not."""
    heard = []
    async with aclosing(segment(_media(pcm), vad)) as cuts:
        async for cut in cuts:
            if isinstance(cut, Utterance):
                async with aclosing(recognizer.transcribe(cut, language, NO_CONTEXT)) as transcripts:
                    heard += [transcript.text async for transcript in transcripts if transcript.final]
    return " ".join(text for text in heard if text)


async def _all_of_ours(sounds: list[bytes], language: str | None = "en") -> AsyncIterator[str]:
    async with PocketSphinx(workers=1) as recognizer, Silero() as vad:
        for pcm in sounds:
            yield await ours(recognizer, vad, pcm, language)


async def _listed(texts: AsyncIterator[str]) -> list[str]:
    return [text async for text in texts]


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(sets: dict[str, list[tuple[str, str, bytes]]]) -> tuple[dict[str, list[Score]], dict[str, float]]:
    """The scores of each set, and processor seconds for each second of sound."""
    flat = [item for items in sets.values() for item in items]
    seconds = sum(len(pcm) for _, _, pcm in flat) / BYTES_PER_SAMPLE / HEARING_RATE
    began, children = time.process_time(), _seconds_of_children()
    mine = asyncio.run(_listed(_all_of_ours([pcm for _, _, pcm in flat])))
    load = {"ours": (time.process_time() - began + _seconds_of_children() - children) / seconds}
    texts = {"ours": mine}
    for who, hear in (("library", library), ("program", program)):
        began, children = time.process_time(), _seconds_of_children()
        texts[who] = [hear(pcm) for _, _, pcm in flat]
        load[who] = (time.process_time() - began + _seconds_of_children() - children) / seconds
    heard = iter(zip(*(texts[who] for who in WHO), strict=True))
    return {name: [_score(item, next(heard)) for item in items] for name, items in sets.items()}, load


def _score(item: tuple[str, str, bytes], heard: tuple[str, ...]) -> Score:
    name, said, pcm = item
    texts = dict(zip(WHO, heard, strict=True))
    score = Score(name, len(pcm) / BYTES_PER_SAMPLE / HEARING_RATE, texts={"said": said, **texts})
    for who, text in texts.items():
        score.errors[who], score.words = errors(said, text)
    return score


def total(scores: list[Score], name: str) -> Score:
    whole = Score(name, sum(score.seconds for score in scores), sum(score.words for score in scores))
    whole.errors = {who: sum(score.errors[who] for score in scores) for who in whole.errors}
    return whole


async def refused() -> tuple[int, int]:
    """How many clips in other languages give no text at all, and how many there are."""
    files = json.loads((MEDIA / "MANIFEST.json").read_text("utf-8"))["files"]
    foreign = [MEDIA / file["path"] for file in files if file["kind"] == "speech" and file["language"] != "en"]
    texts = await _listed(_all_of_ours(await decoded(foreign), None))
    return sum(not text for text in texts), len(texts)


def _table(sets: dict[str, list[Score]]) -> Table:
    table = Table("clip", "seconds", "words", *WHO, *(f"over {stock}'s" for stock in STOCK))
    for name, scores in sets.items():
        for score in [*scores, total(scores, f"all of {name}")] if len(scores) > 1 else scores:
            rates = [f"{score.errors[who]:3d} = {score.rate(who):.3f}" for who in WHO]
            ratios = [f"{score.ratio(stock):.2f}" for stock in STOCK]
            table.add_row(score.name, f"{score.seconds:.1f}", str(score.words), *rates, *ratios)
        table.add_section()
    return table


def _numbers(sets: dict[str, list[Score]], load: dict[str, float]) -> dict[str, Any]:
    return {
        "target": TARGET,
        "processor_seconds_per_second": {who: round(figure, 3) for who, figure in load.items()},
        "sets": {
            name: {
                "words": (whole := total(scores, name)).words,
                "errors": whole.errors,
                "ratios": {stock: round(whole.ratio(stock), 3) for stock in STOCK},
                "clips": {score.name: {"words": score.words, "errors": score.errors, **score.texts} for score in scores},
            }
            for name, scores in sets.items()
        },
    }


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures and texts there")
    parser.add_argument("--foreign", action="store_true", help="also count how often other languages are refused")
    args = parser.parse_args()
    console = Console(highlight=False)
    public, read = clips(), readings()
    sets = {"the clips": public, "the clips in one": [run_on(public, "all clips with pauses")], "the readings": read}
    scores, load = measure({name: items for name, items in sets.items() if items})
    console.print(_table(scores))
    found = _numbers(scores, load)
    console.print(f"processor seconds for a second of sound: {', '.join(f'{who} {load[who]:.2f}' for who in WHO)}")
    if args.foreign:
        nothing, all_of_them = asyncio.run(refused())
        found["foreign"] = {"clips": all_of_them, "without_text": nothing}
        console.print(f"clips in other languages that give no text: {nothing} of {all_of_them}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    ratios = {stock: total(scores["the clips"], "").ratio(stock) for stock in STOCK}
    for stock, ratio in ratios.items():
        console.print(f"word errors on the clips, ours over the {stock}'s: {ratio:.2f} (target {TARGET})")
    return 0 if max(ratios.values()) <= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
