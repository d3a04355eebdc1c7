"""Two hours of speech and two of silence on the media clock: what is held does not grow."""

from contextlib import aclosing

import psutil
import pytest

from livetranslate import profiles
from livetranslate.engines import Profile
from livetranslate.events import AudioDelta, Options, TextDelta, TextDone
from livetranslate.media import HEARING_RATE, Audio, Media
from livetranslate.meter import Meter
from livetranslate.settings import Settings
from livetranslate.streams import Stream
from tests.support import hush, tone

CHUNK = 0.5
HOURS = 2
NO_LIMIT = 10**9


async def sound(pattern: list[bytes]) -> Stream[Media]:
    """Two hours of the pattern's chunks, again and again."""
    for place in range(int(HOURS * 3600 / CHUNK)):
        yield Audio(pattern[place % len(pattern)], HEARING_RATE, place * CHUNK)


@pytest.fixture
def profile() -> Profile:
    return profiles.build(Settings(profile="scripted"))


async def interpret(profile: Profile, pattern: list[bytes]) -> tuple[list[int], dict[str, int], Meter]:
    """Bytes held at each quarter of the way, how many events of each kind came, and the meter."""
    process = psutil.Process()
    meter, quarter = Meter(input_limit=NO_LIMIT), HOURS * 3600 / 4
    held: list[int] = []
    count = dict.fromkeys(("text", "speech", "utterances"), 0)
    heard = meter.hear(sound(pattern))
    told = profile.interpreter.interpret(heard, Options("es", "en", "Cherry"))
    async with aclosing(heard), aclosing(meter.see(told, NO_LIMIT)) as events:
        async for event in events:
            count["text"] += isinstance(event, TextDelta)
            count["speech"] += isinstance(event, AudioDelta)
            count["utterances"] += isinstance(event, TextDone)
            if meter.seconds_in >= quarter * (len(held) + 1):
                held.append(process.memory_info().rss)
    held.append(process.memory_info().rss)
    return held, count, meter


@pytest.mark.slow
async def test_two_hours_of_speech(profile: Profile) -> None:
    pattern = [tone(CHUNK)] * 7 + [hush(CHUNK)] * 2 + [tone(CHUNK)] * 60 + [hush(CHUNK)]
    held, count, meter = await interpret(profile, pattern)
    assert meter.seconds_in == HOURS * 3600
    assert count["utterances"] > 500
    assert count["speech"] > 5000
    assert max(held) - held[0] < 8_000_000, f"bytes held at each quarter: {held}"


@pytest.mark.slow
async def test_two_hours_of_silence(profile: Profile) -> None:
    before = psutil.Process().memory_info().rss
    held, count, meter = await interpret(profile, [hush(CHUNK)])
    assert meter.seconds_in == HOURS * 3600
    assert count == {"text": 0, "speech": 0, "utterances": 0}
    assert held[-1] - before < 8_000_000, f"bytes held before and at the end: {before}, {held}"
