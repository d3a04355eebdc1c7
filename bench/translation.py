"""chrF of the embedded translation beside the plain chain of the same programs, by direction; and from speech, clip by clip.

    python -m bench.translation [--json OUT] [--only text,speech,synthetic] [--sets tuning,held_out]

Text: each everyday sentence of references.json alone, through the modes as they are (plain) and through our engine; English also
as a recognizer gives it, in lower case without signs. Speech: the public English clips whose translation is known; plain is
stock pocketsphinx on the whole file piped to the `apertium` program, ours is the VAD, the recognizer and the translator of the
embedded profile. Synthetic: the same with everyday sentences spoken by flite, which is recognized well. Exit status 1 if ours
is not `TARGET` above plain somewhere from English.
"""

import argparse
import asyncio
import json
import re
import subprocess
import wave
from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import sacrebleu
from rich.console import Console
from rich.table import Table

from bench.clips import LIBRIVOX, MEDIA, decoded
from bench.recognition import library
from bench.recognition import ours as heard
from livetranslate.engines import NO_CONTEXT
from livetranslate.engines.apertium import MODES, Apertium
from livetranslate.engines.apertium.paths import CODES, PATHS
from livetranslate.engines.apertium.pipeline import Pipelines
from livetranslate.engines.apertium.sentences import safe
from livetranslate.engines.pocketsphinx import PocketSphinx
from livetranslate.engines.silero import Silero
from livetranslate.events import Options

TARGET = 3.0
"""chrF that ours must be above plain."""
REFERENCES = json.loads((Path(__file__).parent / "references.json").read_text("utf-8"))
TARGETS = ("es", "fr", "it", "pt")
# What somebody would type who knows the packages: the straightest way there.
PLAIN = {
    ("en", "es"): ("eng-spa",), ("en", "fr"): ("eng-cat", "cat-fra"), ("en", "it"): ("eng-cat", "cat-ita"),
    ("en", "pt"): ("eng-spa", "es-pt_BR"), ("es", "fr"): ("spa-cat", "cat-fra"), ("fr", "en"): ("fra-cat", "cat-eng"),
    ("it", "en"): ("ita-spa", "spa-eng"), ("it", "es"): ("ita-spa",), ("pt", "en"): ("pt-es", "spa-eng"),
}  # fmt: skip
Scores = dict[str, dict[str, float]]
"""By direction and way of writing: plain, ours, and how many sentences."""


def score(said: list[str], references: list[str]) -> float:
    """chrF of the whole, from 0 to 100."""
    return float(sacrebleu.CHRF().corpus_score(said, [references]).score)


def as_heard(sentence: str) -> str:
    """The sentence as a recognizer gives it."""
    return re.sub(r"[^\w\s'-]", "", sentence).lower()


async def translated(engine: Apertium, text: str, source: str, target: str) -> str:
    """What our engine makes of it."""
    async with aclosing(engine.translate(text, Options(target, source), NO_CONTEXT)) as pieces:
        return "".join([piece async for piece in pieces])


async def text(sets: Iterable[str]) -> dict[str, Scores]:
    """The everyday sentences in all twenty directions."""
    found: dict[str, Scores] = {}
    modes = Pipelines(MODES, copies=1, within=30.0, idle=60.0)
    try:
        async with Apertium() as engine:
            asked = [(*pair, way) for pair in PATHS for way in (("written", "heard") if pair[0] == "en" else ("written",))]
            for name in sets:
                found[name] = {
                    f"{source}-{target} {way}": await _compare(engine, modes, REFERENCES[name], (source, target), way)
                    for source, target, way in asked
                }
    finally:
        await modes.aclose()
    return found


async def _compare(
    engine: Apertium, modes: Pipelines, sentences: list[dict[str, str]], direction: tuple[str, str], way: str
) -> dict[str, float]:
    source, target = direction
    given = [as_heard(sentence[source]) if way == "heard" else sentence[source] for sentence in sentences]
    references = [sentence[target] for sentence in sentences]
    path = PLAIN.get(direction) or PATHS[direction][0]
    plain = [(await modes.chain(path, safe(one)))[0] for one in given]
    ours = [await translated(engine, one, source, target) for one in given]
    return {"plain": score(plain, references), "ours": score(ours, references), "sentences": len(sentences)}


