"""The socket's side: uvicorn's HTTP connection with limits on heads, slowness and numbers, and refusals in our envelope."""

import asyncio
import fcntl
import logging
import termios
import uuid
from array import array
from contextlib import suppress
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from livetranslate.errors import BadRequest, HeadersTooLarge, LivetranslateError, Overloaded, RequestTooSlow
from livetranslate.server.exchange import CONNECTION
from livetranslate.server.logs import REQUESTS, log
from livetranslate.server.places import RETRY_AFTER
from livetranslate.settings import Limits
from livetranslate.wire.chat import error_body, error_headers

_REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}
_BARREN = 64 * 1024
"""Bytes that may come for a body without being of it: sizes and extensions of chunks, trailers."""


class HttpConnection(HttpToolsProtocol):
    """One client's connection. A head must come whole within its time, counted from its first byte, or from the connection's."""

    limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._barren_bytes = 0
        self._refusal: LivetranslateError | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._farewell: asyncio.TimerHandle | None = None

    # What exchanges ask.

    def unsent(self) -> int:
        """Bytes that wait for the reader, here and in the kernel."""
        size = self.transport.get_write_buffer_size()
        queued = array("i", [0])
        with suppress(OSError, ValueError, AttributeError):  # the socket may be gone
            fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, queued)
        return size + queued[0]

    def abort(self) -> None:
        """Closes without waiting for the reader."""
        self.transport.abort()

    # What the transport says.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()
        if len(self.connections) > self.limits.connections:
            self._refuse(Overloaded(retry_after=RETRY_AFTER))

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._farewell):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        else:
            self._barren_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:  # a WebSocket has taken it over
            return
        if self._in_head and self._deadline is None:
            self._expect_head()
        if self._in_head and self._head_bytes > self.limits.header_bytes:
            self._refuse(HeadersTooLarge())
        elif self._barren_bytes > _BARREN:
            self._refuse(BadRequest("The body is framed wrongly."))

    # What the parser says.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer is no header: it comes when the headers have been judged
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.limits.header_bytes or len(self.headers) > self.limits.headers:
            self._refusal = HeadersTooLarge()
            raise ValueError("the head is too large")  # the parser stops, and `send_400_response` tells the refusal
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._in_head, self._head_bytes, self._barren_bytes = False, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._barren_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._barren_bytes = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._part()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._part()

    def send_400_response(self, msg: str) -> None:
        """What the parser refuses."""
        self._refuse(self._refusal or BadRequest("Invalid HTTP request received."))

    def shutdown(self) -> None:
        super().shutdown()
        self._part()

    # What we do about it.

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(self.limits.header_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._deadline = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_head()  # the beginning of a next request waits behind an answer that still runs
        elif self._head_bytes:
            self._refuse(RequestTooSlow())
        else:
            self.transport.close()

    def _refuse(self, refusal: LivetranslateError) -> None:
        """Tells an error that no request is there for, and closes; in the midst of an answer it can only break off."""
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.abort()
            return
        request_id = str(uuid.uuid4())
        log(REQUESTS, logging.INFO, "request", request_id=request_id, route="none", status=refusal.status, code=refusal.code)
        body = error_body(refusal, request_id)
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": request_id,
            **error_headers(refusal),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 {refusal.status} {_REASONS[refusal.status]}\r\n{head}\r\n".encode() + body)
        self.transport.close()
        self._part()

    def _part(self) -> None:
        """Once it is closing, a reader that takes none of the rest is not waited for longer than any other."""
        if self._farewell is None and self.transport.is_closing():
            self._watch_the_rest(self.unsent())

    def _watch_the_rest(self, unsent: int) -> None:
        def look() -> None:
            if 0 < (left := self.unsent()) < unsent:
                self._watch_the_rest(left)
            else:
                self.transport.abort()

        self._farewell = self.loop.call_later(self.limits.stalled_reader_seconds, look)


def connection_class(limits: Limits) -> type[HttpConnection]:
    """The class of the connections of a server with these limits."""
    return type("LimitedHttpConnection", (HttpConnection,), {"limits": limits})
