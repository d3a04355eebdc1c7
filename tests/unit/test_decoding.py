"""Behind the door of decoding: mixing and cleaning, counting packets, the quarantine, and what a job lets in."""

import io
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from livetranslate.blob import Blob
from livetranslate.decoding import frames, job
from livetranslate.decoding.job import FORMATS
from livetranslate.decoding.quarantine import Quarantine
from livetranslate.decoding.refused import Refused
from livetranslate.decoding.sound import Downmix, Ear, Shape, chunks, clean
from livetranslate.decoding.tally import CODECS, Tally
from tests import clips

JOB = frames.Job(0, 100.0, 10.0, 1 << 30, 4000, 192_000, 8, 8)


def mono(channels: list[str], *blocks: Any) -> np.ndarray[Any, Any]:
    """The blocks, mixed one after the other."""
    mixer = Downmix(channels, 4)
    return np.concatenate([mixer.mix(np.array(block, np.float32)) for block in blocks])


def test_stereo_is_the_mean() -> None:
    left, right = clips.noise(1, 100, 2)
    assert np.allclose(mono(["FL", "FR"], [left, right]), (left + right) / 2, atol=1e-7)


def test_one_channel_is_itself() -> None:
    (sound,) = clips.noise(1, 100)
    assert np.array_equal(mono(["FC"], [sound]), sound)


def test_the_bass_channel_is_left_out_unless_it_is_alone() -> None:
    sound, bass = clips.noise(1, 100, 2)
    assert np.allclose(mono(["FC", "LFE"], [sound, bass]), sound)
    assert np.allclose(mono(["LFE"], [bass]), bass)
    assert np.allclose(mono(["LFE", "LFE2"], [bass, bass]), bass)


def test_channels_without_names_are_in_the_usual_order() -> None:
    sound = clips.noise(1, 100, 6)
    assert np.array_equal(mono(["NONE"] * 6, sound), mono(["FL", "FR", "FC", "LFE", "BL", "BR"], sound))
    assert np.allclose(mono(["NONE"] * 4, sound[:4]), sound[:4].mean(0), atol=1e-6)


def test_a_channel_that_runs_against_the_loudest_is_turned_over() -> None:
    sound, other = clips.noise(1, 1000, 2)
    assert np.allclose(np.abs(mono(["FL", "FR"], [sound, -0.5 * sound])), np.abs(0.75 * sound), atol=1e-6)
    # but two voices that have nothing to do with each other stay as they are
    assert np.allclose(mono(["FL", "FR"], [sound, other]), (sound + other) / 2, atol=1e-7)


def test_turning_makes_no_step_and_does_not_flip_back() -> None:
    """From blocks in phase to blocks against it and back: the gains move slowly, and which channel is louder does not matter."""
    ones = np.ones(8, np.float32)
    mixed = mono(["FL", "FR"], [ones, ones], [ones, -ones], [0.9 * ones, -ones], [ones, -0.9 * ones], [ones, ones])
    assert np.allclose(mixed[:8], 1)
    assert np.allclose(np.abs(mixed[8:12]), [0, 0.25, 0.5, 0.75])
    assert np.allclose(np.abs(mixed[12:32]), [1] * 4 + [0.95] * 16)
    assert len(set(np.sign(mixed[12:32]))) == 1
    assert np.allclose(mixed[32:], [0, 0.25, 0.5, 0.75, 1, 1, 1, 1])


def test_silence_changes_nothing() -> None:
    ones, zeros = np.ones(8, np.float32), np.zeros(8, np.float32)
    mixed = mono(["FL", "FR"], [ones, -ones], [zeros, zeros], [ones, -ones])
    assert np.allclose(mixed, [1] * 8 + [0] * 8 + [1] * 8)


@pytest.mark.parametrize(
    ("kind", "values", "wanted"),
    [
        ("u8", np.array([0, 128, 255], np.uint8), [-1, 0, 127 / 128]),
        ("s16", np.array([-32768, 0, 32767], np.int16), [-1, 0, 32767 / 32768]),
        ("s32", np.array([-(2**31), 0, 2**30], np.int32), [-1, 0, 0.5]),
        ("flt", np.array([-1.5, 0, 0.5], np.float32), [-1.5, 0, 0.5]),
        ("dbl", np.array([-1.5, 0, 0.5], np.float64), [-1.5, 0, 0.5]),
        ("flt", np.array([np.nan, np.inf, 0.5], np.float32), [0, 0, 0.5]),
        ("dbl", np.array([1e300, -1e300, 0.5], np.float64), [0, 0, 0.5]),
        ("flt", np.array([1e38, -1e38, 0.5], np.float32), [8, -8, 0.5]),
        ("flt", np.array([1e-40, 0, -1e-40], np.float32), [0, 0, 0]),
    ],
)
def test_samples_of_any_format_are_cleaned(kind: str, values: Any, wanted: list[float]) -> None:
    for planar in ("", "p"):
        assert np.allclose(clean([memoryview(values.tobytes())], 3, Shape(kind + planar, 8000, ("FC",))), [wanted])
    twice = np.repeat(values, 2)
    assert np.allclose(clean([memoryview(twice.tobytes())], 3, Shape(kind, 8000, ("FL", "FR"))), [wanted, wanted])
    planes = [memoryview(values.tobytes()), memoryview(values[::-1].tobytes())]
    assert np.allclose(clean(planes, 3, Shape(kind + "p", 8000, ("FL", "FR"))), [wanted, wanted[::-1]])


