"""Upstreams that die, stall, garble or dawdle in the middle: one error or a completed fallback, never a quiet end."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livetranslate import profiles
from livetranslate.settings import Settings
from tests.server.live import Live, live
from tests.upstreams import Call, Upstream

PROFILE = """
vad = "scripted-vad"
detect_text = false
[[recognizer]]
engine = "scripted-recognizer"
[[translator]]
engine = "openai-translator"
guard = "{guard}"
settings = {{ url = "{url}", silent_seconds = 0.4, tries = 1 }}
{second}
[[synthesizer]]
engine = "scripted-synthesizer"
"""
SECOND = '[[translator]]\nengine = "scripted-translator"'
TEXT = {
    "model": "qwen3-livetranslate-flash",
    "messages": [{"role": "user", "content": "Good morning to all of you."}],
    "stream": True,
    "translation_options": {"source_lang": "en", "target_lang": "es"},
}


async def dies(call: Call) -> None:
    await call.head()
    await call.delta("Buenos")


async def stalls(call: Call) -> None:
    await dies(call)
    await call.gone()


async def garbles(call: Call) -> None:
    await dies(call)
    await call.send(b"data: {]\n\n")


async def fails(call: Call) -> None:
    await dies(call)
    await call.event({"error": {"message": "out of memory", "code": 500}})


async def dawdles(call: Call) -> None:
    await call.head()
    for word in ("Buenos", " días", " a", " todos", "."):
        await asyncio.sleep(0.1)
        await call.delta(word)
    await call.delta("", "stop")
    await call.send(b"data: [DONE]\n\n")


@contextmanager
def behind(reply: Callable[[Call], Awaitable[None]], folder: Path, *, guard: str = "off", second: str = "") -> Iterator[Live]:
    """A server of ours whose translator is this upstream."""
    loop, upstream = asyncio.new_event_loop(), Upstream(reply)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(upstream.__aenter__(), loop).result(10)
    (folder / "mine.toml").write_text(PROFILE.format(url=upstream.url, guard=guard, second=second), "utf-8")
    try:
        with live(folder, profile=profiles.build(Settings(profile=str(folder / "mine.toml"), data_dir=folder))) as served:
            yield served
    finally:
        asyncio.run_coroutine_threadsafe(upstream.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def told(served: Live) -> tuple[str, list[str]]:
    """The text that came, and the codes of errors, whether they came as a status or as an event."""
    answer = served.ask(TEXT)
    if answer.status_code != 200:
        return "", [answer.json()["error"]["code"]]
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    chunks = [json.loads(event) for event in events if event != "[DONE]"]
    errors = [chunk["error"]["code"] for chunk in chunks if "error" in chunk]
    assert bool(errors) != (events[-1] == "[DONE]"), "neither an error nor an end"
    words = [choice["delta"].get("content", "") for chunk in chunks for choice in chunk.get("choices", ())]
    return "".join(words), errors


@pytest.mark.parametrize(("reply", "code"), [
    (dies, "ModelServingError"), (garbles, "ModelServingError"), (fails, "ModelServingError"), (stalls, "RequestTimeOut"),
])  # fmt: skip
def test_what_breaks_in_the_middle_is_one_error(reply: Callable[[Call], Awaitable[None]], code: str, tmp_path: Path) -> None:
    with behind(reply, tmp_path) as served:
        text, errors = told(served)
    assert text in ("Buenos", "")
    assert errors == [code]


@pytest.mark.parametrize("reply", [dies, garbles, fails, stalls])
def test_what_breaks_before_a_word_is_believed_is_taken_over(reply: Callable[[Call], Awaitable[None]], tmp_path: Path) -> None:
    """The guard holds the first words back, so that the next translator can still say all of it."""
    with behind(reply, tmp_path, guard="answers", second=SECOND) as served:
        text, errors = told(served)
    assert errors == []
    assert text


def test_what_dawdles_comes_whole(tmp_path: Path) -> None:
    with behind(dawdles, tmp_path) as served:
        assert told(served) == ("Buenos días a todos.", [])
