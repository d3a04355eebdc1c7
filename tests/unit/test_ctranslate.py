"""Translation models on CTranslate2: how each family is told its languages, words as they come, batches, pairs."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from livetranslate.engines import NO_CONTEXT, Translator
from livetranslate.engines.ctranslate import CTranslate, CTranslatePairs
from livetranslate.engines.ctranslate.families import Asked, Family, asked
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import Options
from tests.checkpoints import make_translator
from tests.support import collect

pytestmark = pytest.mark.skipif(bool(CTranslate.needs()), reason=f"ctranslate lacks {CTranslate.needs()}")

PHRASES = {"es": "Buenos días a todos .", "de": "Guten Morgen allen !", "yue": "大家 早晨 。"}


async def said(engine: Translator, text: str, source: str, target: str) -> list[str]:
    return await collect(engine.translate(text, Options(target, source), NO_CONTEXT))


@pytest.fixture(scope="module")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    marks = {"es": "spa_Latn", "de": "deu_Latn", "yue": "yue_Hant"}
    return make_translator(tmp_path_factory.mktemp("nllb"), PHRASES, marks)


def engine_on(folder: Path, family: Family = "nllb", **given: object) -> CTranslate:
    return CTranslate(model=folder, family=family, device="cpu", compute_type="int8", threads=1, **given)  # type: ignore[arg-type]


async def test_each_language_is_asked_for_by_its_mark(nllb: Path) -> None:
    async with engine_on(nllb) as engine:
        for code, phrase in PHRASES.items():
            pieces = await said(engine, "some other words to read", "en", code)
            assert "".join(pieces) == phrase
            assert len(pieces) == len(phrase.split())


async def test_with_more_beams_a_sentence_comes_whole(nllb: Path) -> None:
    async with engine_on(nllb, beam=2) as engine:
        (piece,) = await said(engine, "some other words to read", "en", "es")
        assert piece == PHRASES["es"]


def test_how_families_are_told() -> None:
    assert asked("madlad", ["▁a"], "en", "yue") == Asked(["<2yue>", "▁a", "</s>"], [])
    assert asked("m2m100", ["▁a"], "en", "de") == Asked(["__en__", "▁a", "</s>"], ["__de__"])
    assert asked("nllb", ["▁a"], "zh", "yue") == Asked(["zho_Hans", "▁a", "</s>"], ["yue_Hant"])
    assert asked("marian", ["▁a"], "en", "de") == Asked(["▁a", "</s>"], [])


async def test_madlad_is_told_in_its_source(tmp_path: Path) -> None:
    async with engine_on(make_translator(tmp_path, {"de": PHRASES["de"]}, {"de": "</s>"}), "madlad") as engine:
        assert "".join(await said(engine, "some words. other words.", "en", "de")) == "Guten Morgen allen ! Guten Morgen allen !"


async def test_sentences_of_many_requests_are_one_batch_in_any_languages(nllb: Path) -> None:
    async with engine_on(nllb, batch=16, wait=0.2) as engine:
        codes = ["es", "de", "yue", "de"] * 3
        answers = await asyncio.gather(*(said(engine, "some words", "en", code) for code in codes))
        assert ["".join(answer) for answer in answers] == [PHRASES[code] for code in codes]
        assert engine._loaded.batches.sizes == [12]


async def test_leaving_one_of_a_batch_leaves_the_others(nllb: Path) -> None:
    async with engine_on(nllb, wait=0.1) as engine:
        async with aclosing(engine.translate("some words", Options("es", "en"), NO_CONTEXT)) as pieces:
            other = asyncio.create_task(said(engine, "some words", "en", "de"))
            assert await anext(pieces) == "Buenos"
        assert "".join(await other) == PHRASES["de"]


async def test_what_it_cannot_do_and_what_is_not_there(nllb: Path, tmp_path: Path) -> None:
    async with engine_on(nllb, "m2m100") as engine:
        with pytest.raises(Unsupported):
            await said(engine, "x", "en", "yue")
    with pytest.raises(EngineError, match=r"model\.bin"):
        await engine_on(tmp_path).__aenter__()
    with pytest.raises(ValueError, match="marian"):
        engine_on(nllb, "marian")


async def test_pairs_go_through_english(tmp_path: Path) -> None:
    de = make_translator(tmp_path / "en-de", {"de": PHRASES["de"]}, {"de": "</s>"})
    en = make_translator(tmp_path / "el-en", {"en": "some words"}, {"en": "</s>"})
    async with CTranslatePairs(models={"en-de": de, "el-en": en}, device="cpu", threads=1) as engine:
        assert engine.info.pairs == {("en", "de"), ("el", "en"), ("el", "de")}
        assert "".join(await said(engine, "x", "el", "de")) == PHRASES["de"]
        with pytest.raises(Unsupported):
            await said(engine, "x", "de", "en")
    with pytest.raises(ValueError, match="ende"):
        CTranslatePairs(models={"ende": de})
