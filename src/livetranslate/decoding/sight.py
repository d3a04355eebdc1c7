"""The images of a video: which of its frames are looked at by the seed's rule, and those frames upright, scaled and as JPEG."""

from array import array
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from livetranslate.decoding import frames
from livetranslate.decoding.refused import Refused
from livetranslate.pictures.looks import COLUMNS, ROWS, difference_hash
from livetranslate.tokens import TooWide, frame_count, frame_numbers, frame_size

# Names of FFmpeg's, as for sound.
CODECS = (
    "av1", "flv", "h261", "h263", "h264", "hevc", "libdav1d", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4",
    "msmpeg4v1", "msmpeg4v2", "svq3", "theora", "vc1", "vp6", "vp6f", "vp8", "vp9", "wmv1", "wmv2", "wmv3",
)  # fmt: skip

_HIDDEN = np.iinfo(np.int64).min
"""In place of a stamp: the packet is decoded, as others need it, but not shown."""
_LIKE = 1.25
"""The header's frame rate is believed if it is within this factor of the one counted. Counted ones are off by the rounding of
stamps, which could cost a frame."""
_BROKEN_PACKETS = 64
"""So many more may be broken than good; then the rest is not looked at. Words said over broken pictures are still heard."""
_JPEG_QUALITY = 3 * 118
"""On FFmpeg's scale, where 2 is best and 31 is worst, in its units."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which frames are looked at: their stamps in the order of showing (numbers of frames, where the packets have no stamps),
    and the runs of packets, first to last, that must be decoded for them. `size` is theirs as they lie in the file.
    """

    stamps: tuple[int, ...] = ()
    runs: tuple[tuple[int, int], ...] = ()
    numbered: bool = False
    seconds: float = 0.0
    rate: float = 0.0
    size: tuple[int, int] = (0, 0)


class Survey:
    """The packets of a video stream, counted without decoding; `Refused` if there are too many."""

    def __init__(self, stream: Any, most_frames: int) -> None:
        self._stream = stream
        self._most = most_frames
        self._stamps, self._keys = array("q"), bytearray()
        self._numbered = False

    def add(self, packet: Any) -> None:
        """Notes the next packet."""
        if not packet.size:
            return
        if len(self._stamps) >= self._most:
            raise Refused("long")
        self._numbered |= packet.pts is None
        self._stamps.append(_HIDDEN if packet.is_discard else packet.pts or 0)
        self._keys.append(packet.is_keyframe)

    def plan(self) -> Plan:
        """What to look at."""
        stamps = np.frombuffer(self._stamps, np.int64) if self._stamps else np.zeros(0, np.int64)
        shown = np.flatnonzero(stamps != _HIDDEN)
        if not len(shown):
            return Plan()
        if not self._numbered:
            shown = shown[np.argsort(stamps[shown], kind="stable")]
        rate, seconds = self._rate(stamps[shown])
        chosen = frame_numbers(len(shown), frame_count(len(shown), rate))
        context = self._stream.codec_context
        size = looked_at(context.width, context.height, len(chosen))
        if self._numbered:
            return Plan(tuple(chosen), ((0, len(stamps)),), True, seconds, rate, size)
        places = [int(shown[number]) for number in chosen]
        runs = self._runs(stamps, sorted(places))
        return Plan(tuple(int(stamps[place]) for place in places), runs, False, seconds, rate, size)

    def _rate(self, stamps: npt.NDArray[np.int64]) -> tuple[float, float]:
        """Frames a second, and seconds from the first to the end of the last."""
        count = len(stamps)
        told = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        span = 0.0 if self._numbered else float(stamps[-1] - stamps[0]) * float(self._stream.time_base)
        if span <= 0 or count < 2:
            return told, count / told if told > 0 else 0.0
        counted = (count - 1) / span
        return told if counted / _LIKE < told < counted * _LIKE else counted, span + 1 / counted

    def _runs(self, stamps: npt.NDArray[np.int64], places: list[int]) -> tuple[tuple[int, int], ...]:
        """From the key frame before each place, or the one before that if the frame is shown before its key frame."""
        keys = np.flatnonzero(np.frombuffer(self._keys, np.uint8))
        runs: list[tuple[int, int]] = []
        for place in places:
            before = int(np.searchsorted(keys, place, "right")) - 1
            if before > 0 and stamps[keys[before]] > stamps[place]:
                before -= 1
            first = int(keys[before]) if before >= 0 else 0
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], place)
            else:
                runs.append((first, place))
        return tuple(runs)


