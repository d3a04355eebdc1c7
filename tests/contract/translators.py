"""What every translator must do; a test module makes its own class of `TranslatorContract` with a fixture `made`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import product

import pytest

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import NO_CONTEXT, Translator
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.events import Options
from tests.support import collect

ODD_TEXTS = (
    "^$",
    "^word/word<n><sg>$ [] {} @x *y #z \\ / | < >",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "\x00\x07\x1b[31m\ufeff\u202e abc",
    "🎉👩‍🚀 party 🎉",
    "a" * 3000,
    "word " * 400,
    "%s %n {} $(id) `ls` ../../x",
    "你好，世界。 Привет!",
    "1,234.56 and $5 at https://example.com/?a=b&c=d, me@example.com #tag",
    "?!?!?! ... ---",
    "ñandú · l'l·l 'n' \"q",
)


async def pieces(engine: Translator, text: str, source: str, target: str) -> list[str]:
    async with aclosing(engine.translate(text, Options(target, source), NO_CONTEXT)) as stream:
        return await collect(stream)


async def said(engine: Translator, text: str, source: str, target: str) -> str:
    return "".join(await pieces(engine, text, source, target))


class TranslatorContract:
    """A fixture to give: `made`, a translator that is not yet loaded."""

    source, target = "en", "es"

    @pytest.fixture
    async def engine(self, made: Translator) -> AsyncIterator[Translator]:
        async with made as engine:
            yield engine

    def text(self, language: str) -> str:
        return " ".join(PHRASES[language][:4])

    def test_it_says_what_it_can_do(self, engine: Translator) -> None:
        assert isinstance(engine, Translator)
        info = engine.info
        assert info.name
        assert info.reads
        assert info.writes
        assert info.reads | info.writes <= LANGUAGES.keys()

    async def test_every_direction_gives_text(self, engine: Translator) -> None:
        for source, target in product(sorted(engine.info.reads)[:5], sorted(engine.info.writes)[:5]):
            if source != target:
                assert any(letter.isalpha() for letter in await said(engine, self.text(source), source, target))

    async def test_the_same_text_is_said_the_same(self, engine: Translator) -> None:
        first = await said(engine, self.text(self.source), self.source, self.target)
        await said(engine, "Nothing of the kind.", self.source, self.target)
        assert await said(engine, self.text(self.source), self.source, self.target) == first

    async def test_requests_side_by_side_are_not_mixed(self, engine: Translator) -> None:
        texts = PHRASES[self.source]
        alone = [await said(engine, text, self.source, self.target) for text in texts]
        together = await asyncio.gather(*(said(engine, text, self.source, self.target) for text in texts * 3))
        assert together == alone * 3

    async def test_odd_text_does_no_harm(self, engine: Translator) -> None:
        expected = await said(engine, self.text(self.source), self.source, self.target)
        for text in ODD_TEXTS:
            assert len(await said(engine, text, self.source, self.target)) < 20_000
        assert await said(engine, self.text(self.source), self.source, self.target) == expected

    async def test_leaving_and_being_cancelled_leave_the_engine_free(self, engine: Translator) -> None:
        text = self.text(self.source)
        expected = await said(engine, text, self.source, self.target)
        for _ in range(3):
            async with aclosing(engine.translate(text * 3, Options(self.target, self.source), NO_CONTEXT)) as stream:
                await anext(stream)
        for pause in (0.0, 0.0, 0.001, 0.003, 0.01, 0.03):
            task = asyncio.create_task(said(engine, text * 3, self.source, self.target))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.wait([task])
        assert await asyncio.wait_for(said(engine, text, self.source, self.target), 30) == expected
