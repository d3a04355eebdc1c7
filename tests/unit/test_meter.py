"""What went in and came out, and the cut at the limit."""

from collections.abc import Iterable

import pytest

from livetranslate.errors import TooBig
from livetranslate.events import AudioDelta, Event, Finished, TextDelta, TextDone, TranscriptDelta, TranscriptDone, Usage
from livetranslate.media import SPEAKING_RATE, Audio, Image, Writing
from livetranslate.meter import Meter
from tests.support import Gauge, collect, counted, hush, play


def speech(seconds: float) -> Audio:
    return Audio(hush(seconds, SPEAKING_RATE), SPEAKING_RATE)


async def see(meter: Meter, events: Iterable[Event], limit: int) -> list[Event]:
    return await collect(meter.see(counted(Gauge(), events), limit))


async def test_counts_both_directions() -> None:
    meter = Meter()
    await collect(meter.hear(play([Audio(hush(2), 16_000), Writing("Good morning."), Audio(hush(2), 16_000, 2.0)])))
    events: list[Event] = [
        TextDelta(0, "Buenos "),
        TextDelta(0, "días."),
        TextDone(0, "Buenos días."),
        AudioDelta(0, speech(2)),
        Finished(),
    ]
    assert await see(meter, events, 4096) == events
    assert meter.usage == Usage(audio_in=50, text_in=4, audio_out=25, text_out=3)
    assert (meter.seconds_in, meter.seconds_out) == (4.0, 2.0)
    assert meter.usage.total == 82


async def test_counts_images_as_a_video() -> None:
    meter = Meter()
    shown = [Image(b"", 1152, 640, place / 2) for place in range(20)]
    await collect(meter.hear(play([*shown[:7], Audio(hush(10), 16_000), *shown[7:]])))
    assert meter.usage == Usage(audio_in=125, video_in=7202)
    assert meter.usage.prompt == 7327


async def test_images_count_towards_the_limit() -> None:
    meter = Meter(input_limit=1442)
    shown = [Image(b"", 1152, 640, place / 2) for place in range(5)]
    with pytest.raises(TooBig):
        await collect(meter.hear(play(shown)))
    assert meter.usage.video_in == 2162


async def test_a_reader_who_leaves_owes_for_what_was_heard() -> None:
    meter, gauge = Meter(), Gauge()
    stream = meter.hear(play([Audio(hush(2), 16_000, float(place)) for place in range(10)], gauge))
    await anext(stream)
    await stream.aclose()
    assert meter.usage.audio_in == 25
    assert gauge.open == 0


async def test_too_long_an_input_is_refused() -> None:
    meter = Meter(input_limit=30)
    with pytest.raises(TooBig, match=r"\[1, 30\]"):
        await collect(meter.hear(play([Audio(hush(2), 16_000), Audio(hush(2), 16_000, 2.0)])))


async def test_text_is_cut_at_the_limit_and_what_began_is_done() -> None:
    meter = Meter()
    events: list[Event] = [
        TranscriptDelta(0, "Hello"),
        TextDelta(0, "Buenos"),
        TextDelta(0, " días a todos."),
        TextDone(0, "…"),
        Finished(),
    ]
    assert await see(meter, events, 2) == [
        TranscriptDelta(0, "Hello"),
        TextDelta(0, "Buenos"),
        TextDelta(0, " días "),
        TranscriptDone(0, "Hello", ""),
        TextDone(0, "Buenos días "),
        Finished("length"),
    ]
    assert meter.usage.completion == 2


async def test_speech_is_cut_at_the_limit() -> None:
    meter = Meter()
    events: list[Event] = [
        TextDelta(0, "Hola"),
        TextDone(0, "Hola"),
        AudioDelta(0, speech(1)),
        AudioDelta(0, speech(3)),
        Finished(),
    ]
    seen = await see(meter, events, 26)
    assert [event.audio.seconds for event in seen if isinstance(event, AudioDelta)] == [1.0, 1.0]
    assert seen[-1] == Finished("length")
    assert meter.usage.completion == 26


async def test_no_speech_at_all_where_its_least_would_be_too_much() -> None:
    seen = await see(Meter(), [TextDelta(0, "Hola"), TextDone(0, "Hola"), AudioDelta(0, speech(1)), Finished()], 8)
    assert seen == [TextDelta(0, "Hola"), TextDone(0, "Hola"), Finished("length")]


async def test_what_just_fits_is_not_cut() -> None:
    events: list[Event] = [TextDelta(0, "Hola"), TextDone(0, "Hola"), AudioDelta(0, speech(2)), Finished()]
    assert await see(Meter(), events, 26) == events
