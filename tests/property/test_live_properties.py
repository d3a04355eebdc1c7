"""Live interpreting of any sound in any chunks: the same words, none lost or doubled, nothing longer than half a minute."""

import asyncio
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from livetranslate.events import Event, SpeechStarted, SpeechStopped, TextDone, TranscriptDone
from livetranslate.media import Media
from tests.support import hush, in_chunks, of_type, tone
from tests.unit.test_live import WORD, Clockwork, cascade, check, run

SPEECH = st.floats(0.3, 45.0).map(lambda seconds: round(seconds, 2))
PAUSE = st.floats(0.05, 3.0).map(lambda seconds: -round(seconds, 2))
LONGEST = 30.0


def interpreted(media: list[Media], recognizer: Clockwork) -> list[Event]:
    return asyncio.run(run(cascade(recognizer), media))


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.tuples(PAUSE, SPEECH), min_size=1, max_size=4), data=st.data())
def test_any_cutting_gives_the_same_words(parts: list[tuple[float, float]], data: st.DataObject) -> None:
    lengths = [*(seconds for part in parts for seconds in part), -1.5]
    pcm = b"".join(tone(seconds) if seconds > 0 else hush(-seconds) for seconds in lengths)
    cuts = data.draw(st.lists(st.integers(1, len(pcm) // 2 - 1), max_size=60))
    once, cut = Clockwork(), Clockwork()
    whole, pieces = interpreted([*in_chunks(pcm, [])], once), interpreted([*in_chunks(pcm, sorted(set(cuts)))], cut)
    check(whole)
    check(pieces)
    for kind in (TranscriptDone, TextDone):
        assert of_type(whole, kind) == of_type(pieces, kind)
    heard = [int(word[1:]) for event in of_type(whole, TranscriptDone) for word in event.text.split()]
    assert all(before < after for before, after in pairwise(heard)), "none is doubled"
    at = 0.0
    for seconds in lengths:
        begin, at = at, at + abs(seconds)
        inside = {n for n in range(round(at / WORD) + 1) if begin + 0.1 <= (n + 0.5) * WORD < at - 0.1}
        assert seconds < 0 or inside <= set(heard), "none is lost"
    starts, stops = of_type(whole, SpeechStarted), of_type(whole, SpeechStopped)
    assert all(stop.at - start.at <= LONGEST for start, stop in zip(starts, stops, strict=True))
    speech = sum(stop.at - start.at for start, stop in zip(starts, stops, strict=True))
    assert once.sent <= 4 * speech + 0.1
