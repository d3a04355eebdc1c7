"""Media made in code: good clips of every kind by FFmpeg's encoders, and the pieces of bad ones by hand."""

import io
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.floating[Any]]
"""By channel, in full scale of 1."""


def sine(seconds: float, rate: int, hertz: float = 440.0, level: float = 0.25) -> Sound:
    """A tone in one channel."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[None]


def noise(seconds: float, rate: int, channels: int = 1, seed: int = 1, level: float = 0.1) -> Sound:
    return (level * np.random.default_rng(seed).standard_normal((channels, round(seconds * rate)))).astype(np.float32)


def encode(
    container: str,
    codec: str,
    rate: int,
    sound: Sound,
    *,
    layout: str = "mono",
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    picture: str | None = None,
    late: float = 0.0,
    pieces: Sequence[int] | None = None,
    sample_format: str | None = None,
    path: Path | None = None,
) -> bytes:
    """A file; with `picture` (a codec) a small film whose sound begins `late` seconds in; `pieces` are frames' sample counts.

    Some muxers write a second time over the file, and need a `path` for it.
    """
    file = io.BytesIO()
    with av.open(path or file, "w", format=container, options=muxing or {}) as writer:
        frames: list[tuple[Any, Any]] = []
        if picture:
            frames += _pictures(writer, picture, sound.shape[1] / rate + late)
        stream: Any = writer.add_stream(codec, rate=rate, layout=layout, options=options or {})
        if sample_format:
            stream.codec_context.format = sample_format
        frames += [(stream, frame) for frame in _frames(stream, sound, rate, layout, late, pieces)]
        for each, frame in frames:
            for packet in each.encode(frame):
                writer.mux(packet)
        for each in {id(each): each for each, _ in frames}.values():
            for packet in each.encode(None):
                writer.mux(packet)
    return path.read_bytes() if path else file.getvalue()


def film(
    container: str,
    frames: Sequence[tuple[float, npt.NDArray[np.uint8]]],
    sounds: Sequence[Sound] = (),
    *,
    codec: str = "libx264",
    rate: int = 25,
    turned: int = 0,
    sound_codec: str = "aac",
    default: int = 0,
    options: dict[str, str] | None = None,
) -> bytes:
    """A video of these frames, RGB each at its second, turned counterclockwise by who plays it, with 16 kHz sounds."""
    file, base = io.BytesIO(), Fraction(1, 60_000)
    with av.open(file, "w", format=container) as writer:
        height, width, _ = frames[0][1].shape
        shown: Any = writer.add_stream(codec, rate=rate, width=width, height=height, pix_fmt="yuv420p", options=options or {})
        if turned:
            shown.set_display_rotation(turned)
        shown.codec_context.time_base = base
        heard: list[Any] = []
        for number, sound in enumerate(sounds):
            stream: Any = writer.add_stream(sound_codec, rate=16_000, layout="mono")
            stream.disposition = av.stream.Disposition.default if number == default else 0
            heard.append((stream, _frames(stream, sound, 16_000, "mono", 0.0, None)))
        for at, pixels in frames:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = round(at / base), base
            writer.mux(shown.encode(frame))
        writer.mux(shown.encode(None))
        for stream, parts in heard:
            for part in parts:
                writer.mux(stream.encode(part))
            writer.mux(stream.encode(None))
    return file.getvalue()


def talking_film(pcm: bytes, size: tuple[int, int] = (320, 180), rate: int = 10, codec: str = "libx264") -> bytes:
    """16 kHz PCM, unchanged, under grey pictures that change every second, in Matroska."""
    sound = np.frombuffer(pcm, "<i2").astype(np.float32)[None] / 32768
    count = sound.shape[1] * rate // 16_000
    pictures = [(n / rate, np.full((*size[::-1], 3), 60 + 40 * (n // rate % 4), np.uint8)) for n in range(count)]
    return film("matroska", pictures, [sound], codec=codec, rate=rate, sound_codec="flac")


def repeated(data: bytes, seconds: int, times: int) -> bytes:
    """A film of so many seconds again and again: its packets with later stamps, as encoding hours would take hours."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as writer:
        streams: dict[int, Any] = {}
        for turn in range(times):
            with av.open(io.BytesIO(data), "r") as reader:
                streams = streams or {stream.index: writer.add_stream_from_template(stream) for stream in reader.streams}
                for packet in reader.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    later = round(turn * seconds / packet.time_base)
                    packet.pts, packet.dts, packet.stream = packet.pts + later, packet.dts + later, streams[packet.stream.index]
                    writer.mux(packet)
    return file.getvalue()


def _pictures(writer: Any, codec: str, seconds: float) -> list[tuple[Any, Any]]:
    stream = writer.add_stream(codec, rate=25, width=64, height=48, pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p")
    made = []
    for number in range(max(1, round(seconds * 25))):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number % 256, np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        made.append((stream, frame))
    return made


def _frames(stream: Any, sound: Sound, rate: int, layout: str, late: float, pieces: Sequence[int] | None) -> Iterable[Any]:
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=layout, rate=rate, frame_size=stream.codec_context.frame_size or 0
    )
    at = 0
    for size in pieces or [sound.shape[1]]:
        part = sound[:, at : at + size].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part.T).reshape(1, -1), format="flt", layout=layout)
        frame.rate, frame.pts, frame.time_base = rate, at + round(late * rate), Fraction(1, rate)
        at += part.shape[1]
        if pieces:
            yield from av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate).resample(frame)
        else:
            yield from resampler.resample(frame)
    if not pieces:
        yield from resampler.resample(None)


