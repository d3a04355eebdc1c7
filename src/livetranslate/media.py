"""What comes in and goes out as sound and picture: PCM chunks, sampled frames, utterances, and their arithmetic."""

import struct
from dataclasses import dataclass

BYTES_PER_SAMPLE = 2
HEARING_RATE = 16_000
"""Hz; the rate at which speech is cut and recognized."""
SPEAKING_RATE = 24_000
"""Hz; the rate at which translated speech leaves."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Mono PCM, signed 16 bit, little endian; `sample_rate` in Hz, `start` in seconds on the media clock."""

    pcm: bytes
    sample_rate: int
    start: float = 0.0

    def __post_init__(self) -> None:
        if len(self.pcm) % BYTES_PER_SAMPLE:
            raise ValueError(f"PCM of {len(self.pcm)} bytes holds half a sample")
        if self.sample_rate <= 0:
            raise ValueError(f"a sample rate of {self.sample_rate} Hz")

    @property
    def samples(self) -> int:
        return len(self.pcm) // BYTES_PER_SAMPLE

    @property
    def seconds(self) -> float:
        return self.samples / self.sample_rate

    @property
    def end(self) -> float:
        """Where the next chunk starts, in seconds on the media clock."""
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Image:
    """A sampled video frame: JPEG bytes, size in pixels, and the moment it was shown in seconds on the media clock.

    `look` is how it looks at a glance (`pictures.difference_hash`), by which still frames are told; None where nobody looked.
    """

    jpeg: bytes
    width: int
    height: int
    at: float
    look: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of writing on an image: its box is left, top, width and height as shares of the image's; confidence from 0 to 1."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Writing:
    """Words that came in as text instead of sound."""

    text: str


@dataclass(frozen=True, slots=True)
class Commit:
    """The mark of a live speaker who says that the utterance ends here."""


Media = Audio | Image | Writing | Commit


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech between two silences, cut by the VAD, with the images that were on screen; `index` counts from 0."""

    index: int
    audio: Audio
    images: tuple[Image, ...] = ()


def silence(seconds: float, sample_rate: int, start: float = 0.0) -> Audio:
    """Digital silence of that length."""
    return Audio(bytes(BYTES_PER_SAMPLE * round(seconds * sample_rate)), sample_rate, start)


def wav_header(pcm_bytes: int, sample_rate: int) -> bytes:
    """The 44 bytes that make mono 16-bit PCM a WAV file (RIFF, Microsoft and IBM, 1991)."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + pcm_bytes, b"WAVE",
        b"fmt ", 16, 1, 1, sample_rate, sample_rate * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE, 8 * BYTES_PER_SAMPLE,
        b"data", pcm_bytes,
    )  # fmt: skip
