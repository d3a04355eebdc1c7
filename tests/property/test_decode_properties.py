"""Laws of decoding: cut into packets anywhere, the same sound gives the same bytes; cut short anywhere, what is left plays."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetranslate.blob import Blob
from livetranslate.decoding import frames, job
from livetranslate.decoding.refused import Refused
from tests import clips

JOB = frames.Job(0, 100.0, 60.0, 1 << 30, 4000, 192_000, 8, 8)
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def decoded(data: bytes, work: frames.Job = JOB) -> tuple[bytes, frames.Ready]:
    """What a job makes of a clip of ours, run here: its PCM, and what it says of it."""
    said: list[tuple[bytes, bytes]] = []
    with Blob.from_bytes(data) as blob:
        job.run(blob.fileno(), work, lambda kind, body: said.append((kind, body)), lambda _: None)
    assert said[0][0] == frames.READY
    assert {kind for kind, _ in said[1:]} <= {frames.AUDIO}
    return b"".join(body for _, body in said[1:]), msgspec.msgpack.decode(said[0][1], type=frames.Ready)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([8000, 11_025, 16_000, 22_050, 44_100, 48_000]),
    channels=st.sampled_from(list(LAYOUTS)),
    cuts=st.lists(st.integers(1, 30_000), max_size=12, unique=True),
    seed=st.integers(0, 5),
)
def test_packets_may_be_cut_anywhere(rate: int, channels: int, cuts: list[int], seed: int) -> None:
    sound = np.round(clips.noise(0.7, rate, channels, seed) * 32767) / 32768
    if seed % 2 and channels > 1:
        sound[1, rate // 3 :] = -sound[0, rate // 3 :]  # from somewhere in the middle on it cancels out
    layout = LAYOUTS[channels]
    borders = [0, *sorted(cut for cut in cuts if cut < sound.shape[1]), sound.shape[1]]
    pieces = [end - begin for begin, end in pairwise(borders)]
    whole, ready = decoded(clips.encode("wav", "pcm_s16le", rate, sound, layout=layout))
    cut, _ = decoded(clips.encode("matroska", "pcm_s16le", rate, sound, layout=layout, pieces=pieces))
    packed, _ = decoded(clips.encode("flac", "flac", rate, sound, layout=layout))
    assert cut == whole
    assert packed == whole
    assert len(whole) // 2 == pytest.approx(sound.shape[1] * 16_000 / rate, abs=1)
    assert ready.seconds == len(whole) / 32_000


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1500), st.binary(max_size=3))
def test_a_wave_file_may_be_cut_anywhere(left: int, more: bytes) -> None:
    """What is left of the samples plays, to the sample; half a sample does not; under 10 ms there is nothing."""
    pcm = clips.noise(0.1, 16_000)[0]
    whole = (pcm * 32767).astype("<i2").tobytes()
    data = clips.wav(whole)[: 44 + left] + more
    samples = min((left + len(more)) // 2, 1600)
    if samples < 160:
        with pytest.raises(Refused, match=r"empty|illegal"):
            decoded(data)
        return
    heard, _ = decoded(data)
    assert len(heard) // 2 == samples
    assert heard[: left // 2 * 2] == whole[: left // 2 * 2]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 3.0), st.floats(0.25, 4.0), st.sampled_from([8000, 16_000, 44_100]))
def test_held_or_streamed_it_is_the_same(seconds: float, held: float, rate: int) -> None:
    data = clips.encode("flac", "flac", rate, clips.noise(seconds, rate))
    whole, first = decoded(data)
    streamed, second = decoded(data, frames.Job(0, 100.0, held, 1 << 30, 4000, 192_000, 8, 8))
    assert streamed == whole
    assert first.whole
    assert second.seconds == pytest.approx(first.seconds, abs=0.05)
