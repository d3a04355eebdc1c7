"""Subtitles that can be read: lines, lengths, times, both languages, and files that players take."""

import random
import re
from itertools import pairwise

import pysubs2
import pytest

from livetranslate.events import Event, Finished, Span, SpeechStarted, TextDelta, TextDone, TranscriptDone
from livetranslate.subtitles import FORMATS, Cue, Subtitler, joined, script_of, wrapped, written

SPANISH = (
    "Así pues, compatriotas, no preguntéis qué puede hacer vuestro país por vosotros; preguntad qué podéis hacer vosotros por "
    "vuestro país, porque el mundo entero nos observa esta mañana."
)
CHINESE = "大家早上好，感谢各位今天的到来，我们有三个问题想问您，火车九点半出发，请打开第二扇窗户，这条路通往老港口。"


def told(utterance: int, heard: str, said: str, *spans: tuple[float, float], language: str = "en") -> list[Event]:
    return [
        SpeechStarted(spans[0][0]),
        *(Span(utterance, *span) for span in spans),
        TranscriptDone(utterance, heard, language),
        TextDelta(utterance, said[: len(said) // 2]),
        TextDelta(utterance, said[len(said) // 2 :]),
        TextDone(utterance, said),
    ]


def cues(events: list[Event], target: str = "es", *, both: bool = False) -> list[Cue]:
    subtitler = Subtitler(target, both=both)
    return [cue for event in [*events, Finished()] for cue in subtitler.push(event)]


def check(found: list[Cue], target: str, source: str = "en", *, both: bool = False) -> None:
    for cue in found:
        assert 0 < cue.end - cue.start <= 7.0 + 1e-6
        assert len(cue.lines) <= (1 if both else 2)
        assert all(0 < len(line) <= script_of(target).line for line in cue.lines)
        assert len(cue.below) <= 1
        assert all(len(line) <= script_of(source).line for line in cue.below)
    for before, after in pairwise(found):
        assert before.end <= after.start + 1e-6
        assert before.start < after.start


@pytest.mark.parametrize(("said", "target"), [(SPANISH, "es"), (CHINESE, "zh"), (SPANISH.upper(), "fr"), ("Sí.", "es")])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("seconds", [0.4, 3.0, 12.0, 29.0])
def test_cues_keep_the_limits_and_all_the_words(said: str, target: str, both: bool, seconds: float) -> None:
    heard = "Ask not what your country can do for you, ask what you can do for your country. " * 2
    found = cues(told(0, heard, said, (1.0, 1.0 + seconds)), target, both=both)
    check(found, target, both=both)
    assert re.sub(r"\s", "", "".join(joined(cue) for cue in found)) == re.sub(r"\s", "", said)
    if both:
        assert " ".join(line for cue in found for line in cue.below) == heard.strip()
    assert found[0].start == pytest.approx(1.0)


def test_words_stand_when_they_are_spoken() -> None:
    long = told(1, "b", SPANISH[:120], (10.0, 12.0), (20.0, 22.0))
    (first, second, third) = cues([*told(0, "a", "Uno dos tres.", (2.0, 3.0)), *long])
    assert (first.start, first.end) == (2.0, 3.0)
    assert second.start == pytest.approx(10.0, abs=0.2)
    assert 11.5 < second.end <= 17.0
    assert third.start == pytest.approx(20.0, abs=1.5)


def test_a_short_cue_stands_longer_where_nothing_follows_and_not_where_something_does() -> None:
    text = "Cuarenta y dos letras están en esta línea."
    alone = cues(told(0, "x", text, (1.0, 1.3)))[0]
    assert alone.end - alone.start == pytest.approx(len(text) / 17, abs=0.01)
    first, second = cues([*told(0, "x", text, (1.0, 1.3)), *told(1, "y", text, (2.0, 4.0))])
    assert first.end == pytest.approx(1.96)
    assert second.start == 2.0


def test_what_was_not_translated_has_no_cue_and_a_cut_utterance_has() -> None:
    assert cues([Span(0, 1.0, 2.0), TranscriptDone(0, "hm", "en")]) == []
    assert [cue.lines for cue in cues([Span(0, 1.0, 2.0), TextDelta(0, "Ho")])] == [("Ho",)]


def test_cues_come_while_the_events_do() -> None:
    subtitler = Subtitler("es")
    for utterance in range(5):
        given = [
            cue
            for event in told(utterance, "x", "Hola.", (utterance * 5.0, utterance * 5.0 + 1))
            for cue in subtitler.push(event)
        ]
        assert len(given) == (utterance > 0)
    assert len(list(subtitler.rest())) == 1


def test_lines_are_of_like_length_and_break_after_signs() -> None:
    assert wrapped("No preguntéis qué puede hacer vuestro país por vosotros.", "es") == (
        "No preguntéis qué puede hacer",
        "vuestro país por vosotros.",
    )
    assert wrapped("Muchas gracias, señores; hasta la próxima vez que vengan.", "es")[0] == "Muchas gracias, señores;"
    assert all(len(line) <= 16 for line in wrapped(CHINESE, "zh", 9))
    assert "".join(wrapped("x" * 100, "es")) == "x" * 100


@pytest.mark.parametrize("form", FORMATS)
def test_files_are_read_back_as_they_were(form: str) -> None:
    nasty = "a < b & c --> d {\\i1} e\\N f"
    file = pysubs2.SSAFile.from_string(
        written([Cue(1.0, 2.5, ("Hola.", "Adiós.")), Cue(3.0, 4.0, (nasty,), ("below",))], form), form
    )
    assert [(event.start, event.end) for event in file] == [(1000, 2500), (3000, 4000)]
    assert file[0].plaintext == "Hola.\nAdiós."
    assert "-->" not in file[1].plaintext
    assert file[1].plaintext.count("\n") == 1
    assert "i1" in file[1].plaintext


def test_any_text_at_any_pace() -> None:
    chance = random.Random(11)
    for _ in range(300):
        target = chance.choice(["es", "zh", "ja", "th", "hi"])
        letters = "ab,. " if target != "zh" else "大家好，。"
        events: list[Event] = []
        at = 0.0
        for utterance in range(chance.randrange(1, 6)):
            text = "".join(chance.choices(letters, k=chance.randrange(1, 300))).strip() or "a"
            text = re.sub(r"[ab]{15,}", "a", text)
            length = chance.choice([0.1, 1.0, 5.0, 28.0])
            events += told(utterance, text, text, (at, at + length), language=target)
            at += length + chance.choice([0.0, 0.3, 9.0])
        check(cues(events, target), target)
