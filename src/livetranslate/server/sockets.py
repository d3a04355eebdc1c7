"""The WebSocket's side: uvicorn's connection with limits on floods, and what a shell must know of the socket below it."""

import asyncio
import socket
from contextlib import suppress
from typing import Any, ClassVar, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from livetranslate.server.exchange import CONNECTION
from livetranslate.settings import Limits

MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message; above it the socket is closed with 1009."""
_FRAGMENTS = 4096
"""Frames of one message."""
_ESTABLISHED = 1
"""A TCP connection that both sides keep open (Linux, tcp_states.h)."""
_UNSENT = 1024 * 1024
"""Bytes of answers to pings that may wait for a client that reads nothing."""


class WebSocketConnection(WebSocketsSansIOProtocol):
    """One client's socket. It is found in its scope's extensions."""

    limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._farewell: asyncio.TimerHandle | None = None

    def unsent(self) -> int:
        """Bytes that wait for the reader."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Closes without waiting for the reader."""
        self.transport.abort()

    def left(self) -> bool:
        """Whether the client has closed. Nobody is told while nothing is read from it, so it is pinged: a closed one resets."""
        if self.transport.is_closing():
            return True
        if not self.close_sent and not self.unsent():
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))
        with suppress(OSError, AttributeError):
            state = self.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
            return bool(state != _ESTABLISHED)
        return False

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope["extensions"])[CONNECTION] = self

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True  # a refusal is an answer too

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= _FRAGMENTS:
            self.transport.abort()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        if self.unsent() > _UNSENT:
            self.transport.abort()
            return
        super().handle_ping()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Once it is over, a reader that does not take the rest is not waited for longer than any other."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._farewell = self.loop.call_later(self.limits.stalled_reader_seconds, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
        super().connection_lost(exc)


def socket_class(limits: Limits) -> type[WebSocketConnection]:
    """The class of the sockets of a server with these limits."""
    return type("LimitedWebSocketConnection", (WebSocketConnection,), {"limits": limits})
