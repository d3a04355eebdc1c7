"""What server and decode processes say to each other: jobs one way, frames of five bytes and a body the other."""

import struct
from typing import Annotated, Literal

import msgspec

from livetranslate.tokens import MOST_FRAMES

READY, AUDIO, IMAGE, END, REFUSED = b"R", b"A", b"I", b"E", b"F"
HEAD = struct.Struct(">cI")
MOST_BYTES = 1 << 16
"""Of a frame's body. The server believes nothing that a decode process says, not even its length."""
MOST_IMAGE_BYTES = 1 << 20
"""Of one that holds an image."""

Name = Annotated[str, msgspec.Meta(max_length=64, pattern=r"\A[ -~]*\Z")]


class Job(msgspec.Struct, frozen=True):
    """What to decode of the descriptor that comes with it; seconds, bytes and Hz.

    The images of a video are left out, counted, or seen. `track` is which of several sounds is heard, from 1; 0 is the file's
    default, as where there are not so many.
    """

    id: int
    max_seconds: float
    held_seconds: float
    memory_bytes: int
    least_rate: int
    most_rate: int
    most_channels: int
    most_streams: int
    most_pixels: int = 1 << 24
    most_frames: int = 0
    images: Literal["none", "count", "see"] = "none"
    track: int = 0


class Hello(msgspec.Struct, frozen=True):
    """The zygote is ready; `seccomp` tells whether its children can do no system call but those they need."""

    seccomp: bool


class Started(msgspec.Struct, frozen=True):
    """The job runs, in the process whose descriptor comes with this; without one the process could not be made."""

    id: int


class Ready(msgspec.Struct, frozen=True):
    """The media is good as far as it was looked at. `whole`: to its end, and `seconds` is exact.

    So many `images` should come, of that `width` and `height` or turned.
    """

    container: Name
    codec: Name
    sample_rate: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    start: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    whole: bool
    images: Annotated[int, msgspec.Meta(ge=0, le=MOST_FRAMES)] = 0
    width: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] = 0
    height: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] = 0


class Image(msgspec.Struct, frozen=True):
    """A frame of a video as it is looked at: its JPEG, size and moment, and its difference hash."""

    jpeg: bytes
    width: Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]
    height: Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]
    at: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    look: Annotated[bytes, msgspec.Meta(max_length=1024)]


class Cost(msgspec.Struct, frozen=True):
    """What a job took: seconds of CPU, and the most memory that its process ever held, in bytes."""

    cpu_seconds: float
    peak_bytes: int


class Refused(msgspec.Struct, frozen=True):
    """Why a job was given up: illegal, silent (no audio stream), empty or long; or its pictures are too wide or too large."""

    why: Name
    cost: Cost


def most_bytes(kind: bytes) -> int:
    """How long the body of a frame of that kind may be."""
    return MOST_IMAGE_BYTES if kind == IMAGE else MOST_BYTES


def frame(kind: bytes, body: bytes) -> bytes:
    """A frame as it goes over the socket."""
    return HEAD.pack(kind, len(body)) + body
