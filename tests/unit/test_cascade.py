"""The stages and the interpreters made of them."""

import asyncio
from contextlib import aclosing
from itertools import pairwise

import pytest

from livetranslate.cascade import Cascade, Direct
from livetranslate.engines import Context, EngineInfo, Profile, Transcript
from livetranslate.errors import EngineError, EngineTimeout, Unsupported
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone, TranscriptDelta, TranscriptDone
from livetranslate.media import SPEAKING_RATE, Audio, Media, Utterance, Writing
from livetranslate.segment import Cuts
from livetranslate.streams import Stream
from tests.support import (
    CountedRecognizer,
    CountedSynthesizer,
    CountedTranslator,
    Gauge,
    LoudVad,
    collect,
    hush,
    in_chunks,
    kinds,
    of_type,
    play,
    tone,
)

SPOKEN = Options(target="es", source="en", voice="Cherry")
TWO = tone(0.3) + hush(1) + tone(0.2) + hush(1)


def cascade(
    recognizer: CountedRecognizer | None = None,
    translator: CountedTranslator | None = None,
    synthesizer: CountedSynthesizer | None = None,
    engine_seconds: float = 5.0,
) -> Cascade:
    return Cascade(
        LoudVad(),
        recognizer or CountedRecognizer(),
        translator or CountedTranslator(),
        synthesizer or CountedSynthesizer(),
        cuts=Cuts(pad=0.0),
        engine_seconds=engine_seconds,
    )


