"""Pauses of speech made short."""

import random
from itertools import pairwise

import pytest

from livetranslate.live.pauses import shorten
from livetranslate.media import Audio
from tests.support import collect, hush, in_chunks, play, tone


async def test_long_pauses_become_short_and_the_rest_stays_however_it_is_cut() -> None:
    pcm = tone(0.5) + hush(0.6) + tone(0.3) + hush(0.05) + tone(0.2) + hush(1.0)
    chance = random.Random(2)
    results = set()
    for _ in range(10):
        cuts = sorted(chance.sample(range(1, len(pcm) // 2), 30))
        chunks = [chunk for chunk in await collect(shorten(play(in_chunks(pcm, cuts)))) if isinstance(chunk, Audio)]  # type: ignore[arg-type]
        for before, after in pairwise(chunks):
            assert after.start == pytest.approx(before.end)
        results.add(b"".join(chunk.pcm for chunk in chunks))
    (short,) = results
    assert len(short) / 32_000 == pytest.approx(0.5 + 0.12 + 0.3 + 0.05 + 0.2 + 0.12, abs=0.03)
