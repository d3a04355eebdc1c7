"""Pictures, words on screen and glossaries in the cascade: what engines are given, what changes, and what is told of it."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Self

import pytest

from livetranslate.aids import Sights
from livetranslate.cascade import Cascade, Direct
from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.errors import EngineError
from livetranslate.events import Change, Event, Evidence, Options, TextDelta, TextDone, TranscriptDone
from livetranslate.glossary import Entry
from livetranslate.media import Audio, Image, Line, Media, Utterance, Writing
from livetranslate.segment import Cuts
from livetranslate.streams import Stream
from tests.support import (
    CountedRecognizer,
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
    play,
    tone,
)

TEXT = Options(target="es", source="en", details=True)
TWO = tone(0.3) + hush(1) + tone(0.2) + hush(1)
MASK = Entry("mask", "mascarilla", when_seen=("surgical",), noun=True, sense="worn by surgeons")


class Says(CountedRecognizer):
    """Hears the same words in every utterance; notes what it was given."""

    def __init__(self, *texts: str, gauge: Gauge | None = None, pause: float = 0.0) -> None:
        super().__init__(gauge, pause)
        self.texts = texts
        self.given: list[Context] = []

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        self.given.append(context)
        text = self.texts[speech.index % len(self.texts)]
        return counted(self.gauge, [Transcript("", "en", tail=text[:4]), Transcript(text, "en", final=True)], self.pause)


class Obeys(CountedTranslator):
    """Says the same words, and for a mask "máscara"; notes what it was given."""

    def __init__(self, takes_glossary: bool = False, sees_images: bool = False) -> None:
        super().__init__()
        self.info = EngineInfo(
            "obeys",
            reads=frozenset({"en"}),
            writes=frozenset({"es"}),
            takes_glossary=takes_glossary,
            sees_images=sees_images,
        )
        self.given: list[Context] = []
        self.asked: list[str] = []

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        self.given.append(context)
        self.asked.append(text)
        said = text.replace("mask", "máscara").replace("church", "iglesia")
        for entry in context.glossary:
            said = text.replace(entry.source, entry.target)
        return counted(self.gauge, [said[:5], said[5:]])


class Reads:
    """Reads the same words on every image, after a pause."""

    def __init__(self, *words: str, gauge: Gauge | None = None, pause: float = 0.0) -> None:
        self.words = words
        self.gauge = gauge or Gauge()
        self.pause = pause
        self.loaded = 0
        self.info = EngineInfo("reads", writes=frozenset({"en"}), sees_images=True)

    async def __aenter__(self) -> Self:
        self.loaded += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.loaded -= 1

    def read(self, image: Image, language: str | None) -> Stream[Line]:
        lines = [Line(word, (0.1, 0.2, 0.3, 0.4), 0.9) for word in self.words]
        return counted(self.gauge, lines or [Line("?", (0, 0, 0, 0), 0.0)], self.pause)


def shown(*moments: float) -> list[Image]:
    """Images that look alike."""
    return [Image(b"", 640, 352, at, 0) for at in moments]


def video(pcm: bytes, images: Sequence[Image]) -> list[Media]:
    """Sound in chunks of 0.1 s, the images among it."""
    items: list[Media] = [*in_chunks(pcm, range(1600, len(pcm) // 2, 1600)), *images]
    return sorted(items, key=lambda item: item.start if isinstance(item, Audio) else item.at if isinstance(item, Image) else 0.0)


def cascade(
    recognizer: Says,
    translator: CountedTranslator | None = None,
    sights: Sights | None = None,
    synthesizer: CountedSynthesizer | None = None,
) -> Cascade:
    return Cascade(
        LoudVad(),
        recognizer,
        translator or Obeys(),
        synthesizer or CountedSynthesizer(),
        cuts=Cuts(pad=0.0),
        engine_seconds=5.0,
        sights=sights or Sights(),
    )


async def run(interpreter: Cascade | Direct, media: Sequence[Media], options: Options = TEXT) -> list[Event]:
    async with interpreter:
        return await collect(interpreter.interpret(play(media), options))


def said(events: list[Event]) -> list[str]:
    return [done.text for done in of_type(events, TextDone)]


async def test_words_on_screen_decide_between_meanings() -> None:
    reader = Reads("SURGICAL ward")
    sights = Sights(reader, ((MASK,),), patience=10.0)
    events = await run(cascade(Says("this is a mask"), sights=sights), video(TWO, shown(0.0, 0.2)))
    assert said(events) == ["this is a mascarilla"] * 2
    assert reader.loaded == 0
    assert reader.gauge.open == 0
    assert reader.gauge.started == 1, "a still image is read once"


async def test_evidence_tells_what_was_used() -> None:
    sights = Sights(Reads("SURGICAL ward"), ((MASK,),), patience=10.0)
    events = await run(cascade(Says("this is a mask"), sights=sights), video(TWO, shown(0.0, 0.2)))
    first, second = of_type(events, Evidence)
    assert (first.utterance, first.images) == (0, (0.0,))
    assert [(word.text, word.at, word.box) for word in first.words] == [
        ("SURGICAL", 0.0, (0.1, 0.2, 0.3, 0.4)),
        ("ward", 0.0, (0.1, 0.2, 0.3, 0.4)),
    ]
    (hit,) = first.hits
    assert (hit.source, hit.target, hit.kept, hit.sense, hit.cues) == (
        "mask",
        "mascarilla",
        False,
        "worn by surgeons",
        ("surgical",),
    )
    assert first.changes == (Change("máscara", "mascarilla"),)
    assert second.images == (0.2,), "the last image before an utterance is still on screen"
    order = [kind for kind in kinds(events) if kind in ("TextDone", "Evidence", "Finished")]
    assert order == ["TextDone", "Evidence", "TextDone", "Evidence", "Finished"]


async def test_without_details_no_evidence_and_the_same_stream() -> None:
    sights = Sights(Reads("SURGICAL ward"), ((MASK,),), patience=10.0)
    media = video(TWO, shown(0.0, 0.2))
    loud = await run(cascade(Says("this is a mask"), sights=sights), media)
    quiet = await run(cascade(Says("this is a mask"), sights=sights), media, Options(target="es", source="en"))
    assert [event for event in loud if not isinstance(event, Evidence)] == quiet


async def test_irrelevant_pictures_change_nothing() -> None:
    plain = await run(cascade(Says("this is a mask")), video(TWO, ()), Options(target="es", source="en"))
    sights = Sights(Reads("Quarterly report"), ((MASK,),), patience=10.0)
    options = Options(target="es", source="en")
    assert await run(cascade(Says("this is a mask"), sights=sights), video(TWO, shown(0.0, 0.2)), options) == plain


async def test_recognition_waits_for_no_picture() -> None:
    """The reader never answers; the text comes all the same, and nothing stays open."""
    reader = Reads("SURGICAL", pause=3600.0)
    sights = Sights(reader, ((MASK,),), patience=0.1)
    events = await run(cascade(Says("this is a mask"), sights=sights), video(TWO, shown(0.0, 0.2)))
    assert said(events) == ["this is a máscara"] * 2
    assert reader.gauge.open == 0


async def test_a_reader_that_fails_does_not_fail_the_request() -> None:
    class Fails(Reads):
        def read(self, image: Image, language: str | None) -> Stream[Line]:
            self.gauge.started += 1
            raise EngineError

    reader = Fails()
    images = [Image(b"%d" % place, 640, 352, place / 10) for place in range(12)]
    events = await run(cascade(Says("this is a mask"), sights=Sights(reader, patience=10.0)), video(TWO, images))
    assert said(events) == ["this is a máscara"] * 2
    assert reader.gauge.started == 2, "after two failures it is asked no more"


async def test_of_many_images_the_newest_are_read() -> None:
    class Counts(Reads):
        def read(self, image: Image, language: str | None) -> Stream[Line]:
            self.words = (f"page{image.jpeg.decode()}",)
            return super().read(image, language)

    reader = Counts(pause=0.05)
    images = [Image(b"%d" % place, 640, 352, place / 100) for place in range(100)]
    await run(cascade(Says("mask"), sights=Sights(reader, patience=10.0)), video(TWO, images))
    assert 8 <= reader.gauge.started < 100


async def test_a_recognizer_gets_the_words_that_are_read_by_its_turn() -> None:
    recognizer = Says("hello", pause=0.05)
    sights = Sights(Reads("Doctor Nakamura"), patience=10.0)
    await run(cascade(recognizer, sights=sights), video(TWO + TWO, shown(0.0, 0.1)))
    assert recognizer.given[-1].words == ("Doctor", "Nakamura")
    assert [image.at for image in recognizer.given[0].images] == [0.0]


async def test_words_misheard_are_mended_by_those_on_screen() -> None:
    sights = Sights(Reads("Nakamura"), patience=10.0)
    events = await run(cascade(Says("knock a mirror has a mask"), sights=sights), video(TWO, shown(0.0, 0.1)))
    assert [done.text for done in of_type(events, TranscriptDone)] == ["Nakamura has a mask"] * 2
    assert said(events) == ["Nakamura has a máscara"] * 2
    assert of_type(events, Evidence)[0].corrections == (Change("knock a mirror", "Nakamura"),)


async def test_a_translator_sees_at_most_eight_different_images() -> None:
    translator = Obeys(sees_images=True)
    images = [Image(b"", 640, 352, place / 100, (1 << 20 * (place // 2)) - 1) for place in range(30)]
    events = await run(cascade(Says("mask"), translator), video(TWO, images))
    assert len(translator.given[0].images) == 8
    assert of_type(events, Evidence)[0].images == tuple(image.at for image in translator.given[0].images)


async def test_a_translator_that_takes_a_glossary_gets_the_terms_that_hold() -> None:
    translator = Obeys(takes_glossary=True)
    sights = Sights(Reads("surgical"), ((MASK, Entry("hat", "sombrero"), Entry("mask", "x", "de")),), patience=10.0)
    events = await run(cascade(Says("this is a mask"), translator, sights), video(TWO, shown(0.0, 0.2)))
    assert translator.given[0].glossary == (MASK,)
    assert translator.asked == ["this is a mask"] * 2
    assert of_type(events, Evidence)[0].hits[0].kept


async def test_the_requests_glossary_comes_before_the_servers() -> None:
    options = Options(target="es", source="en", glossary=(Entry("mask", "careta"),))
    sights = Sights(Reads("surgical"), ((MASK,),), patience=10.0)
    events = await run(cascade(Says("this is a mask"), sights=sights), video(TWO, shown(0.0, 0.2)), options)
    assert said(events) == ["this is a careta"] * 2


async def test_a_glossary_holds_for_sound_and_writing_alone() -> None:
    options = Options(target="es", source="en", details=True, glossary=(Entry("mask", "careta"),))
    assert said(await run(cascade(Says("a mask")), video(TWO, ()), options)) == ["a careta"] * 2
    events = await run(cascade(Says("")), [Writing("the mask")], options)
    assert said(events) == ["the careta"]
    assert of_type(events, Evidence)[0].hits[0].target == "careta"


async def test_what_was_said_before_is_a_cue() -> None:
    options = Options(target="es", source="en", glossary=(Entry("mask", "careta", when_said=("paint",)),))
    assert said(await run(cascade(Says("paint it", "the mask")), video(TWO, ()), options)) == ["paint it", "the careta"]


async def test_pieces_come_as_they_are_where_no_term_was_heard() -> None:
    options = Options(target="es", source="en", glossary=(Entry("hat", "sombrero"),))
    events = await run(cascade(Says("a red mask")), video(TWO, ()), options)
    assert [delta.text for delta in of_type(events, TextDelta)][:2] == ["a red", " máscara"]


async def test_nothing_heard_leaves_nothing_behind() -> None:
    events = await run(cascade(Says(" "), sights=Sights(Reads("surgical"))), video(TWO, shown(0.0, 0.2)))
    assert said(events) == []
    assert of_type(events, Evidence) == []


async def test_the_same_language_is_not_translated_but_tells_its_evidence() -> None:
    options = Options(target="en", source="en", details=True, glossary=(Entry("mask", "careta"),))
    events = await run(cascade(Says("a mask")), video(TWO, shown(0.1)), options)
    assert said(events) == ["a mask"] * 2
    assert of_type(events, Evidence)[0].images == (0.1,)


class Hears:
    """From speech to text at once; notes what it was given."""

    info = EngineInfo("hears", hears=frozenset({"en"}), writes=frozenset({"es"}), sees_images=True)

    def __init__(self) -> None:
        self.given: list[Context] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        self.given.append(context)
        return counted(Gauge(), ["Hola."])


async def test_a_speech_translator_gets_images_words_and_the_terms_that_the_screen_calls_for() -> None:
    engine = Hears()
    hat, party = Entry("hat", "sombrero"), Entry("mask", "antifaz", when_seen=("party",))
    sights = Sights(Reads("surgical"), ((MASK, hat, party),), patience=10.0)
    direct = Direct(LoudVad(), engine, CountedSynthesizer(), cuts=Cuts(pad=0.0), sights=sights)
    events = await run(direct, video(TWO, shown(0.0, 0.2)))
    assert engine.given[0].words == ("surgical",)
    assert engine.given[0].glossary == (MASK, hat)
    assert [image.at for image in engine.given[1].images] == [0.2]
    assert [word.text for word in of_type(events, Evidence)[0].words] == ["surgical"]


@pytest.mark.parametrize("turns", range(0, 24, 3))
async def test_a_reader_who_leaves_leaves_nothing_open(turns: int) -> None:
    reader, recognizer = Reads("surgical", pause=0.01), Says("a mask")
    interpreter = cascade(recognizer, sights=Sights(reader, ((MASK,),), patience=10.0))
    async with interpreter, aclosing(interpreter.interpret(play(video(TWO, shown(0.0, 0.2))), TEXT)) as events:
        for _ in range(turns):
            if await anext(events, None) is None:
                break
    assert reader.gauge.open == 0
    assert recognizer.gauge.open == 0


async def test_while_the_same_words_stand_on_moving_pictures_they_are_read_less_often() -> None:
    reader = Reads("River Tours")
    moving = [Image(b"%d" % place, 640, 352, place / 2) for place in range(80)]
    media = video(tone(40.0), moving)
    interpreter = Cascade(
        LoudVad(), Says("a mask"), Obeys(), CountedSynthesizer(), cuts=Cuts(pad=0.0), sights=Sights(reader, patience=10.0)
    )
    events = await run(interpreter, media)
    assert reader.gauge.started <= 14, "one or two a second at first, then one in four seconds"
    assert all(word.text in ("River", "Tours") for evidence in of_type(events, Evidence) for word in evidence.words)
    assert all(len(evidence.words) == 2 for evidence in of_type(events, Evidence))


async def test_a_caption_beside_what_moves_is_read_every_four_seconds() -> None:
    """Even in the first two frames it is read once, and counts as seen in both."""
    reader = Reads("River Tours")
    right = sum(0xFFFF << 64 * row for row in range(36))
    moving = [Image(b"%d" % place, 640, 352, place / 2, right * (place % 2)) for place in range(40)]
    interpreter = Cascade(
        LoudVad(), Says("a mask"), Obeys(), CountedSynthesizer(), cuts=Cuts(pad=0.0), sights=Sights(reader, patience=10.0)
    )
    events = await run(interpreter, video(tone(20.0), moving))
    assert reader.gauge.started == 5
    assert {tuple(word.text for word in evidence.words) for evidence in of_type(events, Evidence)} == {("River", "Tours")}


async def test_a_new_slide_is_read_at_once() -> None:
    reader = Reads("Slide")
    slides = [Image(b"%d" % (place // 10), 640, 352, place / 2) for place in range(80)]
    interpreter = Cascade(
        LoudVad(), Says("a mask"), Obeys(), CountedSynthesizer(), cuts=Cuts(pad=0.0), sights=Sights(reader, patience=10.0)
    )
    await run(interpreter, video(tone(40.0), slides))
    assert reader.gauge.started == 8
