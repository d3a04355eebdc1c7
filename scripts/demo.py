"""Sends a real English recording through the real server, as an OpenAI client would, and shows what comes back.

The recording is LibriVox's reading of "Sense and Sensibility", from Debian's package pocketsphinx-testdata.
"""

import argparse
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
RECORDINGS = Path("/usr/share/pocketsphinx/test/data/librivox")
PACKAGE = "pocketsphinx-testdata"
PAUSE = 0.5
"""Seconds of silence between two recordings."""
READY_WITHIN = 120.0
STOPPED_WITHIN = 60.0
PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"),
    ("paplay",),
    ("aplay", "-q"),
    ("afplay",),
)
SPEAKING_RATE = 24_000

console = Console(highlight=False, soft_wrap=True)


class Trouble(Exception):
    """The demo cannot go on; the message says what to do."""


@dataclass
class Heard:
    """What came back, and when, in seconds after the request was sent."""

    sent: float
    text: str = ""
    audio: list[str] = field(default_factory=list)
    first_text: float | None = None
    first_audio: float | None = None
    finish: str | None = None
    usage: dict[str, Any] = field(default_factory=dict)


def recording(given: Path | None) -> tuple[bytes, float, str]:
    """The bytes to send, their seconds, and what they are."""
    if given is not None:
        return given.read_bytes(), 0.0, given.name
    files = sorted(RECORDINGS.glob("*.wav"))
    if not files:
        raise Trouble(f"The recordings are missing. Run: sudo apt-get install {PACKAGE}   (or give your own: --clip FILE)")
    joined = BytesIO()
    with wave.open(joined, "wb") as out:
        for number, path in enumerate(files):
            with wave.open(str(path), "rb") as part:
                if number == 0:
                    out.setparams(part.getparams())
                out.writeframes(part.readframes(part.getnframes()))
                out.writeframes(bytes(2 * round(PAUSE * part.getframerate())))
    data = joined.getvalue()
    with wave.open(BytesIO(data), "rb") as whole:
        seconds = whole.getnframes() / whole.getframerate()
    return data, seconds, f"“Sense and Sensibility”, read for LibriVox ({len(files)} sentences)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(profile: str) -> Iterator[str]:
    """Runs `livetranslate serve` on a free port of the loopback and gives its address; stops it as an operator would."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    with tempfile.TemporaryDirectory(prefix="livetranslate-demo-") as folder, open(Path(folder) / "log", "w+") as log:
        environment["LIVETRANSLATE_DATA_DIR"] = folder
        program = str(Path(sys.executable).with_name("livetranslate"))
        command = [program, "serve", "--host", "127.0.0.1", "--port", str(port), "--profile", profile]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        try:
            wait_until_ready(process, base)
            yield base
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                raise Trouble(f"The server did not stop within {STOPPED_WITHIN:.0f} s of being asked to.") from None
        except BaseException:
            log.seek(0)
            if process.poll() is not None and (told := log.read().strip()):
                console.print(Text(told[-2000:], style="dim"))
            raise
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], base: str) -> None:
    """Returns when the engines are loaded; raises `Trouble` if the server ends or takes too long."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Trouble(f"The server did not start (exit status {process.returncode}); it said what is above.")
        try:
            if httpx2.get(f"{base}/readyz", timeout=2.0).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise Trouble(f"The server was not ready within {READY_WITHIN:.0f} s.")


def ask(base: str, data: bytes, target: str, voice: str) -> Heard:
    """One streaming request; shows the text as it comes."""
    body = {
        "model": "qwen3-livetranslate-flash",
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "input_audio",
                        "input_audio": {"data": f"data:;base64,{base64.b64encode(data).decode()}", "format": "wav"},
                    }
                ],
            }
        ],
        "modalities": ["text", "audio"],
        "audio": {"voice": voice, "format": "wav"},
        "stream": True,
        "stream_options": {"include_usage": True},
        "translation_options": {"source_lang": "en", "target_lang": target},
    }
    heard = Heard(sent=time.monotonic())
    with httpx2.stream("POST", f"{base}/v1/chat/completions", json=body, timeout=600.0) as response:
        if response.status_code != 200:
            error = json.loads(response.read())["error"]
            raise Trouble(f"The server refused: {error['message']}")
        for line in response.iter_lines():
            if line.startswith("data: ") and line != "data: [DONE]":
                take(heard, json.loads(line.removeprefix("data: ")))
    console.print()
    return heard