# ---- WAV, by hand -------------------------------------------------------------------------------------------------------


def wav_format(rate: int = 16_000, channels: int = 1, bits: int = 16, kind: int = 1) -> bytes:
    align = channels * bits // 8
    return struct.pack("<HHIIHH", kind, channels & 0xFFFF, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)


def chunk(name: bytes, data: bytes, size: int | None = None, *, pad: bool = True) -> bytes:
    """A RIFF chunk; `size` is what it claims."""
    return name + struct.pack("<I", len(data) if size is None else size) + data + (b"\0" if pad and len(data) % 2 else b"")


def riff(*chunks: bytes, size: int | None = None, name: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) if size is None else size) + body


def wav(pcm: bytes, rate: int = 16_000, channels: int = 1, bits: int = 16, kind: int = 1) -> bytes:
    return riff(chunk(b"fmt ", wav_format(rate, channels, bits, kind)), chunk(b"data", pcm))


def tone_wav(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    return wav((sine(seconds, rate)[0] * 32767).astype("<i2").tobytes(), rate)


# ---- FLAC, by hand: blocks of constant samples, hours in kilobytes ------------------------------------------------------


def _crc(data: bytes, polynomial: int, bits: int) -> int:
    crc, top = 0, 1 << (bits - 1)
    for byte in data:
        crc ^= byte << (bits - 8)
        for _ in range(8):
            crc = (crc << 1 ^ polynomial if crc & top else crc << 1) & ((1 << bits) - 1)
    return crc


def _number(value: int) -> bytes:
    """FLAC's variable-length number, made like UTF-8 but up to 36 bits."""
    if value < 0x80:
        return bytes([value])
    tail = []
    lead = 0x3F
    while value > lead:
        tail.append(0x80 | value & 0x3F)
        value >>= 6
        lead >>= 1
    return bytes([~(lead << 1 | 1) & 0xFF | value, *reversed(tail)])


def flac_of_silence(seconds: float, rate: int = 48_000, channels: int = 1, claimed_rate: int | None = None) -> bytes:
    """Zeros, in blocks of 65,535 samples of which each takes about twenty bytes."""
    block = 65_535
    count = int(seconds * rate / block) + 1
    said = rate if claimed_rate is None else claimed_rate
    info = struct.pack(">HH", block, block) + bytes(6)
    info += (said << 44 | (channels - 1) << 41 | 15 << 36 | min(count * block, (1 << 36) - 1)).to_bytes(8) + bytes(16)
    frames = []
    for number in range(count):
        head = bytes([0xFF, 0xF8, 0x70, (channels - 1) << 4 | 0x08]) + _number(number) + struct.pack(">H", block - 1)
        head += bytes([_crc(head, 0x07, 8)])
        body = head + bytes([0, 0, 0]) * channels
        frames.append(body + _crc(body, 0x8005, 16).to_bytes(2))
    return b"fLaC" + bytes([0x80, 0, 0, 34]) + info + b"".join(frames)


# ---- MP3, Matroska and MP4, by hand -------------------------------------------------------------------------------------

SILENT_MP3_FRAME = bytes([0xFF, 0xF3, 0x14, 0xC4]) + bytes(20)
"""576 samples of silence at 24 kHz mono, 8 kbit/s."""


def id3(body: bytes, size: int | None = None) -> bytes:
    """An ID3 tag of version 2.3; `size` is what it claims."""
    size = len(body) if size is None else size
    return b"ID3\3\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + body


def id3_frame(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">IH", len(body), 0) + body


def ebml(name: int, body: bytes, *, unknown: bool = False) -> bytes:
    """A Matroska element."""
    tag = name.to_bytes((name.bit_length() + 7) // 8)
    return tag + (b"\x01" + b"\xff" * 7 if unknown else (len(body) | 1 << 56).to_bytes(8)) + body


def matroska(tracks: int, clusters: bytes = b"", extra: bytes = b"") -> bytes:
    """A file of so many 16 kHz PCM tracks."""
    head = ebml(0x1A45DFA3, ebml(0x4282, b"matroska") + ebml(0x4287, b"\4") + ebml(0x4285, b"\2"))
    sound = ebml(0xE1, ebml(0xB5, struct.pack(">d", 16_000)) + ebml(0x9F, b"\1") + ebml(0x6264, b"\x10"))
    entries = b"".join(
        ebml(0xAE, ebml(0xD7, struct.pack(">H", number)) + ebml(0x73C5, struct.pack(">H", number)) + ebml(0x83, b"\2")
             + ebml(0x86, b"A_PCM/INT/LIT") + sound)
        for number in range(1, tracks + 1)
    )  # fmt: skip
    info = ebml(0x1549A966, ebml(0x2AD7B1, struct.pack(">I", 1_000_000)))
    return head + ebml(0x18538067, info + ebml(0x1654AE6B, entries) + extra + clusters, unknown=True)


def cluster(time: int, track: int, pcm: bytes, *, unknown: bool = False) -> bytes:
    block = ebml(0xA3, bytes([0x80 | track]) + struct.pack(">hB", 0, 0x80) + pcm)
    return ebml(0x1F43B675, ebml(0xE7, struct.pack(">I", time)) + block, unknown=unknown)


def box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    """An MP4 box; `size` is what it claims."""
    return struct.pack(">I", len(body) + 8 if size is None else size) + name + body
