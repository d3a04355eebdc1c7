"""The detectors of speech: what they take for it, what not, and that each keeps to its own stream."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from livetranslate.engines.silero import Silero
from livetranslate.engines.webrtc import WebRtc
from livetranslate.media import HEARING_RATE
from livetranslate.segment import WINDOW, Vad
from tests.support import hush, tone

RECORDING = Path("/usr/share/pocketsphinx/test/data/goforward.raw")
SPEECH = slice(45, 75)
"""The windows of the recording in which all of it is said, but for its first and last sounds."""

pytestmark = pytest.mark.embedded
recorded = pytest.mark.skipif(not RECORDING.exists(), reason="Debian's package pocketsphinx-testdata is not installed")


@pytest.fixture(scope="module", params=[Silero, WebRtc])
def vad(request: pytest.FixtureRequest) -> Vad:
    detector: Vad = request.param()
    return detector


@pytest.fixture(scope="module")
def silero() -> Silero:
    return Silero()


def noise(seconds: float, level: float = 1000.0) -> bytes:
    return (np.random.default_rng(7).normal(0, level, round(seconds * HEARING_RATE))).astype("<i2").tobytes()


def windows(pcm: bytes) -> Iterator[bytes]:
    size = WINDOW * 2
    return (pcm[start : start + size] for start in range(0, len(pcm) - size + 1, size))


def chances(detect: Callable[[bytes], float], pcm: bytes) -> list[float]:
    return [detect(window) for window in windows(pcm)]


def test_chances_are_from_0_to_1(vad: Vad) -> None:
    found = chances(vad(), noise(1.0) + tone(0.5) + hush(0.5))
    assert all(isinstance(chance, float) and 0.0 <= chance <= 1.0 for chance in found)


def test_silence_is_no_speech(vad: Vad) -> None:
    assert max(chances(vad(), hush(3.0))) < 0.35


@pytest.mark.parametrize("level", [30.0, 1000.0, 8000.0])
def test_noise_is_no_speech(silero: Silero, level: float) -> None:
    found = chances(silero(), noise(4.0, level))
    assert sum(chance >= 0.5 for chance in found) <= 0.03 * len(found)


@pytest.mark.parametrize("hertz", [100.0, 440.0, 1000.0])
def test_a_tone_is_no_speech(silero: Silero, hertz: float) -> None:
    found = chances(silero(), tone(4.0, hertz))
    assert sum(chance >= 0.5 for chance in found) <= 0.03 * len(found)


@recorded
def test_speech_is_speech(vad: Vad) -> None:
    found = chances(vad(), RECORDING.read_bytes())[SPEECH]
    assert sum(chance >= 0.5 for chance in found) > 0.7 * len(found)


@recorded
def test_the_same_sound_is_judged_the_same_whatever_others_hear(vad: Vad) -> None:
    pcm = RECORDING.read_bytes()
    alone = chances(vad(), pcm)
    one, other = vad(), vad()
    beside = []
    for window, different in zip(windows(pcm), windows(noise(4.0)), strict=False):
        beside.append(one(window))
        other(different)
    assert beside == alone[: len(beside)]
    assert len(beside) > 50


@recorded
def test_a_detector_remembers_what_came_before(vad: Vad) -> None:
    """The same window means another thing after speech than at the beginning."""
    quiet = next(windows(noise(0.1, 30.0)))
    detect = vad()
    chances(detect, RECORDING.read_bytes()[: SPEECH.stop * WINDOW * 2])
    assert detect(quiet) != vad()(quiet)


@pytest.mark.parametrize("size", [0, 2, 2 * WINDOW - 2, 2 * WINDOW + 2])
def test_a_window_has_one_length(vad: Vad, size: int) -> None:
    with pytest.raises(ValueError, match=f"a window of {size} bytes"):
        vad()(bytes(size))
