"""Decoding video: which frames become images and when, upright and scaled; which sound is heard; what is refused."""

import io
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from livetranslate.blob import Blob
from livetranslate.decode import Clip, Cost, DecodeLimits, Decoder, Images
from livetranslate.errors import BadMedia, LivetranslateError, TooBig
from livetranslate.media import HEARING_RATE, Audio, Image, Media
from livetranslate.tokens import frame_count, frame_numbers, frame_size
from tests.clips import encode, film, noise, sine

KINDS = [
    ("mp4", "libx264", "aac", 44_100),
    ("mp4", "libx265", "aac", 44_100),
    ("mp4", "mpeg4", "libmp3lame", 44_100),
    ("mp4", "libsvtav1", "aac", 44_100),
    ("mov", "libx264", "pcm_s16le", 44_100),
    ("matroska", "libx264", "libopus", 48_000),
    ("matroska", "libvpx-vp9", "flac", 44_100),
    ("avi", "mpeg4", "libmp3lame", 44_100),
    ("avi", "msmpeg4", "pcm_s16le", 44_100),
    ("flv", "flv", "libmp3lame", 44_100),
    ("flv", "libx264", "aac", 44_100),
    ("asf", "wmv2", "wmav2", 44_100),
    ("webm", "libvpx", "libopus", 48_000),
    ("webm", "libvpx-vp9", "libopus", 48_000),
    ("webm", "libsvtav1", "libopus", 48_000),
    ("mpegts", "libx264", "aac", 44_100),
    ("mpeg", "mpeg2video", "mp2", 44_100),
    ("3gp", "mpeg4", "aac", 44_100),
]


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder() as made:
        yield made


async def items(decoder: Decoder, data: bytes, images: Images = "see") -> tuple[Clip, list[Media]]:
    with Blob.from_bytes(data) as blob:
        clip = await decoder.open(blob, video=True, images=images)
    async with clip, aclosing(clip.media()) as media:
        return clip, [item async for item in media]


async def seen(decoder: Decoder, data: bytes) -> list[Image]:
    return [item for item in (await items(decoder, data))[1] if isinstance(item, Image)]


async def refusal(decoder: Decoder, data: bytes) -> LivetranslateError:
    with pytest.raises(LivetranslateError) as raised:
        await items(decoder, data)
    return raised.value


def pixels(image: Image) -> npt.NDArray[np.uint8]:
    """The JPEG as RGB."""
    reader: Any = av.CodecContext.create("mjpeg", "r")
    (frame,) = reader.decode(av.Packet(image.jpeg))
    told: npt.NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
    assert told.shape == (image.height, image.width, 3)
    return told


def grey(number: int, width: int = 64, height: int = 48) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), number, np.uint8)


