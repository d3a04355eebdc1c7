"""OmniSTEval's figures for a long live translation: how late its words come on average, and how right they are."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

VENV = Path("build/omnisteval")
PACKAGE = "omnisteval==0.1.10"
_SOUND = "talk.wav"


@dataclass(frozen=True, slots=True)
class Sentence:
    """When a sentence is spoken, in seconds, and what it is to be called."""

    start: float
    end: float
    text: str


def installed(say: Callable[[str], None]) -> Path | None:
    """The program, in an environment of its own."""
    program = VENV / "bin" / "omnisteval"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
            subprocess.run([str(VENV / "bin" / "pip"), "install", "--quiet", PACKAGE], check=True)
        except subprocess.CalledProcessError:
            say(f"NOT MEASURED: {PACKAGE} could not be installed here")
            return None
    return program.absolute()


def scored(words: Sequence[tuple[float, str]], sentences: Sequence[Sentence], seconds: float, program: Path) -> dict[str, float]:
    """What it says of words that came at these seconds, of so many seconds of sound sent at the pace of a speaker."""
    millis = [round(1000 * at) for at, _ in words]
    line = {
        "index": 0,
        "source": [_SOUND],
        "prediction": " ".join(word for _, word in words),
        "delays": [min(at, round(1000 * seconds)) for at in millis],
        "elapsed": millis,
        "source_length": round(1000 * seconds),
    }
    segments = [{"wav": _SOUND, "offset": one.start, "duration": one.end - one.start} for one in sentences]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "words.jsonl").write_text(json.dumps(line) + "\n")
        (folder / "segments.json").write_text(json.dumps(segments))
        (folder / "references.txt").write_text("".join(f"{one.text}\n" for one in sentences))
        command = f"{program} longform --speech_segmentation segments.json --ref_sentences_file references.txt"
        command += " --hypothesis_file words.jsonl --word_level --lang es"
        told = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
    if told.returncode:
        raise SystemExit(f"OmniSTEval failed:\n{told.stderr[-800:]}")
    found = dict(re.findall(r"^ +(BLEU|chrF|LongYAAL \(CA\)|LongLAAL \(CA\)) +(-?[\d.]+)$", told.stdout, re.MULTILINE))
    return {
        "long_yaal_s": float(found["LongYAAL (CA)"]) / 1000,
        "long_laal_s": float(found["LongLAAL (CA)"]) / 1000,
        "chrf": float(found["chrF"]),
    }
