"""Decoding: every kind of media to 16 kHz mono, how long it is, what is refused in which words, and what stays behind."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import psutil
import pytest
import uvloop

from livetranslate.blob import Blob
from livetranslate.decode import Clip, Cost, DecodeLimits, Decoder
from livetranslate.errors import BadMedia, LivetranslateError, TooBig
from livetranslate.media import HEARING_RATE, Audio
from tests import clips
from tests.clips import encode, noise, sine, tone_wav

PCM = npt.NDArray[np.int16]


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder() as made:
        yield made


@asynccontextmanager
async def opened(decoder: Decoder, data: bytes, *, video: bool = False) -> AsyncIterator[Clip]:
    with Blob.from_bytes(data) as blob:
        clip = await decoder.open(blob, video)
    async with clip:
        yield clip


async def heard(clip: Clip) -> PCM:
    """All samples of a clip, whose chunks must follow one another."""
    pieces: list[bytes] = []
    end: float | None = None
    async with aclosing(clip.media()) as media:
        async for audio in media:
            assert isinstance(audio, Audio)
            assert audio.sample_rate == HEARING_RATE
            assert end is None or audio.start == pytest.approx(end, abs=1e-9)
            end = audio.end
            pieces.append(audio.pcm)
    assert all(len(piece) == 8000 for piece in pieces[:-1])
    return np.frombuffer(b"".join(pieces), "<i2")


async def decoded(decoder: Decoder, data: bytes) -> PCM:
    async with opened(decoder, data) as clip:
        return await heard(clip)


async def refusal(decoder: Decoder, data: bytes, *, video: bool = False) -> LivetranslateError:
    with pytest.raises(LivetranslateError) as raised:
        async with opened(decoder, data, video=video):
            pass
    return raised.value


def children(decoder: Decoder) -> list[psutil.Process]:
    assert decoder.pid is not None
    return [child for child in psutil.Process(decoder.pid).children() if child.status() != psutil.STATUS_ZOMBIE]


async def no_children(decoder: Decoder, within: float) -> None:
    async with asyncio.timeout(within):
        while children(decoder):  # noqa: ASYNC110 - processes of the kernel's, there is no event
            await asyncio.sleep(0.005)


def pitch(samples: PCM) -> float:
    """The strongest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * HEARING_RATE / len(samples))


def level(samples: PCM) -> float:
    return float(np.sqrt(np.mean((samples / 32768) ** 2)))


KINDS = [
    *(
        ("wav", codec, rate)
        for codec, rate in (("pcm_u8", 8000), ("pcm_s16le", 11_025), ("pcm_s24le", 48_000), ("pcm_s32le", 16_000))
    ),
    *(
        ("wav", codec, rate)
        for codec, rate in (("pcm_f32le", 22_050), ("pcm_f64le", 44_100), ("pcm_alaw", 8000), ("pcm_mulaw", 8000))
    ),
    *(
        ("wav", codec, rate)
        for codec, rate in (("adpcm_ms", 22_050), ("adpcm_ima_wav", 22_050), ("adpcm_g722", 16_000), ("g726", 8000))
    ),
    *(("wav", "pcm_s16le", rate) for rate in (4000, 96_000, 192_000)),
    ("w64", "pcm_s16le", 16_000),
    *(("mp3", "libmp3lame", rate) for rate in (8000, 16_000, 22_050, 44_100, 48_000)),
    ("mp2", "mp2", 48_000),
    *(("flac", "flac", rate) for rate in (8000, 44_100, 96_000)),
    *(("adts", "aac", rate) for rate in (8000, 44_100)),
    ("latm", "aac", 44_100),
    *(("ipod", codec, 48_000) for codec in ("aac", "alac")),
    *(("ogg", codec, 48_000) for codec in ("libopus", "flac")),
    ("opus", "libopus", 16_000),
    ("amr", "libopencore_amrnb", 8000),
    ("3gp", "libopencore_amrnb", 8000),
    ("webm", "libopus", 48_000),
    *(("matroska", codec, 44_100) for codec in ("flac", "pcm_s16le", "aac")),
    *(("aiff", codec, 48_000) for codec in ("pcm_s16be", "pcm_s24be")),
    *(("caf", codec, 44_100) for codec in ("alac", "pcm_s16le")),
    ("au", "pcm_s16be", 16_000),
    *(
        ("flv", codec, rate)
        for codec, rate in (("libmp3lame", 44_100), ("aac", 44_100), ("adpcm_swf", 22_050), ("nellymoser", 16_000))
    ),
    *(("avi", codec, 44_100) for codec in ("libmp3lame", "pcm_s16le")),
    *(("mpegts", codec, 48_000) for codec in ("aac", "mp2", "ac3")),
    ("mpeg", "mp2", 48_000),
    *(("mov", codec, 44_100) for codec in ("pcm_s16le", "adpcm_ima_qt")),
    *((codec, codec, 48_000) for codec in ("ac3", "eac3")),
    ("wv", "wavpack", 44_100),
    ("tta", "tta", 44_100),
]
STEREO = [("asf", "wmav1", 44_100), ("asf", "wmav2", 16_000), ("ogg", "vorbis", 44_100), ("webm", "vorbis", 48_000)]
SIXES = [
    *(("wav", "pcm_s16le", layout) for layout in ("stereo", "2.1", "quad", "5.1", "7.1")),
    ("flac", "flac", "5.1"),
    ("ipod", "aac", "7.1"),
]


