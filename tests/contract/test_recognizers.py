"""The recognizers that are installed, held to their contract."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from livetranslate.engines import NO_CONTEXT, Context, Recognizer, Transcript
from livetranslate.engines.pocketsphinx import PocketSphinx
from livetranslate.engines.scripted import ScriptedRecognizer
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import HEARING_RATE, Audio, Utterance
from tests.contract.recognizers import RecognizerContract, heard, utterance
from tests.support import collect

GO_FORWARD = Path("/usr/share/pocketsphinx/test/data/goforward.raw")
"""A recording of Debian's package pocketsphinx-testdata, which `make test` installs."""
GERMAN = Path(__file__).parents[3] / "shared" / "media" / "public" / "de_leopard_de.wav"

recorded = pytest.mark.skipif(not GO_FORWARD.exists(), reason="Debian's package pocketsphinx-testdata is not installed")


class TestScriptedRecognizer(RecognizerContract):
    listens = False

    @pytest.fixture
    async def engine(self) -> AsyncIterator[Recognizer]:
        async with ScriptedRecognizer() as engine:
            yield engine


@recorded
@pytest.mark.embedded
class TestPocketSphinx(RecognizerContract):
    @pytest.fixture
    async def engine(self) -> AsyncIterator[PocketSphinx]:
        async with PocketSphinx(workers=1) as engine:
            yield engine

    @pytest.fixture
    def speech(self) -> bytes:
        """The two seconds that hold speech."""
        return GO_FORWARD.read_bytes()[12_800:80_000]

    def test_it_hears_what_was_said(self, answer: list[Transcript]) -> None:
        assert answer[-1].text == "Go forward ten meters."
        assert answer[-1].confidence > 0.5

    async def test_words_on_screen_are_expected_and_then_forgotten(self, engine: PocketSphinx, speech: bytes) -> None:
        """A word that nobody has ever heard, but that sounds like what is said here."""

        async def text(*words: str) -> str:
            said = engine.transcribe(utterance(speech), "en", Context(words=words))
            async with aclosing(said):
                return [transcript.text async for transcript in said][-1]

        assert await text("Tenmeeters", "Vesuvius") == "Go forward Tenmeeters."
        assert await text() == "Go forward ten meters."
        assert await text("Vesuvius", "zirconium", "Больница", "N95", "hospital") == "Go forward ten meters."

    def test_guesses_come_while_it_works(self, answer: list[Transcript]) -> None:
        *guesses, _ = answer
        assert len(guesses) >= 3
        assert all(guess.tail and not guess.text for guess in guesses)
        assert all(before.tail != after.tail for before, after in pairwise(guesses))
        assert guesses[-1].tail.startswith("go forward")

    async def test_other_languages_are_refused(self, engine: PocketSphinx, speech: bytes) -> None:
        with pytest.raises(Unsupported, match="English only"):
            await heard(engine, speech, "de")

    async def test_sound_at_another_rate_is_an_error(self, engine: PocketSphinx) -> None:
        with pytest.raises(EngineError):
            async with aclosing(engine.transcribe(Utterance(0, Audio(bytes(48000), 24_000)), "en", NO_CONTEXT)) as transcripts:
                await collect(transcripts)

    async def test_doubtful_speech_is_empty_from_the_confidence_and_length_that_were_set(
        self, speech: bytes, answer: list[Transcript]
    ) -> None:
        async with PocketSphinx(workers=1, least_confidence=1.0, judged_seconds=1.0) as strict:
            refused = (await heard(strict, speech))[-1]
        async with PocketSphinx(workers=1, least_confidence=1.0, judged_seconds=5.0) as patient:
            too_short_to_judge = (await heard(patient, speech))[-1]
        assert refused.text == ""
        assert refused.confidence == answer[-1].confidence
        assert too_short_to_judge == answer[-1]

    async def test_the_bar_is_another_where_the_language_is_told(self, speech: bytes, answer: list[Transcript]) -> None:
        async with PocketSphinx(workers=1, least_confidence=1.0, least_confidence_told=0.0) as engine:
            assert (await heard(engine, speech, "en"))[-1] == answer[-1]
            assert (await heard(engine, speech))[-1].text == ""

    @pytest.mark.shared
    @pytest.mark.skipif(not GERMAN.exists(), reason="the media kit is not beside the project")
    async def test_german_is_not_taken_for_english(self, engine: PocketSphinx) -> None:
        with wave.open(str(GERMAN)) as file:
            assert file.getframerate() == HEARING_RATE
            last = (await heard(engine, file.readframes(file.getnframes())))[-1]
        assert last.text == ""

    async def test_no_worker_goes_on_after_its_reader_left(self, speech: bytes, answer: list[Transcript]) -> None:
        others = _workers()  # of the fixtures
        async with PocketSphinx(workers=2) as engine:
            async with aclosing(engine.transcribe(utterance(speech * 20), "en", NO_CONTEXT)) as transcripts:
                await anext(transcripts)
                busy = _workers() - others
                assert await heard(engine, speech) == answer  # by the other worker, meanwhile
            for _ in range(300):
                left = _workers() - others
                if len(busy & left) == 1 and len(left) == 2 and all(one.status() == psutil.STATUS_SLEEPING for one in left):
                    break
                await asyncio.sleep(0.1)
            assert len(busy) == len(left) == 2
            assert len(busy & left) == 1
            assert all(one.status() == psutil.STATUS_SLEEPING for one in left)

    async def test_a_reader_who_leaves_at_the_final_transcript_costs_no_worker(self, engine: PocketSphinx, speech: bytes) -> None:
        before = _workers()
        async with aclosing(engine.transcribe(utterance(speech), "en", NO_CONTEXT)) as transcripts:
            async for transcript in transcripts:
                if transcript.final:
                    break
        await asyncio.sleep(0.1)
        assert _workers() == before

    async def test_workers_end_with_the_engine(self) -> None:
        async with PocketSphinx(workers=1):
            assert len(_workers()) == 1
        assert not _workers()


def _workers() -> set[psutil.Process]:
    return {child for child in psutil.Process().children() if "livetranslate.engines.pocketsphinx.worker" in child.cmdline()}