async def run(interpreter: Cascade | Direct, media: Stream[Media] | bytes, options: Options = SPOKEN) -> list[Event]:
    sound = play(in_chunks(media, range(1600, len(media) // 2, 1600))) if isinstance(media, bytes) else media
    return await collect(interpreter.interpret(sound, options))


async def test_speech_to_text_and_speech() -> None:
    synthesizer = CountedSynthesizer()
    events = await run(cascade(synthesizer=synthesizer), TWO)
    heard, said = of_type(events, TranscriptDone), of_type(events, TextDone)
    assert [done.utterance for done in heard] == [0, 1]
    assert [done.text for done in said] == [done.text.upper() for done in heard]
    assert synthesizer.asked == [done.text for done in said]
    assert events[-1] == Finished()
    speech = of_type(events, AudioDelta)
    assert {delta.audio.sample_rate for delta in speech} == {SPEAKING_RATE}
    assert sum(delta.audio.seconds for delta in speech) == pytest.approx(sum(len(done.text) for done in said) / 100, abs=0.01)
    for before, after in pairwise(speech):
        assert after.audio.start == pytest.approx(before.audio.end)


async def test_text_only_makes_no_speech() -> None:
    for options in (Options("es", "en"), Options("hi", "en", voice="Cherry")):  # Hindi is text only in the catalog
        events = await run(cascade(), TWO, options)
        assert not of_type(events, AudioDelta)
        assert len(of_type(events, TextDone)) == 2


async def test_the_same_language_is_passed_on_untranslated() -> None:
    translator = CountedTranslator()
    events = await run(cascade(translator=translator), TWO, Options("en", "en"))
    assert translator.gauge.started == 0
    assert [done.text for done in of_type(events, TextDone)] == [done.text for done in of_type(events, TranscriptDone)]


async def test_writing_is_translated_without_being_heard() -> None:
    events = await run(cascade(), play([Writing("good morning")]), Options("es", "en"))
    assert [done.text for done in of_type(events, TextDone)] == ["GOOD MORNING"]


async def test_silence_is_only_finished() -> None:
    assert await run(cascade(), hush(3)) == [Finished()]


async def test_the_first_sentence_is_spoken_while_later_speech_is_still_coming() -> None:
    more = asyncio.Event()

    async def live() -> Stream[Media]:
        for chunk in in_chunks(TWO, range(1600, len(TWO) // 2, 1600)):
            yield chunk
        await more.wait()
        yield Audio(tone(0.3), 16_000)

    async with aclosing(cascade().interpret(live(), SPOKEN)) as events:
        async with asyncio.timeout(5):
            async for event in events:
                if isinstance(event, AudioDelta) and event.utterance == 1:
                    break
        assert not more.is_set()


async def test_utterances_are_heard_side_by_side_two_at_a_time() -> None:
    recognizer = CountedRecognizer(pause=0.01)
    events = await run(cascade(recognizer), TWO * 3)
    assert recognizer.gauge.most == 2
    assert [done.utterance for done in of_type(events, TranscriptDone)] == list(range(6))


async def test_text_does_not_wait_for_speech() -> None:
    synthesizer = CountedSynthesizer(pause=0.05)
    names = kinds(await run(cascade(synthesizer=synthesizer), TWO))
    assert names.index("AudioDelta") < len(names) - 1 - names[::-1].index("AudioDelta")
    assert len(names) - 1 - names[::-1].index("TextDone") < names.index("AudioDelta") + 3


class Dumb(CountedRecognizer):
    """Stops without a final transcript."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        yield Transcript("", "en", tail="wel")


class Fickle(CountedRecognizer):
    """Takes back what it had settled."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        yield Transcript("one two", "en")
        yield Transcript("one three", "en", final=True)


class Slow(CountedRecognizer):
    """Never answers."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        await asyncio.Event().wait()
        yield Transcript("", "en", final=True)


class Foreign(CountedRecognizer):
    """Hears German."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        yield Transcript("Guten Tag", "de", final=True)


@pytest.mark.parametrize(
    ("recognizer", "failure"),
    [(Dumb(), EngineError), (Fickle(), EngineError), (Slow(), EngineTimeout), (Foreign(), Unsupported)],
    ids=["no final transcript", "settled words taken back", "silent engine", "language the translator cannot read"],
)
async def test_what_an_engine_does_wrong_is_an_error_and_never_a_quiet_end(
    recognizer: CountedRecognizer, failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        await run(cascade(recognizer, engine_seconds=0.05), TWO)


class Settling(CountedRecognizer):
    """Settles word by word."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        yield Transcript("", "en", tail="one")
        yield Transcript("one", "en", tail=" too")
        yield Transcript("one two", "en", final=True)


async def test_settled_words_come_once() -> None:
    events = await run(cascade(Settling()), tone(0.3))
    assert [event for event in events if isinstance(event, TranscriptDelta)] == [
        TranscriptDelta(0, "", "one"),
        TranscriptDelta(0, "one", " too"),
        TranscriptDelta(0, " two"),
    ]


class Remembering(CountedTranslator):
    """Remembers the history it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.histories: list[tuple[tuple[str, str], ...]] = []

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        self.histories.append(context.history)
        yield text.upper()


async def test_a_translator_is_told_the_last_pairs_and_no_other_request() -> None:
    translator = Remembering()
    for _ in range(2):
        await run(cascade(translator=translator), TWO * 3)
    assert [len(history) for history in translator.histories] == [0, 1, 2, 3, 3, 3] * 2
    assert translator.histories[1][0][0].upper() == translator.histories[1][0][1]


class Prepared(CountedTranslator):
    """Notes in what order it is made ready and asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    async def prepare(self, source: str, target: str) -> None:
        self.calls.append(f"{source}-{target}")

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        self.calls.append("translate")
        return super().translate(text, options, context)


@pytest.mark.parametrize("source", ["en", None])
async def test_a_translator_is_made_ready_while_the_first_words_are_heard(source: str | None) -> None:
    translator, calls = Prepared(), []
    speech = cascade(CountedRecognizer(pause=0.01), translator).interpret(play(in_chunks(TWO, [])), Options("es", source))
    async with aclosing(speech) as events:
        async for event in events:
            if isinstance(event, TranscriptDelta):
                calls += translator.calls
                break
    assert calls == ["en-es"]


async def test_nothing_is_made_ready_where_nothing_is_translated_or_said() -> None:
    translator = Prepared()
    await run(cascade(translator=translator), TWO, Options("en", "en"))
    await run(cascade(translator=translator), hush(3))
    assert translator.calls == []


class Whole:
    """A speech translator: tells what it heard, then what that means."""

    info = EngineInfo("whole", hears=frozenset({"en"}), writes=frozenset({"es"}))

    async def __aenter__(self) -> "Whole":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        yield Transcript(f"word {speech.index}", "en", final=True)
        yield "palabra "
        yield str(speech.index)


async def test_direct_needs_no_recognizer() -> None:
    direct = Direct(LoudVad(), Whole(), CountedSynthesizer(), cuts=Cuts(pad=0.0))
    events = await run(direct, TWO)
    assert [done.text for done in of_type(events, TextDone)] == ["palabra 0", "palabra 1"]
    assert [done.text for done in of_type(events, TranscriptDone)] == ["word 0", "word 1"]
    assert of_type(events, AudioDelta)
    assert direct.info.hears == {"en"}
    assert direct.info.speaks == {"es", "hi"}
    with pytest.raises(Unsupported):
        await run(direct, play([Writing("hello")]))


async def test_engines_are_loaded_and_freed_together() -> None:
    gauge = Gauge()
    engines = CountedRecognizer(gauge), CountedTranslator(gauge), CountedSynthesizer(gauge)
    async with cascade(*engines):
        assert [engine.loaded for engine in engines] == [1, 1, 1]
    assert [engine.loaded for engine in engines] == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "text_in", "word"),
    [
        (Options("es", "de"), False, "German"),
        (Options("fr", "en"), False, "French"),
        (Options("es", "de"), True, "German"),
    ],
)
def test_what_a_profile_cannot_do_is_said_with_the_language_and_the_profile(options: Options, text_in: bool, word: str) -> None:
    profile = Profile("small", cascade())
    with pytest.raises(Unsupported, match=rf"{word} .*'small'"):
        profile.check(options, text_in=text_in)
    profile.check(SPOKEN)
    profile.check(Options("en"))


async def test_text_deltas_joined_are_the_text() -> None:
    events = await run(cascade(), TWO)
    for done in of_type(events, TextDone):
        assert "".join(delta.text for delta in of_type(events, TextDelta) if delta.utterance == done.utterance) == done.text


class Babbling(CountedRecognizer):
    """Guesses for ever."""

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        while True:
            await asyncio.sleep(0)
            yield Transcript("", "en", tail="er")


class Droning(CountedSynthesizer):
    """Hums for ever."""

    async def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        while True:
            await asyncio.sleep(0)
            yield Audio(tone(1, rate=8000), 8000)


async def test_engines_that_run_away_are_stopped() -> None:
    with pytest.raises(EngineError, match="recognizer ran away"):
        await run(cascade(Babbling()), TWO)
    with pytest.raises(EngineError, match="synthesizer ran away"):
        await run(cascade(synthesizer=Droning()), TWO)
