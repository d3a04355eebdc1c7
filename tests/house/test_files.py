"""What is in the repository: no large binaries, no hosts, paths or secrets of a machine, and tests where they belong."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.rooms import ROOT, modules, room_of, table

BINARY_BYTES = 200_000
FOLDERS = {"browser", "cli", "contract", "faithful", "golden", "hostile", "house", "leave", "property", "server", "soak"}
"""Folders of tests that are about more than one room."""
KINDS = {"vad"}
"""Kinds of engines whose unit tests are in one file."""


def tracked() -> list[Path]:
    """The files in the repository, or all but the ignored ones where git does not know them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout, so the tracked files are not known")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((str(path.relative_to(ROOT)), data.decode("utf-8")))
    return found


def test_binary_files_are_small() -> None:
    binary = {path: len(data) for path in tracked() if b"\0" in (data := path.read_bytes())}
    assert sum(binary.values()) <= BINARY_BYTES, f"binary files: {binary}"
    assert not [path for path in binary if path.suffix in {".wav", ".mp3", ".onnx", ".mp4"}], "clips and weights stay outside"


# Spelled in pieces, so that this file does not match itself.
_PATTERNS = {
    "a path of somebody's machine": r"(?<![\w.])/(?:home/(?!USER)\w+|Users/\w+|wor"
    + r"k/|roo"
    + r"t/|op"
    + r"t/(?:wheels|pypi))",
    "a package index": r"--(?:extra-)?index-url|index-url\s*=|find-links|files\.pythonhosted|artifactory|nexus",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a password in a URL": r"://[^/\s:@\"'<>{}]+:[^/\s:@\"'<>{}]+@",
    "a key of a service": r"\b(?:sk-[A-Za-z0-9]{24,}|ghp_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|hf_[A-Za-z0-9]{20,})\b",
}
_EXEMPT = {
    # hostile URLs with passwords are what these tests are about
    "a password in a URL": ("tests/",),
    # the command line that writes the locks names the options it must not leave behind
    "a package index": ("scripts/lock.sh", "tests/house/"),
}


@pytest.mark.parametrize("what", _PATTERNS)
def test_nothing_of_a_machine_is_tracked(what: str) -> None:
    pattern = re.compile(_PATTERNS[what])
    for name, text in texts():
        if not name.startswith(_EXEMPT.get(what, ("\0",))):
            hit = pattern.search(text)
            assert hit is None, f"{name} holds {what}: line {text[: hit.start()].count(chr(10)) + 1}"


def test_locks_name_no_host() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        assert not re.search(r"\b\w[\w.-]+\.(?:org|com|net|io|internal|local)\b", text), f"{lock.name} names a host"
        pinned = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(pinned) == len(blocks)
        assert all("--hash=sha256:" in block for block in blocks)


def test_locks_hold_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = {
        "requirements.lock": [
            *project["project"]["dependencies"],
            *extras["embedded"],
            *extras["ocr"],
            *project["dependency-groups"]["build"],
        ],
        "requirements-dev.lock": [*project["project"]["dependencies"], *extras["embedded"], *extras["ocr"], *extras["dev"]],
    }
    for lock, requirements in wanted.items():
        locked = set(re.findall(r"^([a-z0-9][\w.-]*)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        names = {re.split(r"[<>=~!;\[ ]", requirement)[0] for requirement in requirements}
        assert names <= locked, f"{lock} lacks {sorted(names - locked)}: run make lock"


def test_every_test_belongs_somewhere() -> None:
    rooms = table()
    known = KINDS | {name.replace(".", "_") for name in modules() if name} | {name.replace("/", "_") for name in rooms}
    known |= {name.split(".")[-1] for name in modules() if name and room_of(name, rooms)}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = path.relative_to(ROOT / "tests").parts[0]
        if folder == "unit":
            room = path.stem.removeprefix("test_")
            fits = any(room == name or room.startswith(f"{name}_") for name in known)
            assert fits, f"tests/unit/{path.name} names no room"
        else:
            assert folder in FOLDERS, f"{path.relative_to(ROOT)} is in no known folder of tests"
