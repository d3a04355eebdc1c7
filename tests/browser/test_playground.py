"""The playground in headless Chromium: three ways in, what is shown, what can be kept, and errors in words."""

import base64
import json
import re
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import httpx
import pysubs2
import pytest
from playwright.sync_api import FilePayload

from livetranslate import profiles
from livetranslate.media import SPEAKING_RATE
from livetranslate.settings import Settings
from tests.browser.conftest import Browse, Visit, visit
from tests.clips import encode, sine
from tests.server.live import KEY, Live, live, wav
from tests.support import hush

pytestmark = [pytest.mark.may_block, pytest.mark.timeout(180)]
REAL = Path("/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def talk(*speech: float) -> FilePayload:
    return {"name": "talk.wav", "mimeType": "audio/wav", "buffer": wav(*speech)}


def translate(seen: Visit, *speech: float) -> None:
    seen.state("ready", "failed")
    seen.page.set_input_files("#file", talk(*speech))
    seen.page.click("#start")
    seen.state("done", "failed")


def seconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+) s", text)
    assert found, text
    return float(found[1])


def test_a_file_becomes_text_speech_and_subtitles(server: Live, browse: Browse) -> None:
    with visit(browse(hush(1.0)), server.base) as seen:
        translate(seen, 2.0, 2.0, 2.0)
        rows = seen.rows()
        assert len(rows) == 3
        assert all(row["heard"].endswith(".") and row["said"].endswith(".") for row in rows)
        assert [row["when"] for row in rows] == ["0:00–0:02", "0:02–0:05", "0:05–0:08"]
        assert all(re.fullmatch(r"heard after .* · translated after .* · spoken after .*", row["times"]) for row in rows)
        assert 0 < seconds(seen.text("#first-text")) <= seconds(seen.text("#first-audio"))
        assert int(seen.text("#tokens-in")) > 0
        assert int(seen.text("#tokens-out")) > 0
        assert seen.text("#sent-text").startswith("100 %")
        said = [row["said"] for row in rows]
        assert seen.download("#save-txt").decode().splitlines() == said
        for form in ("srt", "vtt"):
            cues = pysubs2.SSAFile.from_string(seen.download(f"#save-{form}").decode(), form)
            assert " ".join(cue.plaintext for cue in cues).split() == " ".join(said).split()
            assert [round(cue.start / 1000) for cue in cues] == [0, 3, 6]
            assert all(0 < cue.end - cue.start <= 7000 for cue in cues)
        with wave.open(BytesIO(seen.download("#save-wav"))) as speech:
            assert speech.getframerate() == SPEAKING_RATE
            assert speech.getnframes() > SPEAKING_RATE
        assert "3 utterances, 3 translated" in (seen.page.get_attribute("#timeline", "aria-label") or "")
    assert seen.complaints == []


def test_the_microphone_is_translated_while_it_speaks(server: Live, browse: Browse) -> None:
    with visit(browse(hush(0.6) + wav(2.0)[44:] + hush(0.8) + wav(2.0)[44:] + hush(30.0)), server.base) as seen:
        seen.state("ready")
        seen.page.check("input[value=microphone]")
        seen.page.click("#start")
        seen.state("listening")
        seen.wait(lambda: any(row["said"].endswith(".") for row in seen.rows()))
        assert seen.text("#state") == "listening", "the first utterance is translated before anybody stops"
        seen.wait(lambda: len([row for row in seen.rows() if row["said"].endswith(".")]) == 2)
        seen.page.click("#stop")
        seen.state("done", "failed")
        assert seen.text("#state") == "done", seen.text("#error")
        rows = seen.rows()
        assert len(rows) == 2
        assert all(row["heard"].endswith(".") and "after the words" in row["times"] for row in rows)
        assert seconds(seen.text("#lag")) < 5
        assert int(seen.text("#tokens-in")) > 0
        assert seen.download("#save-srt").decode().count("-->") >= 2
    assert seen.complaints == []


