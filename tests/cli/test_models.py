"""The commands `models …`, run as people run them, against a hub of our own; and a profile whose weights came from it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from livetranslate.engines.ctranslate import CTranslate
from livetranslate.engines.whisper import Whisper
from livetranslate.media import HEARING_RATE, wav_header
from tests.checkpoints import make_translator, make_whisper
from tests.cli.conftest import Run
from tests.hub import FakeHub
from tests.support import hush, tone

LACKS = [*Whisper.needs(), *CTranslate.needs()]
pytestmark = [
    pytest.mark.skipif(bool(LACKS), reason=f"open models in this process lack {LACKS}"),
    pytest.mark.may_block,  # a command's files are its own
]

PROFILE = """
about = "Two small models."
vad = "scripted-vad"
[[recognizer]]
engine = "whisper"
settings = { model = "weights:ears", device = "cpu", threads = 1 }
[[translator]]
engine = "ctranslate"
settings = { model = "weights:tongue", family = "m2m100", device = "cpu", threads = 1 }
[[synthesizer]]
engine = "scripted-synthesizer"
[weights.ears]
repository = "who/ears"
licence = "MIT"
[weights.tongue]
repository = "who/tongue"
licence = "MIT"
"""


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    root = tmp_path_factory.mktemp("models")
    phrases = {"es": "Buenos días a todos .", "en": "good morning everyone"}
    ears = make_whisper(root / "ears", "Good morning, everyone.", "en")
    tongue = make_translator(root / "tongue", phrases, {code: f"__{code}__" for code in phrases})
    return {"who/ears": files(ears), "who/tongue": files(tongue)}


@pytest.fixture
def hub(repositories: dict[str, dict[str, bytes]]) -> Iterator[FakeHub]:
    with FakeHub({name: dict(held) for name, held in repositories.items()}) as hub:
        yield hub


@pytest.fixture
def home(tmp_path: Path, environment: dict[str, str], hub: FakeHub) -> Path:
    environment["LIVETRANSLATE_DATA_DIR"] = str(tmp_path / "data")
    environment["HF_ENDPOINT"] = hub.url
    (tmp_path / "data" / "profiles").mkdir(parents=True)
    (tmp_path / "data" / "profiles" / "small.toml").write_text(PROFILE)
    (tmp_path / "talk.wav").write_bytes(talk())
    return tmp_path


def talk() -> bytes:
    pcm = hush(0.3) + tone(1.5) + hush(1.0)
    return wav_header(len(pcm), HEARING_RATE) + pcm


def states(run: Run) -> dict[str, str]:
    listed = json.loads(run("models", "list", "--json").stdout)
    return {each["name"]: each["state"] for each in listed["weights"] if each["profile"] in ("small", "")}


def test_pulled_listed_used_verified_and_removed(home: Path, run: Run, environment: dict[str, str]) -> None:
    environment["LIVETRANSLATE_PROFILE"] = "small"
    refusal = run("translate", str(home / "talk.wav"), "--to", "es", "--text-only")
    assert refusal.returncode == 3
    assert "livetranslate models pull small" in refusal.stderr
    assert states(run) == {"ears": "absent", "tongue": "absent"}
    pulled = run("models", "pull", "small")
    assert pulled.returncode == 0, pulled.stderr
    assert "licence mit" in pulled.stderr
    assert states(run) == {"ears": "here", "tongue": "here"}
    spoken = run("translate", str(home / "talk.wav"), "--to", "es", "--from", "en", "--text-only", "-o", str(home / "out"))
    assert spoken.returncode == 0, spoken.stderr
    assert spoken.stdout.strip() == "Buenos días a todos ."
    assert run("models", "verify").returncode == 0
    (home / "data" / "weights" / "ears" / "model.bin").write_bytes(b"x")
    wrong = run("models", "verify")
    assert wrong.returncode == 1
    assert "changed or missing: model.bin" in wrong.stderr
    assert run("models", "remove", "ears").returncode == 0
    assert states(run) == {"ears": "absent", "tongue": "here"}
    assert run("models", "remove", "ears").returncode == 1


def test_a_licence_that_forbids_commerce_is_asked_about(home: Path, run: Run, hub: FakeHub) -> None:
    hub.licence = "cc-by-nc-4.0"
    refusal = run("models", "pull", "small")
    assert refusal.returncode == 3
    assert "--allow-non-commercial" in refusal.stderr
    assert states(run) == {"ears": "absent", "tongue": "absent"}
    assert run("models", "pull", "small", "--allow-non-commercial").returncode == 0


def test_without_a_network_a_folder_serves(home: Path, run: Run, environment: dict[str, str], hub: FakeHub) -> None:
    environment["HF_ENDPOINT"] = "http://127.0.0.1:9"
    for name, held in hub.repositories.items():
        for file, data in held.items():
            path = home / "usb" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    copied = run("models", "pull", "small", "--from", str(home / "usb"))
    assert copied.returncode == 0, copied.stderr
    assert states(run) == {"ears": "here", "tongue": "here"}
    assert run("models", "verify").returncode == 0


def test_nothing_is_downloaded_when_a_profile_is_used(home: Path, run: Run, hub: FakeHub) -> None:
    run("engines", "--profile", "small")
    run("translate", str(home / "talk.wav"), "--to", "es", "--profile", "small")
    assert hub.asked == []