def test_planes_may_be_longer_than_their_samples() -> None:
    assert clean([memoryview(bytes(64))], 3, Shape("s16", 8000, ("FL", "FR"))).shape == (2, 3)


def test_an_ear_gives_all_that_goes_in() -> None:
    for rate in (4000, 8000, 11_025, 16_000, 44_100, 192_000):
        ear = Ear(Shape("s16", rate, ("FC",)))
        heard = b"".join(ear.hear([memoryview(bytes(2 * ear.shape.block))], ear.shape.block) for _ in range(8)) + ear.rest()
        assert abs(len(heard) / 2 - 8 * ear.shape.block * 16_000 / rate) <= 1


def test_chunks_are_cut_alike() -> None:
    data = bytes(range(256)) * 10
    for cuts in ([], [1], [100, 101, 1000], list(range(0, 2560, 7))):
        borders = [0, *cuts, len(data)]
        pieces = [data[begin:end] for begin, end in pairwise(borders)]
        assert list(chunks(iter(pieces), 300)) == [data[at : at + 300] for at in range(0, len(data), 300)]


def tally(packets: list[tuple[int, int | None, int | None]], **context: Any) -> float:
    """What is counted of packets (size, pts, duration) with a time base of a millisecond."""
    details = {"sample_rate": 16_000, "frame_size": 0, "channels": 1, "name": "x", **context}
    counted = Tally(SimpleNamespace(codec_context=SimpleNamespace(**details), time_base=0.001))
    for size, pts, duration in packets:
        counted.add(SimpleNamespace(size=size, pts=pts, duration=duration))
    return counted.seconds


def test_seconds_are_counted() -> None:
    assert tally([]) == 0
    # plain samples: by their bytes, whatever their times say
    assert tally([(3200, 0, 9999), (3200, 5, 0)], name="pcm_s16le") == pytest.approx(0.2)
    assert tally([(3200, None, None)], name="pcm_f64le", channels=2) == pytest.approx(0.0125)
    assert tally([(3200, None, None)], name="pcm_mulaw") == pytest.approx(0.2)
    # frames of one size: by their number
    assert tally([(9, None, None), (9, None, None), (0, None, None)], frame_size=1600) == pytest.approx(0.2)
    assert tally([(9, 0, 90), (9, 90, 90)], frame_size=1600) == pytest.approx(0.2)
    assert tally([(9, 0, 900), (9, 900, 900)], frame_size=1600) == pytest.approx(0.2)
    # but not where each packet is half as long as it says it is
    assert tally([(9, 0, 50), (9, 50, 50)], frame_size=1600) == pytest.approx(0.1)
    # else by times; where the two witnesses differ widely the shorter is believed
    assert tally([(9, 0, 100), (9, 100, 100)]) == pytest.approx(0.2)
    assert tally([(9, 0, 100), (9, 3_600_000, 100)]) == pytest.approx(0.2)
    assert tally([(9, 0, 99_000), (9, 100, 100)]) == pytest.approx(0.1)
    assert tally([(9, 0, 100), (9, 100, 99_999_999)]) == pytest.approx(0.1)
    assert tally([(9, 0, 0), (9, 100, 0), (9, 200, 0)]) == pytest.approx(0.3)
    assert tally([(9, 0, None), (9, 100, None), (9, None, None)]) == pytest.approx(0.3)
    assert tally([(9, None, 100), (9, None, 100)]) == pytest.approx(0.2)
    assert tally([(9, -500, 100), (9, -400, 100)]) == pytest.approx(0.2)
    assert tally([(9, 100, -5), (9, 0, 100)]) >= 0


