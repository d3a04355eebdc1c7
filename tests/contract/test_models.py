"""The engines that run models in this process, held to the contracts; their models are made here, in the true formats."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livetranslate.engines import Recognizer, Translator
from livetranslate.engines.ctranslate import CTranslate, CTranslatePairs
from livetranslate.engines.whisper import Whisper
from tests.checkpoints import make_translator, make_whisper
from tests.contract.recognizers import RecognizerContract
from tests.contract.translators import TranslatorContract

SENTENCES = {
    "en": "good morning everyone and welcome",
    "es": "Buenos días a todos ustedes .",
    "de": "Guten Morgen allen zusammen hier !",
    "ja": "皆さん おはよう ございます 。",
}


@pytest.mark.skipif(bool(Whisper.needs()), reason=f"whisper lacks {Whisper.needs()}")
class TestWhisper(RecognizerContract):
    listens = False  # this model says one sentence, whatever it hears

    @pytest.fixture
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return make_whisper(tmp_path_factory.mktemp("whisper"), "Hello world, this is a mask.")

    @pytest.fixture
    async def engine(self, folder: Path) -> AsyncIterator[Recognizer]:
        async with Whisper(model=folder, device="cpu", compute_type="int8", threads=1) as engine:
            yield engine


@pytest.mark.skipif(bool(CTranslate.needs()), reason=f"ctranslate lacks {CTranslate.needs()}")
class TestM2M100(TranslatorContract):
    @pytest.fixture
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return make_translator(tmp_path_factory.mktemp("m2m100"), SENTENCES, {code: f"__{code}__" for code in SENTENCES})

    @pytest.fixture
    def made(self, folder: Path) -> Translator:
        return CTranslate(model=folder, family="m2m100", device="cpu", compute_type="int8", threads=1, languages=SENTENCES)


@pytest.mark.skipif(bool(CTranslate.needs()), reason=f"ctranslate lacks {CTranslate.needs()}")
class TestPairs(TranslatorContract):
    @pytest.fixture
    def folders(self, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
        root = tmp_path_factory.mktemp("pairs")
        pairs = {"en-es": "es", "es-en": "en", "en-de": "de", "de-en": "en"}
        return {name: make_translator(root / name, {into: SENTENCES[into]}, {into: "</s>"}) for name, into in pairs.items()}

    @pytest.fixture
    def made(self, folders: dict[str, Path]) -> Translator:
        return CTranslatePairs(models=folders, device="cpu", compute_type="int8", threads=1)
