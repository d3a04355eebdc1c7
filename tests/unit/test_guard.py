"""What holds another of its kind."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Self

import pytest

from livetranslate.engines import Context, EngineInfo
from livetranslate.errors import BadRequest, EngineError, Overloaded
from livetranslate.events import Event, Finished, Options, TextDelta, TextDone
from livetranslate.guard import Fallback, Limited, Unrepeating, loop_length
from livetranslate.media import Media, Writing
from livetranslate.streams import Stream
from tests.support import Gauge, collect, counted, play

SPANISH = Options(target="es")


class Plain:
    """An interpreter that says its media's words, pausing where it is told; raises `failure` after `good` words."""

    def __init__(self, name: str = "plain", failure: Exception | None = None, good: int = 0, writes: str = "es") -> None:
        self.info = EngineInfo(name, reads=frozenset({"en"}), writes=frozenset({writes}))
        self.failure, self.good = failure, good
        self.gauge, self.go_on = Gauge(), asyncio.Event()
        self.loaded = 0

    async def __aenter__(self) -> Self:
        self.loaded += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.loaded -= 1

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        with self.gauge:
            async with aclosing(media):
                said = 0
                async for item in media:
                    if self.failure is not None and said >= self.good:
                        raise self.failure
                    assert isinstance(item, Writing)
                    said += 1
                    yield TextDelta(0, f"{self.info.name}:{item.text} ")
            await self.go_on.wait()
            yield TextDone(0, "")
            yield Finished()


def words(*texts: str, gauge: Gauge | None = None) -> Stream[Media]:
    return play([Writing(text) for text in texts], gauge)


def done(interpreter: Plain) -> Plain:
    interpreter.go_on.set()
    return interpreter


async def said(stream: Stream[Event]) -> str:
    return "".join(event.text for event in await collect(stream) if isinstance(event, TextDelta))


async def settle(ready: Callable[[], bool]) -> None:
    for _ in range(1000):
        if ready():
            return
        await asyncio.sleep(0)
    pytest.fail("what the test waits for did not come")


async def test_limited_runs_so_many_lets_others_wait_and_refuses_the_rest() -> None:
    plain, media = Plain(), Gauge()
    limited = Limited(plain, running=2, waiting=1)
    tasks = [asyncio.create_task(collect(limited.interpret(words("a"), SPANISH))) for _ in range(3)]
    await settle(lambda: limited.queued == 1)
    assert limited.running == 2
    assert plain.gauge.most == 2
    with pytest.raises(Overloaded) as refused:
        await collect(limited.interpret(words("a", gauge=media), SPANISH))
    assert refused.value.retry_after
    plain.go_on.set()
    await asyncio.gather(*tasks)
    assert (limited.running, limited.queued, media.open) == (0, 0, 0)
    assert plain.gauge.started == 3


async def test_limited_gives_the_place_back_when_a_waiting_reader_leaves() -> None:
    plain = Plain()
    limited = Limited(plain, running=1, waiting=5)
    first, second, third = (asyncio.create_task(collect(limited.interpret(words("a"), SPANISH))) for _ in range(3))
    await settle(lambda: limited.queued == 2)
    second.cancel()
    await settle(lambda: limited.queued == 1)
    plain.go_on.set()
    await asyncio.gather(first, third)
    assert (limited.running, limited.queued) == (0, 0)


async def test_limited_passes_on_a_place_given_to_one_who_leaves_at_the_same_moment() -> None:
    plain = Plain()
    limited = Limited(plain, running=1, waiting=5)
    first, second, third = (asyncio.create_task(collect(limited.interpret(words("a"), SPANISH))) for _ in range(3))
    await settle(lambda: limited.queued == 2)
    first.cancel()
    await settle(lambda: limited.queued == 1)  # the place is the second's now, who has not run yet
    second.cancel()
    plain.go_on.set()
    await asyncio.wait_for(third, 2)
    assert (limited.running, limited.queued) == (0, 0)