def test_every_name_let_in_is_one_of_ffmpeg_s() -> None:
    for name in FORMATS:
        assert av.ContainerFormat(name, "r").is_input
    for name in CODECS:
        assert av.Codec(name, "r").type == "audio"
    assert not set(FORMATS) & {
        "hls",
        "dash",
        "concat",
        "sdp",
        "rtsp",
        "lavfi",
        "tty",
        "image2",
        "applehttp",
        "ffmetadata",
        "mxf",
        "data",
    }


def outcome(data: bytes, work: frames.Job = JOB) -> str:
    """How a job ends, run here."""
    with Blob.from_bytes(data) as blob:
        try:
            job.run(blob.fileno(), work, lambda *_: None, lambda _: None)
        except Refused as refused:
            return refused.why
        except av.FFmpegError:
            return "error"
    return "plays"


def test_rates_channels_and_streams_are_bounded() -> None:
    for rate, wanted in (
        (3999, "illegal"),
        (4000, "plays"),
        (192_000, "plays"),
        (192_001, "illegal"),
        (2**31 - 1, "illegal"),
        (1, "illegal"),
    ):
        assert outcome(clips.wav(bytes(50_000), rate)) == wanted, rate
    for channels, wanted in ((1, "plays"), (8, "plays"), (9, "illegal"), (255, "illegal")):
        assert outcome(clips.wav(bytes(2 * 1000 * channels), 16_000, channels)) == wanted, channels
    sound = clips.cluster(0, 1, bytes(3200))
    for tracks, wanted in ((1, "plays"), (8, "plays"), (9, "illegal"), (200, "illegal")):
        assert outcome(clips.matroska(tracks, sound)) == wanted, tracks


def test_formats_outside_the_list_are_not_tried() -> None:
    for container in ("voc", "sox", "ircam", "smjpeg", "nut"):
        data = clips.encode(container, "pcm_s16le" if container != "sox" else "pcm_s32le", 16_000, clips.sine(1, 16_000))
        with av.open(io.BytesIO(data)) as readable:  # by FFmpeg itself
            assert readable.streams.audio
        assert outcome(data) == "error", container


def test_codecs_outside_the_list_are_not_tried() -> None:
    for codec in ("pcm_s64le", "adpcm_ima_alp"):
        container = "wav" if codec == "pcm_s64le" else "alp"
        assert outcome(clips.encode(container, codec, 22_050, clips.sine(1, 22_050))) in ("illegal", "error")


def test_more_broken_packets_than_good_ones_are_no_sound() -> None:
    """A clip that is damaged here and there plays what is whole of it; one that is mostly damage is refused, short or long."""
    for seconds in (0.9, 4):
        data = clips.encode("mp4", "alac", 44_100, clips.noise(seconds, 44_100))
        sound = data.index(b"mdat") + 4
        size = data.index(b"moov") - 4 - sound
        for share, wanted in ((0.1, "plays"), (0.4, "plays"), (0.75, "illegal"), (1.0, "illegal")):
            damaged = bytearray(data)
            begin = sound + round(size * (1 - share))
            damaged[begin : sound + size] = b"U" * (sound + size - begin)
            assert outcome(bytes(damaged)) == wanted, (seconds, share)


def test_raw_mpeg_audio_begins_with_a_frame() -> None:
    frame = clips.SILENT_MP3_FRAME
    rubbish = bytes(np.random.default_rng(2).integers(0, 200, 3000, np.uint8))
    assert outcome(frame * 200) == "plays"
    assert outcome(frame[7:] + frame * 200) == "plays"
    assert outcome(bytes(5000) + frame * 200) == "plays"
    assert outcome(clips.id3(bytes(5000)) + frame * 200) == "plays"
    assert outcome(clips.id3(bytes(50)) * 2 + bytes(100) + frame * 200) == "plays"
    assert outcome(rubbish + frame * 200) == "illegal"
    assert outcome(clips.id3(bytes(50)) + rubbish + frame * 200) == "illegal"


def test_quarantine_holds_after_crashes_for_a_while() -> None:
    quarantine = Quarantine(2, 100)
    assert not quarantine.holds("a", 0)
    quarantine.add("a", 0)
    assert not quarantine.holds("a", 1)
    quarantine.add("a", 50)
    assert quarantine.holds("a", 51)
    assert quarantine.holds("a", 150)
    assert not quarantine.holds("b", 51)
    assert not quarantine.holds("a", 151)
    quarantine.add("a", 152)  # long after the others: it counts anew
    assert not quarantine.holds("a", 153)


def test_quarantine_is_bounded() -> None:
    quarantine = Quarantine(1, 100)
    for number in range(5000):
        quarantine.add(str(number), 0)
    assert not quarantine.holds("0", 1)
    assert quarantine.holds("4999", 1)
    assert sum(quarantine.holds(str(number), 1) for number in range(5000)) == 1024
