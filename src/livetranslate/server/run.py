"""From an app to a process that serves it: the socket, the signals, the drain, and how it ends."""

import asyncio
import ipaddress
import logging
import resource
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from livetranslate.errors import LivetranslateError
from livetranslate.keys import FILE_NAME, Keys
from livetranslate.server.connection import connection_class
from livetranslate.server.logs import EVENTS, log, to_stderr
from livetranslate.server.services import Services
from livetranslate.server.sockets import MESSAGE_BYTES, socket_class
from livetranslate.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_CUT_SECONDS = 5
"""Seconds for what was cut to tell its client so."""
_BACKLOG = 2048
_SEND_BUFFER = 256 * 1024
"""Bytes that the kernel holds for a reader (it takes twice as many): five seconds of speech, which ends where a reader stalls."""


class CannotServe(LivetranslateError):
    """The server cannot start as it is set; the message says what to change."""


def serve(app: FastAPI, settings: Settings, *, on_listening: Callable[[str], None] | None = None) -> int:
    """Serves until a signal ends it; the exit code: 0, or 1 if the engines could not be loaded.

    `on_listening` is told the address once connections are taken. Raises `CannotServe` before anything is opened, if it listens
    beyond loopback without a key, or the address cannot be had.
    """
    check_exposure(settings)
    with to_stderr(settings.log_level), listen(settings) as listening:
        _raise_descriptor_limit()
        server = Server(app, settings)
        services: Services = app.state.services
        address = url(listening)
        log(EVENTS, logging.INFO, "listening", address=address, profile=services.profile.name)
        if services.profile.notice:
            log(EVENTS, logging.WARNING, services.profile.notice, profile=services.profile.name)
        if on_listening is not None:
            on_listening(address)
        server.run(sockets=[listening])
        if services.failure is not None:
            log(EVENTS, logging.ERROR, services.failure, profile=services.profile.name)
        return int(services.failure is not None or not server.started)


def check_exposure(settings: Settings) -> None:
    """Raises `CannotServe` if the server would listen to strangers who need no key, or cannot tell: its data cannot be kept."""
    try:
        keys = Keys(settings.data_dir / FILE_NAME, settings.api_keys)
        required = keys.required
        keys.close()
    except (OSError, sqlite3.Error):
        raise CannotServe(f"The keys cannot be kept in {settings.data_dir}: see LIVETRANSLATE_DATA_DIR.") from None
    if not required and not _is_loopback(settings.host):
        raise CannotServe(
            f"Without an API key the server listens on loopback only, not on {settings.host}. "
            "Make a key with `livetranslate keys create NAME`, or set LIVETRANSLATE_API_KEYS."
        )


def listen(settings: Settings) -> socket.socket:
    """The socket, taking connections; port 0 takes any that is free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    both = settings.host == "::" and socket.has_dualstack_ipv6()
    try:
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as failure:
        reason = failure.strerror or "the address is unknown"
        raise CannotServe(f"Cannot listen on {settings.host}, port {settings.port}: {reason}.") from None
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)  # connections take it over
    return listening


def url(listening: socket.socket) -> str:
    """Where the socket is reached, as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard) if soft < hard else (soft, hard))


class Server(uvicorn.Server):
    """uvicorn's server, which at the first signal lets nobody new in and waits for what runs, at the second waits no longer."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=connection_class(settings.limits),
                ws=socket_class(settings.limits),
                ws_max_size=MESSAGE_BYTES,
                ws_per_message_deflate=False,
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_CUT_SECONDS,
            )
        )
        self._services: Services = app.state.services
        self._drain_seconds = settings.limits.drain_seconds
        self._drain_ends: float | None = None
        self._cut_ends: float | None = None

    def drain(self) -> None:
        """Begins the way down; asked again, it hastens."""
        now = time.monotonic()
        if self._drain_ends is None:
            self._services.drain.begin()
            self._drain_ends = now + self._drain_seconds
            log(EVENTS, logging.INFO, "draining", running=self._services.drain.active)
        else:
            self._drain_ends = now

    async def on_tick(self, counter: int) -> bool:
        """Asked ten times a second: whether to stop."""
        if self._services.failure is not None or await super().on_tick(counter):
            return True
        if self._drain_ends is None:
            return False
        now = time.monotonic()
        if not self._services.drain.active or (self._cut_ends is not None and now >= self._cut_ends):
            return True
        if self._cut_ends is None and now >= self._drain_ends:
            log(EVENTS, logging.WARNING, "cutting what still runs", running=self._services.drain.active)
            self._services.drain.cut.set()
            self._cut_ends = now + _CUT_SECONDS
        return False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals begin the drain. They are not raised again at the end, as uvicorn does: who was asked to end has ended well."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._loop = asyncio.get_running_loop()
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: the loop takes it up, since what it interrupted may hold a lock that logging asks for."""
        self._loop.call_soon_threadsafe(self.drain)