def greys(count: int, rate: float = 25.0) -> list[tuple[float, npt.NDArray[np.uint8]]]:
    """Frames of which each is a little brighter than the one before."""
    return [(number / rate, grey(40 + number * 160 // count)) for number in range(count)]


@pytest.mark.parametrize(("container", "codec", "sound", "rate"), KINDS)
async def test_every_kind_is_seen_and_heard(decoder: Decoder, container: str, codec: str, sound: str, rate: int) -> None:
    """Of three seconds the six frames of the rule, each with the moment it was shown, in time order with the sound."""
    channels = 2 if sound == "wmav2" else 1
    data = encode(
        container,
        sound,
        rate,
        np.repeat(sine(3, rate), channels, axis=0),
        layout="stereo" if channels == 2 else "mono",
        picture=codec,
        options={"b": "64000"} if "wma" in sound else None,
    )
    clip, told = await items(decoder, data)
    images = [item for item in told if isinstance(item, Image)]
    heard = sum(item.samples for item in told if isinstance(item, Audio))
    assert heard == pytest.approx(3 * HEARING_RATE, rel=0.05)
    assert len(images) == clip.probe.images == frame_count(75, 25) == 6
    wanted = frame_numbers(75, 6)
    assert [image.at for image in images] == pytest.approx([number / 25 for number in wanted], abs=0.09)
    with av.open(io.BytesIO(data), "r") as reader:
        levels = [float(frame.to_ndarray(format="rgb24").mean()) for frame in reader.decode(video=0)]
    assert [float(pixels(image).mean()) for image in images] == pytest.approx([levels[number] for number in wanted], abs=3)
    assert {(image.width, image.height) for image in images} == {frame_size(64, 48, 6)}
    for place, item in enumerate(told):
        if isinstance(item, Image):
            assert all(sound.end <= item.at + 0.251 for sound in told[:place] if isinstance(sound, Audio))
            assert all(sound.end > item.at - 0.001 for sound in told[place:] if isinstance(sound, Audio))


async def test_frames_between_are_left_out_without_a_trace(decoder: Decoder) -> None:
    """Where frames refer to others in both directions and key frames are far apart, images are what decoding all gives."""
    draw = np.random.default_rng(1)
    pictures = [np.kron(draw.integers(0, 255, (12, 16, 1), np.uint8), np.ones((8, 8, 3), np.uint8)) for _ in range(100)]
    data = film(
        "mp4",
        [(n / 25, pictures[n // 5]) for n in range(500)],
        [sine(20, 16_000)],
        options={"bf": "3", "g": "60", "sc_threshold": "0"},
    )
    images = await seen(decoder, data)
    with av.open(io.BytesIO(data), "r") as reader:
        shown = [frame.to_ndarray(format="rgb24") for frame in reader.decode(video=0)]
    numbers = frame_numbers(500, frame_count(500, 25))
    assert [image.at for image in images] == pytest.approx([number / 25 for number in numbers], abs=0.001)
    for image, number in zip(images, numbers, strict=True):
        assert _cells(pixels(image)) == pytest.approx(_cells(shown[number]), abs=4), number


def _cells(picture: npt.NDArray[Any]) -> list[float]:
    """The mean in the middle of each cell of a grid of 12 by 16."""
    height, width, _ = picture.shape
    return [
        float(
            picture[
                round((y + 0.25) * height / 12) : round((y + 0.75) * height / 12),
                round((x + 0.25) * width / 16) : round((x + 0.75) * width / 16),
            ].mean()
        )
        for y in range(12)
        for x in range(16)
    ]


@pytest.mark.parametrize(("turned", "corner"), [(90, (1, 0)), (180, (1, 1)), (-90, (0, 1))])
async def test_turned_videos_are_seen_upright(decoder: Decoder, turned: int, corner: tuple[int, int]) -> None:
    """The white corner, top left in the file, is where a player shows it; the size that counts is that of the upright picture."""
    picture = grey(30, 640, 320)
    picture[:160, :160] = 230
    images = await seen(decoder, film("mp4", [(n / 10, picture) for n in range(20)], [sine(2, 16_000)], rate=10, turned=turned))
    upright = (320, 640) if turned in (90, -90) else (640, 320)
    assert len(images) == 4
    for image in images:
        assert (image.width, image.height) == frame_size(*upright, 4)
        shown = pixels(image).mean(2)
        height, width = shown.shape
        spots = {
            (y, x): shown[height // 8 + y * height * 3 // 4, width // 8 + x * width * 3 // 4] for y in (0, 1) for x in (0, 1)
        }
        assert [spot for spot, level in spots.items() if level > 150] == [corner]


async def test_frames_of_a_varying_rate_keep_their_moments(decoder: Decoder) -> None:
    moments = sorted([*(n / 30 for n in range(30)), *(1 + n / 5 for n in range(10)), *(3 + n / 30 for n in range(30))])
    data = film("matroska", [(at, grey(40 + 2 * n)) for n, at in enumerate(moments)], [sine(4, 16_000)], rate=30)
    images = await seen(decoder, data)
    numbers = frame_numbers(70, len(images))
    assert 7 <= len(images) <= 8
    assert [image.at for image in images] == pytest.approx([moments[number] for number in numbers], abs=0.002)
    assert [float(pixels(image).mean()) for image in images] == pytest.approx([40 + 2 * number for number in numbers], abs=4)


async def test_images_before_a_late_sound_come_first(decoder: Decoder) -> None:
    data = encode("mp4", "aac", 16_000, sine(2, 16_000), picture="libx264", late=6.0)
    _, told = await items(decoder, data)
    sounds = [item for item in told if isinstance(item, Audio)]
    images = [item for item in told if isinstance(item, Image)]
    assert sounds[0].start == pytest.approx(6.0, abs=0.1)
    assert len(images) == 16
    assert all(isinstance(item, Image) for item in told[:12])
    assert images[0].at == 0


async def test_the_sound_that_is_set_is_heard(decoder: Decoder) -> None:
    """First the file's default one; then that of the setting; where there are not so many, the default one again."""
    sounds = [sine(2, 16_000, 300), sine(2, 16_000, 600), sine(2, 16_000, 900)]
    data = film("mp4", greys(50), sounds, default=1)
    for track, wanted in ((0, 600), (1, 300), (3, 900), (4, 600)):
        async with Decoder(DecodeLimits(track=track)) as other:
            _, told = await items(other, data)
        pcm = np.frombuffer(b"".join(item.pcm for item in told if isinstance(item, Audio)), "<i2")
        spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
        assert np.argmax(spectrum) * HEARING_RATE / len(pcm) == pytest.approx(wanted, abs=3)


async def test_a_cover_is_no_video(decoder: Decoder) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as writer:
        sound: Any = writer.add_stream("libmp3lame", rate=16_000, layout="mono")
        cover: Any = writer.add_stream("mjpeg", rate=1, width=64, height=48, pix_fmt="yuvj420p")
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(grey(100), format="rgb24").reformat(format="yuvj420p")
        frame.pts = 0
        writer.mux([*cover.encode(frame), *cover.encode(None)])
        heard = av.AudioFrame.from_ndarray((noise(2, 16_000) * 32767).astype(np.int16), format="s16p", layout="mono")
        heard.sample_rate = 16_000
        for part in av.AudioResampler(format="s16p", layout="mono", rate=16_000, frame_size=576).resample(heard):
            writer.mux(sound.encode(part))
        writer.mux(sound.encode(None))
    with av.open(io.BytesIO(file.getvalue()), "r") as reader:
        assert len(reader.streams.video) == 1
    clip, told = await items(decoder, file.getvalue())
    assert told
    assert not any(isinstance(item, Image) for item in told)
    assert clip.probe.images == clip.probe.video_tokens == 0


async def test_pictures_are_looked_at_only_when_asked(decoder: Decoder) -> None:
    """Sound alone leaves them out; counting tells what seeing would give."""
    data = encode("mp4", "aac", 16_000, sine(3, 16_000), picture="libx264")
    counted, told = await items(decoder, data, "count")
    assert not any(isinstance(item, Image) for item in told)
    seeing, _ = await items(decoder, data, "see")
    width, height = frame_size(64, 48, 6)
    assert counted.probe.video_tokens == seeing.probe.video_tokens == 3 * (width // 32) * (height // 32) + 2
    unseen, told = await items(decoder, data, "none")
    assert unseen.probe.images == 0
    assert not any(isinstance(item, Image) for item in told)


async def test_what_is_refused_says_why(decoder: Decoder) -> None:
    silent = film("mp4", greys(25))
    wide = film("mp4", [(n / 5, grey(90, 4096, 16)) for n in range(5)], [sine(1, 16_000)], rate=5)
    for data, why in ((silent, "no audio stream"), (wide, "too wide"), (b"\0" * 5000, "Invalid video file.")):
        error = await refusal(decoder, data)
        assert type(error) is BadMedia
        assert why in str(error)


async def test_large_pictures_are_refused_before_they_are_decoded() -> None:
    data = film("mp4", [(n / 5, grey(90, 640, 360)) for n in range(5)], [sine(1, 16_000)], rate=5)
    async with Decoder(DecodeLimits(most_pixels=640 * 360 - 1)) as strict:
        error = await refusal(strict, data)
    assert type(error) is BadMedia
    assert "at most 230399 pixels" in str(error)
    async with Decoder(DecodeLimits(most_frames=4)) as strict:
        assert type(await refusal(strict, data)) is TooBig


async def test_huge_pictures_take_no_memory() -> None:
    """200 KB that would be 100 MB a frame."""
    data = film(
        "mp4", [(n / 5, grey(90, 8192, 8192)) for n in range(2)], [sine(1, 16_000)], rate=5, options={"preset": "ultrafast"}
    )
    costs: list[Cost] = []
    async with Decoder(observe=costs.append) as watched:
        assert "too large" in str(await refusal(watched, data))
    assert costs[0].peak_bytes < 100e6
    assert costs[0].cpu_seconds < 1


async def test_broken_pictures_do_not_silence_the_sound(decoder: Decoder) -> None:
    data = bytearray(film("matroska", greys(75), [sine(3, 16_000)], codec="mpeg4", sound_codec="flac"))
    with av.open(io.BytesIO(bytes(data)), "r") as reader:
        places = [(packet.pos, packet.size) for packet in reader.demux(video=0) if packet.size and packet.pos]
    for at, size in places:
        data[at + 8 : at + size] = bytes(max(0, size - 8))
    clip, told = await items(decoder, bytes(data))
    assert sum(item.samples for item in told if isinstance(item, Audio)) == 3 * HEARING_RATE
    assert sum(isinstance(item, Image) for item in told) <= clip.probe.images
