"""The demo and the command line on real speech, with the engines of the embedded profile."""

import json
import re
import subprocess
import sys
import wave
from pathlib import Path
from shutil import which

import pytest

from bench.film import film as drawn
from bench.film import speech
from livetranslate.engines.registry import EngineMissing
from livetranslate.profiles import build
from livetranslate.settings import Settings
from tests.cli.conftest import Run
from tests.house.rooms import ROOT

VIDEO = ROOT.parent / "shared" / "media" / "public" / "video_en_dubbing.mp4"
RECORDINGS = Path("/usr/share/pocketsphinx/test/data/librivox")
pytestmark = [pytest.mark.embedded, pytest.mark.timeout(400)]


@pytest.fixture
def embedded() -> None:
    """Skips where the embedded profile or the recordings cannot be had, and says what is missing."""
    if not RECORDINGS.is_dir():
        pytest.skip("the recordings are missing: apt-get install pocketsphinx-testdata")
    try:
        build(Settings(profile="embedded"))
    except EngineMissing as lack:
        pytest.skip(lack.message)


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--no-play", "--out", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=390, check=False)


@pytest.mark.usefixtures("embedded")
def test_the_demo(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    said = (tmp_path / "demo.es.txt").read_text("utf-8")
    assert sum(word in said for word in ("John", "poder", "respetable", "amable", "para")) >= 3, said
    assert said.strip() in done.stdout
    figures = dict(
        re.findall(r"^  (first text|first speech|whole answer|tokens in|finished by) +(\S+)", done.stdout, re.MULTILINE)
    )
    assert figures["finished by"] == "stop"
    assert figures["tokens in"] == "341"
    assert float(figures["first text"]) < float(figures["whole answer"])
    with wave.open(str(tmp_path / "demo.es.wav")) as wav:
        assert wav.getframerate() == 24_000
        assert wav.getnframes() > 5 * 24_000


def test_the_demo_says_what_it_lacks(tmp_path: Path) -> None:
    done = demo(tmp_path, "--profile", "nope", "--clip", str(Path(__file__)))
    assert done.returncode == 1
    assert "Profiles: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.usefixtures("embedded")
@pytest.mark.may_block
def test_translate_on_the_embedded_profile(run: Run) -> None:
    recording = str(RECORDINGS / "sense_and_sensibility_01_austen_64kb-0930.wav")
    done = run("translate", recording, "--to", "it", profile="embedded")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "first speech after" in done.stderr


@pytest.mark.usefixtures("embedded")
@pytest.mark.may_block
@pytest.mark.shared
@pytest.mark.skipif(not VIDEO.exists(), reason="the media kit is not beside the project (../shared/media)")
def test_a_real_video_on_the_embedded_profile(run: Run) -> None:
    """A man before a house says where he is from: 10 seconds of 1080x720, of which 19 frames are looked at."""
    done = run("translate", str(VIDEO), "--to", "es", "--text-only", profile="embedded")
    assert done.returncode == 0, done.stderr
    assert "ciudad" in done.stdout
    assert "7607 tokens in" in done.stderr
    bill = json.loads(run("tokens", str(VIDEO), "--json").stdout)
    assert (bill["audio_tokens"], bill["video_tokens"], bill["images"]) == (125, 7482, 19)


@pytest.mark.usefixtures("embedded")
@pytest.mark.may_block
@pytest.mark.skipif(which("flite") is None, reason="there is no voice to make films with: apt-get install flite")
@pytest.mark.parametrize(
    ("sign", "word"), [(("SURGERY", "Operating room 3"), "mascarilla"), (("Carnival of Venice",), "antifaz")]
)
def test_a_sign_decides_what_a_mask_is(run: Run, tmp_path: Path, sign: tuple[str, ...], word: str) -> None:
    pytest.importorskip("rapidocr", reason="nothing reads pictures here: pip install 'livetranslate[ocr]'")
    film = tmp_path / "mask.mp4"
    film.write_bytes(drawn(sign, speech("This is a mask.")))
    done = run("translate", str(film), "--to", "es", "--text-only", profile="embedded", picture_patience="10")
    assert done.returncode == 0, done.stderr
    assert word in done.stdout


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize(
    ("options", "told"), [(("--to", "de"), "--to: German"), (("--to", "es", "--from", "zh"), "--from: Chinese")]
)
def test_what_the_profile_cannot_do_is_said(run: Run, talk: Path, options: tuple[str, ...], told: str) -> None:
    done = run("translate", "talk.wav", *options, profile="embedded")
    assert done.returncode == 3
    assert told in done.stderr
    assert "'embedded'" in done.stderr
