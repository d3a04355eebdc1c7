"""Samples of any format, rate and number of channels to 16 kHz mono: cleaned, mixed and resampled in blocks of fixed length.

The blocks are counted from the stream's start, so the result does not depend on how the samples arrived.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from livetranslate.media import HEARING_RATE

Samples = npt.NDArray[np.float32]

BLOCKS_PER_SECOND = 4
_RAMP_SECONDS = 0.01
_LOUDEST = 8.0
"""Above full scale, still heard by the mixer: float files overshoot. Beyond it lies rubbish."""
_FAINT = 1e-7
_TURN, _TURN_BACK = -0.5, 0.0
"""Correlation with the loudest channel below which a channel is turned over, and above which it is turned back."""
_TYPES = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}
_SCALES = {"u8": 1 / 128, "s16": 1 / 32768, "s32": 1 / 2147483648, "flt": 1.0, "dbl": 1.0}
# Speech sits in the front, mostly in its centre; the bass channel carries none.
_WEIGHTS = {"LFE": 0.0, "LFE2": 0.0, "FC": 1.0, "BL": 0.25, "BR": 0.25, "BC": 0.25, "SL": 0.25, "SR": 0.25}
_WEIGHT = 0.5
# Where the file does not say which channel is which, five and more are taken to be in the usual order.
_USUAL = {
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
_UNKNOWN = "NONE"


@dataclass(frozen=True, slots=True)
class Shape:
    """What must stay the same within one resampler's life: sample format, Hz and the channels' names."""

    sample_format: str
    rate: int
    channels: tuple[str, ...]

    @property
    def planar(self) -> bool:
        """Whether each channel has a plane of its own."""
        return self.sample_format.endswith("p")

    @property
    def planes(self) -> int:
        return len(self.channels) if self.planar else 1

    @property
    def block(self) -> int:
        """Samples of one channel in a block."""
        return max(1, self.rate // BLOCKS_PER_SECOND)


def clean(planes: Sequence[memoryview], samples: int, shape: Shape) -> Samples:
    """Samples as decoded, by channel, in full scale of 1; what is no number is silence."""
    kind = shape.sample_format.removesuffix("p")
    channels = len(shape.channels)
    per_plane = samples if shape.planar else samples * channels
    by_plane = np.stack([np.frombuffer(plane, _TYPES[kind], per_plane) for plane in planes])
    packed = by_plane if shape.planar else by_plane.reshape(samples, channels).T
    if kind == "u8":
        packed = packed.astype(np.int16) - 128
    with np.errstate(over="ignore", invalid="ignore"):
        scaled: Samples = packed.astype(np.float32)
    scaled *= np.float32(_SCALES[kind])
    if kind in ("flt", "dbl"):
        peak = float(np.abs(scaled).max(initial=0.0))
        if not peak <= _LOUDEST:
            np.nan_to_num(scaled, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            np.clip(scaled, -_LOUDEST, _LOUDEST, out=scaled)
        elif peak < _FAINT:
            scaled[:] = 0  # what is left of silence would only slow the filters down
    return scaled


class Downmix:
    """Channels to one. A channel that runs against the loudest one is turned over first, else the two would be silence."""

    def __init__(self, channels: Sequence[str], ramp: int) -> None:
        if _UNKNOWN in channels:
            channels = _USUAL.get(len(channels), channels)
        weights = np.array([_WEIGHTS.get(name, _WEIGHT) for name in channels], np.float32)
        if not weights.any():
            weights[:] = 1
        self._weights = weights / weights.sum()
        self._gains: Samples | None = None
        self._turned = np.zeros(len(channels), bool)
        self._ramp = np.linspace(0, 1, max(ramp, 1), endpoint=False, dtype=np.float32)

    def mix(self, block: Samples) -> Samples:
        if len(block) == 1:
            mono: Samples = block[0]
            return mono
        gains: Samples = self._aim(block)
        before = gains if self._gains is None else self._gains
        self._gains = gains
        if np.array_equal(before, gains):
            mixed: Samples = gains @ block
            return mixed
        # The gains move over a few milliseconds, so that no step is heard.
        way: Samples = np.ones(block.shape[1], np.float32)
        way[: len(self._ramp)] = self._ramp[: block.shape[1]]
        moved: Samples = (before @ block) * (1 - way) + (gains @ block) * way
        return moved

    def _aim(self, block: Samples) -> Samples:
        """The gain of each channel for this block."""
        products = block @ block.T
        loudness = np.sqrt(products.diagonal()) * (self._weights > 0)
        loudest = int(np.argmax(loudness))
        if loudness[loudest] > 0:
            heard = loudness > loudness[loudest] * 1e-3
            likeness = products[loudest] / np.maximum(loudness * loudness[loudest], 1e-30)
            against = self._turned != self._turned[loudest]
            turned = np.where(heard, np.where(against, likeness < _TURN_BACK, likeness < _TURN), against)
            # Which of two opposite ways round is the right one nobody knows; it only has to stay the same.
            self._turned = turned != self._turned[loudest]
        gains: Samples = np.where(self._turned, -self._weights, self._weights)
        return gains


class Ear:
    """Blocks of one shape to 16 kHz mono PCM; all blocks but the last have `shape.block` samples."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._mix = Downmix(shape.channels, round(_RAMP_SECONDS * shape.rate))
        same = shape.rate == HEARING_RATE
        self._resampler = None if same else soxr.ResampleStream(shape.rate, HEARING_RATE, 1, dtype="float32", quality="HQ")

    def hear(self, planes: Sequence[memoryview], samples: int) -> bytes:
        """What can leave after this block of `samples` a channel, decoded as it is in the file."""
        mono = self._mix.mix(clean(planes, samples, self.shape))
        return _pcm(mono if self._resampler is None else self._resampler.resample_chunk(mono))

    def rest(self) -> bytes:
        """What is left when no more comes."""
        if self._resampler is None:
            return b""
        return _pcm(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))


def _pcm(samples: Samples) -> bytes:
    """Float samples to signed 16 bit, little endian."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def chunks(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """PCM in pieces of any length as chunks of `size` bytes; only the last may be shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
