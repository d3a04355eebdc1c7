"""One decoding job, inside the decode process: what is let in, what is heard and seen, and how long it is."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import av
import av.audio.fifo
import av.container
import av.stream
import msgspec
from av.audio.plane import AudioPlane

from livetranslate.decoding import frames, sight
from livetranslate.decoding.refused import Refused
from livetranslate.decoding.sight import Eye, Plan, Survey
from livetranslate.decoding.sound import BLOCKS_PER_SECOND, Ear, Shape, chunks
from livetranslate.decoding.tally import CODECS, Tally
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE

# Names of FFmpeg's. What is not here is not even tried: no playlists, no network, no subtitles, no images, no scripts.
FORMATS = (
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dts", "eac3", "flac", "flv", "loas",
    "matroska", "mov", "mp3", "mpeg", "mpegts", "ogg", "tta", "w64", "wav", "wv",
)  # fmt: skip

_BYTES_PER_SECOND = BYTES_PER_SAMPLE * HEARING_RATE
_CHUNK_BYTES = BYTES_PER_SAMPLE * HEARING_RATE // BLOCKS_PER_SECOND
_LEAST_SECONDS = 0.01
"""Anything shorter is empty: no sound of a language fits into it."""
_SLACK_SECONDS = 0.5
"""What a count of packets may be over the limit: codecs pad their first and last packets. The samples decide."""
_READ_SECONDS = 20.0
_BUFFER_BYTES = 1 << 16
_MOST_STREAMS = 256
"""Of all kinds: films carry subtitles in many languages, and the fonts for them."""
_FIRST_FRAME_BYTES = 2048
"""Raw MPEG audio begins with a frame, or with the rest of one that was cut: no further in than this."""
_BROKEN_PACKETS = 8
"""So many may be broken before any is good."""
_COVER = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
_HELD_WITH_IMAGES = 1.0
"""Seconds of sound decoded before anything streams, where images take much longer to decode than it."""
_WAITING_SECONDS = 5.0
"""So long sound waits for the images that come before it; of a file whose sound and pictures lie further apart they come late."""


class _Bytes:
    """The job's input as a file object of its own position: the descriptor is shared with the server."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.lseek(descriptor, 0, os.SEEK_END)  # and not fstat, which may look up names and is shut out
        self._at = 0

    def peek(self, at: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, at)

    def read(self, size: int) -> bytes:
        data = self.peek(self._at, size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence & 3]
        return self._at

    def tell(self) -> int:
        return self._at


def _no_other_file(*_: object) -> NoReturn:
    raise PermissionError