async def test_every_kind_plays(decoder: Decoder) -> None:
    """A tone of two seconds is a tone of two seconds, whatever it is packed in."""
    wrong = {}
    for container, codec, rate in [*KINDS, *STEREO]:
        channels = 2 if (container, codec, rate) in STEREO else 1
        data = encode(
            container,
            codec,
            rate,
            np.repeat(sine(2, rate), channels, axis=0),
            layout="stereo" if channels == 2 else "mono",
            options={"strict": "experimental"} if codec == "vorbis" else {"b": "64000"} if "wma" in codec else None,
        )
        async with opened(decoder, data) as clip:
            samples = await heard(clip)
            told = clip.seconds == len(samples) / HEARING_RATE and clip.probe.channels == channels and clip.cost is not None
        loud = level(samples[2000:-2000]) / (0.25 / np.sqrt(2))
        if not (told and abs(clip.seconds - 2) < 0.2 and abs(pitch(samples) - 440) < 1 and 0.6 < loud < 1.2):
            wrong[container, codec, rate] = (clip.probe, pitch(samples), loud)
    assert wrong == {}


async def test_many_channels_play(decoder: Decoder) -> None:
    counts = {"stereo": 2, "2.1": 3, "quad": 4, "5.1": 6, "7.1": 8}
    for container, codec, layout in SIXES:
        sound = np.repeat(sine(1, 48_000), counts[layout], axis=0)
        samples = await decoded(decoder, encode(container, codec, 48_000, sound, layout=layout))
        assert pitch(samples) == pytest.approx(440, abs=2), (container, layout)
        assert level(samples[2000:-2000]) == pytest.approx(0.25 / np.sqrt(2), rel=0.1), (container, layout)


FILMS = [
    *(("mp4", "mpeg4", "aac"), ("mov", "mjpeg", "aac"), ("matroska", "mpeg4", "flac"), ("avi", "mpeg4", "libmp3lame")),
    *(("flv", "flv", "libmp3lame"), ("mpegts", "mpeg2video", "mp2"), ("mpeg", "mpeg1video", "mp2"), ("asf", "msmpeg4", "wmav2")),
]


async def test_films_are_heard(decoder: Decoder) -> None:
    for container, picture, codec in FILMS:
        stereo = codec == "wmav2"
        sound = np.repeat(sine(2, 44_100), 2 if stereo else 1, axis=0)
        options = {"b": "64000"} if stereo else None
        data = encode(container, codec, 44_100, sound, layout="stereo" if stereo else "mono", picture=picture, options=options)
        async with opened(decoder, data, video=True) as clip:
            samples = await heard(clip)
        assert pitch(samples) == pytest.approx(440, abs=1), container
        assert len(samples) / HEARING_RATE == pytest.approx(2, abs=0.1), container


async def test_samples_of_16_khz_mono_are_not_touched(decoder: Decoder) -> None:
    samples = np.random.default_rng(3).integers(-32768, 32768, 40_001).astype("<i2")
    assert np.array_equal(await decoded(decoder, clips.wav(samples.tobytes())), samples)


async def test_resampling_is_clean(decoder: Decoder) -> None:
    """A tone below 8 kHz comes through to within -80 dB, one above is gone."""
    for rate in (22_050, 44_100, 48_000):
        samples = await decoded(decoder, encode("wav", "pcm_f32le", rate, sine(2, rate, 1000, 0.5)))
        ideal = sine(2, HEARING_RATE, 1000, 0.5)[0] * 32768
        assert len(samples) == 32_000
        assert np.abs(samples - ideal)[1000:-1000].max() < 32768 * 1e-4
        samples = await decoded(decoder, encode("wav", "pcm_f32le", rate, sine(2, rate, 9500, 0.5)))
        assert np.abs(samples[1000:-1000]).max() <= 2


