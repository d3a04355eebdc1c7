"""The recognizer's front end beside the library's own, the choice of a speaker's scale, and the search."""

from pathlib import Path

import numpy as np
import pytest

from livetranslate.engines.pocketsphinx.front import CEPSTRA, SCALES, cepstra
from livetranslate.engines.pocketsphinx.search import Searcher, Word
from livetranslate.engines.pocketsphinx.voice import Voices
from livetranslate.engines.pocketsphinx.worker import confidence
from livetranslate.media import HEARING_RATE
from tests.support import hush, tone

RECORDING = Path("/usr/share/pocketsphinx/test/data/goforward.raw")
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(not RECORDING.exists(), reason="Debian's package pocketsphinx-testdata is not installed"),
]
OWN = SCALES.index(1.0)


@pytest.fixture(scope="module")
def speech() -> bytes:
    return RECORDING.read_bytes()[12_800:80_000]


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher()


@pytest.fixture(scope="module")
def voices() -> Voices:
    from pocketsphinx import get_model_path

    return Voices(Path(get_model_path("en-us/en-us")))


def faster(pcm: bytes, times: float) -> bytes:
    """The sound played at another speed: all its frequencies times as high."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    played = np.interp(np.arange(0, len(samples) - 1, times), np.arange(len(samples)), samples)
    return bytes(played.astype("<i2").tobytes())


def scale_of(voices: Voices, pcm: bytes) -> float:
    found = cepstra(pcm)
    fitted = voices.fit(found)
    return next(scale for place, scale in enumerate(SCALES) if np.array_equal(found[:, place], fitted))


def test_on_its_own_scale_it_gives_what_the_library_gives(speech: bytes, tmp_path: Path) -> None:
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL", mfclogdir=str(tmp_path))
    decoder.start_utt()
    decoder.process_raw(speech, full_utt=True)
    decoder.end_utt()
    (log,) = tmp_path.iterdir()
    theirs = np.frombuffer(log.read_bytes()[4:], ">f4").reshape(-1, CEPSTRA)
    ours = cepstra(speech)[:, OWN]
    assert ours.shape == theirs.shape
    difference = np.abs(ours - (theirs - theirs.mean(axis=0)))
    assert difference.mean() < 0.03 * np.abs(ours).mean()  # what the dither adds


def test_the_mean_is_gone_from_every_scale(speech: bytes) -> None:
    assert np.abs(cepstra(speech).mean(axis=0)).max() < 1e-9


def test_loudness_does_not_matter(speech: bytes) -> None:
    half = (np.frombuffer(speech, "<i2") // 2).astype("<i2").tobytes()
    difference = np.abs(cepstra(speech)[:, OWN] - cepstra(half)[:, OWN])
    assert difference.mean() < 0.05 * np.abs(cepstra(speech)[:, OWN]).mean()


@pytest.mark.parametrize("pcm", [hush(0.5), bytes(2), bytes(2 * 409), bytes(2 * 410), bytes(2 * 571), tone(0.5, level=32767.0)])
def test_there_is_a_row_for_each_hundredth_of_a_second_and_all_are_numbers(pcm: bytes) -> None:
    found = cepstra(pcm)
    assert found.shape == (1 + max(0, -(-(len(pcm) // 2 - 410) // 160)), len(SCALES), CEPSTRA)
    assert np.isfinite(found).all()


def test_no_sound_has_no_rows() -> None:
    assert cepstra(b"").shape == (0, len(SCALES), CEPSTRA)


def test_a_higher_voice_gets_a_lower_scale(speech: bytes, voices: Voices) -> None:
    scales = [scale_of(voices, faster(speech, times)) for times in (0.85, 1.0, 1.18)]
    assert scales == sorted(scales, reverse=True)
    assert scales[0] > scales[2]


def test_words_have_times_and_chances(searcher: Searcher, speech: bytes) -> None:
    *guesses, words = searcher.search(speech)
    assert isinstance(words, list)
    assert [word.text for word in words] == ["go", "forward", "ten", "meters"]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0.0
    assert times[-1] <= len(speech) / 2 / HEARING_RATE + 0.05
    assert all(0.0 <= word.chance <= 1.0 for word in words)
    assert guesses[-1] == "go forward ten meters"


def test_fillers_and_variants_are_not_text(searcher: Searcher) -> None:
    for found in searcher.search(hush(1.0) + tone(0.3) + hush(0.5)):
        text = found if isinstance(found, str) else " ".join(word.text for word in found)
        assert not set(text) & set("<>[]()")


def test_the_language_model_knows_what_follows_what(searcher: Searcher) -> None:
    assert searcher.likelihood("are", "you") > searcher.likelihood("are", "the") > searcher.likelihood("xyzzyq", "the")


def test_confidence_is_weighed_by_length() -> None:
    assert confidence([]) == 0.0
    assert confidence([Word("a", 0.0, 1.0, 1.0), Word("b", 1.0, 4.0, 0.2)]) == pytest.approx(0.4)
