"""Profiles: what helps beside the sound, and the scripted engines that see and read."""

from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from livetranslate.errors import BadParameter
from livetranslate.events import Event, Evidence, Options, TextDone
from livetranslate.glossary import Entry
from livetranslate.glossary.files import senses
from livetranslate.media import Audio, Image, Media
from livetranslate.profiles import build, look
from livetranslate.settings import Settings
from tests.support import collect, hush, in_chunks, of_type, play, tone

SOUND = hush(0.3) + tone(1.5) + hush(1.0)


def settings(**script: Any) -> Settings:
    return Settings(profile="scripted", engines={"scripted": script}, picture_patience=10.0)


def video() -> list[Media]:
    images = [Image(b"%d" % place, 640, 352, place / 2, 0xFFFFFF << 100 * (place // 2)) for place in range(6)]
    items: list[Media] = [*in_chunks(SOUND, range(1600, len(SOUND) // 2, 1600)), *images]
    return sorted(items, key=lambda item: item.start if isinstance(item, Audio) else item.at if isinstance(item, Image) else 0.0)


async def run(chosen: Settings, media: list[Media], options: Options) -> list[Event]:
    profile = build(chosen)
    async with profile.interpreter as interpreter, aclosing(interpreter.interpret(play(media), options)) as events:
        return await collect(events)


def test_the_starter_set_always_helps_and_a_reader_where_there_is_one(tmp_path: Path) -> None:
    sights = look(Settings())
    assert sights.reader is None
    assert sights.glossaries == ((), senses())
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\nmask,careta\n", "utf-8")
    sights = look(Settings(glossary=terms, picture_patience=0.5), "scripted-reader")
    assert sights.reader is not None
    assert sights.reader.info.name == "scripted-reader"
    assert sights.glossaries[0] == (Entry("mask", "careta"),)
    assert sights.patience == 0.5


def test_a_servers_glossary_that_is_not_in_order_is_told_at_the_start(tmp_path: Path) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\nmask\n", "utf-8")
    with pytest.raises(BadParameter, match="line 2"):
        build(Settings(profile="scripted", glossary=terms))


async def test_a_translator_that_sees_is_shown_the_key_images() -> None:
    options = Options("es", "en", details=True)
    (blind,) = of_type(await run(settings(), video(), options), TextDone)
    (seeing,) = of_type(await run(settings(sees=True), video(), options), TextDone)
    assert seeing.text == f"{blind.text} [0.00 1.00]"
    (alone,) = of_type(await run(settings(sees=True), [item for item in video() if isinstance(item, Audio)], options), TextDone)
    assert alone.text == blind.text


async def test_the_scripted_reader_reads_what_it_is_told() -> None:
    events = await run(settings(words=["SURGICAL", "Ward"]), video(), Options("es", "en", details=True))
    (evidence,) = of_type(events, Evidence)
    assert [word.text for word in evidence.words] == ["SURGICAL", "Ward"]
    assert evidence.images == (0.0, 1.0)
