"""What README.md tells people to type is typed here, against a server with the scripted profile."""

import re
import shlex
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from livetranslate.cli import app
from tests.cli.conftest import PROGRAM, Run, Serve
from tests.clips import talking_film
from tests.house.rooms import ROOT

README = (ROOT / "README.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    """The code of that language in the README."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_python_example(serve: Serve, talk: Path) -> None:
    (example,) = blocks("python")
    with serve() as base:
        script = example.replace(ADDRESS, base)
        assert script != example
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=talk.parent, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "CompletionUsage(" in done.stdout
    with wave.open(str(talk.with_suffix(".es.wav"))) as wav:
        assert wav.getnframes() > 24_000


def test_the_curl_example(serve: Serve, talk: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    (example,) = [block for block in blocks("sh") if "curl" in block]
    with serve() as base:
        script = example.replace(ADDRESS, base)
        assert script != example
        done = subprocess.run(["bash", "-c", script], cwd=talk.parent, capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[-1] == "data: [DONE]", done.stdout + done.stderr
    assert '"content":' in lines[1]


def command_lines() -> Iterator[str]:
    """Every line that begins with our program, in the README and in the examples of the help texts."""
    texts = [block for language in ("sh", "text") for block in blocks(language)]
    for _, command in commands():
        texts.append(command.epilog or "")
    for line in "\n".join(texts).splitlines():
        for part in re.split(r"&&|\|", line):
            if found := re.match(r"\s*(?:\w+=\$?\(?\S*\s+|\w+=\$\()?(livetranslate .*)", part):
                yield re.split(r"\s#|>|\)", found[1])[0].strip()


def commands(command: Any = None, path: str = "livetranslate") -> Iterator[tuple[str, Any]]:
    command = command or typer.main.get_command(app)
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


def test_there_are_examples_for_every_command() -> None:
    told = set(command_lines())
    for path, command in commands():
        if not hasattr(command, "commands") and path != "livetranslate version":
            assert any(line.startswith(f"{path}") for line in told), f"no example for {path}"


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_examples_are_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command exists and takes these arguments; it is not run."""
    monkeypatch.chdir(tmp_path)
    command, arguments = typer.main.get_command(app), shlex.split(line)[1:]
    while arguments and (child := getattr(command, "commands", {}).get(arguments[0])):
        command, arguments = child, arguments[1:]
    if "--help" not in arguments:
        command.make_context(line, list(arguments))


def test_the_command_line_example(run_program: Run, talk: Path) -> None:
    lines = [line.split("#")[0] for line in "\n".join(blocks("sh")).splitlines() if line.startswith("livetranslate translate")]
    with wave.open(str(talk)) as file:
        talk.with_suffix(".mp4").write_bytes(talking_film(file.readframes(file.getnframes())))
    (talk.parent / "terms.csv").write_text("source,target\nstation,terminal\n")
    told = ("talk.wav", "talk.mp4", "--glossary", "--text-only", "--subtitles")
    assert all(any(name in line for line in lines) for name in told)
    program = shlex.quote(PROGRAM)
    for line in lines:
        script = line.replace("livetranslate", program, 1) + " --profile scripted --overwrite"
        done = subprocess.run(["bash", "-c", script], cwd=talk.parent, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert talk.with_suffix(".txt").read_text("utf-8") == talk.with_suffix(".es.txt").read_text("utf-8")
    assert talk.with_suffix(".es.srt").exists()


def test_the_debian_packages_are_the_ones_that_setup_installs() -> None:
    listed = (ROOT / "scripts" / "debian-packages.txt").read_text("utf-8")
    for group in ("runtime", "demo"):
        for packages in re.findall(rf"^{group}:(.*)", listed, re.MULTILINE):
            missing = [package for package in packages.split() if f"`{package}`" not in README]
            assert not missing, f"README.md does not name {missing}"
