"""One WebSocket over ASGI: refused or accepted, told events no faster than they are taken, closed with a code."""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.types import Message, Receive, Scope, Send

from livetranslate.errors import LivetranslateError
from livetranslate.server.exchange import CONNECTION, ClientLeft, Connection, ReaderStalled
from livetranslate.server.records import Record
from livetranslate.settings import Limits
from livetranslate.wire.chat import error_body, error_headers

SWITCHING = 101


class Socket:
    """Carries text frames. `record` notes what went each way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, record: Record, limits: Limits) -> None:
        self.scope = scope
        self.record = record
        self._receive, self._send = receive, send
        self._limits = limits
        self._connection: Connection | None = (scope.get("extensions") or {}).get(CONNECTION)
        self._turn = asyncio.Lock()
        self.open = False

    def headers(self, name: str) -> list[str]:
        """All values of a header."""
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted]

    async def connect(self) -> None:
        """Takes the client's first word."""
        await self._receive()

    async def refuse(self, error: LivetranslateError) -> None:
        """Answers the handshake with a status and the envelope of errors."""
        self.record.failed(error)
        self.record.status = error.status
        body = error_body(error, self.record.request_id)
        told = {"content-type": "application/json", "x-request-id": self.record.request_id, **error_headers(error)}
        headers = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
        await self._deliver({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
        await self._deliver({"type": "websocket.http.response.body", "body": body, "more_body": False})

    async def accept(self, subprotocol: str | None) -> None:
        """Opens the socket."""
        headers = [(b"x-request-id", self.record.request_id.encode())]
        await self._deliver({"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers})
        self.record.status, self.open = SWITCHING, True

    async def frame(self) -> str | bytes:
        """The next frame; raises `ClientLeft` when there will be none."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self.open = False
            raise ClientLeft
        text = message.get("text")
        frame: str | bytes = message.get("bytes") or b"" if text is None else text
        self.record.bytes_in += len(frame)
        return frame

    def check(self) -> None:
        """Raises `ClientLeft` if the client has closed, also while frames of it still wait."""
        left = getattr(self._connection, "left", None)
        if left is not None and left():
            self.open = False
            raise ClientLeft

    async def tell(self, events: Iterable[dict[str, Any]]) -> None:
        """Sends events, in the order in which they were handed in by whomever."""
        frames = [msgspec.json.encode(event).decode() for event in events]
        if not frames:
            return
        async with self._turn:
            for frame in frames:
                await self._deliver({"type": "websocket.send", "text": frame})
                self.record.bytes_out += len(frame)

    async def close(self, code: int, reason: str) -> None:
        """Ends it in good order."""
        if self.open:
            self.open = False
            await self._deliver({"type": "websocket.close", "code": code, "reason": reason})

    async def _deliver(self, message: Message) -> None:
        """Sends, and waits while the reader takes at least a byte now and then."""
        while True:
            unsent = self._connection.unsent() if self._connection else 0
            try:
                async with asyncio.timeout(self._limits.stalled_reader_seconds):
                    await self._send(message)
                return
            except TimeoutError:
                if self._connection is not None and self._connection.unsent() < unsent:
                    continue
                self.open = False
                if self._connection is not None:
                    self._connection.abort()
                raise ReaderStalled from None
            except OSError:  # the client is gone
                self.open = False
                raise ClientLeft from None
