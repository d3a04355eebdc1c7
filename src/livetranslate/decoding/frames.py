"""What server and decode processes say to each other: jobs one way, frames of five bytes and a body the other."""

import struct
from typing import Annotated

import msgspec

READY, AUDIO, END, REFUSED = b"R", b"A", b"E", b"F"
HEAD = struct.Struct(">cI")
MOST_BYTES = 1 << 16
"""Of a frame's body. The server believes nothing that a decode process says, not even its length."""

Name = Annotated[str, msgspec.Meta(max_length=64, pattern=r"\A[ -~]*\Z")]


class Job(msgspec.Struct, frozen=True):
    """What to decode of the descriptor that comes with it; seconds, bytes and Hz."""

    id: int
    max_seconds: float
    held_seconds: float
    memory_bytes: int
    least_rate: int
    most_rate: int
    most_channels: int
    most_streams: int


class Hello(msgspec.Struct, frozen=True):
    """The zygote is ready; `seccomp` tells whether its children can do no system call but those they need."""

    seccomp: bool


class Started(msgspec.Struct, frozen=True):
    """The job runs, in the process whose descriptor comes with this; without one the process could not be made."""

    id: int


class Ready(msgspec.Struct, frozen=True):
    """The media is good as far as it was looked at. `whole`: to its end, and `seconds` is exact."""

    container: Name
    codec: Name
    sample_rate: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    whole: bool


class Cost(msgspec.Struct, frozen=True):
    """What a job took: seconds of CPU, and the most memory that its process ever held, in bytes."""

    cpu_seconds: float
    peak_bytes: int


class Refused(msgspec.Struct, frozen=True):
    """Why a job was given up: illegal, silent (no audio stream), empty or long."""

    why: Name
    cost: Cost


def frame(kind: bytes, body: bytes) -> bytes:
    """A frame as it goes over the socket."""
    return HEAD.pack(kind, len(body)) + body
