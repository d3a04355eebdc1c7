"""The server's side of the decode processes: starts the zygote, asks it for children, hears and kills them."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import msgspec

from livetranslate.decoding import frames
from livetranslate.errors import InternalError

_MESSAGE_BYTES = 4096
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""What the decode processes get to see of ours: nothing secret."""


class Crashed(Exception):
    """A decode process ended without saying why, or did not speak in time."""


class Child:
    """One decode process, from the socket it answers on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, when_gone: Callable[["Child"], None]) -> None:
        self._reader, self._writer = reader, writer
        self._when_gone = when_gone
        self._handle: int | None = None
        self._ended = asyncio.Event()
        self._killed = False
        self.refused = False
        """There was no room for the process; it never ran."""

    def started(self, handle: int) -> None:
        """Takes over the process's handle."""
        self._handle = handle
        asyncio.get_running_loop().add_reader(handle, self._gone)
        if self._killed:
            self.kill()

    def _gone(self) -> None:
        if self._handle is not None:
            asyncio.get_running_loop().remove_reader(self._handle)
            os.close(self._handle)
            self._handle = None
        self._ended.set()
        self._when_gone(self)

    async def receive(self, within: float) -> tuple[bytes, bytes]:
        """The next frame; `Crashed` if none comes within so many seconds."""
        try:
            async with asyncio.timeout(within):
                kind, size = frames.HEAD.unpack(await self._reader.readexactly(frames.HEAD.size))
                if size > frames.most_bytes(kind):
                    raise Crashed
                return kind, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            raise Crashed from None

    def kill(self) -> None:
        """Ends the process, now or as soon as it begins."""
        self._killed = True
        self._writer.close()
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def ended(self, within: float) -> None:
        """Waits until the process is gone, but not for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._ended.wait()

    def forget(self) -> None:
        """Lets go of the process's handle."""
        self._gone()


class Zygote:
    """The process that forks the children. It lives until it is closed or dies; `alive` tells."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._waiting: dict[int, Child] = {}
        self._children: set[Child] = set()
        self.lost = asyncio.Event()
        self._next = 0
        self.seccomp = False

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        return self._control is not None

    async def start(self, within: float) -> None:
        """Starts the process and waits until it is ready; `InternalError` if it does not become so."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            ours.setblocking(False)
            with theirs:
                self._process = await self._execute(theirs.fileno())
            async with asyncio.timeout(within):
                message = await asyncio.get_running_loop().sock_recv(ours, _MESSAGE_BYTES)
            self.seccomp = msgspec.msgpack.decode(message, type=frames.Hello).seccomp
        except BaseException as failure:
            ours.close()
            await self.close()
            if isinstance(failure, TimeoutError | OSError | msgspec.MsgspecError):
                raise InternalError from None
            raise
        self._control = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)

    async def _execute(self, control: int) -> asyncio.subprocess.Process:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module, str(control)),
            pass_fds=(control,),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=environment | {"OPENBLAS_NUM_THREADS": "1"},
        )

    async def spawn(self, job: frames.Job, media: int) -> Child:
        """A child that does the job on the descriptor `media`; `InternalError` if there cannot be one."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                reader, writer = await asyncio.open_unix_connection(sock=ours)
            except BaseException:
                ours.close()
                raise
            child = Child(reader, writer, self._children.discard)
            self._children.add(child)
            self._next += 1
            message = msgspec.msgpack.encode(msgspec.structs.replace(job, id=self._next))
            try:
                if self._control is None:
                    raise BrokenPipeError
                socket.send_fds(self._control, [message], [media, theirs.fileno()])
            except OSError:
                child.kill()
                child.forget()
                raise InternalError from None
            self._waiting[self._next] = child
        return child

    def _hear(self) -> None:
        """The zygote says which child has started, or has died."""
        if self._control is None:
            return
        try:
            message, handles, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            message, handles = b"", []
        if not message:
            return self._lost()
        child = self._waiting.pop(msgspec.msgpack.decode(message, type=frames.Started).id)
        if handles:
            child.started(handles[0])
        else:
            child.refused = True
            child.kill()
            child.forget()

    def _lost(self) -> None:
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control = None
        for child in self._waiting.values():
            child.kill()
            child.forget()
        self._waiting.clear()
        self.lost.set()

    async def close(self) -> None:
        """Ends the process, and with it all children."""
        self._lost()
        for child in list(self._children):
            child.kill()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        for child in list(self._children):
            await child.ended(1.0)
            child.forget()
