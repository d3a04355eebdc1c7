"""A decode process that does what the bytes tell it instead of decoding them: it crashes, hangs, lies, or tries the walls.

python -m tests.hostile.rogue DESCRIPTOR
"""

import ctypes
import encodings.idna  # noqa: F401 - or a look-up would fail for want of it
import errno
import io
import mmap
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec

from livetranslate.decoding import frames
from livetranslate.decoding.worker import serve

Send = Callable[[bytes, bytes], None]

READY = {"container": "x", "codec": "x", "sample_rate": 8000, "channels": 1, "seconds": 1.0, "start": 0.0, "whole": False}
_libc = ctypes.CDLL(None, use_errno=True)


def ready(send: Send, **changes: Any) -> None:
    send(frames.READY, msgspec.msgpack.encode({**READY, **changes}))


# ---- what may not be done behind the walls -------------------------------------------------------------------------------


def _call(name: str, *arguments: Any) -> None:
    """A function of the C library, which tells failures by -1."""
    if getattr(_libc, name)(*arguments) in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), name)


def _limit_another() -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))


ACTS: dict[str, Callable[[], object]] = {
    "open a file": lambda: io.FileIO("/etc/passwd"),
    "open our own memory": lambda: io.FileIO("/proc/self/mem"),
    "write a file": lambda: io.FileIO("/tmp/livetranslate-rogue", "w"),
    "list a folder": lambda: os.listdir("/"),
    "look up a name": lambda: os.stat("/etc/passwd"),
    "unlink": lambda: os.unlink("/tmp/livetranslate-rogue"),
    "make a folder": lambda: os.mkdir("/tmp/livetranslate-rogue"),
    "rename": lambda: os.rename("/tmp/livetranslate-rogue", "/tmp/livetranslate-rogue2"),
    "change mode": lambda: os.chmod("/tmp", 0o777),
    "connect": lambda: socket.create_connection(("127.0.0.1", 1)),
    "make a socket": lambda: socket.socket(),
    "make a pair": lambda: socket.socketpair(),
    "make a pipe": lambda: os.pipe(),
    "make memory with a name": lambda: os.memfd_create("x"),
    "duplicate": lambda: os.dup(0),
    "fork": lambda: os.fork() or os._exit(0),
    "start a thread": lambda: _thread(),
    "execute": lambda: os.execv("/bin/true", ["true"]),
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "signal a thread of the parent": lambda: _call("tgkill", os.getppid(), os.getppid(), 0),
    "trace the parent": lambda: _call("ptrace", 16, os.getppid(), 0, 0),
    "read the parent's memory": lambda: _call("process_vm_readv", os.getppid(), None, 0, None, 0, 0),
    "limit the parent": _limit_another,
    "raise our own limits": lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40)),
    "map executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "make memory executable": lambda: _call("mprotect", ctypes.c_void_p(id(sys) & ~4095), 4096, 5),
    "mount": lambda: _call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "become another user": lambda: os.setuid(12345),
    "leave the filter": lambda: _call("prctl", 22, 0, 0, 0, 0),
    "make a namespace": lambda: _call("unshare", 0x10000000),
    "change the folder": lambda: os.chdir("/"),
    "change the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "grow the input": lambda: os.ftruncate(3, 1 << 30),
    "shared memory": lambda: _call("shmget", 0, 4096, 0o1600),
    "message queue": lambda: _call("msgget", 0, 0o1600),
    "io_uring": lambda: _call("syscall", 425, 8, 0),
    "bpf": lambda: _call("syscall", 321, 0, 0, 0),
    "perf": lambda: _call("syscall", 298, 0, 0, 0, 0, 0),
    "add a key": lambda: _call("syscall", 248, 0, 0, 0, 0, 0),
}
_REFUSALS = {errno.EPERM, errno.EMFILE, errno.EACCES, errno.EAGAIN}


def _thread() -> None:
    import _thread as threads

    threads.start_new_thread(time.sleep, (1,))


def try_the_walls(send: Send) -> None:
    """Ends as `silent` if any act succeeds, naming the acts in audio frames before."""
    ready(send)
    for name, act in ACTS.items():
        try:
            act()
        except OSError as failure:
            refused = failure.errno in _REFUSALS
        except (RuntimeError, ValueError):
            refused = True
        else:
            refused = False
        if not refused:
            send(frames.AUDIO, name.encode().ljust(64))


# ---- crashes, hangs and lies ---------------------------------------------------------------------------------------------


def _eat() -> None:
    held = []
    while True:
        held.append(bytearray(1 << 24))