async def test_lossless_kinds_agree_to_the_sample(decoder: Decoder) -> None:
    """However a file cuts its samples into packets: the same sound gives the same bytes."""
    sound = np.round(noise(3.3, 44_100, 2) * 32767) / 32768
    whole = sound.shape[1]
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("wav", "pcm_s16le", {}),
        ("aiff", "pcm_s16be", {}),
        ("matroska", "pcm_s16le", {"pieces": [1, 2, 3, 1023, 7000, whole - 8029]}),
        ("matroska", "pcm_s16le", {"pieces": [100] * (whole // 100) + [whole % 100]}),
        ("flac", "flac", {}),
        ("flac", "flac", {"options": {"frame_size": "576"}}),
        ("matroska", "flac", {}),
        ("wv", "wavpack", {"sample_format": "s16p"}),
        ("tta", "tta", {"sample_format": "s16"}),
    ]
    first = await decoded(decoder, encode("wav", "pcm_s16le", 44_100, sound, layout="stereo"))
    assert len(first) == 52_800
    for container, codec, details in kinds:
        again = await decoded(decoder, encode(container, codec, 44_100, sound, layout="stereo", **details))
        assert np.array_equal(again, first), (container, codec)


async def test_silence_tones_and_short_sounds_play(decoder: Decoder) -> None:
    assert not (await decoded(decoder, clips.wav(bytes(2 * 16_000 * 30)))).any()
    assert len(await decoded(decoder, clips.wav(bytes(2 * 160)))) == 160
    assert (await decoded(decoder, clips.wav(b"\xff\x7f" * 16_000))).min() == 32767  # a constant at full scale


async def test_too_few_samples_are_empty(decoder: Decoder) -> None:
    for data in (b"", *(clips.wav(bytes(2 * samples)) for samples in (0, 1, 159))):
        error = await refusal(decoder, data)
        assert (type(error), error.message) == (BadMedia, "The audio is empty")


async def test_what_is_no_media_is_refused(decoder: Decoder) -> None:
    for data in (b"\0", b"RIFF", b"not media", np.random.default_rng(1).bytes(9000)):
        error = await refusal(decoder, data)
        assert (type(error), error.message) == (BadMedia, "The audio format is illegal and cannot be opened.")
        assert (await refusal(decoder, data, video=True)).message == "Invalid video file."


async def test_a_film_without_sound_names_the_audio(decoder: Decoder) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as writer:
        for stream, frame in clips._pictures(writer, "mpeg4", 1):
            for packet in stream.encode(frame):
                writer.mux(packet)
        for packet in stream.encode(None):
            writer.mux(packet)
    error = await refusal(decoder, file.getvalue(), video=True)
    assert (type(error), error.message) == (BadMedia, "Invalid video file. It has no audio stream.")
    assert "audio" in (await refusal(decoder, file.getvalue())).message


async def test_sound_that_starts_late_says_so(decoder: Decoder) -> None:
    """In a film the clock starts with the first picture; of sound alone it starts with the sound."""
    film = encode("matroska", "pcm_s16le", 16_000, sine(1, 16_000), picture="mpeg4", late=2.0)
    alone = encode("matroska", "pcm_s16le", 16_000, sine(1, 16_000), late=2.0)
    for data, start in ((film, 2.0), (alone, 0.0)):
        async with opened(decoder, data, video=True) as clip, aclosing(clip.media()) as media:
            first = await anext(media)
            assert isinstance(first, Audio)
            assert first.start == pytest.approx(start, abs=0.01)


async def test_the_default_track_is_heard(decoder: Decoder) -> None:
    for default, hertz in ((0, 300), (1, 900)):
        file = io.BytesIO()
        with av.open(file, "w", format="matroska") as writer:
            streams = [writer.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in range(2)]
            for index, stream in enumerate(streams):
                stream.disposition = av.stream.Disposition.default if index == default else av.stream.Disposition(0)
            for stream, each in zip(streams, (300, 900), strict=True):
                for frame in clips._frames(stream, sine(1, 16_000, each), 16_000, "mono", 0, None):
                    writer.mux(stream.encode(frame))
        assert pitch(await decoded(decoder, file.getvalue())) == pytest.approx(hertz, abs=2)


async def test_channels_that_cancel_out_are_heard(decoder: Decoder) -> None:
    """Phase-inverted stereo, as from a badly soldered cable, plays as loud as its channels."""
    one = noise(3, 44_100)[0]
    inverted = await decoded(decoder, encode("wav", "pcm_s16le", 44_100, np.stack([one, -one]), layout="stereo"))
    plain = await decoded(decoder, encode("wav", "pcm_s16le", 44_100, np.stack([one, one]), layout="stereo"))
    assert level(inverted) == pytest.approx(level(plain), rel=0.001)


async def test_speech_in_one_channel_of_six_is_heard(decoder: Decoder) -> None:
    """A voice in the centre of 5.1 is not drowned by five silent channels, wherever else it is it is heard too."""
    for place, least in ((2, -9), (0, -16), (1, -16), (4, -22), (5, -22)):
        sound = np.zeros((6, 48_000), np.float32)
        sound[place] = sine(1, 48_000)[0]
        samples = await decoded(decoder, encode("wav", "pcm_s16le", 48_000, sound, layout="5.1"))
        assert 20 * np.log10(level(samples) / (0.25 / np.sqrt(2))) > least


async def test_what_is_no_number_is_silence(decoder: Decoder) -> None:
    good = sine(1, 16_000)[0]
    for rubbish in (np.nan, np.inf, -np.inf):
        bad = good.copy()
        bad[4000:8000] = rubbish
        samples = await decoded(decoder, clips.wav(bad.astype("<f4").tobytes(), 16_000, 1, 32, 3))
        assert not samples[4000:8000].any()
        assert np.abs(samples[8000:] - good[8000:] * 32768).max() <= 1
    for odd, bits in ((1e38, 32), (1e-40, 32), (1e300, 64)):
        samples = await decoded(decoder, clips.wav(np.full(16_000, odd, f"<f{bits // 8}").tobytes(), 16_000, 1, bits, 3))
        assert len(samples) == 16_000
        assert set(np.unique(samples)) <= {0, 32767}


LIMIT = DecodeLimits(max_seconds=4.0, held_seconds=1.0)


@pytest.mark.parametrize("held", [1.0, 60.0])
async def test_the_limit_of_length_is_exact(held: float) -> None:
    async with Decoder(DecodeLimits(max_seconds=4.0, held_seconds=held)) as decoder:
        assert len(await decoded(decoder, clips.wav(bytes(2 * 64_000)))) == 64_000
        error = await refusal(decoder, clips.wav(bytes(2 * 80_000)))
        assert type(error) is TooBig
        assert error.message == "The audio is too long. Range of input length should be [1, 50]"
        assert (await refusal(decoder, clips.wav(bytes(2 * 80_000)), video=True)).message.startswith(
            "The video file is too long."
        )
        with pytest.raises(TooBig):  # by so little that it shows only in the samples
            await decoded(decoder, clips.wav(bytes(2 * 64_001)))


async def test_the_default_limit_is_the_model_s(decoder: Decoder) -> None:
    """Ninety minutes of 8 kHz telephone sound are too long before anything is decoded to the end."""
    begun = time.monotonic()
    error = await refusal(decoder, clips.wav(b"\x80" * (90 * 60 * 8000), 8000, 1, 8))
    assert (type(error), "[1, 49152]" in error.message) == (TooBig, True)
    assert time.monotonic() - begun < 3


async def test_a_header_that_lies_about_the_length_does_not_matter(decoder: Decoder) -> None:
    """A Xing header that claims a hundred hours of three seconds."""
    data = bytearray(encode("mp3", "libmp3lame", 44_100, sine(3, 44_100)))
    place = max(data.find(b"Xing"), data.find(b"Info"))
    assert place > 0
    data[place + 8 : place + 12] = (2**31 - 1).to_bytes(4)
    async with opened(decoder, bytes(data)) as clip:
        assert clip.seconds == pytest.approx(3, abs=0.1)


async def test_long_media_streams(decoder: Decoder) -> None:
    """Beyond the minute that is held: seconds are counted before, exact after, and equal to what came."""
    for data in (
        clips.wav((sine(90, 8000)[0] * 127 + 128).astype(np.uint8).tobytes(), 8000, 1, 8),
        clips.SILENT_MP3_FRAME * 3750,
        clips.flac_of_silence(90),
        encode("ipod", "aac", 16_000, sine(90, 16_000)),
    ):
        async with opened(decoder, data) as clip:
            counted = clip.seconds
            samples = await heard(clip)
            assert clip.seconds == len(samples) / HEARING_RATE
            assert counted == pytest.approx(clip.seconds, abs=0.1)
            assert clip.seconds > 89


async def test_leaving_ends_the_process(decoder: Decoder) -> None:
    data = clips.flac_of_silence(600)
    before = psutil.Process().num_fds()
    for chunks in (0, 1, 10):
        with Blob.from_bytes(data) as blob:
            clip = await decoder.open(blob)
        assert len(children(decoder)) == 1
        media = clip.media()
        for _ in range(chunks):
            await anext(media)
        begun = time.monotonic()
        await media.aclose()
        await clip.aclose()
        assert time.monotonic() - begun < 0.25
        await no_children(decoder, 0.25)
    await asyncio.sleep(0.05)
    assert psutil.Process().num_fds() == before


async def test_leaving_while_it_opens_ends_the_process(decoder: Decoder) -> None:
    data = clips.flac_of_silence(3600, 48_000, 2)
    before = psutil.Process().num_fds()
    with Blob.from_bytes(data) as blob:
        for wait in (0.0, 0.0005, 0.002, 0.01, 0.03):
            task = asyncio.create_task(decoder.open(blob))
            await asyncio.sleep(wait)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if not task.cancelled():
                await task.result().aclose()
            await no_children(decoder, 0.5)
    await asyncio.sleep(0.05)
    assert psutil.Process().num_fds() == before


async def test_closed_by_another_the_stream_ends(decoder: Decoder) -> None:
    async with opened(decoder, clips.flac_of_silence(600)) as clip, aclosing(clip.media()) as media:
        await anext(media)
        await clip.aclose()
        assert [chunk async for chunk in media] == []
    with pytest.raises(RuntimeError):
        await anext(clip.media())


async def test_a_reader_that_rests_is_waited_for(decoder: Decoder) -> None:
    """Back-pressure: while nobody reads, the process neither works nor grows; nothing is lost when reading goes on."""
    async with opened(decoder, clips.flac_of_silence(300)) as clip, aclosing(clip.media()) as media:
        await anext(media)
        await asyncio.sleep(0.3)
        (child,) = children(decoder)
        used, grown = child.cpu_times(), child.memory_info().rss
        await asyncio.sleep(0.5)
        assert child.cpu_times() == used
        assert child.memory_info().rss == grown
        rest = [chunk async for chunk in media]
    assert sum(chunk.seconds for chunk in rest if isinstance(chunk, Audio)) == pytest.approx(clip.seconds - 0.25)


async def test_many_at_once() -> None:
    """More clips than places: all are served, each its own."""
    tones = [200 + 50 * number for number in range(24)]
    async with Decoder(DecodeLimits(at_once=4)) as decoder:
        results = await asyncio.gather(
            *(decoded(decoder, encode("flac", "flac", 16_000, sine(1, 16_000, hertz))) for hertz in tones)
        )
        assert [round(pitch(result)) for result in results] == tones
        await no_children(decoder, 1)


async def test_costs_are_told() -> None:
    told: list[Cost] = []
    async with Decoder(observe=told.append) as decoder:
        await decoded(decoder, tone_wav())
        await refusal(decoder, b"rubbish")
        assert len(told) == 2
        assert all(0 < cost.cpu_seconds < 5 and 10_000_000 < cost.peak_bytes < 200_000_000 for cost in told)


async def test_nothing_is_left_when_it_closes() -> None:
    before = psutil.Process().num_fds()
    async with Decoder() as decoder:
        zygote = psutil.Process(decoder.pid)
        with Blob.from_bytes(clips.flac_of_silence(600)) as blob:
            clip = await decoder.open(blob)
        ours = [zygote, *zygote.children()]
        assert len(ours) == 2
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in ours)
    await clip.aclose()
    await asyncio.sleep(0)
    assert psutil.Process().num_fds() <= before


def test_decodes_on_uvloop() -> None:
    """The server's loop: sockets, handles of processes and the death of the forking process as on asyncio's own."""

    async def run() -> None:
        async with Decoder() as decoder:
            results = await asyncio.gather(*(decoded(decoder, tone_wav()) for _ in range(4)))
            assert {len(result) for result in results} == {16_000}
            async with opened(decoder, clips.flac_of_silence(300)) as clip:
                assert clip.seconds > 299
            await no_children(decoder, 1)
            psutil.Process(decoder.pid).kill()
            assert len(await decoded(decoder, tone_wav())) == 16_000

    uvloop.run(run())
