"""Interpreting live with engines that tell the truth about time: what stays, what is guessed, and how speech catches up."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from livetranslate.cascade import Cascade, Direct
from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import (
    AudioDelta,
    Event,
    Finished,
    Lag,
    Live,
    Options,
    SpeechStarted,
    SpeechStopped,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
    UtteranceDone,
)
from livetranslate.glossary import Entry, Glossary
from livetranslate.live import Pace
from livetranslate.media import HEARING_RATE, Audio, Commit, Image, Media, Utterance
from livetranslate.streams import Stream
from tests.support import (
    CountedSynthesizer,
    CountedTranslator,
    Gauge,
    LoudVad,
    collect,
    counted,
    hush,
    in_chunks,
    kinds,
    of_type,
    tone,
)
from tests.unit.test_cascade import Prepared

WORD = 0.4
"""Seconds that a word takes; word n of a stream is spoken n words after its beginning."""
OPTIONS = Options("es", voice="Cherry", live=Live())


class Clockwork:
    """Hears word n where word n is spoken: what is lost or doubled by cutting shows."""

    info = EngineInfo("clockwork", hears=frozenset({"en"}), writes=frozenset({"en"}))

    def __init__(self, gauge: Gauge | None = None, signs: int = 0, fail_below: float = 0.0) -> None:
        self.gauge, self._signs, self._fail_below = gauge or Gauge(), signs, fail_below
        self.sent = 0.0
        self.asked: list[Utterance] = []

    async def __aenter__(self) -> "Clockwork":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def words(self, start: float, end: float) -> str:
        numbers = [n for n in range(round(end / WORD) + 1) if start <= (n + 0.5) * WORD < end]
        signed = ("," if self._signs and n % self._signs == self._signs - 1 else "" for n in numbers)
        return " ".join(f"w{n}{sign}" for n, sign in zip(numbers, signed, strict=True))

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        self.sent += speech.audio.seconds
        self.asked.append(speech)
        if speech.audio.seconds < self._fail_below:
            return _broken()
        return counted(self.gauge, [Transcript(self.words(speech.audio.start, speech.audio.end), "en", final=True)])


async def _broken() -> Stream[Transcript]:
    raise EngineError
    yield Transcript("", "en")


def cascade(
    recognizer: Clockwork | None = None, synthesizer: CountedSynthesizer | None = None, pace: Pace | None = None
) -> Cascade:
    gauge = Gauge()
    return Cascade(
        LoudVad(),
        recognizer or Clockwork(gauge),
        CountedTranslator(gauge),
        synthesizer or CountedSynthesizer(gauge),
        pace=pace or Pace(),
    )


def sound(parts: Iterable[float], cut: int = 1600) -> list[Media]:
    pcm = b"".join(tone(seconds) if seconds > 0 else hush(-seconds) for seconds in parts)
    return [*in_chunks(pcm, range(cut, len(pcm) // 2, cut))]


async def run(interpreter: Cascade | Direct, media: Iterable[Media], options: Options = OPTIONS) -> list[Event]:
    return await collect(interpreter.interpret(counted(Gauge(), media), options))


def said(events: list[Event]) -> str:
    return " ".join(event.text for event in of_type(events, TextDone))


def check(events: list[Event]) -> None:
    """The invariants of a live stream."""
    assert [type(event) for event in events if isinstance(event, Finished)] == [Finished] == [type(events[-1])]
    done = [event.utterance for event in of_type(events, UtteranceDone)]
    assert done == [*range(len(done))]
    starts, stops = of_type(events, SpeechStarted), of_type(events, SpeechStopped)
    assert len(starts) == len(stops) <= len(done)
    assert all(start.at < stop.at for start, stop in zip(starts, stops, strict=True))
    for utterance in done:
        own = [event for event in events if getattr(event, "utterance", None) == utterance]
        assert isinstance(own[-1], UtteranceDone)
        (heard,) = of_type(own, TranscriptDone)
        assert "".join(event.text for event in of_type(own, TranscriptDelta)) == heard.text
        told = of_type(own, TextDone)
        assert "".join(event.text for event in of_type(own, TextDelta)) == "".join(event.text for event in told)
        assert len(told) == bool(heard.text.strip())
        assert all(event.text for event in told)
        if spoken := of_type(own, AudioDelta):
            assert own.index(of_type(own, TextDelta)[0]) < own.index(spoken[0])
    for before, after in pairwise(of_type(events, AudioDelta)):
        assert after.audio.start == pytest.approx(before.audio.end)


@pytest.mark.parametrize("parts", [[-0.4, 3.2, -1.2], [-0.4, 2, -0.4, 2.8, -1.2, 20, -0.2, 40, -1.2], [1.2], [-3]])
async def test_no_word_is_lost_or_doubled_however_the_sound_comes(parts: list[float]) -> None:
    told: list[list[Event]] = []
    for cut in (1600, 512, 160, 16_000, 777, 10**9):
        recognizer = Clockwork()
        events = await run(cascade(recognizer), sound(parts, cut))
        check(events)
        assert recognizer.gauge.open == 0
        told.append([*of_type(events, TranscriptDone), *of_type(events, TextDone)])
        assert recognizer.sent <= 4 * sum(seconds for seconds in parts if seconds > 0) + 4 * 0.35 * len(parts)
    assert all(one == told[0] for one in told)
    heard = " ".join(event.text for event in of_type(told[0], TranscriptDone)).split()
    assert heard == [f"w{n}" for n in sorted(int(word[1:]) for word in heard)], "in order"
    assert len(set(heard)) == len(heard), "none twice"
    at = 0.0
    for seconds in parts:  # every word in the midst of speech is there
        begin, at = at, at + abs(seconds)
        if seconds > 0:
            inside = [f"w{n}" for n in range(1000) if begin + 0.01 <= n * WORD and (n + 1) * WORD <= at - 0.01]
            assert set(inside) <= set(heard)


async def test_text_comes_while_the_utterance_is_still_spoken() -> None:
    events = await run(cascade(Clockwork(signs=5)), sound([8, -2]))
    stopped = kinds(events).index("SpeechStopped")
    before = "".join(event.text for event in of_type(events[:stopped], TextDelta))
    assert len(before.split()) >= 10
    assert len(of_type(events[:stopped], AudioDelta)) > 0


async def test_guesses_of_the_translation_come_if_they_are_asked_for() -> None:
    plain = await run(cascade(), sound([3, -2]))
    guessed = await run(cascade(), sound([3, -2]), replace(OPTIONS, live=Live(tails=True)))
    assert not any(event.tail for event in of_type(plain, TextDelta))
    tails = [event.tail for event in of_type(guessed, TextDelta) if event.tail]
    assert tails[0].startswith("W0 W1")
    assert said(plain) == said(guessed)


async def test_by_hand_each_commit_gives_an_utterance_even_of_silence() -> None:
    media = [*sound([-0.4, 2, -2, 2]), Commit(), *sound([-1]), Commit(), *sound([1.2]), Commit()]
    events = await run(cascade(), media, replace(OPTIONS, live=Live(manual=True)))
    assert not of_type(events, SpeechStarted)
    assert [bool(event.text) for event in of_type(events, TranscriptDone)] == [True, False, True]
    assert [event.utterance for event in of_type(events, UtteranceDone)] == [0, 1, 2]
    assert len(of_type(events, TextDone)) == 2


async def test_silence_gives_nothing() -> None:
    assert await run(cascade(), sound([-30])) == [Finished()]


async def test_a_guess_that_fails_does_no_harm_and_a_phrase_that_fails_does() -> None:
    good = await run(cascade(), sound([3, -2]))
    assert said(await run(cascade(Clockwork(fail_below=2.0)), sound([3, -2]))) == said(good)
    with pytest.raises(EngineError):
        await run(cascade(Clockwork(fail_below=9.0)), sound([3, -2]))


async def test_the_same_language_is_passed_on_or_left_out() -> None:
    options = Options("en", voice="Cherry", live=Live())
    engines = cascade(synthesizer=_English())
    assert said(await run(engines, sound([2, -2]), options)) == "w0 w1 w2 w3 w4"
    no_speech = await run(engines, sound([2, -2]), replace(options, live=Live(skip_audio=True)))
    assert said(no_speech)
    assert not of_type(no_speech, AudioDelta)
    no_text = await run(engines, sound([2, -2]), replace(options, live=Live(skip_text=True)))
    assert not of_type(no_text, TextDelta)
    assert of_type(no_text, AudioDelta)
    nothing = await run(engines, sound([2, -2]), replace(options, live=Live(skip_text=True, skip_audio=True, tails=True)))
    assert not of_type(nothing, TextDelta)
    assert not of_type(nothing, AudioDelta)
    assert of_type(nothing, TranscriptDone)[0].text == "w0 w1 w2 w3 w4"


class _English(CountedSynthesizer):
    info = replace(CountedSynthesizer.info, speaks=frozenset({"en", "es"}))


async def test_a_translator_is_made_ready_when_somebody_starts_to_speak() -> None:
    gauge, translator = Gauge(), Prepared()
    engines = Cascade(LoudVad(), Clockwork(gauge), translator, CountedSynthesizer(gauge))
    await run(engines, sound([-1]))
    assert translator.calls == []
    await run(engines, sound([2, -2]))
    assert translator.calls[:2] == ["en-es", "translate"]


class _Sentences(CountedTranslator):
    """Gives whole sentences, as translators of rules do, whatever it is given."""

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        return counted(self.gauge, [f"{text.capitalize()}"])


@pytest.mark.parametrize(
    ("glossary", "large"),
    [((), {"W0"}), ((Entry("w14", "W14"),), {"W0", "W14"}), ((Entry("nothing", "None"),), {"W0"})],
)
async def test_a_clause_in_the_midst_of_a_sentence_begins_small(glossary: Glossary, large: set[str]) -> None:
    gauge = Gauge()
    engines = Cascade(LoudVad(), Clockwork(gauge), _Sentences(gauge), CountedSynthesizer(gauge))
    words = said(await run(engines, sound([7, -2]), replace(OPTIONS, glossary=glossary))).split()
    assert len(words) == 18
    assert {word for word in words if word[0] == "W"} == large


async def test_the_glossary_is_kept() -> None:
    options = replace(OPTIONS, glossary=(Entry("w2", "Zwei"), Entry("w9", "Neun")))
    assert said(await run(cascade(), sound([2, -2]), options)) == "W0 W1 Zwei W3 W4"


async def test_a_language_that_nobody_translates_is_refused() -> None:
    class French(Clockwork):
        def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
            return counted(self.gauge, [Transcript("bonjour tout le monde", "fr", final=True)])

    with pytest.raises(Unsupported, match="fr was heard"):
        await run(cascade(French()), sound([2, -2]))


async def test_images_reach_the_phrase_that_they_were_shown_with() -> None:
    recognizer, shown = Clockwork(), Image(b"jpeg", 2, 2, 0.5)
    await run(cascade(recognizer), [*sound([1]), shown, *[replace(audio, start=audio.start + 1) for audio in _audio([1, -1])]])
    assert [speech.images for speech in recognizer.asked if speech.audio.seconds > 1.8][-1] == (shown,)


def _audio(parts: list[float]) -> list[Audio]:
    return of_type(sound(parts), Audio)


class _Slow(CountedSynthesizer):
    """Takes 0.12 s a character at its own pace: longer than the speech that it translates."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        self.rates.append(rate)
        return counted(self.gauge, [Audio(tone(0.12 * len(text) / rate, 200.0, 8000), 8000)])


