"""The cloud's place taken by a server of our own: a profile that passes everything through, and falls back."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livetranslate import profiles
from livetranslate.engines.dashscope import DashScope
from livetranslate.engines.registry import EngineMissing
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone
from livetranslate.events import Live as LiveOptions
from livetranslate.media import HEARING_RATE, Audio, Writing
from livetranslate.profiles.plan import plan
from livetranslate.settings import Settings
from tests.server.live import KEY, Live, live
from tests.support import collect, hush, of_type, play, tone
from tests.upstreams import Upstream


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("cloud"), profile=None) as served:
        yield served


async def interpreted(url: str, options: Options, seconds: float = 2.0, **given: Any) -> list[Event]:
    async with DashScope(url=f"{url}/v1", key=KEY, **given) as engine:
        pcm = hush(0.3) + tone(seconds) + hush(0.5)
        chunks = [Audio(pcm[at : at + 6400], HEARING_RATE, at / 2 / HEARING_RATE) for at in range(0, len(pcm), 6400)]
        return await collect(engine.interpret(play(chunks), options))


async def test_text_and_speech_come_through(cloud: Live) -> None:
    events = await interpreted(cloud.base, Options("es", "en", "Cherry"))
    (done,) = of_type(events, TextDone)
    assert done.text == "".join(event.text for event in of_type(events, TextDelta))
    spoken = of_type(events, AudioDelta)
    assert sum(event.audio.seconds for event in spoken) > 1.0
    for before, after in itertools.pairwise(spoken):
        assert after.audio.start == pytest.approx(before.audio.end)
    assert events[-1] == Finished("stop")


async def test_a_language_that_is_not_spoken_comes_as_text(cloud: Live) -> None:
    events = await interpreted(cloud.base, Options("hi", None, "Cherry"))
    assert of_type(events, TextDone)
    assert not of_type(events, AudioDelta)


async def test_long_sound_goes_in_parts_and_silence_does_not_go(cloud: Live) -> None:
    events = await interpreted(cloud.base, Options("es", "en"), 9.0, part_seconds=3.0)
    assert [event.utterance for event in of_type(events, TextDone)] == [0, 1, 2]
    assert await interpreted(cloud.base, Options("es", "en"), 0.0) == [Finished("stop")]


async def test_live_speech_is_refused_before_anything_is_sent(cloud: Live) -> None:
    with pytest.raises(Unsupported, match="needs another profile"):
        await interpreted(cloud.base, Options("es", "en", live=LiveOptions()))


async def test_the_limit_of_tokens_cuts_it_there(cloud: Live) -> None:
    events = await interpreted(cloud.base, Options("es", "en", max_tokens=2))
    assert events[-1] == Finished("length")
    assert of_type(events, TextDone)


async def test_a_wrong_key_is_an_engines_error_that_does_not_tell_it(cloud: Live) -> None:
    async with DashScope(url=f"{cloud.base}/v1", key="sk-wrong") as engine:
        with pytest.raises(EngineError, match="refused the key") as failure:
            await collect(engine.interpret(play([Audio(tone(1.0), HEARING_RATE)]), Options("es")))
    assert "sk-wrong" not in str(failure.value)


async def test_text_passes_where_it_may(cloud: Live) -> None:
    async with DashScope(url=f"{cloud.base}/v1", key=KEY, reads=True) as engine:
        assert engine.info.reads
        events = await collect(engine.interpret(play([Writing("Good morning.")]), Options("es", "en")))
    assert of_type(events, TextDone)


def written(folder: Path, text: str, **engines: Any) -> Settings:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "mine.toml").write_text(text, "utf-8")
    return Settings(profile="mine", data_dir=folder, engines=engines)


CLOUD_FIRST = 'fallback = "scripted"\n[[interpreter]]\nengine = "dashscope"\n'


async def run(settings: Settings, options: Options) -> list[Event]:
    profile = profiles.build(settings)
    async with profile.interpreter as interpreter:
        return await collect(interpreter.interpret(play([Audio(tone(1.5) + hush(1), HEARING_RATE)]), options))


async def test_a_profile_falls_back_when_the_cloud_cannot_be_reached(tmp_path: Path, cloud: Live) -> None:
    for url in (f"{cloud.base}/v1", "http://127.0.0.1:9/v1"):
        settings = written(tmp_path, CLOUD_FIRST, dashscope={"url": url, "key": KEY, "tries": 1})
        assert of_type(await run(settings, Options("es", "en")), TextDone)
    assert plan("mine", settings).directions["en", "es"].engines == ("dashscope",)


async def test_what_the_local_engines_cannot_do_goes_to_the_cloud(tmp_path: Path, cloud: Live) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "cloud.toml").write_text('[[interpreter]]\nengine = "dashscope"\n', "utf-8")
    local = (
        (profiles.text.HERE / "scripted.toml")
        .read_text("utf-8")
        .replace('engine = "scripted-recognizer"', 'engine = "scripted-recognizer"\nlanguages = ["en"]')
    )
    settings = written(tmp_path, f'fallback = "cloud"\n{local}', dashscope={"url": f"{cloud.base}/v1", "key": KEY})
    made = plan("mine", settings)
    assert made.directions["el", "es"].engines == ("dashscope",)
    assert made.directions["en", "es"].engines == ("scripted", "scripted")
    assert of_type(await run(settings, Options("es", "el")), TextDone)


def test_without_a_key_the_plan_says_which_line_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASHSCOPE_API_KEY", raising=False)
    settings = Settings(profile="dashscope", data_dir=tmp_path)
    assert [lack.need.command for lack in plan("dashscope", settings).lacks] == ["export DASHSCOPE_API_KEY=..."]
    with pytest.raises(EngineMissing, match="DASHSCOPE_API_KEY"):
        profiles.build(settings)
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-mine")
    assert profiles.build(settings).interpreter.info.hears


def test_a_whole_server_in_front_of_another(tmp_path: Path, cloud: Live) -> None:
    """The file API through the pass-through: the same words as the cloud gives, by the same wire."""
    from tests.server.live import request, spoken

    profile = profiles.build(written(tmp_path, CLOUD_FIRST, dashscope={"url": f"{cloud.base}/v1", "key": KEY}))
    with live(tmp_path, profile=profile) as gateway:
        for body in (request(), {**request(), "stream": False}, spoken()):
            answer = gateway.ask(body)
            assert answer.status_code == 200
            if not body["stream"]:
                said = answer.json()["choices"][0]["message"]["content"]
        assert said
        with gateway.stream(spoken()) as events:
            told = list(events)
        assert told[-1] == "[DONE]"
        assert any('"audio"' in event for event in told)


async def test_an_upstream_that_breaks_in_the_middle_is_one_error(tmp_path: Path) -> None:
    async def broken(call: Any) -> None:
        await call.head()
        await call.delta("Ho")

    async with Upstream(broken) as upstream, DashScope(url=upstream.url) as engine:
        got = []
        with pytest.raises(EngineError):
            async for event in engine.interpret(play([Audio(tone(1.0), HEARING_RATE)]), Options("es")):
                got.append(event)
        assert got == [TextDelta(0, "Ho")]
        await asyncio.wait_for(upstream.settled(), 5)
