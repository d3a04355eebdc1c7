"""The conformance kit's realtime half, beside the project, against servers that were started as a user would."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server.live import KEY, process

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance"
RUNNER = KIT / "run_realtime.py"
DIALECTS = ("q3", "q3.5", "q3.8", "oai")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not RUNNER.exists(), reason="the conformance kit is not beside the project (../shared/conformance)"),
]
HEARD_AND_SAID = (
    "q3.5/translates,q3.5/live,q3.5/manual,q3.5/fast-50,q3.5/text-grows,q3.5/final-text,q3.5/links,oai/translates,oai/deltas"
)
"""Some of the checks whose outcome depends on the engines. All of them take ten minutes with real ones."""


def start(base: str, folder: Path, name: str, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(RUNNER), "--url", base.replace("http", "ws"), "--api-key", KEY]
    command += ["--json", str(folder / f"{name}.json"), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def checks(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(json.loads((folder / f"{name}.json").read_text())["checks"])


def test_all_dialects_conform(tmp_path: Path) -> None:
    with process(tmp_path) as served:
        running = {name: start(served.base, tmp_path, name, "--only", name) for name in DIALECTS}
        told = {name: runner.communicate(timeout=240)[0] for name, runner in running.items()}
    for name in DIALECTS:
        assert told[name].splitlines()[-1].endswith(" passed, 0 failed, 0 skipped"), f"{name}: {told[name][-3000:]}"
    assert sum(len(checks(tmp_path, name)) for name in DIALECTS) >= 270


@pytest.mark.embedded
def test_real_speech_conforms(tmp_path: Path) -> None:
    with process(tmp_path, PROFILE="embedded") as served:
        told = start(served.base, tmp_path, "real", "--target", "es", "--only", HEARD_AND_SAID).communicate(timeout=240)[0]
    wanted = len(HEARD_AND_SAID.split(","))
    assert told.splitlines()[-1] == f"{wanted} passed, 0 failed, 0 skipped", told[-3000:]
