"""One request and its answer over ASGI: the body read within limits, the answer sent no faster than it is taken, errors told."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
from starlette.types import Message, Receive, Scope, Send

from livetranslate.errors import BadRequest, BodyTooLarge, LivetranslateError, Overloaded, RequestTooSlow, UnsupportedMediaType
from livetranslate.server.places import RETRY_AFTER
from livetranslate.server.records import Record
from livetranslate.settings import Limits
from livetranslate.wire.chat import error_body, error_event, error_headers

CONNECTION = "livetranslate.connection"
"""The name in `scope["extensions"]` under which our server's own connection is found."""
STREAM_HEADERS = {
    "content-type": "text/event-stream;charset=UTF-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_LINGER = 1.0
"""Seconds to go on taking a body that nobody reads: closing at once could lose the answer on its way."""


class ClientLeft(Exception):
    """Nobody is there any more to be answered."""


class ReaderStalled(ClientLeft):
    """The reader took no byte for too long."""


class Connection(Protocol):
    """What an exchange wants of the socket, if the server below lets it."""

    def unsent(self) -> int:
        """Bytes that wait for the reader."""

    def abort(self) -> None:
        """Closes without waiting for the reader."""


class BodyRoom:
    """How many bytes of bodies the server holds at once."""

    def __init__(self, most: int) -> None:
        self.free = most

    @contextmanager
    def hold(self) -> Iterator["Held"]:
        """Room for one body, given back at the end at the latest."""
        held = Held(self)
        try:
            yield held
        finally:
            held.give()


class Held:
    """The room that one body takes."""

    def __init__(self, room: BodyRoom) -> None:
        self._room = room
        self._size = 0

    def take(self, size: int) -> None:
        """Raises `Overloaded` if there is no room for so many bytes more."""
        if size > self._room.free:
            raise Overloaded(retry_after=RETRY_AFTER)
        self._room.free -= size
        self._size += size

    def give(self) -> None:
        """The body is held no longer."""
        self._room.free += self._size
        self._size = 0


class Exchange:
    """Reads one request and sends one answer. `record` notes what went each way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, record: Record, limits: Limits) -> None:
        self.scope = scope
        self.record = record
        self._receive, self._send = receive, send
        self._limits = limits
        self._connection: Connection | None = (scope.get("extensions") or {}).get(CONNECTION)
        self._streaming = False
        self._started = False
        self._ended = False
        self._body_read = not (self.header("content-length") not in (None, "0") or self.header("transfer-encoding"))

    @property
    def started(self) -> bool:
        """Whether the status is on its way."""
        return self._started

    def headers(self, name: str) -> list[str]:
        """All values of a header."""
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted]

    def header(self, name: str) -> str | None:
        """The value of a header; the first, if a client sent several."""
        return next(iter(self.headers(name)), None)

    async def body(self, held: Held) -> bytes:
        """The whole body, within the limits of size, time and room.

        Raises `BodyTooLarge`, `RequestTooSlow`, `UnsupportedMediaType`, `Overloaded` or `ClientLeft`.
        """
        self._check_body_headers()
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while not self._body_read:
                    piece = await self._piece()
                    self.record.bytes_in += len(piece)
                    if self.record.bytes_in > self._limits.body_bytes:
                        raise BodyTooLarge
                    held.take(len(piece))
                    pieces.append(piece)
        except TimeoutError:
            raise RequestTooSlow from None
        return b"".join(pieces)

    def _check_body_headers(self) -> None:
        if self.header("content-encoding") not in (None, "", "identity"):
            raise UnsupportedMediaType
        kind = self.header("content-type")
        if kind is not None:
            kind = kind.partition(";")[0].strip().lower()
            if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
                raise UnsupportedMediaType
        stated = self.header("content-length")
        if stated is not None and (not stated.isdecimal() or len(stated) > 18):
            raise BadRequest("The Content-Length header is no length.")
        if stated is not None and int(stated) > self._limits.body_bytes:
            raise BodyTooLarge

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        self._body_read = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def pass_on(self, message: Message) -> None:
        """Sends what an application of another make says, with the request's id."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", self.record.request_id.encode())]}
            self._started, self.record.status = True, message["status"]
        await self._deliver(message)

    async def until_left(self) -> None:
        """Returns when the client is gone before it has the whole answer. To be asked only once the body is read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._ended:  # servers say that a client is gone as soon as it is answered
            await asyncio.Event().wait()

    async def stream(self) -> None:
        """Begins an answer of server-sent events."""
        self._streaming = True
        await self._start(200, STREAM_HEADERS)

    async def line(self, event: bytes) -> None:
        """Sends a part of the answer."""
        await self._deliver({"type": "http.response.body", "body": event, "more_body": True})

    async def end(self) -> None:
        """Ends the answer in good order."""
        self._ended = True
        await self._deliver({"type": "http.response.body", "body": b"", "more_body": False})

    async def reply(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        told = {"content-type": kind, "content-length": str(len(body)), **(headers or {})}
        if not self._body_read:
            told["connection"] = "close"
        await self._start(status, told)
        await self.line(body)
        if not self._body_read:
            await self._linger()
        await self.end()

    async def reply_json(self, status: int, value: Any) -> None:
        """A whole answer of JSON."""
        await self.reply(status, msgspec.json.encode(value), "application/json")

    async def fail(self, error: LivetranslateError, headers: Mapping[str, str] | None = None) -> None:
        """Tells an error in the one way that is left: a status, an event, or a broken connection.

        Nothing is told of what fails once the whole answer is out.
        """
        if self._ended:
            return
        self.record.failed(error)
        if not self._started:
            body = error_body(error, self.record.request_id)
            await self.reply(error.status, body, "application/json", {**error_headers(error), **(headers or {})})
        elif self._streaming:
            await self.line(error_event(error, self.record.request_id))
            await self.end()
        else:
            self.abort()

    def abort(self) -> None:
        """Breaks the connection, as far as the server below lets it."""
        self._ended = True
        if self._connection is not None:
            self._connection.abort()

    async def _start(self, status: int, headers: Mapping[str, str]) -> None:
        told = {**headers, "x-request-id": self.record.request_id}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
        await self._deliver({"type": "http.response.start", "status": status, "headers": raw})
        self._started = True
        self.record.status = status

    async def _deliver(self, message: Message) -> None:
        """Sends, and waits while the reader takes at least a byte now and then."""
        while True:
            unsent = self._connection.unsent() if self._connection else 0
            try:
                # What the server below cannot take yet it has not begun to write, so the same message may be sent again.
                async with asyncio.timeout(self._limits.stalled_reader_seconds):
                    await self._send(message)
            except TimeoutError:
                if self._connection is not None and self._connection.unsent() < unsent:
                    continue
                self.abort()
                raise ReaderStalled from None
            except OSError:
                raise ClientLeft from None
            self.record.bytes_out += len(message.get("body", b""))
            return

    async def _linger(self) -> None:
        """Takes the rest of the body for a moment and drops it."""
        try:
            async with asyncio.timeout(_LINGER):
                while not self._body_read:
                    await self._piece()
        except (TimeoutError, ClientLeft):
            return
