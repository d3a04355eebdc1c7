"""A server for tests of engines behind URLs: it speaks the protocols as vLLM, vLLM-Omni, llama-server and the clouds do."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

import pybase64

Reply = Callable[["Call"], Awaitable[None]]


class Call:
    """One request: what was asked, and the ways to answer."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        self.path, self.headers, self.raw = path, headers, body
        self.left = asyncio.Event()
        self._writer = writer

    @property
    def body(self) -> Any:
        """The JSON that was posted."""
        return json.loads(self.raw)

    @property
    def text(self) -> str:
        """The last text of the last message, without the marks around it."""
        content = self.body["messages"][-1]["content"]
        said = content if isinstance(content, str) else [part["text"] for part in content if part["type"] == "text"][-1]
        return str(said).removeprefix("<source_text>").removesuffix("</source_text>")

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: str = "200 OK", kind: str = "text/event-stream", **headers: str) -> None:
        """The head of an answer that ends with the connection."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def reply(self, value: Any, status: str = "200 OK", **headers: str) -> None:
        """A whole JSON answer."""
        await self.head(status, "application/json", **headers)
        await self.send(json.dumps(value).encode())

    async def event(self, value: Any) -> None:
        await self.send(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n")

    async def delta(self, content: str | None = None, finish: str | None = None, **more: Any) -> None:
        """A chunk of chat completions."""
        delta = {} if content is None else {"content": content}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self.event({"object": "chat.completion.chunk", "choices": [choice], **more})

    async def say(self, *pieces: str, finish: str = "stop") -> None:
        """A whole answer, as vLLM streams it: the role first, usage and [DONE] last."""
        await self.head()
        await self.event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]})
        for piece in pieces:
            await self.delta(piece)
        await self.delta("", finish)
        await self.event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
        await self.send(b"data: [DONE]\n\n")

    async def gone(self) -> None:
        """Waits until the client closes the connection."""
        await self.left.wait()


class Upstream:
    """The server: answers each request by `reply`, remembers the calls; `open` counts those that are not over."""

    def __init__(self, reply: Reply, *, tls: ssl.SSLContext | None = None) -> None:
        self.reply = reply
        self.calls: list[Call] = []
        self.open = 0
        self._tls = tls
        self._change = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"{'https' if self._tls else 'http'}://{'localhost' if self._tls else host}:{port}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        watch: asyncio.Task[None] | None = None
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                call = await _read(reader, writer)
                self.calls.append(call)
                self.open += 1
                await self._changed()
                watch = asyncio.create_task(_watch(reader, call))
                await self.reply(call)
        finally:
            if watch is not None:
                self.open -= 1
                watch.cancel()
                await self._changed()
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def settled(self) -> None:
        """Waits until no call is open."""
        async with self._change:
            await asyncio.wait_for(self._change.wait_for(lambda: not self.open), 5)

    async def called(self, times: int = 1) -> None:
        """Waits until so many calls have come."""
        async with self._change:
            await asyncio.wait_for(self._change.wait_for(lambda: len(self.calls) >= times), 5)

    async def _changed(self) -> None:
        async with self._change:
            self._change.notify_all()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(head[0].split(" ")[1], headers, body, writer)


async def _watch(reader: asyncio.StreamReader, call: Call) -> None:
    with suppress(OSError):
        while await reader.read(65536):
            pass
    call.left.set()


def base64(data: bytes) -> str:
    return pybase64.b64encode_as_string(data)


async def serving(reply: Reply) -> AsyncIterator[Upstream]:
    """For fixtures."""
    async with Upstream(reply) as upstream:
        yield upstream
