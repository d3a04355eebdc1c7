"""Text as a synthesizer may say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.speakable import CLAUSE_PAUSE, SENTENCE_PAUSE, clean, pieces


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a <b>bold</b> move", "a bold move"),
        ("<speak>One <break time='9s'/> two</speak>", "One two"),
        ("one\x00two\n\tthree", "one two three"),
        ("x 🎉👩\u200d🚀 y", "x y"),
        ("[[x]] *y* _z_ `w`", "x y z w"),
        ("¿Qué?!", "¿Qué?!"),
        ("5 % & 6 €", "5 % & 6 €"),
        ("no!!!!!!! wait......", "no! wait."),
        ("3 < 4", "3 4"),
        ("cafe\u0301", "café"),
    ],
)
def test_only_what_can_be_said_is_left(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_short_text_is_one_piece() -> None:
    assert pieces("One. Two, three.") == [("One. Two, three.", SENTENCE_PAUSE)]
    assert pieces("One") == [("One", SENTENCE_PAUSE)]


@pytest.mark.parametrize("text", ["", "  ", "…", "🎉", "---", "?!", "\x00"])
def test_nothing_to_say_is_no_piece(text: str) -> None:
    assert pieces(text) == []


def test_long_text_is_cut_after_sentences_then_clauses_then_words() -> None:
    sentences = pieces("Sentence number one is here. " * 30)
    assert all(piece.endswith("here.") and pause == SENTENCE_PAUSE for piece, pause in sentences)
    clauses = pieces("a clause of a few words, " * 30)
    assert all(piece.endswith("words,") and pause == CLAUSE_PAUSE for piece, pause in clauses[:-1])
    assert all(piece.endswith("word") for piece, _ in pieces("word " * 200))
    assert [len(piece) for piece, _ in pieces("x" * 700)] == [300, 300, 100]
    assert all(piece[-1] == "。" for piece, _ in pieces("これは文です。" * 100))


@given(st.text(max_size=900))
def test_every_word_is_said_once(text: str) -> None:
    found = pieces(text)
    assert all(0 < len(piece) <= 300 for piece, _ in found)
    letters = [letter for letter in clean(text) if letter.isalnum()]
    assert [letter for piece, _ in found for letter in piece if letter.isalnum()] == letters
