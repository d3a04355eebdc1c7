"""Hostile media: playlists, bombs, forgeries, lies, rubbish, clips of ours damaged by chance. Refused or played, never more."""

import asyncio
import gzip
import io
import pickle
import random
import sqlite3
import struct
import time
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from livetranslate.blob import Blob
from livetranslate.decode import Cost, Decoder
from livetranslate.errors import BadMedia, TooBig
from livetranslate.media import HEARING_RATE, Audio
from tests import clips
from tests.clips import box, chunk, cluster, ebml, encode, id3, id3_frame, matroska, noise, riff, sine, tone_wav, wav, wav_format
from tests.net import Canary

MOST_WORKER_BYTES = 128_000_000
"""That a decode process may ever hold, for any of these."""
MOST_SERVER_BYTES = 32_000_000
"""That the server may grow by."""
SOON = 10.0
"""Seconds; on an idle machine each is over in two."""

PLAYS, ILLEGAL, SILENT, EMPTY, LONG = "plays", "illegal", "silent", "empty", "long"
NO_SOUND = {ILLEGAL, SILENT, EMPTY}
ANY = {PLAYS, ILLEGAL, SILENT, EMPTY, LONG}


@pytest.fixture
async def costs() -> list[Cost]:
    return []


@pytest.fixture
async def decoder(costs: list[Cost]) -> AsyncIterator[Decoder]:
    async with Decoder(observe=costs.append) as made:
        yield made


async def outcome(decoder: Decoder, data: bytes) -> tuple[str, float]:
    """What becomes of the bytes, and how many seconds of sound came out."""
    seconds = 0.0
    try:
        with Blob.from_bytes(data) as blob:
            clip = await decoder.open(blob)
        async with clip, aclosing(clip.media()) as media:
            async for audio in media:
                assert isinstance(audio, Audio)
                seconds += audio.samples / HEARING_RATE
    except TooBig:
        return LONG, seconds
    except BadMedia as error:
        return (SILENT if "audio stream" in str(error) else EMPTY if "empty" in str(error) else ILLEGAL), seconds
    return PLAYS, seconds


async def check(decoder: Decoder, costs: list[Cost], cases: dict[str, tuple[Callable[[], bytes], str | set[str]]]) -> None:
    """Every case ends as it should, soon, and in little memory here and there."""
    wrong = {}
    for name, (make, wanted) in cases.items():
        data = make()
        before, begun = psutil.Process().memory_info().rss, time.monotonic()
        costs.clear()
        became, _ = await outcome(decoder, data)
        took, grown = time.monotonic() - begun, psutil.Process().memory_info().rss - before
        held = max((cost.peak_bytes for cost in costs), default=0)
        fine = became in ({wanted} if isinstance(wanted, str) else wanted) and costs != []
        if not (fine and took < SOON and grown < MOST_SERVER_BYTES + len(data) and held < MOST_WORKER_BYTES):
            wrong[name] = (became, wanted, f"{took:.1f} s", f"server +{grown >> 20} MB", f"worker {held >> 20} MB")
    assert wrong == {}


async def test_media_that_names_other_media_is_refused(decoder: Decoder, costs: list[Cost]) -> None:
    """M01-M08: nothing is opened, nobody is called, and what names a file of ours does not get to see it."""
    async with Canary() as canary:
        host = f"127.0.0.1:{canary.port}"
        sdp = f"v=0\no=- 0 0 IN IP4 {host}\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {canary.port} RTP/AVP 0\n"
        mpd = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        mpd += '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
        reference = box(b"dref", struct.pack(">II", 0, 1) + box(b"url ", bytes(4) + f"http://{host}/a.wav\0".encode()))
        alias = box(b"dref", struct.pack(">II", 0, 1) + box(b"alis", bytes(4) + bytes(150) + b"/etc/passwd\0"))
        cases = {
            "M01 HLS": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://{host}/a.ts\n#EXT-X-ENDLIST\n".encode(),
            "M01b HLS of files": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
            "M01c HLS with a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://{host}/k"\n#EXTINF:9,\nconcat:/etc/passwd\n'.encode(),
            "M02 DASH": f"{mpd}<BaseURL>http://{host}/&e;</BaseURL></MPD>".encode(),
            "M03 concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
            "M03b concat of URLs": f"ffconcat version 1.0\nfile http://{host}/a.wav\n".encode(),
            "M04 SDP": sdp.encode(),
            "M05 data reference": box(b"ftyp", b"qt  " + bytes(4))
            + box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"dinf", reference))))),
            "M05b alias": box(b"ftyp", b"qt  " + bytes(4))
            + box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"dinf", alias))))),
            "M06 text": b"\x1b[2J hello\n" * 100,
            "M06b subtitles": b"[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,x\n",
            "M06c WebVTT": b"WEBVTT\n\n00:00.000 --> 00:09.000\nhello\n",
            "M06d image pattern": b"frame%03d.png",
            "M08 SVG": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{host}/x.png"/></svg>'.encode(),
        }
        await check(decoder, costs, {name: (partial(bytes, data), NO_SOUND) for name, data in cases.items()})
        assert canary.accepts == 0


