"""The synthesizers that are installed, held to their contract, and the voices told apart."""

from itertools import pairwise

import pytest

from livetranslate.catalog import SPOKEN, VOICES
from livetranslate.engines import Synthesizer
from livetranslate.engines.espeak import Espeak
from livetranslate.engines.openjtalk import OpenJTalk
from livetranslate.engines.scripted import ScriptedSynthesizer
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.routes import SpeakingRoutes
from tests.contract.synthesizers import SynthesizerContract, loudness, median_pitch, seconds, spoken

WOMEN = ("Cherry", "Jada", "Sunny", "Kiki")
MEN = ("Ethan", "Nofish", "Dylan", "Peter", "Eric")


class TestScriptedSynthesizer(SynthesizerContract):
    @pytest.fixture
    def made(self) -> Synthesizer:
        return ScriptedSynthesizer()

    async def test_nothing_to_say_is_no_sound(self, engine: Synthesizer) -> None:
        """It hums a moment for anything; the cascade never asks it to say nothing."""


@pytest.mark.embedded
@pytest.mark.skipif(bool(Espeak.needs()), reason=f"espeak lacks {Espeak.needs()}")
class TestEspeak(SynthesizerContract):
    @pytest.fixture
    def made(self) -> Synthesizer:
        return Espeak(workers=2)

    def test_it_speaks_all_that_is_spoken(self, engine: Synthesizer) -> None:
        assert engine.info.speaks >= SPOKEN

    async def test_voices_are_told_apart(self, engine: Synthesizer) -> None:
        told = {voice: await spoken(engine, " ".join(PHRASES["es"]), "es", voice) for voice in VOICES}
        pitch = {voice: median_pitch(chunks) for voice, chunks in told.items()}
        assert min(pitch[voice] for voice in WOMEN) > 180 > 150 > max(pitch[voice] for voice in MEN)
        for lower, higher in pairwise(sorted(pitch.values())):
            assert higher / lower > 1.06, pitch
        loud = [loudness(chunks) for chunks in told.values()]
        assert max(loud) / min(loud) < 1.3

    async def test_cantonese_is_not_mandarin(self, engine: Synthesizer) -> None:
        text = "今日天氣好好"
        assert await spoken(engine, text, "yue", "Kiki") != await spoken(engine, text, "zh", "Kiki")


@pytest.mark.embedded
@pytest.mark.skipif(bool(OpenJTalk.needs()), reason=f"openjtalk lacks {OpenJTalk.needs()}")
class TestOpenJTalk(SynthesizerContract):
    @pytest.fixture
    def made(self) -> Synthesizer:
        return OpenJTalk()

    async def test_voices_are_told_apart(self, engine: Synthesizer) -> None:
        pitch = {voice: median_pitch(await spoken(engine, PHRASES["ja"][1], "ja", voice)) for voice in VOICES}
        assert min(pitch[voice] for voice in WOMEN) > max(pitch[voice] for voice in MEN)
        for lower, higher in pairwise(sorted(pitch.values())):
            assert higher / lower > 1.06, pitch

    async def test_kanji_are_read(self, engine: Synthesizer) -> None:
        by_kanji, by_kana = await spoken(engine, "東京都", "ja"), await spoken(engine, "とうきょうと", "ja")
        assert seconds(by_kanji) == pytest.approx(seconds(by_kana), rel=0.2)


@pytest.fixture
def routes() -> SpeakingRoutes:
    return SpeakingRoutes([OpenJTalk(), ScriptedSynthesizer()])


async def test_routes_choose_by_language_and_load_all(routes: SpeakingRoutes) -> None:
    assert routes.info.speaks == SPOKEN
    if OpenJTalk.needs():
        pytest.skip(f"openjtalk lacks {OpenJTalk.needs()}")
    async with routes:
        assert (await spoken(routes, "はい。", "ja"))[0].sample_rate == 48_000
        assert (await spoken(routes, "Sí.", "es"))[0].sample_rate == 24_000