class Source:
    """An opened container, the one stream of it that is heard, and the one that is looked at, if any.

    Packets of the second go to `look`, as they come between those of the first.
    """

    def __init__(self, descriptor: int, job: frames.Job, images: bool) -> None:
        self._job = job
        self.look: Callable[[Any], None] = lambda packet: None
        options = {
            "format_whitelist": ",".join(FORMATS),
            "codec_whitelist": ",".join((*CODECS, *sight.CODECS) if images else CODECS),
            "protocol_whitelist": "",
            "max_streams": str(_MOST_STREAMS),
            # Of the frames that FFmpeg decodes to find out what a stream is.
            "max_pixels": str(job.most_pixels),
        }
        self._file = _Bytes(descriptor)
        self.start: float | None = None
        self.container: Any = av.open(
            self._file,
            "r",
            options=options,
            metadata_errors="replace",
            buffer_size=_BUFFER_BYTES,
            timeout=_READ_SECONDS,
            io_open=_no_other_file,
        )
        self.stream = self._choose_sound()
        self.pictures = self._choose_pictures() if images else None
        for stream in self.container.streams:
            if stream not in (self.stream, self.pictures):
                stream.discard = av.stream.Discard.all

    def close(self) -> None:
        """Frees what the container holds, which its streams would keep alive."""
        self.container.close()

    def _choose_sound(self) -> Any:
        """The audio stream of the job's number; else the default one, or the first, of those in a codec that is let in."""
        streams = list(self.container.streams)
        if sum(stream.type in ("audio", "video") for stream in streams) > self._job.most_streams:
            raise Refused("illegal")
        heard = [stream for stream in streams if stream.type == "audio"]
        if not heard:
            raise Refused("silent")
        known = [stream for stream in heard if stream.codec_context is not None and stream.codec_context.name in CODECS]
        if not known:
            raise Refused("illegal")
        chosen = _default(known)
        if self._job.track and heard[self._job.track - 1 :][:1] in ([stream] for stream in known):
            chosen = heard[self._job.track - 1]
        chosen.codec_context.thread_count = 1
        self._check_size(chosen.codec_context.sample_rate, chosen.codec_context.channels)
        return chosen

    def _choose_pictures(self) -> Any:
        """The video stream that is looked at; covers and thumbnails are none, and what is not let in is not seen."""
        shown = [stream for stream in self.container.streams.video if not stream.disposition & _COVER]
        known = [stream for stream in shown if stream.codec_context is not None and stream.codec_context.name in sight.CODECS]
        if not known:
            return None
        chosen = _default(known)
        width, height = chosen.codec_context.width, chosen.codec_context.height
        if width * height > self._job.most_pixels:
            raise Refused("large")
        if not width or not height:
            return None
        sight.looked_at(width, height, 1)
        return chosen

    @property
    def claims_seconds(self) -> float:
        """How long the header says it is; 0 if it does not say. Good for a guess at most."""
        return (self.container.duration or 0) / float(av.time_base)

    def _check_size(self, rate: int, channels: int) -> None:
        if not self._job.least_rate <= rate <= self._job.most_rate or not 1 <= channels <= self._job.most_channels:
            raise Refused("illegal")

    def _check_start(self, position: int | None) -> None:
        """Refuses raw MPEG audio whose first frame comes after rubbish: there is always a frame somewhere in noise."""
        if position is None or self.container.format.name not in ("aac", "mp3"):
            return
        file, at = self._file, 0
        while (head := file.peek(at, 10))[:3] == b"ID3" and len(head) == 10:
            at += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
        while at < position and (piece := file.peek(at, min(_BUFFER_BYTES, position - at))):
            rest = piece.lstrip(b"\0")
            at += len(piece) - len(rest)
            if rest:
                break
        first = file.peek(at, 2)
        synchronous = len(first) == 2 and first[0] == 0xFF and first[1] >= 0xE0
        if not synchronous and position > at + _FIRST_FRAME_BYTES:
            raise Refused("illegal")

    def packets(self) -> Iterator[Any]:
        """The packets that are heard, as far as they can be read; the last is empty and flushes the decoder."""
        packets = self.container.demux(*([self.stream] if self.pictures is None else [self.stream, self.pictures]))
        while True:
            try:
                packet = next(packets, None)
            except MemoryError:
                raise
            except av.FFmpegError:
                return  # damaged or cut here; what came before may be good
            if packet is None:
                return
            if packet.stream_index == self.stream.index:
                yield packet
            else:
                self.look(packet)

    def audio_frames(self) -> Iterator[Any]:
        """What the packets decode to. Single broken packets are left out; more broken than good ones are no sound."""
        good = broken = 0
        for packet in self.packets():
            if not good and not broken:
                self._check_start(packet.pos)
            try:
                decoded = packet.decode()
            except MemoryError:
                raise
            except av.FFmpegError:
                broken += 1 if packet.size else 0
                if broken > good + _BROKEN_PACKETS:
                    raise Refused("illegal") from None
                continue
            good += 1 if decoded else 0
            yield from decoded
        if broken > good:
            raise Refused("illegal")

    def pcm(self) -> Iterator[bytes]:
        """The sound as 16 kHz mono PCM in pieces of any length; `Refused` when it gets longer than the job allows."""
        left = self._job.max_seconds * HEARING_RATE * BYTES_PER_SAMPLE
        for piece in self._heard():
            left -= len(piece)
            if left < 0:
                raise Refused("long")
            yield piece

    def _heard(self) -> Iterator[bytes]:
        now: tuple[str, int, str] | None = None
        fifo, ear = av.audio.fifo.AudioFifo(), None
        for frame in self.audio_frames():
            shape = (frame.format.name, frame.sample_rate, frame.layout.name)
            if shape != now or ear is None:
                if ear is not None:
                    yield from _last(fifo, ear)
                names = tuple(channel.name for channel in frame.layout.channels)
                self._check_size(frame.sample_rate, len(names))
                now, fifo, ear = shape, av.audio.fifo.AudioFifo(), Ear(Shape(shape[0], shape[1], names))
                if self.start is None:
                    self.start = self._offset(frame)
            frame.pts = None  # gaps in the timestamps are not the queue's business
            fifo.write(frame)
            while (block := fifo.read(ear.shape.block)) is not None:
                yield _hear(ear, block)
        if ear is not None:
            yield from _last(fifo, ear)

    def _offset(self, frame: Any) -> float:
        """Seconds from the first picture or sound of a video to its first sound; 0 for audio alone."""
        pictures = [stream for stream in self.container.streams.video if not stream.disposition & _COVER]
        if not pictures or frame.pts is None or frame.time_base is None or self.container.start_time is None:
            return 0.0
        offset = float(frame.pts * frame.time_base) - self.container.start_time / av.time_base
        return offset if 0 < offset <= self._job.max_seconds else 0.0


def _hear(ear: Ear, block: Any) -> bytes:
    # Not by the frame's own list of planes: with eight channels it runs on into memory that is no plane.
    return ear.hear([memoryview(AudioPlane(block, index)) for index in range(ear.shape.planes)], block.samples)


def _last(fifo: Any, ear: Ear) -> Iterator[bytes]:
    if (left := fifo.read()) is not None:
        yield _hear(ear, left)
    yield ear.rest()


def _default(streams: list[Any]) -> Any:
    return next((stream for stream in streams if stream.disposition & av.stream.Disposition.default), streams[0])