def take(heard: Heard, chunk: dict[str, Any]) -> None:
    """Takes a chunk in: prints text, keeps audio, notes the times."""
    if "error" in chunk:
        raise Trouble(f"The server failed on the way: {chunk['error']['message']}")
    heard.usage = chunk.get("usage") or heard.usage
    now = time.monotonic() - heard.sent
    for choice in chunk["choices"]:
        heard.finish = choice["finish_reason"] or heard.finish
        delta = choice["delta"]
        if delta.get("content"):
            heard.first_text = heard.first_text if heard.first_text is not None else now
            heard.text += delta["content"]
            console.print(Text(delta["content"], style="bold green"), end="")
            console.file.flush()
        if "audio" in delta:
            heard.first_audio = heard.first_audio if heard.first_audio is not None else now
            heard.audio.append(delta["audio"]["data"])


def save(heard: Heard, folder: Path, target: str) -> tuple[Path, float]:
    """Writes the WAV and the text; returns the WAV's path and seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    pcm = base64.b64decode("".join(heard.audio), validate=True)
    path = folder / f"demo.{target}.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SPEAKING_RATE)
        out.writeframes(pcm)
    (folder / f"demo.{target}.txt").write_text(heard.text.strip() + "\n", encoding="utf-8")
    return path, len(pcm) / 2 / SPEAKING_RATE


def play(path: Path) -> None:
    """Plays the WAV with the first player there is."""
    for name, *options in PLAYERS:
        if shutil.which(name):
            console.print(f"playing it with {name} (Ctrl-C to stop)", style="dim")
            subprocess.run([name, *options, str(path)], check=False, stderr=subprocess.DEVNULL)
            return
    console.print("no player here (ffplay, paplay, aplay, afplay): copy the file to hear it", style="dim")


def report(heard: Heard, took: float, seconds: float, path: Path, spoken: float) -> None:
    """The figures."""
    rows = [
        ("first text", f"{heard.first_text:.2f} s" if heard.first_text is not None else "none"),
        ("first speech", f"{heard.first_audio:.2f} s" if heard.first_audio is not None else "none"),
        ("whole answer", f"{took:.1f} s" + (f" for {seconds:.1f} s of recording" if seconds else "")),
        ("finished by", heard.finish or "nothing: the answer was cut off"),
        ("tokens in", f"{heard.usage['prompt_tokens']}"),
        ("tokens out", "{text_tokens} of text, {audio_tokens} of speech".format(**heard.usage["completion_tokens_details"])),
        ("speech", f"{path} ({spoken:.1f} s)"),
    ]
    console.print()
    for name, value in rows:
        console.print(Text(f"  {name:<14}", style="dim").append(value, style="not dim"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", default="es", help="language to translate into: es, pt, it or fr on the embedded profile")
    parser.add_argument("--voice", default="Cherry")
    parser.add_argument("--clip", type=Path, help="your own English recording instead")
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder for the WAV and the text")
    parser.add_argument("--no-play", action="store_true", help="do not play the speech")
    given = parser.parse_args()
    data, seconds, about = recording(given.clip)
    console.print(Text("livetranslate demo", style="bold"))
    console.print(f"sending {about}" + (f", {seconds:.1f} s" if seconds else ""), style="dim")
    console.print("starting the server …", style="dim")
    begun = time.monotonic()
    with server(given.profile) as base:
        console.print(f"ready after {time.monotonic() - begun:.1f} s at {base}/v1; the translation, as it comes:\n", style="dim")
        heard = ask(base, data, given.to, given.voice)
        took = time.monotonic() - heard.sent
    path, spoken = save(heard, given.out, given.to)
    report(heard, took, seconds, path, spoken)
    if not given.no_play and sys.stdout.isatty():
        play(path)
    return 0 if heard.finish else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        console.print(Text(f"demo: {trouble}", style="bold red"))
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("\nstopped", style="yellow")
        sys.exit(130)
