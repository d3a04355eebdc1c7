"""The doors for fetching and decoding, as the settings want them."""

from dataclasses import replace

from livetranslate.decode import DecodeLimits, Decoder
from livetranslate.fetch import Fetcher, FetchLimits
from livetranslate.settings import PREFIX, BadSettings, Settings


def make_fetcher(settings: Settings) -> Fetcher:
    """The door for fetching; `BadSettings` if what it may fetch from is written wrongly."""
    limits = settings.limits
    bounds = FetchLimits(
        data_url_chars=limits.data_url_chars,
        audio_bytes=limits.fetch_bytes,
        video_bytes=limits.fetch_video_bytes,
        first_byte_seconds=limits.fetch_first_byte_seconds,
        total_seconds=limits.fetch_seconds,
    )
    try:
        return Fetcher(bounds, allow=settings.fetch_allow, ports=map(int, settings.fetch_ports))
    except ValueError:
        raise BadSettings(
            f"Wrong settings: {PREFIX}FETCH_ALLOW lists host names, addresses and networks, {PREFIX}FETCH_PORTS lists numbers."
        ) from None


def make_decoder(settings: Settings, max_seconds: float | None = None) -> Decoder:
    """The door for decoding; `max_seconds` of sound are the most it lets in, the API's limit if not given."""
    least = DecodeLimits().at_once
    limits = DecodeLimits(
        memory_bytes=settings.limits.decode_memory_bytes,
        at_once=max(least, settings.limits.running),
        track=settings.audio_track,
    )
    return Decoder(limits if max_seconds is None else replace(limits, max_seconds=max_seconds))
