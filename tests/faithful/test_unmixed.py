"""The words, languages and voices of one request never show in another, however many run at once, through whole profiles."""

import asyncio
import hashlib
import os
import random
import re
from pathlib import Path

import pytest

from livetranslate import profiles
from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.events import AudioDelta, Options, TextDone
from livetranslate.media import Writing
from livetranslate.settings import Limits, Settings
from tests.support import collect, of_type, play
from tests.upstreams import Call, Upstream

REQUESTS = int(os.environ.get("MIXED_REQUESTS", "1000"))
"""Ten thousand where there is time: MIXED_REQUESTS=10000."""
AT_ONCE = 250
PROFILE = """
vad = "scripted-vad"
detect_text = false
[[recognizer]]
engine = "scripted-recognizer"
[[translator]]
engine = "openai-translator"
guard = "off"
settings = {{ url = "{url}" }}
[[synthesizer]]
engine = "openai-synthesizer"
settings = {{ url = "{url}", voices = {{ Cherry = "v-cherry", Ethan = "v-ethan", "*" = "v-other" }} }}
"""
SPEAKERS = {"Cherry": "v-cherry", "Ethan": "v-ethan"}


def sound(*parts: str) -> bytes:
    """Sound that tells what it was made of."""
    return hashlib.sha512("|".join(parts).encode()).digest() * 8


async def model(call: Call) -> None:
    """Says the language and the number that it was asked with; slower or quicker by chance."""
    await asyncio.sleep(random.random() / 100)
    if call.path.endswith("audio/speech"):
        await call.head(kind="audio/pcm")
        return await call.send(sound(call.body["voice"], call.body["language"], call.body["input"]))
    target = re.search(r"into (\w+), sentence", call.body["messages"][0]["content"])
    assert target is not None
    await call.say(*said(target[1], call.text.partition(" ")[0]).partition(" "))


def said(language: str, number: str) -> str:
    return f"{number}@{language}/{number}"


async def test_requests_are_not_mixed(tmp_path: Path) -> None:
    chance, codes = random.Random(7), list(LANGUAGES)
    gate = asyncio.Semaphore(AT_ONCE)
    async with Upstream(model) as upstream:
        (tmp_path / "mine.toml").write_text(PROFILE.format(url=upstream.url), "utf-8")
        settings = Settings(
            profile=str(tmp_path / "mine.toml"), data_dir=tmp_path, limits=Limits(running=AT_ONCE, waiting=REQUESTS)
        )
        profile = profiles.build(settings)

        async def one(number: int) -> None:
            source, target, voice = chance.choice(codes), chance.choice(codes), chance.choice(list(VOICES))
            async with gate:
                media, options = play([Writing(f"{number} words")]), Options(target, source, voice)
                events = await collect(interpreter.interpret(media, options))
            text = said(LANGUAGES[target].name, str(number)) if source != target else f"{number} words"
            assert [event.text for event in of_type(events, TextDone)] == [text]
            heard = b"".join(event.audio.pcm for event in of_type(events, AudioDelta))
            expected = sound(SPEAKERS.get(voice, "v-other"), LANGUAGES[target].name, text) if target in SPOKEN else b""
            assert heard == expected

        async with profile.interpreter as interpreter:
            await asyncio.gather(*(one(number) for number in range(REQUESTS)))
        assert len(upstream.calls) > REQUESTS


@pytest.fixture(autouse=True)
def _repeatable() -> None:
    random.seed(7)
