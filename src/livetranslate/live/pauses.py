"""Speech with its pauses made short, for a voice that has to catch up."""

from contextlib import aclosing

import numpy as np

from livetranslate.media import BYTES_PER_SAMPLE, Audio
from livetranslate.streams import Stream

_BLOCK = 0.01
"""Seconds that are judged at once."""
_QUIET = 150.0
"""The level, root of the mean square, up to which a block is a pause."""
_STAYS = 0.12
"""Seconds that stay of a longer pause."""


async def shorten(speech: Stream[Audio]) -> Stream[Audio]:
    """`speech`, all at one rate, without what is too long of its pauses; the same however it is cut. Closes its source."""
    held, quiet, start, done = bytearray(), 0, 0.0, 0
    async with aclosing(speech):
        async for audio in speech:
            start = start if done else audio.start
            held += audio.pcm
            block = BYTES_PER_SAMPLE * round(_BLOCK * audio.sample_rate)
            kept, whole = bytearray(), len(held) - len(held) % block
            for place in range(0, whole, block):
                piece = held[place : place + block]
                quiet = quiet + 1 if _level(piece) <= _QUIET else 0
                if quiet * _BLOCK <= _STAYS:
                    kept += piece
            del held[:whole]
            if kept:
                made = Audio(bytes(kept), audio.sample_rate, start + done / audio.sample_rate)
                done += made.samples
                rate = audio.sample_rate
                yield made
    if held:
        yield Audio(bytes(held), rate, start + done / rate)


def _level(pcm: bytearray) -> float:
    return float(np.sqrt(np.mean(np.square(np.frombuffer(bytes(pcm), "<i2").astype(np.float64)))))
