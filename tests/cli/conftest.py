"""Runs the commands in an empty folder, with the scripted profile and a data folder of their own."""

import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from livetranslate.cli import app
from tests.support import hush, tone

PROGRAM = str(Path(sys.executable).with_name("livetranslate"))
Run = Callable[..., subprocess.CompletedProcess[str]]
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """This process's environment with none of our settings but a data folder and a profile of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    ours = {"LIVETRANSLATE_DATA_DIR": str(tmp_path / "data"), "LIVETRANSLATE_PROFILE": "scripted"}
    return {**kept, **ours, "NO_COLOR": "1", "PYTHONWARNINGS": "error"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `livetranslate` with these arguments, in this process, which is quicker; keywords are further settings."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name not in environment:
            monkeypatch.delenv(name)

    def run(*arguments: str, given: bytes | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        added = {f"LIVETRANSLATE_{name.upper()}": value for name, value in settings.items()}
        done = CliRunner().invoke(app, arguments, input=given, env={**environment, **added}, prog_name="livetranslate")
        assert isinstance(done.exception, SystemExit | None), done.exception
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def run_program(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Runs the program as it is installed."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *arguments], cwd=tmp_path, env=environment, capture_output=True, timeout=90, check=False, text=True
        )

    return run


@pytest.fixture
def serve(tmp_path: Path, environment: dict[str, str]) -> Serve:
    """Serves on a free port while in use, and gives the address; ends it as an operator does and expects exit status 0."""

    @contextmanager
    def serve(*arguments: str, **settings: str) -> Iterator[str]:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", *arguments],
            cwd=tmp_path,
            env={**environment, **{f"LIVETRANSLATE_{name.upper()}": value for name, value in settings.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        try:
            told = ""
            while "engines loaded" not in told:
                line = process.stderr.readline()
                assert line, f"the server ended: {told}"
                told += line
            address = told.partition(" on http://")[2].partition("/v1")[0]
            yield f"http://{address}"
            process.terminate()
            told += process.stderr.read()
            assert process.wait(20) == 0, told
        finally:
            process.kill()
            process.wait()
            process.stderr.close()

    return serve


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A recording of three sounds with pauses, 12 seconds, 16 kHz."""
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        for hertz in (200.0, 300.0, 400.0):
            out.writeframes(tone(3.0, hertz) + hush(1.0))
    return path
