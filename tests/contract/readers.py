"""What every reader must do; a test module makes its own class of `ReaderContract` with a fixture `made`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import Reader
from livetranslate.media import Image, Line
from tests.drawing import shot
from tests.support import collect

BROKEN = (b"", b"\xff\xd8\xff", b"no picture", bytes(5000), b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20)


async def read(engine: Reader, image: Image, language: str | None = "en") -> list[Line]:
    async with aclosing(engine.read(image, language)) as lines:
        return await collect(lines)


class ReaderContract:
    """A fixture to give: `made`, a reader that is not yet loaded."""

    @pytest.fixture
    async def engine(self, made: Reader) -> AsyncIterator[Reader]:
        async with made as engine:
            yield engine

    async def test_it_says_what_it_can_do(self, engine: Reader) -> None:
        assert isinstance(engine, Reader)
        assert engine.info.name
        assert engine.info.sees_images
        assert engine.info.writes
        assert engine.info.writes <= LANGUAGES.keys()

    async def test_lines_stand_on_the_image(self, engine: Reader) -> None:
        lines = await read(engine, shot(["SURGICAL MASKS", "City Hospital"]))
        assert lines
        for line in lines:
            left, top, width, height = line.box
            assert min(line.box) >= 0
            assert left + width <= 1.001
            assert top + height <= 1.001
            assert 0 <= line.confidence <= 1
            assert line.text.strip()

    async def test_readings_at_once_do_not_mix(self, engine: Reader) -> None:
        images = [shot(["Alpha Tango"]), shot(["Bravo Whisky"])] * 3
        together = await asyncio.gather(*(read(engine, image) for image in images))
        assert [lines == together[0] for lines in together[::2]] == [True] * 3
        assert [lines == together[1] for lines in together[1::2]] == [True] * 3

    async def test_what_is_no_picture_has_no_writing_or_fails_alone(self, engine: Reader) -> None:
        before = await read(engine, shot(["Alpha Tango"]))
        for jpeg in BROKEN:
            await read(engine, Image(jpeg, 640, 352, 0.0))
        assert await read(engine, shot(["Alpha Tango"])) == before

    async def test_any_language_may_be_spoken(self, engine: Reader) -> None:
        for language in (None, *LANGUAGES):
            await read(engine, shot(["Alpha"]), language)

    async def test_one_may_leave_at_any_time_and_come_again(self, engine: Reader) -> None:
        image = shot(["Alpha Tango"])
        before = await read(engine, image)
        for pause in (0.0, 0.001, 0.05):
            leaving = asyncio.create_task(read(engine, image))
            await asyncio.sleep(pause)
            leaving.cancel()
            await asyncio.wait([leaving])
        assert await read(engine, image) == before