async def test_limited_gives_no_place_to_one_who_left_the_line_at_the_same_moment() -> None:
    plain = Plain()
    limited = Limited(plain, running=1, waiting=5)
    first, second, third = (asyncio.create_task(collect(limited.interpret(words("a"), SPANISH))) for _ in range(3))
    await settle(lambda: limited.queued == 2)
    first.cancel()
    second.cancel()  # has left the line, but has not run since
    plain.go_on.set()
    await asyncio.wait_for(third, 2)
    assert (limited.running, limited.queued) == (0, 0)
    for task in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_fallback_plays_the_media_again_to_the_next() -> None:
    bad, good, media = Plain("bad", EngineError()), done(Plain("good")), Gauge()
    async with Fallback([bad, good]) as fallback:
        assert await said(fallback.interpret(words("a", "b", gauge=media), SPANISH)) == "good:a good:b "
        assert (bad.loaded, good.loaded) == (1, 1)
    assert (bad.loaded, good.loaded, media.open, bad.gauge.open) == (0, 0, 0, 0)


async def test_fallback_does_not_hide_a_failure_after_the_first_event() -> None:
    with pytest.raises(EngineError):
        await said(Fallback([Plain("bad", EngineError(), good=1), done(Plain("good"))]).interpret(words("a", "b"), SPANISH))


async def test_fallback_does_not_try_again_what_no_engine_could_do() -> None:
    with pytest.raises(BadRequest):
        await said(Fallback([Plain("bad", BadRequest()), done(Plain("good"))]).interpret(words("a"), SPANISH))


async def test_fallback_raises_when_all_fail_and_skips_who_cannot() -> None:
    only = Fallback([done(Plain("german", writes="de")), done(Plain("spanish"))])
    assert await said(only.interpret(words("a"), SPANISH)) == "spanish:a "
    assert only.info.writes == {"es", "de"}
    with pytest.raises(EngineError):
        await said(Fallback([Plain("bad", EngineError()), Plain("bad", EngineError())]).interpret(words("a"), SPANISH))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("The quick brown fox jumps over the lazy dog.", 0),
        ("no no no no", 0),
        ("ha ha ha ha ha ha ha ha ha ha ha ha ", 33),
        ("Well. " + "I am here. " * 6, 55),
        ("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14", 0),
    ],
)
def test_loop_length(text: str, length: int) -> None:
    assert loop_length(text) == length


class Parrot:
    """A translator that gives its pieces whatever it is asked."""

    info = EngineInfo("parrot", reads=frozenset({"en"}), writes=frozenset({"es"}))

    def __init__(self, pieces: list[str]) -> None:
        self.pieces, self.gauge = pieces, Gauge()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        return counted(self.gauge, self.pieces)


async def test_unrepeating_stops_a_loop_but_not_a_translation_of_one() -> None:
    parrot = Parrot(["Todo bien. "] * 1000)
    guarded = Unrepeating(parrot)
    stopped = await collect(guarded.translate("All is well.", SPANISH, Context()))
    assert 4 <= len(stopped) < 8
    assert parrot.gauge.open == 0
    chant = await collect(guarded.translate("All is well. " * 12, SPANISH, Context()))
    assert len(chant) == 1000


async def test_unrepeating_leaves_good_text_alone() -> None:
    pieces = ["El tren ", "sale a las ", "nueve."]
    assert await collect(Unrepeating(Parrot(pieces)).translate("The train leaves at nine.", SPANISH, Context())) == pieces


async def test_a_fallback_chooses_who_reads_when_text_comes_in() -> None:
    class Listening(Plain):
        def __init__(self) -> None:
            super().__init__("ears")
            self.info = EngineInfo("ears", hears=frozenset({"en"}), writes=frozenset({"es"}))

    fallback = Fallback([Listening(), done(Plain("eyes"))])
    assert kinds_of(await collect(fallback.interpret(words("a"), SPANISH))) == ["eyes:a "]


def kinds_of(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, TextDelta)]


def test_what_two_can_do_is_no_more_than_what_each_can() -> None:
    one, two = Plain("one"), Plain("two", writes="de")
    two.info = EngineInfo("two", reads=frozenset({"el"}), writes=frozenset({"de"}))
    info = Fallback([one, two]).info
    assert info.serves("en", "es")
    assert not info.serves("el", "es")
