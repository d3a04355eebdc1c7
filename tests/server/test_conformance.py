"""The conformance kit beside the project, against a server that was started as a user would."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.live import KEY, process

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance"
RUNNER, CASES = KIT / "run_file_api.py", KIT / "cases.json"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RUNNER.exists(), reason="the conformance kit is not beside the project (../shared/conformance)"),
]
STATES = {
    "strict-stream": {"STRICT": "true"},
    "rate-limit": {"RATE_LIMIT": "100/minute"},
    "burst-limit": {"BURST_LIMIT": "10/second"},
    "token-limit": {"TOKEN_LIMIT": "1/day"},
    "overload": {"LIMITS__RUNNING": "0"},
    "content-filter": {"ENGINES": json.dumps({"scripted": {"fault": "content"}})},
    "synthesis-fault": {"ENGINES": json.dumps({"scripted": {"fault": "fail", "fault_in": "synthesizer"}})},
}
"""The settings that put the server into the states that some cases need."""


def ids(state: str | None) -> list[str]:
    cases = json.loads(CASES.read_text("utf-8"))
    return [case["id"] for case in cases if case.get("server_option") == state]


def conforms(folder: Path, state: str | None, **environment: str) -> None:
    wanted = ids(state)
    assert wanted
    with process(folder, FETCH_ALLOW="127.0.0.1", **environment) as served:
        command = [sys.executable, str(RUNNER), "--base-url", f"{served.base}/compatible-mode/v1", "--api-key", KEY]
        command += ["--cases", str(CASES), "--only", ",".join(wanted), "--jobs", "3" if state is None else "1"]
        command += ["--server-option", state] if state else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.stdout.splitlines()[-1] == f"{len(wanted)} passed, 0 failed, 0 skipped", done.stdout[-3000:] + done.stderr[-1000:]


def test_the_file_api_conforms(tmp_path: Path) -> None:
    assert len(ids(None)) > 200
    conforms(tmp_path, None)


@pytest.mark.parametrize("state", STATES)
def test_the_file_api_conforms_in_every_state(tmp_path: Path, state: str) -> None:
    conforms(tmp_path, state, **STATES[state])


def test_every_state_is_known() -> None:
    states = {case["server_option"] for case in json.loads(CASES.read_text("utf-8")) if "server_option" in case}
    assert states == set(STATES)
