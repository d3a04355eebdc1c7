"""Child processes that answer one request at a time: frames on pipes, a pool, and death with the parent.

For work that holds the GIL, may crash, or belongs to a program under another licence. A worker whose answer is left unfinished
is killed and replaced, so leaving really stops the work.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain, repeat
from typing import Any, BinaryIO, Self

import msgspec

from livetranslate.errors import EngineError, EngineTimeout
from livetranslate.streams import Stream

_LENGTH = 4
_PR_SET_PDEATHSIG = 1

READY, ITEM, END, FAILED = "ready", "item", "end", "failed"


class Worker:
    """One child: `python -m module`, which calls `serve`. `start` waits until it is ready."""

    def __init__(self, module: str, *args: str, start_within: float = 60.0) -> None:
        self._command = (sys.executable, "-m", module, *args)
        self._start_within = start_within
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return self._process.pid if self.alive and self._process is not None else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Starts the child; raises `EngineError` if it does not come up."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20
        )
        try:
            async with asyncio.timeout(self._start_within):
                kind, _ = await self._receive()
        except TimeoutError:
            kind = FAILED
        except BaseException:
            await self.kill()
            raise
        if kind != READY:
            await self.kill()
            raise EngineError("An engine's worker process did not start.")

    async def ask(self, request: Any, within: float | None = None) -> Stream[Any]:
        """What the child answers; `EngineError` if it fails or dies, `EngineTimeout` if an item takes over `within` seconds."""
        process = self._process
        if process is None or process.stdin is None:
            raise EngineError
        try:
            process.stdin.write(_frame(request))
            await process.stdin.drain()
            while True:
                async with asyncio.timeout(within):
                    kind, value = await self._receive()
                if kind == END:
                    return
                if kind == FAILED:
                    raise EngineError(value)
                yield value
        except TimeoutError:
            raise EngineTimeout from None
        except OSError:
            raise EngineError from None

    async def _receive(self) -> tuple[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise EngineError
        try:
            size = int.from_bytes(await self._process.stdout.readexactly(_LENGTH))
            kind, value = msgspec.msgpack.decode(await self._process.stdout.readexactly(size))
        except (asyncio.IncompleteReadError, msgspec.DecodeError):
            raise EngineError("An engine's worker process died.") from None
        return kind, value

    async def kill(self) -> None:
        """Ends the child at once and waits for it."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


class Pool:
    """As many workers as `size`, each lent to one caller at a time, first come first served."""

    def __init__(self, make: Callable[[], Worker], size: int) -> None:
        self._make = make
        self._size = size
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._workers: set[Worker] = set()
        self._mending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        started = await asyncio.gather(*(self._add() for _ in range(self._size)), return_exceptions=True)
        for outcome in started:
            if isinstance(outcome, BaseException):
                await self.__aexit__()
                raise outcome
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._mending:
            task.cancel()
        await asyncio.gather(*self._mending, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in self._workers))
        self._workers.clear()

    async def _add(self) -> None:
        worker = self._make()
        self._workers.add(worker)
        try:
            await worker.start()
        except EngineError:
            self._workers.discard(worker)
            raise
        self._idle.put_nowait(worker)

    async def ask(self, request: Any, within: float | None = None) -> Stream[Any]:
        """What a free worker answers, as `Worker.ask`; a worker left in mid-answer or dead is replaced."""
        worker = await self._idle.get()
        done = False
        answers = worker.ask(request, within)
        try:
            async for answer in answers:
                yield answer
            done = True
        finally:
            await answers.aclose()
            if done and worker.alive:
                self._idle.put_nowait(worker)
            else:
                task = asyncio.create_task(self._replace(worker))
                self._mending.add(task)
                task.add_done_callback(self._mending.discard)

    async def _replace(self, worker: Worker) -> None:
        self._workers.discard(worker)
        await worker.kill()
        for pause in chain((0.0, 1.0), repeat(5.0)):
            await asyncio.sleep(pause)
            with suppress(EngineError):
                return await self._add()


def _frame(value: Any) -> bytes:
    body = msgspec.msgpack.encode(value)
    return len(body).to_bytes(_LENGTH) + body


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies (Linux; elsewhere the closed pipe ends it)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(prepare: Callable[[], Callable[[Any], Iterable[Any]]]) -> None:
    """The child's side: prepares once, then answers each request with what the handler gives, until the pipe closes.

    The handler may raise `EngineError` with a public sentence; anything else is told as a plain failure. What libraries print
    goes to standard error.
    """
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "rb")

    def say(kind: str, value: Any = None) -> None:
        answers.write(_frame((kind, value)))
        answers.flush()

    try:
        handle = prepare()
    except Exception:  # the parent tells its caller that the worker did not start
        say(FAILED)
        raise
    say(READY)
    while (request := _read(requests)) is not None:
        try:
            for item in handle(request):
                say(ITEM, item)
        except EngineError as failure:
            say(FAILED, failure.message)
        except Exception:  # the parent turns it into one of ours; the text of it stays here
            sys.excepthook(*sys.exc_info())
            say(FAILED, EngineError.sentence)
        else:
            say(END)


def _read(pipe: BinaryIO) -> Any:
    """The next request; None when the parent has closed the pipe."""
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    return msgspec.msgpack.decode(pipe.read(int.from_bytes(head)))
