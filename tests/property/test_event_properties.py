"""The invariants of a stream of events, for every profile's interpreter and any request."""

import asyncio
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetranslate import profiles
from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.errors import LivetranslateError
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone, TranscriptDelta, TranscriptDone
from livetranslate.media import SPEAKING_RATE
from livetranslate.meter import Meter
from livetranslate.settings import Settings
from livetranslate.streams import SentenceCutter
from livetranslate.tokens import audio_tokens, text_tokens
from tests.support import collect, hush, in_chunks, of_type, play, tone

requests = st.builds(
    Options,
    target=st.sampled_from(sorted(LANGUAGES)),
    source=st.sampled_from([None, *sorted(LANGUAGES)]),
    voice=st.sampled_from([None, *VOICES]),
    speech_rate=st.sampled_from([0.5, 1.0, 2.0]),
    max_tokens=st.one_of(st.just(4096), st.integers(1, 120)),
)
speech = st.lists(st.sampled_from([0.2, 0.7, 3.0, 9.0]), max_size=5)


def interpret(options: Options, parts: list[float], script: dict[str, object]) -> tuple[list[Event], Meter]:
    pcm = b"".join(tone(seconds, 300 + 10 * place) + hush(0.6) for place, seconds in enumerate(parts))
    profile, meter = profiles.build(Settings(profile="scripted", engines={"scripted": script})), Meter()
    media = meter.hear(play(in_chunks(pcm, range(1600, len(pcm) // 2, 1600))))
    return asyncio.run(collect(meter.see(profile.interpreter.interpret(media, options), options.max_tokens))), meter


@settings(max_examples=150, deadline=None)
@given(options=requests, parts=speech, seed=st.integers(0, 5))
def test_the_invariants_of_a_stream(options: Options, parts: list[float], seed: int) -> None:
    events, meter = interpret(options, parts, {"seed": seed})
    assert [event for event in events if isinstance(event, Finished)] == events[-1:]
    for indexes in (
        [event.utterance for event in of_type(events, TranscriptDone)],
        [event.utterance for event in of_type(events, TextDone)],
        [event.utterance for event in of_type(events, AudioDelta)],
    ):
        assert indexes == sorted(indexes)
    heard = {event.utterance for event in of_type(events, TranscriptDelta)}
    assert heard <= {event.utterance for event in of_type(events, TranscriptDone)}
    check_text(events)
    check_speech(events, options)
    usage = meter.usage
    assert usage.completion <= options.max_tokens
    assert usage.text_out == sum(text_tokens(event.text) for event in of_type(events, TextDone))
    samples = sum(event.audio.samples for event in of_type(events, AudioDelta))
    assert usage.audio_out == audio_tokens(samples, SPEAKING_RATE, Fraction(25, 2))


def check_text(events: list[Event]) -> None:
    """An utterance's deltas joined are its text; every utterance that begins is done, once."""
    said: dict[int, str] = {}
    for delta in of_type(events, TextDelta):
        said[delta.utterance] = said.get(delta.utterance, "") + delta.text
    done = [(event.utterance, event.text) for event in of_type(events, TextDone)]
    assert sorted(said.items()) == done
    for utterance in said:
        places = [place for place, event in enumerate(events) if getattr(event, "utterance", None) == utterance]
        texts = [place for place in places if isinstance(events[place], TextDelta | TextDone)]
        assert isinstance(events[texts[-1]], TextDone)


def check_speech(events: list[Event], options: Options) -> None:
    """Speech follows its text, is one unbroken clock at 24 kHz, and is there for every sentence."""
    speech = of_type(events, AudioDelta)
    if options.voice is None or not LANGUAGES[options.target].spoken:
        assert not speech
        return
    for before, after in pairwise(speech):
        assert after.audio.start == pytest.approx(before.audio.end, abs=1e-9)
    first_text: dict[int, int] = {}
    for place, event in enumerate(events):
        if isinstance(event, TextDelta):
            first_text.setdefault(event.utterance, place)
        elif isinstance(event, AudioDelta):
            assert first_text[event.utterance] < place
    if events[-1] == Finished("stop"):
        for done in of_type(events, TextDone):
            cutter = SentenceCutter()
            sentences = [sentence for sentence in [*cutter.push(done.text), cutter.rest()] if sentence.strip()]
            seconds = sum(event.audio.seconds for event in speech if event.utterance == done.utterance)
            assert seconds >= 0.3 * len(sentences) - 1e-3


@settings(max_examples=30, deadline=None)
@given(
    options=requests,
    fault=st.sampled_from(["fail", "short", "content", "repeat"]),
    place=st.sampled_from(["recognizer", "translator", "synthesizer"]),
)
def test_a_fault_is_an_error_or_a_whole_answer(options: Options, fault: str, place: str) -> None:
    try:
        events, _ = interpret(options, [3.0, 0.7, 3.0], {"fault": fault, "fault_in": place, "fault_from": 1})
    except LivetranslateError:
        return
    assert isinstance(events[-1], Finished)
    check_text(events)


@pytest.mark.parametrize("seed", range(3))
def test_equal_requests_get_equal_answers(seed: int) -> None:
    options = Options("fr", "en", "Cherry")
    assert interpret(options, [0.7, 3.0], {"seed": seed})[0] == interpret(options, [0.7, 3.0], {"seed": seed})[0]
    assert np.any(np.frombuffer(of_type(interpret(options, [3.0], {})[0], AudioDelta)[0].audio.pcm, "<i2"))
