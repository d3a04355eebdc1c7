"""Whisper on CTranslate2: languages, batches, prompts, silence, and what is missing."""

import asyncio
from pathlib import Path

import pytest

from livetranslate.engines import NO_CONTEXT, Context, Transcript
from livetranslate.engines.whisper import Whisper
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import HEARING_RATE, Audio, Utterance
from tests.checkpoints import make_whisper
from tests.support import collect, hush, tone

pytestmark = pytest.mark.skipif(bool(Whisper.needs()), reason=f"whisper lacks {Whisper.needs()}")

TEXT = "这是一个口罩。 Das ist eine Maske."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("whisper"), TEXT, "yue")


def whisper(folder: Path, **given: object) -> Whisper:
    return Whisper(model=folder, device="cpu", compute_type="int8", threads=1, **given)  # type: ignore[arg-type]


async def heard(engine: Whisper, pcm: bytes, language: str | None = None) -> list[Transcript]:
    return await collect(engine.transcribe(Utterance(0, Audio(pcm, HEARING_RATE)), language, NO_CONTEXT))


async def test_the_language_is_told_and_the_one_asked_for_is_believed(folder: Path) -> None:
    async with whisper(folder) as engine:
        (only,) = await heard(engine, tone(1.0))
        assert (only.text, only.language, only.final) == (TEXT, "yue", True)
        assert only.confidence > 0.95
        assert (await heard(engine, tone(1.0), "de"))[-1].language == "de"
        with pytest.raises(Unsupported):
            await heard(engine, tone(1.0), "sw")


async def test_only_languages_that_it_is_used_for_are_told(folder: Path) -> None:
    async with whisper(folder, languages=["en", "de"]) as engine:
        assert (await heard(engine, tone(1.0)))[-1].language in ("en", "de")


async def test_requests_that_come_together_are_one_batch(folder: Path) -> None:
    async with whisper(folder, batch=8, wait=0.2) as engine:
        answers = await asyncio.gather(*(heard(engine, tone(1.0), language) for language in ("de", None, "en", None)))
        assert [answer[-1].language for answer in answers] == ["de", "yue", "en", "yue"]
        assert engine._batches.sizes == [4]


async def test_speech_of_over_half_a_minute_is_heard_in_windows_and_silence_not_at_all(folder: Path) -> None:
    async with whisper(folder) as engine:
        guess, last = await heard(engine, tone(31.0))
        assert guess == Transcript("", "yue", tail=TEXT)
        assert last.text == f"{TEXT} {TEXT}"
        assert await heard(engine, hush(40.0)) == [Transcript("", "", final=True)]
        assert len(engine._batches.sizes) == 2


async def test_hints_go_before_the_speech(folder: Path) -> None:
    async with whisper(folder, prompt="Namen", hotwords="N95") as engine:
        before = engine._prompted("de", "N95, Maske")
        assert before[0] == engine._tokenizer("de").sot_prev
        assert engine._tokenizer("de").decode(before).strip() == "N95, Maske Namen"
        seen = Context(words=("Maske",))
        answers = [
            collect(engine.transcribe(Utterance(0, Audio(tone(1.0), HEARING_RATE)), "de", context))
            for context in (NO_CONTEXT, seen)
        ]
        with_and_without = await asyncio.gather(*answers)  # prompts of two lengths in one batch
        assert [answer[-1].final for answer in with_and_without] == [True, True]
        assert engine._batches.sizes == [2]


@pytest.fixture(params=["model.bin", "tokenizer.json"])
def broken(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> tuple[str, Path]:
    for path in folder.iterdir():
        if path.name != request.param:
            (tmp_path / path.name).symlink_to(path)
    return request.param, tmp_path


@pytest.mark.may_block
async def test_a_folder_that_is_not_whole_is_told(broken: tuple[str, Path]) -> None:
    lacking, place = broken
    with pytest.raises(EngineError, match=lacking):
        await whisper(place).__aenter__()
    await asyncio.to_thread((place / lacking).write_bytes, b"{}")
    with pytest.raises(EngineError, match="cannot load"):
        await whisper(place).__aenter__()
