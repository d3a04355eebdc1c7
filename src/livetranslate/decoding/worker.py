"""The zygote: a small process that has loaded the decoder and forks a fresh, walled-in child for each job.

python -m livetranslate.decoding.worker DESCRIPTOR     of a sequenced-packet socket to the server
"""

import gc
import io
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import av
import av.subtitles.codeccontext
import av.subtitles.stream  # or it would be looked for when the first subtitles are met, too late
import msgspec

from livetranslate.blob import Blob
from livetranslate.decoding import frames, job
from livetranslate.decoding.refused import Refused
from livetranslate.decoding.sandbox import Sandbox

Run = Callable[[int, frames.Job, Callable[[bytes, bytes], None], Callable[[float], None]], None]

_MESSAGE_BYTES = 4096
_FIRST_CPU_SECONDS = 10
"""Until the media is known to be good. Small files exist whose headers alone take minutes to read; of large ones a second more
is allowed for each `_BYTES_PER_CPU_SECOND`, to count what is in them."""
_BYTES_PER_CPU_SECOND = 100_000_000
_SPARE_CPU_SECONDS = 20
_WARM_CODECS = ("aac", "alac", "amrnb", "flac", "h264", "hevc", "mp3float", "opus", "vorbis", "vp8", "vp9", "wmav2")
"""Their tables are made when they are first opened: here once, not in every child."""
_REHEARSAL = frames.Job(
    id=0,
    max_seconds=10,
    held_seconds=10,
    memory_bytes=1 << 30,
    least_rate=4000,
    most_rate=192_000,
    most_channels=8,
    most_streams=8,
    most_pixels=1 << 20,
    most_frames=100,
    images="see",
)


def serve(control: socket.socket, run: Run) -> None:
    """Forks a child for each job that comes, until the server closes its end."""
    signal.signal(signal.SIGCHLD, _bury)
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)  # they are for the server, whose running requests need us
    sandbox = Sandbox()
    sandbox.die_with_parent()
    seccomp = _rehearse(sandbox)
    gc.collect()
    gc.freeze()
    decoder = msgspec.msgpack.Decoder(frames.Job)
    with suppress(BrokenPipeError, ConnectionResetError):
        control.send(msgspec.msgpack.encode(frames.Hello(seccomp)))
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 2)
            if not message:
                return
            work = decoder.decode(message)
            handles = _start(control, descriptors, work, run, sandbox, seccomp)
            for descriptor in descriptors:
                os.close(descriptor)
            socket.send_fds(control, [msgspec.msgpack.encode(frames.Started(work.id))], handles)
            for handle in handles:
                os.close(handle)


def _start(
    control: socket.socket, media_and_answers: list[int], work: frames.Job, run: Run, sandbox: Sandbox, seccomp: bool
) -> list[int]:
    """A handle of the child that does the job; nothing if there is no room for one."""
    parent = os.getpid()
    # A child that has ended is not buried before we hold its handle.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    try:
        child = os.fork()
        if child == 0:
            _live(control, media_and_answers, work, run, sandbox, seccomp, parent)
        try:
            return [os.pidfd_open(child)]
        except OSError:
            os.kill(child, signal.SIGKILL)
            return []
    except OSError:
        return []
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _bury(*_: object) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _live(
    control: socket.socket, media_and_answers: list[int], work: frames.Job, run: Run, sandbox: Sandbox, seccomp: bool, parent: int
) -> NoReturn:
    """What a child does from its first breath; it never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        control.close()
        for standard in (1, 2):
            os.dup2(0, standard)  # it has nothing to tell the server's log
        sandbox.die_with_parent()
        if os.getppid() == parent:
            media, answers = media_and_answers
            _work(media, answers, work, run, sandbox, seccomp)
    finally:
        os._exit(0)


def _work(media: int, answers: int, work: frames.Job, run: Run, sandbox: Sandbox, seccomp: bool) -> None:
    """The whole life of a child: walls first, then the job."""

    def send(kind: bytes, body: bytes) -> None:
        rest = memoryview(frames.frame(kind, body))
        try:
            while rest:
                rest = rest[os.write(answers, rest) :]
        except OSError:
            raise _Left from None

    def allow_cpu(seconds: float) -> None:
        sandbox.allow_cpu(_cpu_seconds(seconds))

    first = _FIRST_CPU_SECONDS + os.lseek(media, 0, os.SEEK_END) // _BYTES_PER_CPU_SECOND
    if not sandbox.enter(work.memory_bytes, first, max(first, _cpu_seconds(work.max_seconds)), seccomp=seccomp):
        return
    try:
        run(media, work, send, allow_cpu)
        send(frames.END, msgspec.msgpack.encode(_cost()))
    except _Left:
        return
    except Refused as refused:
        why = refused.why
    except Exception:  # whatever a library makes of hostile bytes, they are no media
        why = "illegal"
    else:
        return
    with suppress(_Left):
        send(frames.REFUSED, msgspec.msgpack.encode(frames.Refused(why, _cost())))


class _Left(Exception):
    """Nobody reads the answers any more."""


def _cpu_seconds(seconds: float) -> int:
    return math.ceil(min(2 * seconds + _SPARE_CPU_SECONDS, 1e9))


def _cost() -> frames.Cost:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return frames.Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _rehearse(sandbox: Sandbox) -> bool:
    """Decodes a clip of our own, so that all is loaded before the walls close; tells whether it also works behind them."""
    for name in _WARM_CODECS:
        av.CodecContext.create(name, "r")
    with Blob.from_bytes(_film()) as good, Blob.from_bytes(b"\0" * 100) as bad:
        job.run(good.fileno(), _REHEARSAL, lambda *_: None, lambda _: None)
        with suppress(av.FFmpegError):
            job.run(bad.fileno(), _REHEARSAL, lambda *_: None, lambda _: None)
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                handles = _start(ours, [good.fileno(), theirs.fileno()], _REHEARSAL, job.run, sandbox, seccomp=True)
            for handle in handles:
                os.close(handle)
            said = b""
            while piece := ours.recv(frames.MOST_BYTES):
                said += piece
    return said.startswith(frames.READY) and frames.END in said[-64:]


def _film() -> bytes:
    """A second of silence under a few grey pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format="avi") as writer:
        pictures = writer.add_stream("mpeg4", rate=4, width=64, height=48, pix_fmt="yuv420p")
        sound = writer.add_stream("pcm_s16le", rate=8000, layout="stereo")
        for number in range(4):
            shown = av.VideoFrame(64, 48, "yuv420p")
            shown.pts = number
            writer.mux(pictures.encode(shown))
        heard = av.AudioFrame("s16", "stereo", 8000)
        heard.sample_rate = 8000
        for plane in heard.planes:
            plane.update(bytes(plane.buffer_size))
        writer.mux([*pictures.encode(None), *sound.encode(heard), *sound.encode(None)])
    return file.getvalue()


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, job.run)


if __name__ == "__main__":
    main()
