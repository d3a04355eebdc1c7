"""Servers for the tests of fetching: one that answers as a test says, one that counts who comes; and names that lead there."""

import asyncio
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Self

from livetranslate.media import wav_header

Page = Callable[["Visit"], Awaitable[None]]

GOOD = "127.0.0.2"
"""The loopback address that tests allow; the others stand for what lies inside."""
WAV = wav_header(3200, 16_000) + bytes(3200)


class Visit:
    """One connection: what was asked, and the ways to answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self.reader, self.writer = reader, writer
        self.head = head.decode("latin-1")
        lines = self.head.split("\r\n")
        self.path = lines[0].split(" ")[1]
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        self.sent = 0

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.sent += len(data)

    async def answer(self, body: bytes = WAV, status: str = "200 OK", length: int | None = -1, **headers: str) -> None:
        """A response; `length` None leaves the Content-Length out, underscores in names of headers become hyphens."""
        lines = [f"HTTP/1.1 {status}"]
        if length is not None:
            lines.append(f"Content-Length: {len(body) if length < 0 else length}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    async def gone(self) -> None:
        """Waits until the other side closes."""
        with suppress(OSError):
            while await self.reader.read(65536):
                pass


class Web:
    """A server on a loopback address, one connection a request. Pages by path; `/` and unknown paths are the WAV."""

    def __init__(self, pages: dict[str, Page] | None = None, host: str = GOOD, tls: ssl.SSLContext | None = None) -> None:
        self.pages = pages or {}
        self.visits: list[Visit] = []
        self.visited = asyncio.Event()
        self._host, self._tls = host, tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "/", host: str | None = None, scheme: str = "http") -> str:
        return f"{scheme}://{host or self._host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                visit = Visit(reader, writer, await reader.readuntil(b"\r\n\r\n"))
                self.visits.append(visit)
                self.visited.set()
                await self.pages.get(visit.path, Visit.answer)(visit)
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


class Canary:
    """Listens where nobody may come: on every IPv4 and, where there is one, every IPv6 address of this machine."""

    def __init__(self) -> None:
        self.accepts = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        self._servers.append(await asyncio.start_server(self._come, "0.0.0.0", 0))
        self.port = self._servers[0].sockets[0].getsockname()[1]
        with suppress(OSError):
            listener = socket.socket(socket.AF_INET6)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(("::", self.port))
            self._servers.append(await asyncio.start_server(self._come, sock=listener))
        return self

    async def __aexit__(self, *exc: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepts += 1
        writer.close()


class Names:
    """A resolver with a table of its own. What the table lacks is asked of the system if it can be a number, else unknown."""

    def __init__(self, table: dict[str, Sequence[str]] | None = None) -> None:
        self.table = {"allowed.test": [GOOD], **(table or {})}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host in self.table:
            return self.table[host]
        found = await asyncio.to_thread(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
        return [str(answer[4][0]) for answer in found]


class Connects:
    """Every address that a socket of this process connects to while it is open, except those named."""

    _open: ClassVar[set["Connects"]] = set()

    def __init__(self, *known: tuple[str, int]) -> None:
        self._known = set(known)
        self.others: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        self._open.add(self)
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.discard(self)

    def note(self, address: Iterable[Any]) -> None:
        host, port = tuple(address)[:2]
        if (host, port) not in self._known:
            self.others.append((host, port))


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        for watcher in set(Connects._open):
            watcher.note(arguments[1])


sys.addaudithook(_watch)
