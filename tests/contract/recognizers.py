"""What every recognizer must do; a test module makes its own class of `RecognizerContract` with a fixture `engine`."""

import asyncio
from contextlib import aclosing
from itertools import pairwise

import pytest

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import NO_CONTEXT, Recognizer, Transcript
from livetranslate.media import HEARING_RATE, Audio, Utterance
from tests.support import collect, hush, tone

LONG = 24.0
"""Seconds of the long utterance: more than any cut leaves."""


def utterance(pcm: bytes, index: int = 0) -> Utterance:
    return Utterance(index, Audio(pcm, HEARING_RATE))


async def heard(engine: Recognizer, pcm: bytes, language: str | None = None) -> list[Transcript]:
    """All that the recognizer gives for an utterance."""
    async with aclosing(engine.transcribe(utterance(pcm), language, NO_CONTEXT)) as transcripts:
        return await collect(transcripts)


class RecognizerContract:
    """Fixtures to give: `engine`, a recognizer loaded by `async with`; `speech`, PCM at `HEARING_RATE` of some seconds."""

    listens = True
    """Whether it really hears; one that makes its answers up may say something about silence."""
    known: list[Transcript] | None = None
    """What it gave for `speech` the first time: the same for ever after, as one of the tests makes sure."""

    @pytest.fixture
    def speech(self) -> bytes:
        return tone(2.0, 200.0)

    @pytest.fixture
    async def answer(self, engine: Recognizer, speech: bytes) -> list[Transcript]:
        cls = type(self)
        if cls.known is None:
            cls.known = await heard(engine, speech)
        return cls.known

    def test_it_says_what_it_can_do(self, engine: Recognizer) -> None:
        assert isinstance(engine, Recognizer)
        assert engine.info.name
        assert engine.info.hears
        assert engine.info.hears <= LANGUAGES.keys()
        assert engine.info.sample_rate == HEARING_RATE

    def test_the_last_transcript_alone_is_final(self, answer: list[Transcript]) -> None:
        assert [transcript.final for transcript in answer] == [False] * (len(answer) - 1) + [True]
        assert answer[-1].text.strip()
        assert not answer[-1].tail

    def test_settled_text_stays(self, answer: list[Transcript]) -> None:
        assert all(after.text.startswith(before.text) for before, after in pairwise(answer))

    def test_languages_and_confidence_are_in_range(self, engine: Recognizer, answer: list[Transcript]) -> None:
        assert {transcript.language for transcript in answer} <= engine.info.hears
        assert all(0.0 <= transcript.confidence <= 1.0 for transcript in answer)

    async def test_the_language_asked_for_is_the_language_heard(self, engine: Recognizer, speech: bytes) -> None:
        language = sorted(engine.info.hears)[0]
        assert {transcript.language for transcript in await heard(engine, speech, language)} == {language}

    async def test_silence_has_no_words(self, engine: Recognizer) -> None:
        last = (await heard(engine, hush(2.0)))[-1]
        assert last.final
        assert last.text == "" or not self.listens

    async def test_no_sound_at_all_is_an_empty_transcript(self, engine: Recognizer) -> None:
        for pcm in (b"", bytes(2)):
            last = (await heard(engine, pcm))[-1]
            assert last.final
            assert last.text == "" or not self.listens

    async def test_an_answer_does_not_depend_on_what_was_heard_before(
        self, engine: Recognizer, speech: bytes, answer: list[Transcript]
    ) -> None:
        await heard(engine, tone(1.0, 300.0))
        await heard(engine, speech[: len(speech) // 4 * 2])
        assert await heard(engine, speech) == answer

    async def test_many_at_once_are_answered_as_one_alone(
        self, engine: Recognizer, speech: bytes, answer: list[Transcript]
    ) -> None:
        half = speech[: len(speech) // 4 * 2]
        alone = await heard(engine, half)
        assert await asyncio.gather(*(heard(engine, pcm) for pcm in (speech, half, half))) == [answer, alone, alone]

    async def test_leaving_in_the_middle_leaves_the_engine_free(
        self, engine: Recognizer, speech: bytes, answer: list[Transcript]
    ) -> None:
        for _ in range(3):
            async with aclosing(engine.transcribe(utterance(speech), None, NO_CONTEXT)) as transcripts:
                await anext(transcripts)
        assert await asyncio.wait_for(heard(engine, speech), 60) == answer

    async def test_being_cancelled_leaves_the_engine_free(
        self, engine: Recognizer, speech: bytes, answer: list[Transcript]
    ) -> None:
        for pause in (0.0, 0.01, 0.1, 0.3):
            task = asyncio.create_task(heard(engine, speech))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.wait([task])
        assert await asyncio.wait_for(heard(engine, speech), 60) == answer

    async def test_long_speech_is_heard_to_the_end(self, engine: Recognizer, speech: bytes, answer: list[Transcript]) -> None:
        times = round(LONG * HEARING_RATE * 2 / len(speech))
        last = (await heard(engine, speech * times))[-1]
        assert last.final
        assert len(last.text.split()) >= len(answer[-1].text.split()) * times / 2 or not self.listens