def _forged_rate() -> bytes:
    data = bytearray(clips.flac_of_silence(60, 48_000, 8))
    data[18:21] = (0xFFFFF << 4 | data[20] & 15).to_bytes(3)
    return bytes(data)


def _film(width: int, height: int, frames: int = 1) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="avi") as writer:
        sound = writer.add_stream("pcm_s16le", rate=16_000, layout="mono")
        picture = writer.add_stream("mjpeg", rate=25, width=width, height=height, pix_fmt="yuvj420p")
        for _ in range(frames):
            frame = av.VideoFrame(width, height, "yuvj420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            writer.mux(picture.encode(frame))
        for part in clips._frames(sound, sine(1, 16_000), 16_000, "mono", 0, None):
            writer.mux(sound.encode(part))
    return file.getvalue()


BOMBS: dict[str, tuple[Callable[[], bytes], str | set[str]]] = {
    "M09 ten hours of silence in 0.4 MB": (lambda: clips.flac_of_silence(36_000), LONG),
    "M11 five minutes in eight channels": (lambda: clips.flac_of_silence(300, 48_000, 8), PLAYS),
    "M11b ten hours in eight channels": (lambda: clips.flac_of_silence(36_000, 48_000, 8), LONG),
    "M12 a million frames of MP3": (lambda: clips.SILENT_MP3_FRAME * 1_000_000, LONG),
    "M12b ten hours of mu-law": (lambda: wav(b"\xff" * 36_000_000, 1000, 1, 8, 7), ILLEGAL),
    "M13 a forged rate": (_forged_rate, ILLEGAL),
    **{f"M13 {rate} Hz": (partial(wav, bytes(9000), rate), ILLEGAL) for rate in (0, 1, 3999, 192_001, 2**31, 2**32 - 1)},
    **{f"M14 {count} channels": (partial(wav, bytes(65535 * 4), 16_000, count), NO_SOUND) for count in (0, 9, 255, 65_535)},
    "M15 a picture of 8192 by 8192": (lambda: _film(8192, 8192), PLAYS),
    "M16 a picture of 16384 by 16": (lambda: _film(16384, 16), PLAYS),
    "M18 ten thousand streams": (lambda: matroska(10_000, cluster(0, 1, bytes(3200))), NO_SOUND),
    "M19 a hundred thousand empty tracks": (
        lambda: box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", box(b"trak") * 100_000),
        NO_SOUND,
    ),
    "M33 fifty thousand chapters": (
        lambda: matroska(
            1, cluster(0, 1, bytes(3200)), ebml(0x1043A770, ebml(0x45B9, b"".join(_chapter(at) for at in range(50_000))))
        ),
        ANY,
    ),
    "M07 seven hundred tags, which take FFmpeg cubic time": (
        lambda: matroska(1, cluster(0, 1, bytes(3200)), ebml(0x1254C367, b"".join(_tag(number) for number in range(700)))),
        ANY,
    ),
    "M31 a picture tag of 20 MB": (
        lambda: id3(id3_frame(b"APIC", b"\0image/png\0\3\0" + bytes(20_000_000))) + clips.SILENT_MP3_FRAME * 100,
        ANY,
    ),
}


def _chapter(at: int) -> bytes:
    return ebml(0xB6, ebml(0x73C4, struct.pack(">I", at + 1)) + ebml(0x91, struct.pack(">Q", at * 1000)))


def _tag(number: int) -> bytes:
    return ebml(0x7373, ebml(0x63C0, b"") + ebml(0x67C8, ebml(0x45A3, b"T%d" % number) + ebml(0x4487, b"x" * 100)))


def _nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", data)
    return box(b"ftyp", b"isom" + bytes(4)) + data


async def test_bombs_are_refused_in_little_memory(decoder: Decoder, costs: list[Cost]) -> None:
    """M09-M19: hours, rates, channels, pixels, streams and tags out of few bytes."""
    await check(decoder, costs, BOMBS)


SILENCE = bytes(32_000)
FORMAT = chunk(b"fmt ", wav_format())
DATA = chunk(b"data", SILENCE)


def _claiming(size: int) -> bytes:
    return riff(FORMAT, chunk(b"data", SILENCE, size))


LIES: dict[str, tuple[Callable[[], bytes], str | set[str]]] = {
    **{f"M22 RIFF size {size}": (partial(riff, FORMAT, DATA, size=size), PLAYS) for size in (0, 1, 2**32 - 1, 10**9)},
    **{f"M22 data size {size}": (partial(_claiming, size), PLAYS) for size in (0, 2**32 - 1, 10**9)},
    "M22 data size 1": (partial(_claiming, 1), ANY),
    "M23 data before format": (lambda: riff(DATA, FORMAT), ANY),
    "M24 two formats": (lambda: riff(FORMAT, FORMAT, DATA), ANY),
    "M25 odd chunk without pad": (lambda: riff(FORMAT, chunk(b"junk", b"abc", pad=False), DATA), ANY),
    "M25b format cut": (lambda: riff(chunk(b"fmt ", wav_format()[:7]), DATA), NO_SOUND),
    "M25c no format": (lambda: riff(DATA), NO_SOUND),
    "M26 RF64 of 2^63 bytes": (
        lambda: riff(chunk(b"ds64", struct.pack("<QQQI", 2**63, 2**63, 2**62, 0)), FORMAT, DATA, name=b"RF64"),
        ANY,
    ),
    "M27 movie of 2^63 seconds": (lambda: _long_movie(2**63 - 1), PLAYS),
    "M27b movie of no seconds": (lambda: _long_movie(0), PLAYS),
    "M34 negative start": (lambda: encode("matroska", "pcm_s16le", 16_000, sine(1, 16_000), late=-0.5), PLAYS),
    "M30 a tag of 256 MB in 2 kB": (lambda: id3(bytes(2000), 2**28 - 1), NO_SOUND),
    "M32 tags in broken UTF-8": (
        lambda: id3(id3_frame(b"TIT2", b"\3\xff\xfe\xc3(\xed\xa0\x80")) + clips.SILENT_MP3_FRAME * 100,
        PLAYS,
    ),
    "M19b a thousand boxes deep": (lambda: _nested(1000), NO_SOUND),
    "M21 a cluster without end": (lambda: matroska(1, cluster(0, 1, SILENCE, unknown=True) * 20), PLAYS),
    "M21b FLV tags of size 0": (
        lambda: b"FLV\1\4" + struct.pack(">II", 9, 0) + (b"\x08" + bytes(10) + struct.pack(">I", 11)) * 5000,
        NO_SOUND,
    ),
    "M21c Ogg page repeated": (lambda: _one_page() * 2000, ANY),
    "M43 NaN": (lambda: wav(np.full(16_000, np.nan, "<f4").tobytes(), 16_000, 1, 32, 3), PLAYS),
    "M43b infinite": (lambda: wav(np.full(16_000, -np.inf, "<f8").tobytes(), 16_000, 1, 64, 3), PLAYS),
    "M44 1e38": (lambda: wav(np.tile(np.array([1e38, -1e38], "<f4"), 8000).tobytes(), 16_000, 1, 32, 3), PLAYS),
    "M44b denormals": (lambda: wav(np.full(160_000, 1e-42, "<f4").tobytes(), 44_100, 1, 32, 3), PLAYS),
    "M45 a constant": (lambda: wav(b"\xff\x7f" * 16_000), PLAYS),
    "M45b plus and minus one": (lambda: wav(b"\xff\x7f\1\x80" * 8000), PLAYS),
    "M46 no samples": (lambda: wav(b""), EMPTY),
    "M46b one sample": (lambda: wav(b"\0\0"), EMPTY),
    "M47 twenty minutes of silence": (lambda: wav(b"\x80" * 9_600_000, 8000, 1, 8), PLAYS),
}


def _long_movie(duration: int) -> bytes:
    data = bytearray(encode("ipod", "alac", 16_000, noise(1, 16_000)))
    for name in (b"mvhd", b"mdhd", b"tkhd"):
        at = data.index(name) + 4
        assert data[at] == 0  # version 0: 32 bits
        place = at + (20 if name == b"tkhd" else 16)
        data[place : place + 4] = min(duration, 2**32 - 1).to_bytes(4)
    return bytes(data)


def _one_page() -> bytes:
    data = encode("ogg", "libopus", 48_000, noise(1, 48_000))
    return data[: data.index(b"OggS", 100)]


async def test_lies_about_sizes_and_samples(decoder: Decoder, costs: list[Cost]) -> None:
    """M19-M34, M43-M47: the truth is counted; what can be read plays."""
    await check(decoder, costs, LIES)
    for name in ("M22 RIFF size 4294967295", "M22 data size 4294967295", "M27 movie of 2^63 seconds"):
        assert (await outcome(decoder, LIES[name][0]()))[1] == pytest.approx(1, abs=0.1), name


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.wav", tone_wav())
    return file.getvalue()


def _database() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE sound (pcm BLOB)")
        data = database.serialize()
    database.close()
    return data


OTHERS: dict[str, tuple[Callable[[], bytes], str | set[str]]] = {
    "M35 ZIP": (_zipped, NO_SOUND),
    "M36 gzip of a WAV": (lambda: gzip.compress(tone_wav()), NO_SOUND),
    "M37 PNG": (lambda: _image("png"), NO_SOUND),
    "M37b JPEG": (lambda: _image("mjpeg"), NO_SOUND),
    "M38 PDF": (lambda: b"%PDF-1.7\n" + b"1 0 obj<</Type/Catalog>>endobj\n" * 50 + b"%%EOF", NO_SOUND),
    "M38b ELF": (lambda: b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHI", 3, 62, 1) + bytes(3000), NO_SOUND),
    "M39 HTML": (lambda: b"<!doctype html><title>Sign in</title>" * 300, NO_SOUND),
    "M40 pickle": (lambda: pickle.dumps({"sound": [print] * 50}), NO_SOUND),
    "M40b EICAR, in halves": (lambda: b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", NO_SOUND),
    "M41 SQLite": (_database, NO_SOUND),
    "M41b JSON": (lambda: b'{"audio": "UklGRg=="}' * 100, NO_SOUND),
    "M42 MP4 and ZIP": (lambda: encode("ipod", "alac", 16_000, noise(1, 16_000)) + _zipped(), PLAYS),
    "M42b WAV and HTML": (lambda: tone_wav() + b"<html>", PLAYS),
    "M42c MP3 after 5 MB of zeros": (lambda: bytes(5_000_000) + clips.SILENT_MP3_FRAME * 500, ANY),
    "M42d headerless PCM": (lambda: (noise(1, 16_000)[0] * 3000).astype("<i2").tobytes(), NO_SOUND),
    "M48 a film without sound": (lambda: _silent_film(), SILENT),
    "M48b a cover and no sound": (lambda: id3(id3_frame(b"APIC", b"\0image/png\0\3\0" + _image("png"))), NO_SOUND),
}


def _image(codec: str) -> bytes:
    context: Any = av.CodecContext.create(codec, "w")
    context.width = context.height = 64
    context.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
    context.time_base = 1
    return b"".join(bytes(packet) for packet in [*context.encode(av.VideoFrame(64, 64, context.pix_fmt)), *context.encode(None)])


def _silent_film() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as writer:
        for stream, frame in clips._pictures(writer, "mpeg4", 1):
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))
    return file.getvalue()


async def test_other_files_are_refused(decoder: Decoder, costs: list[Cost]) -> None:
    """M35-M42, M48: what a name or a content type claims is nobody's business; the bytes are."""
    await check(decoder, costs, OTHERS)


def seeds(folder: Path) -> list[bytes]:
    """Small clips of many kinds."""
    sound = noise(0.5, 16_000)
    kinds = [
        ("wav", "pcm_s16le"),
        ("wav", "adpcm_ms"),
        ("mp3", "libmp3lame"),
        ("flac", "flac"),
        ("adts", "aac"),
        ("ipod", "aac"),
        ("ipod", "alac"),
    ]
    kinds += [
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("matroska", "flac"),
        ("aiff", "pcm_s16be"),
        ("caf", "alac"),
        ("au", "pcm_s16be"),
    ]
    kinds += [("flv", "libmp3lame"), ("avi", "pcm_s16le"), ("mpegts", "mp2"), ("wv", "wavpack"), ("tta", "tta"), ("ac3", "ac3")]
    rates = {"libopus": 48_000, "libmp3lame": 44_100, "mp2": 48_000, "ac3": 48_000}
    made = [encode(container, codec, rates.get(codec, 16_000), sound) for container, codec in kinds]
    made.append(encode("mp4", "aac", 16_000, sound, picture="mpeg4", muxing={"movflags": "faststart"}, path=folder / "film.mp4"))
    made.append(encode("mp4", "aac", 16_000, sound, muxing={"movflags": "frag_keyframe+empty_moov"}))
    made.append(encode("amr", "libopencore_amrnb", 8000, sound))
    return made


async def judged(decoder: Decoder, inputs: list[bytes]) -> dict[str, int]:
    """How many of the inputs became what; at most eight at once."""
    places = asyncio.Semaphore(8)

    async def one(data: bytes) -> str:
        async with places:
            return (await outcome(decoder, data))[0]

    counts: dict[str, int] = {}
    for became in await asyncio.gather(*map(one, inputs)):
        counts[became] = counts.get(became, 0) + 1
    return counts


async def test_clips_cut_anywhere(decoder: Decoder, costs: list[Cost], tmp_path: Path) -> None:
    """M20, M29: the readable start plays or is refused; no cut is a crash."""
    inputs = [seed[: int(len(seed) * share)] for seed in seeds(tmp_path) for share in (0.25, 0.5, 0.75, 0.99)]
    inputs += [seed[:size] for seed in seeds(tmp_path) for size in (1, 4, 12, 44)]
    counts = await judged(decoder, inputs)
    assert set(counts) <= {PLAYS, *NO_SOUND}
    assert len(costs) == len(inputs), "a decode process died"
    assert counts[PLAYS] > 30


async def test_clips_damaged_by_chance(decoder: Decoder, costs: list[Cost], tmp_path: Path) -> None:
    """M49: a few hundred flips, copies, cuts and floods; each is a clip, an error of the caller's, and never a crash of ours."""
    dice = random.Random(20261122)
    inputs = []
    for seed in seeds(tmp_path) * 14:
        data = bytearray(seed)
        for _ in range(dice.choice((1, 1, 2, 8, 64))):
            place = dice.randrange(min(len(data), 400) if dice.random() < 0.5 else len(data))
            size = dice.choice((1, 2, 4, 8, 100))
            kind = dice.randrange(5)
            if kind == 0:
                data[place] ^= 1 << dice.randrange(8)
            elif kind == 1:
                data[place : place + size] = bytes([dice.choice((0, 1, 0x7F, 0x80, 0xFF))]) * size
            elif kind == 2:
                data[place:place] = data[(other := dice.randrange(len(data))) : other + size]
            elif kind == 3 and len(data) > 2 * size:
                del data[place : place + size]
            else:
                data[place : place + size] = dice.randbytes(size)
        inputs.append(bytes(data))
    counts = await judged(decoder, inputs)
    assert sum(counts.values()) == len(inputs) >= 300
    assert counts[PLAYS] > 100
    assert counts[ILLEGAL] > 30
    assert len(costs) == len(inputs), "a decode process died"
    assert max(cost.peak_bytes for cost in costs) < 2 * MOST_WORKER_BYTES
    assert max(cost.cpu_seconds for cost in costs) < SOON