async def test_speech_that_is_behind_catches_up_and_tells_by_how_much() -> None:
    parts = [6.0, -0.5] * 40
    lags, rates = {}, {}
    for most in (2.0, 1e9):
        synthesizer = _Slow()
        events = await run(cascade(synthesizer=synthesizer), sound(parts), replace(OPTIONS, live=Live(max_lag=most)))
        check(events)
        lags[most], rates[most] = [event.seconds for event in of_type(events, Lag)], synthesizer.rates
    assert max(rates[1e9]) == 1.0
    assert lags[1e9][-1] > 20
    assert max(rates[2.0]) <= 1.5
    half = len(lags[2.0]) // 2
    assert max(lags[2.0]) < 10
    assert sum(lags[2.0][half:]) <= 1.25 * sum(lags[2.0][:half])


async def test_hearing_that_is_far_behind_leaves_guesses_out() -> None:
    class Slow(Clockwork):
        def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
            self.sent += speech.audio.seconds
            text = self.words(speech.audio.start, speech.audio.end)
            return counted(self.gauge, [Transcript(text, "en", final=True)], 0.01)

    recognizer = Slow()
    spoken = [3.0, -0.5] * 60
    events = await run(cascade(recognizer), sound(spoken, 16_000))
    check(events)
    assert recognizer.sent < 2.0 * 180


