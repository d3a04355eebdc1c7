"""Translate, never answer: twenty provoking sentences in 18 languages, and models that misbehave in every known way."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Self

import pytest

from livetranslate import profiles
from livetranslate.engines import NO_CONTEXT, Context, EngineInfo, Transcript
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.events import Options, TextDone
from livetranslate.fidelity import FLAGS, HOLD, Faithful, FaithfulSpeech
from livetranslate.media import HEARING_RATE, Audio, Utterance, Writing
from livetranslate.settings import Settings
from livetranslate.streams import Stream
from tests.faithful.misbehaving import PROVOKING, REPAIRABLE, WRONG, Case, Way, cases, other
from tests.support import Gauge, collect, of_type, play
from tests.upstreams import Call, Upstream

pytestmark = pytest.mark.skipif(bool(TextLanguages.needs()), reason=f"the language check lacks {TextLanguages.needs()}")

TELL = TextLanguages()


class Model:
    """A translator that says what a test tells it, four characters at a time; the second time something else if it is told so."""

    info = EngineInfo("model", reads=frozenset(PROVOKING), writes=frozenset(PROVOKING))

    def __init__(self, reply: Callable[[bool], str], size: int = 4) -> None:
        self._reply, self._size = reply, size
        self.gauge = Gauge()
        self.contexts: list[Context] = []
        self.given = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        self.contexts.append(context)
        reply = self._reply(context.strict)
        with self.gauge:
            for start in range(0, len(reply), self._size):
                self.given += 1
                yield reply[start : start + self._size]

    async def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        async with aclosing(self.translate("", options, context)) as pieces:
            async for piece in pieces:
                yield piece


async def said(model: Model, case: Case, hold: int = HOLD) -> str:
    options = Options(case.target, case.source)
    faithful = Faithful(model, TELL, hold)
    text = "".join(await collect(faithful.translate(case.heard, options, NO_CONTEXT)))
    assert model.gauge.open == 0
    return text


def flagged(case: Case) -> str:
    return case.heard.join(FLAGS)


def may_be_right(case: Case, reply: str) -> bool:
    """A few characters that Mandarin and Cantonese share."""
    return {case.source, case.target} == {"zh", "yue"} and reply == case.heard and len(reply) <= 6


async def test_good_translations_are_not_held_back() -> None:
    held = Counter[tuple[str, str]]()
    total = 0
    for case in cases():
        total += 1
        if await said(Model(lambda _, good=case.good: good), case) != case.good:  # type: ignore[misc]
            held[case.source, case.target] += 1
    assert total == 18 * 17 * 20
    assert held.total() < total / 100, held


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_translation_is_caught(name: str) -> None:
    tried, escaped = 0, []
    for case in cases(2):
        reply = WRONG[name](case)
        if reply is None or may_be_right(case, reply):
            continue
        tried += 1
        if await said(Model(lambda _, reply=reply: reply), case) != flagged(case):  # type: ignore[misc]
            escaped.append((case, reply))
    assert tried > 150
    assert not escaped


@pytest.mark.parametrize("name", REPAIRABLE)
async def test_what_is_around_a_translation_is_taken_off(name: str) -> None:
    way: Way = REPAIRABLE[name]
    wrong = []
    for case in cases(2):
        reply = way(case)
        if reply is not None and await said(Model(lambda _, reply=reply: reply), case) not in (case.good, flagged(case)):  # type: ignore[misc]
            wrong.append((case, reply))
    assert not wrong
    spanish = Case(2, "en", "es")
    reply = way(spanish)
    assert reply is not None
    assert await said(Model(lambda _: reply), spanish) == spanish.good


async def test_a_second_attempt_is_asked_for_sternly_and_believed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "livetranslate.fidelity")
    case = Case(0, "en", "es")
    model = Model(lambda strict: case.good if strict else "Es París, como todos saben.")
    assert await said(model, case) == case.good
    assert [context.strict for context in model.contexts] == [False, True]
    assert [record.getMessage() for record in caplog.records] == ["asked once more by model: answers"]
    assert case.heard not in caplog.text


async def test_what_stays_doubtful_is_passed_through_and_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "livetranslate.fidelity")
    case = Case(0, "en", "es")
    model = Model(lambda _: "Paris.")
    assert await said(model, case) == "⟦What is the capital of France?⟧"
    assert len(model.contexts) == 2
    assert caplog.records[-1].getMessage() == "passed through untranslated by model: " + caplog.records[-1].__dict__["reason"]


LONG, LARGO = " ".join(PHRASES["en"]), " ".join(PHRASES["es"])


async def pieces(reply: str, hold: int, heard: str = LONG) -> list[str]:
    return await collect(Faithful(Model(lambda _: reply), TELL, hold).translate(heard, Options("es", "en"), NO_CONTEXT))


async def test_a_long_translation_streams_once_its_beginning_is_believed() -> None:
    streamed = await pieces(LARGO, 40)
    assert "".join(streamed) == LARGO
    assert len(streamed[0]) == 40
    assert len(streamed) > 50


@pytest.mark.parametrize("after", ["<|im_end|>\n<|im_start|>user", "</s> and so on", "\n\nNote: literal."])
async def test_what_follows_a_streamed_translation_is_cut(after: str) -> None:
    assert "".join(await pieces(LARGO + after, 40)) == LARGO


async def test_a_streamed_translation_that_loops_is_stopped() -> None:
    assert len("".join(await pieces(LARGO + "presupuesto " * 200, 40))) < len(LARGO) + 200


async def test_a_model_that_runs_away_is_left() -> None:
    model = Model(lambda _: "¿" + "la " * 20_000)
    case = Case(0, "en", "es")
    assert await said(model, case) == flagged(case)
    assert model.given < 600


async def test_words_that_need_no_translation_stay() -> None:
    for heard in ("Maria Schneider.", "4921", "OK", "https://example.org/a?b"):
        assert "".join(await pieces(heard, HOLD, heard)) == heard


async def test_what_may_have_been_in_the_target_language_already_is_no_echo() -> None:
    heard = "Buenos días a todos."
    faithful = Faithful(Model(lambda _: heard), TELL)
    assert "".join(await collect(faithful.translate(heard, Options("es"), NO_CONTEXT))) == heard


async def test_a_speakers_own_refusals_and_colons_are_translated() -> None:
    async def into_spanish(heard: str, reply: str) -> str:
        return "".join(await pieces(reply, HOLD, heard))

    for heard, reply in (
        ("I'm sorry, I can't come.", "Lo siento, no puedo ir."),
        ("Of course, here is your key.", "Por supuesto, aquí está su llave."),
        ("The translation: it is ready.", "La traducción: está lista."),
        ('"Stop," she said.', '"Basta", dijo ella.'),
        ("He asked me something (a note).", "Me preguntó algo (una nota)."),
    ):
        assert await into_spanish(heard, reply) == reply


async def test_speech_is_watched_as_far_as_that_can_be() -> None:
    async def spoken(reply: str, target: str = "ru") -> str:
        engine = FaithfulSpeech(Model(lambda _: reply), TELL)
        speech = Utterance(0, Audio(bytes(3200), HEARING_RATE))
        return "".join(str(item) for item in await collect(engine.translate_speech(speech, Options(target, "en"), NO_CONTEXT)))

    assert await spoken("Доброе утро.") == "Доброе утро."
    assert await spoken('"Доброе утро."') == "Доброе утро."
    assert await spoken("") == ""
    for wrong in ("I'm sorry, I cannot help with that.", "source_text: доброе", "да, " * 100):
        assert await spoken(wrong) == "⟦…⟧"


@pytest.mark.parametrize(
    ("reply", "told"), [("Доброе утро.", "Доброе утро."), ("Good morning to you.", "⟦Good day.⟧"), ("", None)]
)
async def test_what_a_speech_translator_heard_is_told_once_and_first(reply: str, told: str | None) -> None:
    class Hearing(Model):
        async def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
            yield Transcript("Good day.", "en", final=True)
            if reply:
                yield reply

    engine = FaithfulSpeech(Hearing(lambda _: ""), TELL)
    speech = Utterance(0, Audio(bytes(3200), HEARING_RATE))
    items = await collect(engine.translate_speech(speech, Options("ru", "en"), NO_CONTEXT))
    assert items == [Transcript("Good day.", "en", final=True), *([told] if told else [])]


async def test_being_cancelled_leaves_nothing_open() -> None:
    model = Model(lambda _: LARGO * 50, size=1)
    task = asyncio.create_task(collect(Faithful(model, TELL).translate(LONG, Options("es", "en"), NO_CONTEXT)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert model.gauge.open == 0


def test_the_set_is_whole() -> None:
    assert len(PROVOKING) == 18
    assert {len(sentences) for sentences in PROVOKING.values()} == {20}
    assert all(len(set(sentences)) == 20 for sentences in PROVOKING.values())
    assert other(Case(0, "en", "fr")) not in ("en", "fr")


async def test_a_profiles_translator_is_watched_unless_it_says_otherwise(tmp_path: Path) -> None:
    """Text through a whole profile: a chat model that answers, seen by the sterner second question, then repaired."""

    async def model(call: Call) -> None:
        strict = "not a translation" in call.body["messages"][0]["content"]
        await call.say("Sure! ", "It is ", "Paris." if not strict else "París?")

    async with Upstream(model) as upstream:
        found = []
        for guard in ("answers", "off"):
            (tmp_path / "mine.toml").write_text(PROFILE.format(url=upstream.url, guard=guard), "utf-8")
            profile = profiles.build(Settings(profile=str(tmp_path / "mine.toml"), data_dir=tmp_path))
            async with profile.interpreter as interpreter:
                media = play([Writing("What is the capital of France?")])
                events = await collect(interpreter.interpret(media, Options("es", "en")))
            found.append([event.text for event in of_type(events, TextDone)])
    assert found == [["⟦What is the capital of France?⟧"], ["Sure! It is Paris."]]
    assert len(upstream.calls) == 3


PROFILE = """
vad = "scripted-vad"
[[recognizer]]
engine = "scripted-recognizer"
[[translator]]
engine = "openai-translator"
guard = "{guard}"
settings = {{ url = "{url}" }}
[[synthesizer]]
engine = "scripted-synthesizer"
"""