class Eye:
    """Decodes what the plan needs of a stream, packet by packet; what is seen waits in `seen`, in the order of showing."""

    def __init__(self, stream: Any, plan: Plan, start: float, most_pixels: int) -> None:
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.options = {"max_pixels": str(most_pixels)}
        self._base, self._start = float(stream.time_base), start
        self._plan, self._wanted = plan, frozenset(plan.stamps)
        self._runs = deque(plan.runs)
        self._next = self._packets = self._frames = self._good = self._broken = 0
        self._encoder: Any = None
        self.size: tuple[int, int] | None = None
        self.seen: deque[frames.Image] = deque()

    @property
    def next_at(self) -> float:
        """When the next image is shown that is not yet seen; never, if there is none."""
        if self._next >= len(self._plan.stamps) or not self._runs:
            return float("inf")
        return self._at(self._plan.stamps[self._next])

    def look(self, packet: Any) -> None:
        """Takes the next packet."""
        place = self._packets
        if not packet.size:
            return
        self._packets += 1
        if not self._runs or place < self._runs[0][0]:
            return
        if not self._plan.numbered:
            self._context.skip_frame = "DEFAULT" if packet.pts in self._wanted else "NONREF"
        self._decode(packet)
        if self._runs and place >= self._runs[0][1]:
            self.rest()
            self._runs.popleft()

    def rest(self) -> None:
        """Takes what the decoder still holds back."""
        if self._runs and self._good:
            self._decode(None)
            self._context.flush_buffers()

    def _decode(self, packet: Any) -> None:
        try:
            decoded = self._context.decode(packet)
        except MemoryError:
            raise
        except av.FFmpegError:
            self._broken += 1
            if self._broken > self._good + _BROKEN_PACKETS:
                self._runs.clear()
            return
        self._good += 1
        for frame in decoded:
            stamp = self._frames if self._plan.numbered else frame.pts
            self._frames += 1
            if stamp is not None:
                self._take(frame, stamp)

    def _take(self, frame: Any, stamp: int) -> None:
        """Looks at the frame if it is one of those chosen, or the first after one that did not come."""
        stamps = self._plan.stamps
        if self._next >= len(stamps) or stamp < stamps[self._next]:
            return
        while self._next < len(stamps) and stamps[self._next] <= stamp:
            self._next += 1
        self.seen.append(self._image(frame, self._at(stamp)))

    def _at(self, stamp: int) -> float:
        seconds = stamp / self._plan.rate if self._plan.numbered and self._plan.rate else stamp * self._base - self._start
        return max(0.0, seconds)

    def _image(self, frame: Any, at: float) -> frames.Image:
        turns = round(frame.rotation / 90) % 4
        if self.size is None:
            self.size = looked_at(*_turned(frame.width, frame.height, turns), len(self._plan.stamps))
        small = _scaled(frame, *_turned(*self.size, turns), "rgb24" if turns else "yuvj420p")
        if turns:
            upright = np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))
            small = _scaled(av.VideoFrame.from_ndarray(upright, "rgb24"), *self.size, "yuvj420p")
        grey = _scaled(small, COLUMNS + 1, ROWS, "gray").to_ndarray()
        look = difference_hash(grey.tobytes()).to_bytes(COLUMNS * ROWS // 8)
        return frames.Image(jpeg=self._jpeg(small), width=self.size[0], height=self.size[1], at=at, look=look)

    def _jpeg(self, small: Any) -> bytes:
        if self._encoder is None:
            self._encoder = av.CodecContext.create("mjpeg", "w")
            self._encoder.width, self._encoder.height = small.width, small.height
            self._encoder.pix_fmt, self._encoder.time_base = "yuvj420p", Fraction(1, 25)
            self._encoder.thread_count = 1
            self._encoder.qscale, self._encoder.global_quality = True, _JPEG_QUALITY
        small.pts, small.time_base = self._next, self._encoder.time_base  # each later than the one before
        return b"".join(map(bytes, self._encoder.encode(small)))


def looked_at(width: int, height: int, count: int) -> tuple[int, int]:
    """The size at which so many frames of that size are looked at; `Refused` if they are too wide."""
    try:
        return frame_size(width, height, max(count, 1))
    except TooWide:
        raise Refused("wide") from None


def _turned(width: int, height: int, turns: int) -> tuple[int, int]:
    return (height, width) if turns % 2 else (width, height)


def _scaled(frame: Any, width: int, height: int, pixels: str) -> Any:
    return frame.reformat(
        width,
        height,
        pixels,
        dst_colorspace=Colorspace.ITU601,  # what readers of JPEG take for granted
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
        threads=1,
    )
