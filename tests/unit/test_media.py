"""PCM arithmetic and the WAV header."""

import io
import wave

import pytest

from livetranslate.media import Audio, silence, wav_header


def test_audio_knows_its_length_and_where_the_next_begins() -> None:
    audio = Audio(bytes(32_000), 16_000, 2.5)
    assert (audio.samples, audio.seconds, audio.end) == (16_000, 1.0, 3.5)


@pytest.mark.parametrize(("pcm", "rate"), [(b"\x00", 16_000), (b"", 0), (b"", -1)])
def test_audio_refuses_half_samples_and_no_rate(pcm: bytes, rate: int) -> None:
    with pytest.raises(ValueError, match=r"half a sample|sample rate"):
        Audio(pcm, rate)


def test_silence() -> None:
    assert silence(0.5, 16_000, 1.0) == Audio(bytes(16_000), 16_000, 1.0)


def test_the_header_makes_a_wav_that_others_read() -> None:
    pcm = bytes(range(256)) * 10
    with wave.open(io.BytesIO(wav_header(len(pcm), 24_000) + pcm)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.readframes(10_000) == pcm