def clips() -> list[tuple[str, Path, dict[str, str]]]:
    """Name, file and translations of the recordings that are here; one of each text, else one sentence would weigh for four."""
    manifest = MEDIA / "MANIFEST.json"
    listed = json.loads(manifest.read_text("utf-8"))["files"] if manifest.exists() else []
    files = [*(MEDIA / file["path"] for file in listed), *sorted(LIBRIVOX.glob("*.wav"))]
    found: dict[str, tuple[str, Path, dict[str, str]]] = {}
    for path in files:
        known = REFERENCES["clips"].get(path.name)
        if known and path.suffix != ".raw":
            found.setdefault(known, (path.name, path, REFERENCES["texts"][known]))
    if not found:
        raise SystemExit("no recordings: apt-get install pocketsphinx-testdata")
    return list(found.values())


def plain_chain(words: str, target: str) -> str:
    """What the `apertium` program makes of the words, mode after mode."""
    for mode in PLAIN["en", target]:
        done = subprocess.run(["apertium", "-u", mode], input=words, capture_output=True, text=True, check=True)
        words = done.stdout.strip()
    return words


def spoken_by_flite(sets: Iterable[str]) -> list[tuple[str, bytes, dict[str, str]]]:
    """Everyday sentences, spoken by a machine that pocketsphinx understands."""
    if which("flite") is None:
        raise SystemExit("no flite: apt-get install flite")
    sentences = [sentence for name in sets for sentence in REFERENCES[name]]
    found = []
    with TemporaryDirectory() as folder:
        for number, sentence in enumerate(sentences):
            wav = Path(folder) / "spoken.wav"
            subprocess.run(["flite", "-voice", "rms", "-t", sentence["en"], "-o", str(wav)], check=True)
            with wave.open(str(wav)) as file:
                found.append((str(number), file.readframes(file.getnframes()), sentence))
    return found


async def speech(known: list[tuple[str, bytes, dict[str, str]]], name: str) -> tuple[Scores, dict[str, Any]]:
    """Recordings from sound to text in four languages; and what was heard and said in each."""
    told: dict[str, Any] = {}
    async with PocketSphinx(workers=1) as recognizer, Silero() as vad, Apertium() as engine:
        for clip, pcm, wanted in known:
            raw, words = await asyncio.to_thread(library, pcm), await heard(recognizer, vad, pcm, "en")
            told[clip] = {"stock": raw, "heard": words, "said": wanted["en"], "plain": {}, "ours": {}, "wanted": wanted}
            for target in TARGETS:
                told[clip]["plain"][target] = await asyncio.to_thread(plain_chain, raw, target)
                told[clip]["ours"][target] = await translated(engine, words, "en", target)
    found = {}
    for target in TARGETS:
        references = [clip["wanted"][target] for clip in told.values()]
        by = {who: score([clip[who][target] for clip in told.values()], references) for who in ("plain", "ours")}
        found[f"en-{target} {name}"] = {**by, "sentences": len(told)}
    return found, told


async def recorded() -> list[tuple[str, bytes, dict[str, str]]]:
    """Name, sound and translations of the recordings."""
    known = clips()
    sounds = await decoded(path for _, path, _ in known)
    return [(name, pcm, wanted) for (name, _, wanted), pcm in zip(known, sounds, strict=True)]


def _table(title: str, scores: Scores) -> Table:
    table = Table("direction", "plain", "ours", "more", title=title)
    for name, figures in scores.items():
        table.add_row(name, f"{figures['plain']:.1f}", f"{figures['ours']:.1f}", f"{figures['ours'] - figures['plain']:+.1f}")
    return table


def _missed(scores: Scores) -> bool:
    return any(name.startswith("en-") and figures["ours"] - figures["plain"] < TARGET for name, figures in scores.items())


def main() -> int:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="text,speech,synthetic", help="parts to run (default: %(default)s)")
    parser.add_argument("--sets", default="tuning,held_out", help="sets of sentences (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was measured there")
    args = parser.parse_args()
    console, missed = Console(highlight=False), False
    out: dict[str, Any] = {}
    if "text" in args.only.split(","):
        out["text"] = asyncio.run(text(args.sets.split(",")))
        for name, scores in out["text"].items():
            console.print(_table(f"{name}: {len(CODES)} languages, chrF", scores))
            missed = missed or _missed(scores)
    parts = {"speech": lambda: asyncio.run(recorded()), "synthetic": lambda: spoken_by_flite(args.sets.split(","))}
    for part in [part for part in parts if part in args.only.split(",")]:
        scores, told = asyncio.run(speech(parts[part](), part))
        out[part] = {"scores": scores, "clips": told}
        console.print(_table(f"{part}: chrF", scores))
        missed = missed or _missed(scores)
    if args.json:
        args.json.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
