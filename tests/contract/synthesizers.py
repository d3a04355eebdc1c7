"""What every synthesizer must do; a test module makes its own class of `SynthesizerContract` with a fixture `engine`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise

import numpy as np
import pytest

from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.engines import Synthesizer
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.media import Audio
from tests.support import collect

ODD_TEXTS = (
    "<speak>One <break time='9s'/> two</speak>",
    "[[h@l'oU]] three",
    "\x00\x07four\x1b[31m five\ufeff",
    "six 🎉👩‍🚀 seven",
    "a" * 3000,
    "%s %n {} $(id) `ls` ../../x",
    "1234567890123456789012345678901234567890",
    "éàü ñ ß ø \u0301\u0301\u0301",
)


async def spoken(engine: Synthesizer, text: str, language: str, voice: str = "Cherry", rate: float = 1.0) -> list[Audio]:
    async with aclosing(engine.synthesize(text, language, voice, rate)) as chunks:
        return await collect(chunks)


def seconds(chunks: list[Audio]) -> float:
    return sum(chunk.seconds for chunk in chunks)


def loudness(chunks: list[Audio]) -> float:
    """Root mean square of what is not silence."""
    samples = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2").astype(np.float64)
    frames = np.sqrt(np.mean(np.square(samples[: len(samples) // 441 * 441].reshape(-1, 441)), axis=1))
    return float(np.sqrt(np.mean(np.square(frames[frames > 200])))) if (frames > 200).any() else 0.0


def median_pitch(chunks: list[Audio]) -> float:
    """Hz, by autocorrelation of voiced frames."""
    rate = chunks[0].sample_rate
    samples = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2").astype(np.float64)
    size, shortest, longest, found = rate // 20, rate // 400, rate // 65, []
    for start in range(0, len(samples) - size, size // 2):
        frame = samples[start : start + size] - samples[start : start + size].mean()
        if np.sqrt(np.mean(np.square(frame))) < 600:
            continue
        likeness = np.correlate(frame, frame, "full")[size - 1 :]
        period = shortest + int(likeness[shortest:longest].argmax())
        if likeness[period] > 0.4 * likeness[0]:
            found.append(rate / period)
    return float(np.median(found))


class SynthesizerContract:
    """A fixture to give: `made`, a synthesizer that is not yet loaded."""

    @pytest.fixture
    async def engine(self, made: Synthesizer) -> AsyncIterator[Synthesizer]:
        async with made as engine:
            yield engine

    def text(self, language: str) -> str:
        return " ".join(PHRASES[language][:3])

    def test_it_says_what_it_can_do(self, engine: Synthesizer) -> None:
        assert isinstance(engine, Synthesizer)
        info = engine.info
        assert info.name
        assert info.speaks
        assert info.speaks <= LANGUAGES.keys()
        assert info.voices == VOICES.keys()

    async def test_every_language_and_every_voice_is_heard(self, engine: Synthesizer) -> None:
        languages = sorted(engine.info.speaks)
        for place, voice in enumerate(VOICES):
            for language in {languages[place % len(languages)], languages[0]}:
                chunks = await spoken(engine, self.text(language), language, voice)
                assert 1.5 < seconds(chunks) < 60
                assert loudness(chunks) > 500
        for language in languages:
            assert loudness(await spoken(engine, self.text(language), language)) > 500

    async def test_chunks_follow_one_another_at_one_rate(self, engine: Synthesizer) -> None:
        for language in sorted(engine.info.speaks)[:2]:
            chunks = await spoken(engine, self.text(language), language)
            assert chunks[0].start == 0.0
            assert {chunk.sample_rate for chunk in chunks} == {engine.info.sample_rate or chunks[0].sample_rate}
            for before, after in pairwise(chunks):
                assert after.start == pytest.approx(before.end, abs=1e-6)

    @pytest.mark.parametrize("rate", [0.5, 1.6, 2.0])
    async def test_a_rate_divides_the_time(self, engine: Synthesizer, rate: float) -> None:
        for language in sorted(engine.info.speaks):
            text = " ".join(PHRASES[language])
            usual = seconds(await spoken(engine, text, language))
            assert seconds(await spoken(engine, text, language, rate=rate)) * rate / usual == pytest.approx(1.0, abs=0.12)

    async def test_nothing_to_say_is_no_sound(self, engine: Synthesizer) -> None:
        for text in ("", "   ", "…", "\n\t", "🎉"):
            assert seconds(await spoken(engine, text, sorted(engine.info.speaks)[0])) <= 0.5

    async def test_odd_text_does_no_harm(self, engine: Synthesizer) -> None:
        language = sorted(engine.info.speaks)[0]
        expected = await spoken(engine, self.text(language), language)
        for text in ODD_TEXTS:
            assert seconds(await spoken(engine, text, language)) < 600
        assert await spoken(engine, self.text(language), language) == expected

    async def test_a_long_text_is_said_to_its_end(self, engine: Synthesizer) -> None:
        language = sorted(engine.info.speaks)[0]
        sentence = PHRASES[language][1] + " "
        once = seconds(await spoken(engine, sentence * 4, language))
        assert seconds(await spoken(engine, sentence * 40, language)) > 8 * once

    async def test_requests_side_by_side_are_not_mixed(self, engine: Synthesizer) -> None:
        wanted = [
            (self.text(language), language, voice) for language in sorted(engine.info.speaks)[:2] for voice in ("Cherry", "Peter")
        ]
        alone = [await spoken(engine, *one) for one in wanted]
        together = await asyncio.gather(*(spoken(engine, *one) for one in wanted * 2))
        assert together == alone * 2
        assert len({chunks[len(chunks) // 2].pcm for chunks in alone}) == len(alone)

    async def test_leaving_and_being_cancelled_leave_the_engine_free(self, engine: Synthesizer) -> None:
        language = sorted(engine.info.speaks)[0]
        expected = await spoken(engine, self.text(language), language)
        for _ in range(2):
            async with aclosing(engine.synthesize(self.text(language) * 5, language, "Cherry", 1.0)) as chunks:
                await anext(chunks)
        for pause in (0.0, 0.005, 0.05):
            task = asyncio.create_task(spoken(engine, self.text(language) * 5, language))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.wait([task])
        assert await asyncio.wait_for(spoken(engine, self.text(language), language), 30) == expected