class _Talker:
    """Says at once what it hears, in capitals."""

    info = EngineInfo("talker", hears=frozenset({"en"}), writes=frozenset({"es"}))

    async def __aenter__(self) -> "_Talker":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        words = Clockwork().words(speech.audio.start, speech.audio.end)
        answer: list[Transcript | str] = [Transcript(words, "en", final=True), *(f" {word}" for word in words.upper().split())]
        answer[1:2] = [str(answer[1]).strip()]
        return counted(Gauge(), answer)


async def test_one_engine_from_speech_to_text_works_live_too() -> None:
    interpreter = Direct(LoudVad(), _Talker(), CountedSynthesizer())
    events = await run(interpreter, sound([2, -0.5, 2, -2]))
    check(events)
    assert said(events) == of_type(events, TranscriptDone)[0].text.upper()
    assert of_type(events, AudioDelta)


async def test_readers_that_leave_close_everything() -> None:
    for steps in range(0, 60, 3):
        gauge = Gauge()
        interpreter = Cascade(LoudVad(), Clockwork(gauge), CountedTranslator(gauge), CountedSynthesizer(gauge))
        stream = interpreter.interpret(counted(gauge, sound([3, -0.5, 3, -2])), OPTIONS)
        for _ in range(steps):
            if await anext(stream, None) is None:
                break
        await stream.aclose()
        await asyncio.sleep(0)
        assert gauge.open == 0


def test_pcm_is_as_long_as_the_test_says() -> None:
    assert sum(audio.samples for audio in _audio([1, -1])) == 2 * HEARING_RATE