def test_a_link_is_fetched_by_the_server(browse: Browse, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(wav(2.0, 2.0))
    with (
        shared_folder(tmp_path) as base,
        live(tmp_path / "data", api_keys=(), fetch_allow=("127.0.0.1",)) as server,
        visit(browse(), server.base) as seen,
    ):
        seen.state("ready")
        seen.page.check("input[value=link]")
        seen.page.fill("#link", f"{base}/talk.wav")
        seen.page.keyboard.press("Enter")
        seen.state("done", "failed")
        assert len(seen.rows()) == 2
        assert f"{base}/talk.wav" in seen.text("#code")
    assert seen.complaints == []


@contextmanager
def shared_folder(folder: Path) -> Iterator[str]:
    """A server of files on loopback."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return None


def test_a_recording_is_dropped(server: Live, browse: Browse) -> None:
    with visit(browse(), server.base) as seen:
        seen.state("ready")
        seen.page.check("input[value=microphone]")
        dropped = seen.page.evaluate_handle(
            """(base64) => {
              const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
              const dropped = new DataTransfer();
              dropped.items.add(new File([bytes], "talk.wav", { type: "audio/wav" }));
              return dropped;
            }""",
            base64.b64encode(wav(2.0)).decode(),
        )
        seen.page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
        assert seen.text("#picked").startswith("talk.wav, ")
        seen.page.click("#start")
        seen.state("done", "failed")
        assert len(seen.rows()) == 1


def test_a_microphone_that_may_not_be_used(server: Live, browse: Browse) -> None:
    with visit(browse(allowed=False), server.base) as seen:
        seen.state("ready")
        seen.page.check("input[value=microphone]")
        seen.page.click("#start")
        seen.wait(lambda: "may not use the microphone" in seen.text("#error"))
        assert seen.page.is_enabled("#start")


@pytest.mark.embedded
@pytest.mark.skipif(not REAL.exists(), reason="Debian's package pocketsphinx-testdata is not installed")
def test_real_speech_into_the_microphone(browse: Browse, tmp_path: Path) -> None:
    with wave.open(str(REAL)) as sound:
        heard = sound.readframes(sound.getnframes())
    with (
        live(tmp_path, profiles.build(Settings(profile="embedded")), api_keys=()) as served,
        visit(browse(hush(0.5) + heard + hush(60.0)), served.base) as seen,
    ):
        seen.state("ready")
        seen.page.check("input[value=microphone]")
        seen.page.click("#start")
        seen.wait(lambda: len(seen.rows()) and seen.rows()[0]["said"], 60)
        seen.page.click("#stop")
        seen.state("done", "failed", seconds=60)
        assert seen.rows()[0]["heard"].lower().startswith("he was not")
        assert "no" in seen.rows()[0]["said"].lower().split()
    assert seen.complaints == []


def test_captions_stand_over_a_video(server: Live, browse: Browse) -> None:
    film = encode("webm", "libopus", 48_000, sine(2.0, 48_000), picture="libvpx")
    with visit(browse(hush(1.0)), server.base) as seen:
        seen.state("ready")
        seen.page.set_input_files("#file", {"name": "film.webm", "mimeType": "video/webm", "buffer": film})
        assert seen.page.is_visible("#video")
        seen.page.click("#start")
        seen.state("done", "failed")
        assert seen.text("#state") == "done", seen.text("#error")
        cues = seen.page.evaluate("() => [...document.querySelector('video').textTracks[0].cues].map((cue) => cue.text)")
        assert " ".join(cues).split() == " ".join(row["said"] for row in seen.rows()).split()
        assert seen.page.evaluate("() => document.querySelector('video').textTracks[0].mode") == "showing"
    assert seen.complaints == []


def test_a_key_is_asked_for_and_then_used(guarded: Live, browse: Browse) -> None:
    with visit(browse(), guarded.base) as seen:
        seen.state("a key is wanted")
        assert seen.page.evaluate("() => document.activeElement.id") == "key"
        seen.page.fill("#key", "wrong")
        seen.page.keyboard.press("Tab")
        seen.wait(lambda: "none of its keys" in seen.text("#error"))
        seen.page.fill("#key", KEY)
        seen.page.keyboard.press("Tab")
        translate(seen, 2.0)
        assert seen.text("#state") == "done"
        assert "$LIVETRANSLATE_KEY" in seen.text("#code")
        assert KEY not in seen.page.content()
        seen.page.check("input[value=microphone]")
        seen.page.click("#start")
        seen.wait(lambda: seen.rows() and seen.rows()[0]["said"])
        seen.page.click("#stop")
        seen.state("done")
        seen.page.reload()
        seen.state("ready")


def test_errors_are_told_in_words(server: Live, browse: Browse, tmp_path: Path) -> None:
    with visit(browse(), server.base) as seen:
        seen.state("ready")
        seen.page.click("#start")
        assert seen.text("#error") == "Pick a file first."
        seen.page.set_input_files("#file", {"name": "notes.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"})
        seen.page.click("#start")
        seen.wait(lambda: "cannot be opened" in seen.text("#error"))
        seen.page.check("input[value=link]")
        seen.page.fill("#link", "talk.mp3")
        seen.page.click("#start")
        assert "must begin with http" in seen.text("#error")
        seen.page.fill("#link", "http://127.0.0.1:9/talk.mp3")
        seen.page.click("#start")
        seen.wait(lambda: "URL" in seen.text("#error"))
        seen.page.context.clear_permissions()
    with live(tmp_path, api_keys=()) as gone, visit(browse(), gone.base) as seen:
        seen.state("ready")
        seen.page.context.set_offline(True)
        seen.page.set_input_files("#file", talk(1.0))
        seen.page.click("#start")
        seen.wait(lambda: "does not answer" in seen.text("#error"))
        seen.page.check("input[value=microphone]")
        seen.page.click("#start")
        seen.wait(lambda: seen.text("#state") == "failed")
        assert seen.page.is_enabled("#start")


def test_a_translation_that_is_stopped(browse: Browse, tmp_path: Path) -> None:
    slow = {"scripted": {"hear_delay": 0.3}}
    with live(tmp_path, api_keys=(), engines=slow) as server, visit(browse(), server.base) as seen:
        seen.state("ready")
        seen.page.set_input_files("#file", talk(*[2.0] * 30))
        seen.page.click("#start")
        seen.wait(lambda: len(seen.rows()) > 1)
        seen.page.click("#stop")
        seen.state("stopped")
        assert seen.page.is_enabled("#save-txt")
        assert seen.page.is_enabled("#start")


def test_what_is_too_large_for_a_request_goes_through_the_socket(server: Live, browse: Browse) -> None:
    with visit(browse(), server.base) as seen:
        translate(seen, *[2.0] * 86)  # 7.7 MB
        assert seen.text("#state") == "done", seen.text("#error")
        assert len(seen.rows()) == 86
        assert not any("chat/completions" in url for url in seen.asked)
        assert seen.download("#save-srt").decode().count("-->") >= 86
    assert seen.complaints == []


def test_the_programs_that_are_shown_work(server: Live, browse: Browse, tmp_path: Path) -> None:
    with visit(browse(), server.base) as seen:
        translate(seen, 2.0)
        said = seen.rows()[0]["said"]
        programs = {}
        for kind in ("curl", "python", "node"):
            seen.page.check(f"input[value={kind}]")
            programs[kind] = seen.text("#code")
    (tmp_path / "talk.wav").write_bytes(wav(2.0))
    told = run(["bash", "-c", programs["curl"]], tmp_path)
    chunks = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: {")]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"]) == said
    assert run([sys.executable, "-c", programs["python"]], tmp_path) == said
    assert (tmp_path / "speech.pcm").stat().st_size > SPEAKING_RATE
    (tmp_path / "program.mjs").write_text(programs["node"])
    assert run(["node", "program.mjs"], tmp_path) == said


def run(command: list[str], folder: Path) -> str:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True).stdout
    except FileNotFoundError:
        pytest.skip(f"{command[0]} is not installed")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE), ("dark", PHONE)])
def test_it_can_be_read_on_any_screen(server: Live, browse: Browse, scheme: str, size: dict[str, int]) -> None:
    with visit(browse(), server.base, color_scheme=scheme, viewport=size) as seen:
        seen.state("ready")
        seen.page.click("#start")
        assert in_view(seen, "#error"), "what went wrong is where one looks"
        translate(seen, 2.0, 2.0)
        assert in_view(seen, "#figures")
        wide = seen.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= size["width"], "nothing reaches over the edge"
        for selector in ("#talk .heard", "#talk .said", "#talk .times", "#start", "label[for=target]", "#figures dd", "#notice"):
            assert contrast(seen, selector) >= 4.5, f"{selector} is too pale"


def in_view(seen: Visit, selector: str) -> bool:
    return bool(
        seen.page.eval_on_selector(
            selector,
            "(element) => { const { top, bottom } = element.getBoundingClientRect(); return bottom > 0 && top < innerHeight; }",
        )
    )


def contrast(seen: Visit, selector: str) -> float:
    """The ratio of WCAG 2 between words and what they stand on."""
    colours = seen.page.eval_on_selector(
        selector,
        """(element) => {
          let below = element;
          while (getComputedStyle(below).backgroundColor === 'rgba(0, 0, 0, 0)') below = below.parentElement;
          return [getComputedStyle(element).color, getComputedStyle(below).backgroundColor];
        }""",
    )
    light, dark = sorted((luminance(colour) for colour in colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_everything_has_a_name_and_can_be_reached_by_keyboard(server: Live, browse: Browse) -> None:
    with visit(browse(), server.base) as seen:
        translate(seen, 2.0)
        nameless = seen.page.evaluate(
            """() => [...document.querySelectorAll('input, select, button, canvas, video, audio, meter, progress')]
              .filter((one) => !one.getAttribute('aria-label') && !one.labels?.length && !one.textContent.trim())
              .map((one) => one.id || one.outerHTML)"""
        )
        assert nameless == []
        assert seen.page.inner_text("#announce") == seen.rows()[0]["said"], "a screen reader is told the translation"
        seen.page.focus("input[value=file]")
        reached = set()
        for _ in range(40):
            seen.page.keyboard.press("Tab")
            reached.add(seen.page.evaluate("() => document.activeElement.id"))
        assert {"file", "source", "target", "speak", "play", "voice", "start", "scroll", "save-srt", "both", "copy"} <= reached


def test_the_page_needs_no_key_and_may_speak_to_its_server_alone(guarded: Live) -> None:
    with guarded.client(None) as client:
        for path in ("/", "/playground/style.css", "/playground/app.js"):
            answer = client.get(path)
            assert answer.status_code == 200
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"https?://\w(?!xample\.org)", answer.text), f"{path} names another host"
        assert client.get("/playground/secrets").status_code == httpx.codes.NOT_FOUND
