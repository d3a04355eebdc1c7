"""A real server on loopback for a test: in a thread of this process, or as a process of its own that can be sent signals."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx

from livetranslate import profiles
from livetranslate.catalog import MODELS
from livetranslate.engines import EngineInfo, Profile
from livetranslate.events import Event, Options
from livetranslate.media import HEARING_RATE, Media, wav_header
from livetranslate.server.app import create_app
from livetranslate.server.run import Server, listen, url
from livetranslate.server.services import Services
from livetranslate.settings import Limits, Settings
from livetranslate.streams import Stream
from tests.support import hush, tone

KEY = "sk-test-0123456789"
ID = "7f1a2b3c-0000-4000-8000-000000000001"
CREATED = 1764755440
ALL = frozenset({"en", "zh", "es", "hi", "ja", "fr", "de"})


def wav(*speech: float, pause: float = 0.8) -> bytes:
    """A recording of tones that long, in seconds, with pauses between them."""
    pcm = hush(0.3) + hush(pause).join(tone(seconds) for seconds in speech) + hush(0.3)
    return wav_header(len(pcm), HEARING_RATE) + pcm


def data_url(data: bytes, kind: str = "audio/wav") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


SPEECH = data_url(wav(1.5))
LONG_SPEECH = data_url(wav(*[2.0] * 10))


def request(source: str = SPEECH, **fields: Any) -> dict[str, Any]:
    """A body that translates this sound, streaming text."""
    return {
        "model": MODELS[0],
        "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": source, "format": "wav"}}]}],
        "stream": True,
        "translation_options": {"source_lang": "en", "target_lang": "es"},
        **fields,
    }


def spoken(source: str = SPEECH, **fields: Any) -> dict[str, Any]:
    """The same with speech."""
    return request(source, modalities=["text", "audio"], audio={"voice": "Cherry", "format": "wav"}, **fields)


class Told:
    """An interpreter that does what a test tells it; `running` counts who is in it."""

    def __init__(self, tell: Callable[[Stream[Media], Options], Stream[Event]], load: Callable[[], Any] | None = None) -> None:
        self.info = EngineInfo("told", hears=ALL, reads=ALL, writes=ALL, speaks=ALL, voices=frozenset({"Cherry"}))
        self.tell, self._load = tell, load
        self.running = 0

    async def __aenter__(self) -> Self:
        if self._load is not None:
            await self._load()
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        self.running += 1
        try:
            async with aclosing(self.tell(media, options)) as events:
                async for event in events:
                    yield event
        finally:
            await media.aclose()
            self.running -= 1


def told_profile(tell: Callable[[Stream[Media], Options], Stream[Event]], load: Callable[[], Any] | None = None) -> Profile:
    return Profile("told", Told(tell, load))


class Live:
    """A server that runs in a thread of its own."""

    def __init__(self, server: Server, services: Services, base: str) -> None:
        self.server, self.services, self.base = server, services, base

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    def client(self, key: str | None = KEY, timeout: float = 30.0) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.base, headers=headers, timeout=timeout, trust_env=False)

    def ask(self, body: Any, key: str | None = KEY) -> httpx.Response:
        with self.client(key) as client:
            return client.post("/v1/chat/completions", json=body)

    @contextmanager
    def stream(self, body: Any, key: str | None = KEY) -> Iterator[Iterator[str]]:
        """The events of an answer, as they come, without `data: `."""
        with self.client(key) as client, client.stream("POST", "/v1/chat/completions", json=body) as answer:
            assert answer.status_code == 200, answer.read()
            yield (line.removeprefix("data: ") for line in answer.iter_lines() if line)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def exchange(self, raw: bytes, wait: float = 10.0) -> bytes:
        """What comes back for these bytes until the server closes, or is silent for `wait` seconds."""
        with self.connect() as sock:
            sock.settimeout(wait)
            got = b""
            with suppress(OSError):
                sock.sendall(raw)
            with suppress(OSError):
                while piece := sock.recv(65536):
                    got += piece
            return got


def settings(folder: Path, **given: Any) -> Settings:
    """Settings of a test server: scripted, with a key, on any free port."""
    limits = Limits(**given.pop("limits", {}))
    fields: dict[str, Any] = {"profile": "scripted", "api_keys": (KEY,), "data_dir": folder, "port": 0, "limits": limits}
    return Settings(**{**fields, **given})


@contextmanager
def live(
    folder: Path, profile: Profile | None = None, services: dict[str, Any] | None = None, loads: bool = True, **given: Any
) -> Iterator[Live]:
    """A server with these settings, up and loaded unless it never `loads`, and its end."""
    chosen = settings(folder, **given)
    app = create_app(profile or profiles.build(chosen), chosen, **(services or {}))
    server = Server(app, chosen)
    with listen(chosen) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            state: Services = app.state.services
            wait_until(lambda: state.loaded or state.failure is not None or not loads, 30)
            yield Live(server, state, url(listening))
        finally:
            server.drain()
            server.drain()
            thread.join(20)
            assert not thread.is_alive(), "the server did not end"


def wait_until(true: Callable[[], Any], seconds: float) -> None:
    """Waits until something is true; fails after so many seconds."""
    by = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < by, "it never came true"
        time.sleep(0.005)


SERVE = """
import sys
from livetranslate import profiles
from livetranslate.server import create_app, serve
from livetranslate.settings import load
settings = load()
app = create_app(profiles.build(settings), settings)
sys.exit(serve(app, settings, on_listening=lambda address: print(address, flush=True)))
"""


class Process:
    """A server as a process."""

    def __init__(self, process: "subprocess.Popen[str]", base: str, log: Path) -> None:
        self.process, self.base, self._log = process, base, log

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False)


@contextmanager
def process(folder: Path, **environment: str) -> Iterator[Process]:
    """A server of its own process with `LIVETRANSLATE_` settings, loaded."""
    given = {"PROFILE": "scripted", "API_KEYS": KEY, "DATA_DIR": str(folder), "PORT": "0", **environment}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".log") as log:
        running = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**inherited, **{f"LIVETRANSLATE_{name}": value for name, value in given.items()}},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert running.stdout is not None
        try:
            served = Process(running, running.stdout.readline().strip(), Path(log.name))
            with served.client() as client:
                wait_until(lambda: client.get("/readyz").status_code == 200, 30)
            yield served
        finally:
            running.kill()
            running.wait()
            running.stdout.close()
