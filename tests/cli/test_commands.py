"""Each command as it is run by people, pipes and programs."""

import base64
import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import wave
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from livetranslate import __version__
from livetranslate.catalog import LANGUAGES
from livetranslate.engines.registry import names
from tests.cli.conftest import PROGRAM, Run, Serve
from tests.clips import talking_film
from tests.support import tone

# A command reads and writes files as it goes: nobody else waits for its loop.
pytestmark = pytest.mark.may_block


def test_translate_writes_speech_and_text(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "Spanish", "--from", "en")
    assert done.returncode == 0, done.stderr
    said = talk.with_suffix(".es.txt").read_text("utf-8")
    assert len(said.splitlines()) == 3
    assert done.stdout == said
    with wave.open(str(talk.with_suffix(".es.wav"))) as wav:
        assert wav.getframerate() == 24_000
        assert wav.getnframes() > 24_000
    assert len(talk.with_suffix(".es.transcript.txt").read_text("utf-8").splitlines()) == 3
    assert "SCRIPTED" in done.stderr
    assert "wrote talk.es.wav" in done.stderr


def test_translate_only_text(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "fr", "--text-only", "-o", "deep/er")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (talk.parent / "deep" / "er").iterdir()) == ["talk.fr.transcript.txt", "talk.fr.txt"]


def test_a_language_that_is_not_spoken_gives_text_and_says_so(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "hi")
    assert done.returncode == 0, done.stderr
    assert "text only" in done.stderr
    assert not talk.with_suffix(".hi.wav").exists()
    assert talk.with_suffix(".hi.txt").read_text("utf-8")


def test_speech_rate_changes_the_length(run: Run, talk: Path) -> None:
    frames = []
    for rate, folder in (("1.0", "a"), ("2.0", "b")):
        assert run("translate", "talk.wav", "--to", "es", "--speech-rate", rate, "-o", folder).returncode == 0
        with wave.open(str(talk.parent / folder / "talk.es.wav")) as wav:
            frames.append(wav.getnframes())
    assert frames[1] == pytest.approx(frames[0] / 2, rel=0.05)


def test_terms_come_from_a_file(run: Run, talk: Path) -> None:
    terms = talk.parent / "terms.csv"
    terms.write_text("source;target;when_said\ntrain;tren;\nbank;orilla;river|boat\n", "utf-8")
    done = run("translate", "talk.wav", "--to", "es", "--text-only", "--glossary", "terms.csv")
    assert done.returncode == 0, done.stderr
    terms.write_text("source;target;gender\ntrain;tren;x\n", "utf-8")
    refused = run("translate", "talk.wav", "--to", "es", "--text-only", "--glossary", "terms.csv", "-o", "other")
    assert refused.returncode != 0
    assert "terms.csv line 2.gender" in refused.stderr
    assert not (talk.parent / "other").exists()
    missing = run("translate", "talk.wav", "--to", "es", "--text-only", "--glossary", "none.csv", "-o", "other")
    assert "none.csv: the glossary cannot be read" in missing.stderr


def test_one_bad_file_does_not_lose_the_others(run: Run, talk: Path) -> None:
    (talk.parent / "bad.wav").write_bytes(b"RIFF, but no more than that")
    done = run("translate", "bad.wav", "talk.wav", "--to", "es")
    assert done.returncode == 1
    assert "bad.wav: The audio" in done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_earlier_files_are_not_written_over_unasked(run: Run, talk: Path) -> None:
    kept = talk.with_suffix(".es.txt")
    kept.write_text("mine")
    refused = run("translate", "talk.wav", "--to", "es")
    assert refused.returncode == 2
    assert "--overwrite" in refused.stderr
    assert kept.read_text() == "mine"
    assert run("translate", "talk.wav", "--to", "es", "--overwrite").returncode == 0
    assert kept.read_text("utf-8") != "mine"


