"""The doors as the settings want them."""

import pytest

from livetranslate.doors import make_decoder, make_fetcher
from livetranslate.fetch import FetchLimits
from livetranslate.settings import BadSettings, Limits, Settings


def test_limits_of_settings_and_doors_match() -> None:
    """The two tables of defaults, which may not import each other, say the same."""
    settings, doors = Limits(), FetchLimits()
    assert settings.data_url_chars == doors.data_url_chars
    assert settings.fetch_bytes == doors.audio_bytes
    assert settings.fetch_video_bytes == doors.video_bytes
    assert settings.fetch_seconds == doors.total_seconds
    assert settings.fetch_first_byte_seconds == doors.first_byte_seconds
    assert settings.decode_memory_bytes == make_decoder(Settings()).limits.memory_bytes


def test_the_limit_of_length_is_the_model_s_unless_another_is_given() -> None:
    assert make_decoder(Settings()).limits.max_seconds * 12.5 == 49_152
    assert make_decoder(Settings(), 7.5).limits.max_seconds == 7.5


@pytest.mark.parametrize("wrong", [{"fetch_allow": ("http://a.test/",)}, {"fetch_ports": ("http",)}])
def test_wrong_places_are_told_in_one_sentence(wrong: dict[str, tuple[str, ...]]) -> None:
    make_fetcher(Settings(fetch_allow=("a.test", "10.0.0.0/8", "[::1]"), fetch_ports=("8080",)))
    with pytest.raises(BadSettings, match="LIVETRANSLATE_FETCH_ALLOW") as raised:
        make_fetcher(Settings(**wrong))  # type: ignore[arg-type]
    assert "a.test" not in raised.value.message
