"""A long film: what the decode process and this one hold does not grow with its length."""

from contextlib import aclosing

import psutil

from livetranslate.blob import Blob
from livetranslate.decode import Cost, DecodeLimits, Decoder
from livetranslate.media import Audio, Image
from tests.clips import repeated, talking_film
from tests.support import tone

MINUTES = 60


async def test_an_hour_of_1080p_streams_in_little_memory() -> None:
    film = repeated(talking_film(tone(10.0), (1920, 1080), rate=25, codec="mpeg4"), 10, 6 * MINUTES)
    costs: list[Cost] = []
    own = psutil.Process()
    async with Decoder(DecodeLimits(max_seconds=7200), observe=costs.append) as decoder:
        with Blob.from_bytes(film) as blob:
            before = peak = own.memory_info().rss
            seconds, moments = 0.0, []
            async with await decoder.open(blob, video=True, images="see") as clip, aclosing(clip.media()) as media:
                async for item in media:
                    peak = max(peak, own.memory_info().rss)
                    if isinstance(item, Audio):
                        seconds += item.seconds
                    elif isinstance(item, Image):
                        moments.append(item.at)
    assert seconds > 59.9 * MINUTES
    assert len(moments) == 128
    assert max(moments) > 59.9 * MINUTES
    assert costs[0].peak_bytes < 256e6
    assert peak - before < 64e6
