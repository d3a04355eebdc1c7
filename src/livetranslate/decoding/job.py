"""One decoding job, inside the decode process: what is let in, what is heard, and how long it is."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import av
import av.audio.fifo
import av.container
import av.stream
import msgspec
from av.audio.plane import AudioPlane

from livetranslate.decoding import frames
from livetranslate.decoding.sound import BLOCKS_PER_SECOND, Ear, Shape, chunks
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE

# Names of FFmpeg's. What is not here is not even tried: no playlists, no network, no subtitles, no images, no scripts.
FORMATS = (
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dts", "eac3", "flac", "flv", "loas",
    "matroska", "mov", "mp3", "mpeg", "mpegts", "ogg", "tta", "w64", "wav", "wv",
)  # fmt: skip
CODECS = (
    "aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "alac", "amrnb",
    "amrwb", "ape", "dca", "eac3", "flac", "g722", "g726", "gsm", "gsm_ms", "libopencore_amrnb", "libopus", "mp1",
    "mp1float", "mp2", "mp2float", "mp3", "mp3float", "nellymoser", "opus", "pcm_alaw", "pcm_f32be", "pcm_f32le",
    "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le",
    "pcm_s8", "pcm_u8", "speex", "tta", "vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice",
)  # fmt: skip

_CHUNK_BYTES = BYTES_PER_SAMPLE * HEARING_RATE // BLOCKS_PER_SECOND
_LEAST_SECONDS = 0.01
"""Anything shorter is empty: no sound of a language fits into it."""
_SLACK_SECONDS = 0.5
"""What a count of packets may be over the limit: codecs pad their first and last packets. The samples decide."""
_READ_SECONDS = 20.0
_BUFFER_BYTES = 1 << 16
_LONGEST_PACKET_SECONDS = 10.0
"""A packet that says it is longer is not believed; some files of Vorbis end with one."""
_MOST_STREAMS = 256
"""Of all kinds: films carry subtitles in many languages, and the fonts for them."""
_FIRST_FRAME_BYTES = 2048
"""Raw MPEG audio begins with a frame, or with the rest of one that was cut: no further in than this."""
_BROKEN_PACKETS = 8
"""So many may be broken before any is good."""
_COVER = av.stream.Disposition.attached_pic
_SAMPLE_BYTES = {
    name: int(bits[0]) // 8 if (bits := re.search("[0-9]+", name)) else 1 for name in CODECS if name.startswith("pcm_")
}


class Refused(Exception):
    """The media is not taken: illegal, silent, empty or long."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


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
    """An opened container and the one stream of it that is heard."""

    def __init__(self, descriptor: int, job: frames.Job) -> None:
        self._job = job
        options = {
            "format_whitelist": ",".join(FORMATS),
            "codec_whitelist": ",".join(CODECS),
            "protocol_whitelist": "",
            "max_streams": str(_MOST_STREAMS),
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
        self.stream = self._choose()

    def close(self) -> None:
        """Frees what the container holds, which its streams would keep alive."""
        self.container.close()

    def _choose(self) -> Any:
        """The default audio stream, or the first, of those in a codec that is let in."""
        streams = list(self.container.streams)
        if sum(stream.type in ("audio", "video") for stream in streams) > self._job.most_streams:
            raise Refused("illegal")
        heard = [stream for stream in streams if stream.type == "audio"]
        if not heard:
            raise Refused("silent")
        known = [stream for stream in heard if stream.codec_context is not None and stream.codec_context.name in CODECS]
        if not known:
            raise Refused("illegal")
        chosen = next((stream for stream in known if stream.disposition & av.stream.Disposition.default), known[0])
        for stream in streams:
            if stream is not chosen:
                stream.discard = av.stream.Discard.all
        chosen.codec_context.thread_count = 1
        self._check_size(chosen.codec_context.sample_rate, chosen.codec_context.channels)
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
        """The packets of the stream as far as they can be read; the last is empty and flushes the decoder."""
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except MemoryError:
                raise
            except av.FFmpegError:
                return  # damaged or cut here; what came before may be good
            if packet is None:
                return
            yield packet

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


def count_seconds(descriptor: int, job: frames.Job) -> float:
    """How long the sound is by its packets, none decoded; `Refused` once that is more than the job allows.

    Headers are not asked. Timestamps and packets' own lengths are two witnesses: where they disagree widely, the shorter
    is believed, because the samples themselves are counted later on.
    """
    source = Source(descriptor, job)
    tally = _Tally(source.stream)
    for number, packet in enumerate(source.packets()):
        tally.add(packet)
        if number % 1024 == 0 and tally.seconds > job.max_seconds + _SLACK_SECONDS:
            break
    source.close()
    if tally.seconds > job.max_seconds + _SLACK_SECONDS:
        raise Refused("long")
    return tally.seconds


class _Tally:
    """Counts packets: their bytes if those are plain samples, their number if each holds as many samples, else their times.

    Of number and times the shorter counts, too: a stream's rate may be told for twice the samples that a packet is said to hold.
    """

    def __init__(self, stream: Any) -> None:
        context = stream.codec_context
        self._rate = context.sample_rate
        self._base = float(stream.time_base)
        self._frame_size = context.frame_size
        self._sample_bytes = context.channels * _SAMPLE_BYTES.get(context.name, 0)
        self._bytes = self._packets = self._stamped = self._lengths = self._end = 0
        self._start: int | None = None

    def add(self, packet: Any) -> None:
        size, length, pts = packet.size, packet.duration or 0, packet.pts
        if not size:
            return
        if not 0 <= length * self._base <= _LONGEST_PACKET_SECONDS:
            length = 0
        self._bytes += size
        self._packets += 1
        self._lengths += length
        if pts is not None:
            self._stamped += 1
            if self._start is None:
                self._start = self._end = pts
            self._end = max(self._end, pts + length)

    @property
    def seconds(self) -> float:
        if self._sample_bytes:
            return float(self._bytes / self._sample_bytes / self._rate)
        times = self._times()
        if not self._frame_size:
            return times
        number = float(self._packets * self._frame_size / self._rate)
        return times if 0 < times * 1.5 < number else number

    def _times(self) -> float:
        lengths, span = self._lengths * self._base, (self._end - (self._start or 0)) * self._base
        if not lengths and self._stamped > 1:
            return span / (self._stamped - 1) * self._packets  # the last packet has a length too
        if not lengths or not span:
            return max(lengths, span)
        return span if span / 2 < lengths < span * 2 else min(lengths, span)


def run(descriptor: int, job: frames.Job, send: Callable[[bytes, bytes], None], allow_cpu: Callable[[float], None]) -> None:
    """Sends the beginning once it is known to be good, then the rest as it is taken; `Refused` or any failure ends it.

    `allow_cpu` is told how many seconds of sound there are.
    """
    source = Source(descriptor, job)
    counted = 0.0
    if source.claims_seconds > job.held_seconds:
        # Before the decoding, so that the two do not hold the file's index at once.
        source.close()
        counted = count_seconds(descriptor, job)
        source = Source(descriptor, job)
    pcm = chunks(source.pcm(), _CHUNK_BYTES)
    held: list[bytes] = []
    whole = False
    while len(held) * _CHUNK_BYTES <= job.held_seconds * HEARING_RATE * BYTES_PER_SAMPLE:
        if (chunk := next(pcm, None)) is None:
            whole = True
            break
        held.append(chunk)
    seconds = sum(map(len, held)) / (HEARING_RATE * BYTES_PER_SAMPLE)
    if seconds < _LEAST_SECONDS:
        raise Refused("empty")
    if not whole:
        seconds = max(seconds, counted or count_seconds(descriptor, job))
    allow_cpu(seconds)
    context = source.stream.codec_context
    ready = frames.Ready(
        container=source.container.format.name,
        codec=context.name,
        sample_rate=context.sample_rate,
        channels=context.channels,
        seconds=seconds,
        start=source.start or 0.0,
        whole=whole,
    )
    send(frames.READY, msgspec.msgpack.encode(ready))
    held.reverse()
    while held:
        send(frames.AUDIO, held.pop())
    for chunk in pcm:
        send(frames.AUDIO, chunk)
