"""A server as a user would start it, in a process of its own, and one streaming request to it, timed."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import psutil

READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds from the request to its first text, its first speech and its end; what was said, and the usage."""

    first_text: float
    first_audio: float
    whole: float
    text: str
    usage: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    url: str
    process: psutil.Process
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """CPU time of the server and its children so far."""
        family = [self.process, *self.process.children(recursive=True)]
        spent: float = sum(sum(member.cpu_times()[:4]) for member in family)  # user, system, and both of children that ended
        return spent


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(profile: str, config: str = "", **environment: str) -> Iterator[Served]:
    """`livetranslate serve` on a free port of loopback, ready; stopped at the end. `config` is TOML."""
    port = free_port()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "settings.toml"
        file.write_text(config)
        variables = {"LIVETRANSLATE_CONFIG": str(file), "LIVETRANSLATE_DATA_DIR": folder, "LIVETRANSLATE_LOG_LEVEL": "ERROR"}
        started = time.perf_counter()
        command = [str(Path(sys.executable).with_name("livetranslate")), "serve", "--profile", profile, "--port", str(port)]
        with subprocess.Popen(command, env={**os.environ, **variables, **environment}, stderr=subprocess.DEVNULL) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                _wait(url, process, started)
                yield Served(f"{url}/v1", psutil.Process(process.pid), time.perf_counter() - started)
            finally:
                process.terminate()
                process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]", started: float) -> None:
    while time.perf_counter() - started < READY_WITHIN:
        if process.poll() is not None:
            raise SystemExit(f"the server did not start: {' '.join(map(str, process.args))}")  # type: ignore[arg-type]
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"the server was not ready within {READY_WITHIN:.0f} s")


def body(wav: bytes, target: str = "es", voice: str = "Cherry") -> bytes:
    """The request of the official samples, with the clip in a data URL."""
    audio = {"data": "data:audio/wav;base64," + base64.b64encode(wav).decode(), "format": "wav"}
    return json.dumps(
        {
            "model": "qwen3-livetranslate-flash",
            "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": audio}]}],
            "modalities": ["text", "audio"],
            "audio": {"voice": voice, "format": "wav"},
            "stream": True,
            "stream_options": {"include_usage": True},
            "translation_options": {"source_lang": "en", "target_lang": target},
        }
    ).encode()


async def ask(client: httpx2.AsyncClient, url: str, request: bytes) -> Timed:
    """One request, streamed to its end; raises `SystemExit` if it is refused or fails."""
    started = time.perf_counter()
    text: list[str] = []
    first: dict[str, float] = {}
    usage: dict[str, Any] = {}
    headers = {"Content-Type": "application/json"}
    async with client.stream("POST", f"{url}/chat/completions", content=request, headers=headers, timeout=600) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            if "error" in chunk or response.status_code != 200:
                raise SystemExit(f"the server refused: {line[:200]}")
            usage = chunk.get("usage") or usage
            for choice in chunk["choices"]:
                content = choice["delta"].get("content")
                if content:
                    text.append(content)
                    first.setdefault("text", time.perf_counter() - started)
                if "audio" in choice["delta"]:
                    first.setdefault("audio", time.perf_counter() - started)
        if response.status_code != 200:
            raise SystemExit(f"the server answered {response.status_code}")
    whole = time.perf_counter() - started
    return Timed(first.get("text", whole), first.get("audio", whole), whole, "".join(text), usage)