def survey(descriptor: int, job: frames.Job) -> tuple[float, Plan]:
    """How long the sound is by its packets, none decoded; `Refused` once that is more than the job allows. And which of the
    pictures are looked at.

    Headers are not asked. Timestamps and packets' own lengths are two witnesses: where they disagree widely, the shorter
    is believed, because the samples themselves are counted later on.
    """
    source = Source(descriptor, job, job.images != "none")
    tally, pictures = Tally(source.stream), None
    if source.pictures is not None:
        pictures = Survey(source.pictures, job.most_frames)
        source.look = pictures.add
    for number, packet in enumerate(source.packets()):
        tally.add(packet)
        if number % 1024 == 0 and tally.seconds > job.max_seconds + _SLACK_SECONDS:
            break
    plan = Plan() if pictures is None else pictures.plan()
    source.close()
    if tally.seconds > job.max_seconds + _SLACK_SECONDS:
        raise Refused("long")
    return tally.seconds, plan


class _Run:
    """The items of a clip in their order: chunks of sound, and images before the sound during which they are shown."""

    def __init__(self, descriptor: int, job: frames.Job) -> None:
        self.plan, self.counted = Plan(), 0.0
        self._eye: Eye | None = None
        images = job.images
        source = Source(descriptor, job, images != "none")
        if source.pictures is not None or source.claims_seconds > job.held_seconds:
            # Before the decoding, so that the two do not hold the file's index at once.
            source.close()
            self.counted, self.plan = survey(descriptor, job)
            source = Source(descriptor, job, images == "see")
        if source.pictures is not None and self.plan.stamps:
            start = (source.container.start_time or 0) / av.time_base
            self._eye = Eye(source.pictures, self.plan, start, job.most_pixels)
            source.look = self._eye.look
        self.source = source
        self.held_seconds = job.held_seconds if self._eye is None else min(job.held_seconds, _HELD_WITH_IMAGES)
        self._waiting: deque[bytes] = deque()
        self._sent = 0

    def items(self) -> Iterator[bytes | frames.Image]:
        """Each once; no more than a few seconds of sound wait here, and at most all images for a sound that begins late."""
        for chunk in chunks(self.source.pcm(), _CHUNK_BYTES):
            self._waiting.append(chunk)
            yield from self._in_order(math.inf if self._eye is None else self._eye.next_at)
        if self._eye is not None:
            self._eye.rest()
        yield from self._in_order(math.inf)
        yield from self._eye.seen if self._eye is not None else ()

    def _in_order(self, next_at: float) -> Iterator[bytes | frames.Image]:
        """What may leave while an image is still to come that is shown at `next_at`."""
        while self._waiting:
            end = (self.source.start or 0.0) + (self._sent + len(self._waiting[0])) / _BYTES_PER_SECOND
            if self._eye is not None and self._eye.seen and self._eye.seen[0].at < end:
                yield self._eye.seen.popleft()
            elif next_at < end and len(self._waiting) < _WAITING_SECONDS * BLOCKS_PER_SECOND:
                return
            else:
                chunk = self._waiting.popleft()
                self._sent += len(chunk)
                yield chunk


def run(descriptor: int, job: frames.Job, send: Callable[[bytes, bytes], None], allow_cpu: Callable[[float], None]) -> None:
    """Sends the beginning once it is known to be good, then the rest as it is taken; `Refused` or any failure ends it.

    `allow_cpu` is told how many seconds of media there are; none yet where pictures before the first sound are to be decoded.
    """
    clip = _Run(descriptor, job)
    if clip.plan.stamps:
        allow_cpu(0.0)
    items = clip.items()
    held: deque[bytes | frames.Image] = deque()
    heard, whole = 0, False
    while heard <= clip.held_seconds * _BYTES_PER_SECOND:
        if (item := next(items, None)) is None:
            whole = True
            break
        heard += len(item) if isinstance(item, bytes) else 0
        held.append(item)
    seconds = heard / _BYTES_PER_SECOND
    if seconds < _LEAST_SECONDS:
        raise Refused("empty")
    if not whole:
        seconds = max(seconds, clip.counted or survey(descriptor, job)[0])
    allow_cpu(max(seconds, min(clip.plan.seconds, job.max_seconds)))
    send(frames.READY, msgspec.msgpack.encode(_ready(clip, seconds, whole)))
    while held:
        _send(send, held.popleft())
    for item in items:
        _send(send, item)


def _send(send: Callable[[bytes, bytes], None], item: bytes | frames.Image) -> None:
    if isinstance(item, bytes):
        send(frames.AUDIO, item)
    else:
        send(frames.IMAGE, msgspec.msgpack.encode(item))


def _ready(clip: _Run, seconds: float, whole: bool) -> frames.Ready:
    source = clip.source
    context = source.stream.codec_context
    return frames.Ready(
        container=source.container.format.name,
        codec=context.name,
        sample_rate=context.sample_rate,
        channels=context.channels,
        seconds=seconds,
        start=source.start or 0.0,
        whole=whole,
        images=len(clip.plan.stamps),
        width=clip.plan.size[0],
        height=clip.plan.size[1],
    )