def _spin() -> None:
    while True:
        pass


def _mute() -> None:
    time.sleep(3600)


CRASHES: dict[str, Callable[[], object]] = {
    "segmentation": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "stack": lambda: _libc.qsort(0, 1, 1, ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)),
    "exit": lambda: os._exit(0),
    "exit 1": lambda: os._exit(1),
}
ENDLESS = [(frames.AUDIO, bytes(1 << 16))] * 100_000


def _image(**changes: Any) -> bytes:
    fields = {"jpeg": b"\xff\xd8\xff\xe0", "width": 32, "height": 32, "at": 0.0, "look": b"\0" * 288, **changes}
    return msgspec.msgpack.encode(fields)


LIES: dict[str, tuple[dict[str, Any] | None, list[tuple[bytes, bytes]]]] = {
    "rubbish": (None, [(b"?", b"?" * 100)]),
    "ready rubbish": (None, [(frames.READY, b"\xff" * 9)]),
    "ready twice": ({}, [(frames.READY, b"")]),
    "ready without a rate": ({"sample_rate": 0}, []),
    "ready with a name too long": ({"codec": "x" * 65}, []),
    "ready with a name that is no name": ({"codec": "x\n"}, []),
    "ready of no number": ({"seconds": float("nan")}, []),
    "ready of no end": ({"seconds": float("inf")}, []),
    "ready before the beginning": ({"start": -1.0}, []),
    "audio first": (None, [(frames.AUDIO, bytes(100))]),
    "half a sample": ({}, [(frames.AUDIO, bytes(101))]),
    "no sample": ({}, [(frames.AUDIO, b"")]),
    "a frame too long": ({}, [(frames.AUDIO, bytes((1 << 16) + 2))]),
    "audio without end": ({}, ENDLESS),
    "whole without end": ({"whole": True}, ENDLESS),
    "image first": (None, [(frames.IMAGE, _image())]),
    "image of rubbish": ({}, [(frames.IMAGE, b"\xff\xd8\xff")]),
    "image that is no JPEG": ({}, [(frames.IMAGE, _image(jpeg=b"<svg>"))]),
    "image without a size": ({}, [(frames.IMAGE, _image(width=0))]),
    "image of no time": ({}, [(frames.IMAGE, _image(at=float("nan")))]),
    "image with a look too long": ({}, [(frames.IMAGE, _image(look=bytes(2000)))]),
    "image too long": ({}, [(frames.IMAGE, _image(jpeg=b"\xff\xd8\xff" + bytes(1 << 20)))]),
    "images without end": ({}, [(frames.IMAGE, _image())] * 129),
    "more images than there can be": ({"images": 129}, []),
    "end of rubbish": ({}, [(frames.END, b"\xff")]),
    "refused for rubbish": (None, [(frames.REFUSED, b"\xff")]),
}
"""What is changed in a good beginning (None: there is none), and the frames after it."""


def lie(send: Send, name: str) -> None:
    changes, after = LIES[name]
    if changes is not None:
        ready(send, **changes)
    for kind, body in after:
        send(kind, body)


LIMITS = ("AS", "CPU", "CORE", "FSIZE", "NOFILE", "NPROC")


def _environment(send: Send) -> None:
    ready(send)
    for text in (*os.environ, *os.environ.values()):
        send(frames.AUDIO, text.encode().ljust(4096)[:4096])


def _limits(send: Send) -> None:
    ready(send)
    for limit in LIMITS:
        send(frames.AUDIO, repr(resource.getrlimit(getattr(resource, f"RLIMIT_{limit}"))).encode().ljust(64))


def _good(send: Send) -> None:
    ready(send)
    send(frames.AUDIO, bytes(8000))


TELLS = {"walls": try_the_walls, "environment": _environment, "limits": _limits, "good": _good}
HANGS = {"eat": _eat, "spin": _spin, "mute": _mute}


def run(descriptor: int, job: frames.Job, send: Send, allow_cpu: Callable[[float], None]) -> None:
    """Does what the bytes name: KIND or KIND:NAME; KIND in capitals is done after a good beginning."""
    kind, _, name = os.pread(descriptor, 4096, 0).decode().partition(":")
    if kind.isupper():
        _good(send)
    kind = kind.lower()
    if kind == "spin":
        allow_cpu(-9.5)  # a second is left
    if kind in TELLS:
        TELLS[kind](send)
    elif kind in HANGS:
        HANGS[kind]()
    elif kind == "crash":
        CRASHES[name]()
    else:
        lie(send, name)


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, run)
