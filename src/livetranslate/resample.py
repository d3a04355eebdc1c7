"""Audio at one rate to audio at another, by one stateful resampler a stream (soxr)."""

from contextlib import aclosing

import numpy as np
import soxr

from livetranslate.media import Audio
from livetranslate.streams import Stream


class Resampler:
    """Mono PCM from one rate to another, in chunks of any length; the whole is the same, bit for bit, however it is cut."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        # In floats: soxr dithers whole numbers, and so gives others each time.
        self._stream = None if from_rate == to_rate else soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32")

    def push(self, pcm: bytes, *, last: bool = False) -> bytes:
        """What can leave after `pcm`; with `last` all that is left."""
        if self._stream is None:
            return pcm
        samples = self._stream.resample_chunk(np.frombuffer(pcm, "<i2").astype(np.float32), last=last)
        whole: bytes = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
        return whole


async def resample(audio: Stream[Audio], rate: int) -> Stream[Audio]:
    """`audio`, all at one rate, at `rate` Hz; starts at the first chunk's start, closes its source."""
    resampler: Resampler | None = None
    start, done = 0.0, 0

    def chunk(pcm: bytes) -> Audio:
        nonlocal done
        made = Audio(pcm, rate, start + done / rate)
        done += made.samples
        return made

    async with aclosing(audio):
        async for item in audio:
            if resampler is None:
                resampler, start = Resampler(item.sample_rate, rate), item.start
            if pcm := resampler.push(item.pcm):
                yield chunk(pcm)
    if resampler is not None and (pcm := resampler.push(b"", last=True)):
        yield chunk(pcm)