def test_json_lines(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "talk.wav", "--to", "es", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [line["event"] for line in lines]
    assert kinds[:2] == ["notice", "started"]
    assert kinds.count("started") == kinds.count("finished") == 2
    assert {"speech_started", "transcript_done", "text_delta", "text_done", "audio_delta"} <= set(kinds)
    last = lines[-1]
    assert last["event"] == "finished"
    assert last["usage"]["prompt_tokens_details"]["audio_tokens"] == 150
    assert last["usage"]["total_tokens"] == last["usage"]["prompt_tokens"] + last["usage"]["completion_tokens"]
    assert 0 <= last["first_text_seconds"] <= last["first_audio_seconds"] <= last["seconds"]
    assert last["files"][0] == "talk-2.es.wav"
    said = "".join(line["text"] for line in lines if line["event"] == "text_delta")
    assert said == "".join(line["text"] for line in lines if line["event"] == "text_done")


def test_max_tokens_cuts(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "es", "--text-only", "--max-tokens", "3", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["reason"] == "length"
    assert last["usage"]["completion_tokens"] <= 3


def test_standard_input(run: Run, talk: Path) -> None:
    done = run("translate", "-", "--to", "es", "--text-only", given=talk.read_bytes())
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert (talk.parent / "stdin.es.txt").exists()


def test_a_url_is_fetched_through_the_guarded_door(run: Run, talk: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(talk.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_port}/talk.wav"
        refused = run("tokens", url)
        allowed = run("tokens", url, "--json", fetch_allow="127.0.0.1")
        site.shutdown()
    assert refused.returncode == 1
    assert "LIVETRANSLATE_FETCH_ALLOW" in refused.stderr
    assert json.loads(allowed.stdout)["audio_tokens"] == 150


def test_ctrl_c_keeps_what_was_done(talk: Path, environment: dict[str, str]) -> None:
    slow = {**environment, "LIVETRANSLATE_ENGINES": json.dumps({"scripted": {"word_delay": 0.3}})}
    command = [PROGRAM, "translate", "talk.wav", "--to", "es"]
    with subprocess.Popen(
        command, cwd=talk.parent, env=slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert b"Traceback" not in told
    assert b"stopped" in told
    assert talk.with_suffix(".es.txt").read_bytes() == first + said
    with wave.open(str(talk.with_suffix(".es.wav"))) as wav:
        assert wav.getnframes() == (talk.with_suffix(".es.wav").stat().st_size - 44) // 2


def on_terminal(arguments: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Runs the program on a terminal of its own; its exit status and all that the screen was sent."""
    process, screen = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execve(PROGRAM, [PROGRAM, *arguments], {**environment, "TERM": "xterm-256color", "COLUMNS": "100"})
    shown = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode()


# Forking is safe here: the child does nothing but become another program.
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_on_a_terminal_the_text_grows_above_a_bar(talk: Path, environment: dict[str, str]) -> None:
    slow = {**environment, "LIVETRANSLATE_ENGINES": json.dumps({"scripted": {"word_delay": 0.3}})}
    code, shown = on_terminal(["translate", "talk.wav", "--to", "es"], talk.parent, slow)
    assert code == 0, shown
    said = talk.with_suffix(".es.txt").read_text("utf-8").splitlines()
    assert all(line in shown for line in said)
    words = said[-1].split()
    assert shown.count(words[0]) > 2, "the last sentence did not grow"
    assert "× real time" in shown
    assert " left" in shown
    assert "\x1b[?25h" in shown, "the cursor is not shown again"


WRONG: list[tuple[list[str], int, str]] = [
    (["translate", "talk.wav", "--to", "klingon"], 2, "Supported: en, zh"),
    (["translate", "talk.wav", "--to", "es", "--voice", "Zarathustra"], 2, "Cherry"),
    (["translate", "talk.wav", "--to", "es", "--speech-rate", "9"], 2, "--speech-rate"),
    (["translate", "nothing.wav", "--to", "es"], 2, "nothing.wav"),
    (["translate", "talk.wav"], 2, "--to"),
    (["translate", "talk.wav", "--to", "es", "--profile", "nope"], 2, "Profiles:"),
    (["translate", "http://", "--to", "es"], 1, "URL"),
    (["tokens", "nothing.wav"], 1, "cannot be read"),
    (["keys", "revoke", "key-0"], 1, "keys list"),
    (["keys", "create", "x", "--rate-limit", "often"], 2, "100/minute"),
    (["usage", "--since", "yesterday"], 2, "2026-11-01"),
    (["serve", "--host", "0.0.0.0"], 2, "keys create"),
    (["serve", "--port", "99999"], 2, "--port"),
    (["dance"], 2, "dance"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "told"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_mistakes_are_told_in_a_line(run: Run, talk: Path, arguments: list[str], code: int, told: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"port": "many"}, "LIVETRANSLATE_PORT"),
        ({"config": "missing.toml"}, "LIVETRANSLATE_CONFIG"),
        ({"data_dir": "/proc/nowhere"}, "cannot be used"),
    ],
)
def test_wrong_settings_are_told_in_a_line(run: Run, settings: dict[str, str], told: str) -> None:
    done = run("keys", "list", **settings)
    assert done.returncode == 2
    assert told in done.stderr


def test_engines(run: Run) -> None:
    table = run("engines")
    assert table.returncode == 0, table.stderr
    assert all(name in table.stdout for name in names())
    assert all(language.name in table.stdout for language in LANGUAGES.values())
    told = json.loads(run("engines", "--json").stdout)
    assert {engine["name"] for engine in told["engines"]} == set(names())
    scripted = next(profile for profile in told["profiles"] if profile["name"] == "scripted")
    assert scripted["ready"]
    assert set(scripted["hears"]) == set(LANGUAGES)
    for engine in told["engines"]:
        assert engine["installed"] == (not engine["needs"])
        for need in engine["needs"]:
            assert need["command"].split()[0] in table.stdout


def test_languages_of_a_profile(run: Run) -> None:
    told = run("engines", "--profile", "scripted")
    assert "Cantonese" in told.stdout
    assert told.returncode == 0


def test_tokens(run: Run, talk: Path) -> None:
    told = run("tokens", "talk.wav", "talk.wav", "--json")
    assert [json.loads(line)["audio_tokens"] for line in told.stdout.splitlines()] == [150, 150]
    assert "talk.wav: 150 audio tokens for 0:12" in run("tokens", "talk.wav").stdout


def test_the_installed_program(run_program: Run, talk: Path) -> None:
    assert run_program("version").stdout.strip() == __version__
    module = subprocess.run([sys.executable, "-m", "livetranslate", "--version"], capture_output=True, text=True, check=True)
    assert module.stdout.strip() == __version__
    done = run_program("translate", "talk.wav", "nothing.wav", "--to", "es")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: There is no file nothing.wav\n"


def ask(base: str, talk: Path, key: str) -> httpx2.Response:
    data = base64.b64encode(talk.read_bytes()).decode()
    body = {
        "model": "qwen3-livetranslate-flash",
        "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": f"data:;base64,{data}"}}]}],
        "translation_options": {"target_lang": "es"},
    }
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.post(f"{base}/v1/chat/completions", json=body, headers=headers, timeout=60)


def test_keys_and_usage_from_the_first_key_to_the_bill(run: Run, serve: Serve, talk: Path) -> None:
    assert "no key yet" in run("keys", "list").stderr
    made = run("keys", "create", "phone", "--rate-limit", "100/minute")
    secret = made.stdout.strip()
    assert secret
    assert secret not in made.stderr
    other = run("keys", "create", "tablet").stdout.strip()
    listed = [json.loads(line) for line in run("keys", "list", "--json").stdout.splitlines()]
    assert [key["name"] for key in listed] == ["phone", "tablet"]
    assert secret not in run("keys", "list").stdout
    with serve() as base:
        assert ask(base, talk, "wrong").status_code == 401
        answer = ask(base, talk, secret)
        assert answer.status_code == 200
        assert ask(base, talk, other).status_code == 200
        assert run("keys", "revoke", listed[1]["id"]).returncode == 0
        assert ask(base, talk, other).status_code == 401
    billed = answer.json()["usage"]["total_tokens"]
    by_key = {line["key"]: line for line in map(json.loads, run("usage", "--by", "key", "--json").stdout.splitlines())}
    assert by_key[listed[0]["id"]]["total_tokens"] == billed
    assert by_key[listed[0]["id"]]["prompt_tokens_details"]["audio_tokens"] == 150
    rows = list(csv.DictReader(io.StringIO(run("usage", "--by", "model", "--csv").stdout)))
    served = next(row for row in rows if row["model"] == "qwen3-livetranslate-flash")
    assert int(served["prompt_audio_tokens"]) == 300
    requests = [json.loads(line) for line in run("usage", "--by", "request", "--json", "--since", "1h").stdout.splitlines()]
    assert [request["target"] for request in requests if request["status"] == 200] == ["es", "es"]
    assert run("usage", "--until", "2020-01-01", "--json").stdout == ""
    assert "all" in run("usage", "--by", "key").stdout
    assert "sound in" in run("usage", "--by", "request").stdout


def test_a_keys_glossary_is_looked_at_before_it_is_kept(run: Run, talk: Path) -> None:
    terms = talk.parent / "terms.csv"
    terms.write_text("source,target\ntrain,ferrocarril\nbank,\n", "utf-8")
    for arguments in (["create", "clinic", "--glossary", "terms.csv"], ["glossary", "key-0", "terms.csv"]):
        refused = run("keys", *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "terms.csv line 3.target" in refused.stderr
    terms.write_text("source,target\ntrain,ferrocarril\n", "utf-8")
    assert run("keys", "create", "clinic", "--glossary", "terms.csv").returncode == 0
    (listed,) = (json.loads(line) for line in run("keys", "list", "--json").stdout.splitlines())
    assert listed["glossary"] == 1
    assert run("keys", "glossary", listed["id"]).returncode == 0
    assert json.loads(run("keys", "list", "--json").stdout)["glossary"] == 0
    assert "keys list" in run("keys", "glossary", "key-0", "terms.csv").stderr


def test_tokens_of_a_video(run: Run, talk: Path) -> None:
    (talk.parent / "film.mkv").write_bytes(talking_film(tone(10.0), (1280, 720), rate=25))
    told = run("tokens", "film.mkv")
    assert "7327 tokens: 125 audio tokens for 0:10, 7202 video tokens for 20 images of 1152x640" in told.stdout
    bill = json.loads(run("tokens", "--json", "film.mkv").stdout)
    assert {name: bill[name] for name in ("prompt_tokens", "audio_tokens", "video_tokens", "images")} == {
        "prompt_tokens": 7327, "audio_tokens": 125, "video_tokens": 7202, "images": 20,
    }  # fmt: skip


def test_an_empty_ledger_is_a_header(run: Run) -> None:
    assert run("usage", "--csv").stdout.startswith("day,requests,failed,")
    assert "Nothing was used" in run("usage").stderr


def test_serve_takes_no_port_that_is_taken(run: Run, serve: Serve) -> None:
    with serve() as base:
        done = run("serve", "--port", base.rpartition(":")[2])
    assert done.returncode == 2
    assert "Cannot listen" in done.stderr


def test_translate_begins_before_the_file_is_done(talk: Path, environment: dict[str, str]) -> None:
    """The first words come out while later ones are still far away."""
    slow = {**environment, "LIVETRANSLATE_ENGINES": json.dumps({"scripted": {"word_delay": 0.1}})}
    command = [PROGRAM, "translate", "talk.wav", "--to", "es", "--json"]
    with subprocess.Popen(command, cwd=talk.parent, env=slow, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        begun = time.monotonic()
        came = [(time.monotonic() - begun, json.loads(line)["event"]) for line in process.stdout]
    first = next(moment for moment, event in came if event == "text_delta")
    assert came[-1][0] - first > 0.5
