"""The suite for readers, over those installed."""

import asyncio
import os
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path

import pytest

from livetranslate.engines import Reader
from livetranslate.engines.rapidocr import RapidOcr
from livetranslate.engines.rapidocr.scripts import TESSERACT
from livetranslate.engines.scripted import ScriptedReader
from livetranslate.errors import EngineError
from livetranslate.media import Image
from tests.contract.readers import ReaderContract, read
from tests.drawing import shot

NEEDS = RapidOcr.needs()
needs_ocr = pytest.mark.skipif(bool(NEEDS), reason=f"RapidOCR lacks {', '.join(need.what for need in NEEDS)}: {[*NEEDS, ''][0]}")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
HAS_DEJAVU = DEJAVU.is_file()

pytestmark = pytest.mark.skipif(
    find_spec("PIL") is None, reason="pictures are drawn with Pillow: pip install 'livetranslate[ocr]'"
)


class TestScripted(ReaderContract):
    @pytest.fixture
    def made(self) -> Reader:
        return ScriptedReader(words=["SURGICAL", "MASK"])

    async def test_it_reads_what_it_is_told(self, engine: Reader) -> None:
        assert [line.text for line in await read(engine, Image(b"", 32, 32, 0.0))] == ["SURGICAL", "MASK"]


@needs_ocr
@pytest.mark.may_block
class TestRapidOcr(ReaderContract):
    @pytest.fixture
    def made(self) -> Reader:
        return RapidOcr()

    async def test_it_reads_what_is_written(self, engine: Reader) -> None:
        lines = await read(engine, shot(["SURGICAL MASKS", "Dr. Nakamura"]))
        assert [line.text for line in lines] == ["SURGICAL MASKS", "Dr. Nakamura"]
        assert lines[0].box[1] < lines[1].box[1]
        assert all(line.confidence > 0.8 for line in lines)

    async def test_a_plain_picture_has_no_writing(self, engine: Reader) -> None:
        assert await read(engine, shot([])) == []

    async def test_a_reader_that_is_not_loaded_fails(self) -> None:
        with pytest.raises(EngineError):
            await read(RapidOcr(), shot(["Alpha"]))

    async def test_leaving_does_not_replace_the_worker(self, engine: RapidOcr) -> None:
        await read(engine, shot(["Alpha"]))
        (worker,) = engine._pool._workers
        pid = worker.pid
        stream = engine.read(shot(["Alpha"]), "en")
        async with aclosing(stream):
            leaving = asyncio.create_task(anext(stream))
            await asyncio.sleep(0.02)
            leaving.cancel()
            await asyncio.wait([leaving])
        await read(engine, shot(["Alpha"]))
        assert worker.pid == pid

    async def test_a_worker_that_dies_is_replaced(self, engine: RapidOcr) -> None:
        await read(engine, shot(["Alpha"]))
        (worker,) = engine._pool._workers
        assert worker.pid is not None
        os.kill(worker.pid, 9)
        with pytest.raises(EngineError):
            await read(engine, shot(["Alpha"]))
        assert [line.text for line in await read(engine, shot(["Alpha"]))] == ["Alpha"]

    async def test_other_scripts_are_read_where_tesseract_has_them(
        self, engine: RapidOcr, caplog: pytest.LogCaptureFixture
    ) -> None:
        if not HAS_DEJAVU:
            pytest.skip("no font with Cyrillic letters: apt-get install fonts-dejavu-core")
        lines = await read(engine, shot(["Больница", "Привет, мир"], font=str(DEJAVU)), "ru")
        if TESSERACT["ru"] in engine._tesseract:
            assert "Привет" in " ".join(line.text for line in lines)
        else:
            assert "apt-get install tesseract-ocr tesseract-ocr-rus" in caplog.text


def test_what_is_missing_is_told_by_its_command() -> None:
    assert all(need.command == "pip install 'livetranslate[ocr]'" for need in NEEDS)
