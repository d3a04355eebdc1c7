"""What stays of transcripts that grow, and the clauses made of it."""

import random

import pytest

from livetranslate.live.agreement import Agreement, units
from livetranslate.live.clauses import ClauseCutter


def test_units_are_words_and_where_there_are_no_spaces_letters() -> None:
    assert units(" The  cat sat.") == [" The", "  cat", " sat."]
    assert units("我们 meet 明天。") == ["我", "们", " meet", " 明", "天", "。"]
    assert "".join(units("a b  c ")) == "a b  c"


def test_words_stay_once_two_transcripts_agree_but_never_the_last() -> None:
    agreement = Agreement()
    assert agreement.guess("the cat") == ("", "the cat")
    assert agreement.guess("the cat sat on") == ("the cat", " sat on")
    assert agreement.guess("the cat sad on a mat") == ("", " sad on a mat")
    assert agreement.guess("The cat sad on the mat.") == (" sad on", " the mat.")
    assert agreement.final("the cat sad on the mat.") == " the mat."
    assert agreement.settled == "the cat sad on the mat."


def test_what_stays_is_not_taken_back_and_nothing_comes_twice() -> None:
    agreement = Agreement()
    agreement.guess("I scream for ice")
    assert agreement.guess("I scream for ice cream now")[0] == "I scream for ice"
    assert agreement.final("Ice cream for ice cream now, please.") == " cream now, please."
    short = Agreement()
    short.guess("one two three four")
    short.guess("one two three four five")
    assert short.final("one two three") == "", "a shorter end adds nothing"


@pytest.mark.parametrize("words", ["the train leaves at half past nine in the morning", "我们有三个问题想问您因为今天天气很好"])
def test_a_truthful_recognizer_is_quoted_exactly(words: str) -> None:
    chance = random.Random(3)
    parts = units(words)
    for _ in range(200):
        agreement, said = Agreement(), ""
        for end in sorted(chance.sample(range(1, len(parts)), 4)):
            more, tail = agreement.guess("".join(parts[:end]))
            said += more
            assert said + tail == "".join(parts[:end])
        assert said + agreement.final(words) == words


def test_clauses_end_at_signs_and_where_none_comes_after_so_many_words() -> None:
    cutter = ClauseCutter()
    assert cutter.push("Well, when Dr. Smith comes, we") == ["Well, when Dr. Smith comes,"]
    assert cutter.push(" go now;") == [" we go now;"]
    assert cutter.push(" not before") == []
    assert cutter.rest() == " not before"
    long = " ".join(f"w{place}" for place in range(40))
    cut = ClauseCutter()
    assert [len(clause.split()) for clause in cut.push(long)] == [14, 14]
    assert len(cut.rest().split()) == 12
    assert ClauseCutter().push("他说，今天早上天气很好，我们去公园吧。好") == ["他说，今天早上天气很好，", "我们去公园吧。"]


def test_a_pause_completes_a_clause_but_not_a_word_or_two() -> None:
    cutter = ClauseCutter()
    cutter.push("and so")
    assert cutter.pause() == []
    cutter.push(" it goes")
    assert cutter.pause() == ["and so it goes"]
    cutter.push("Yes.")
    assert cutter.pause() == ["Yes."]


def test_clauses_are_the_same_however_the_text_comes() -> None:
    text = "Well, the price is 3.5 euros, as Mr. Jones said; 我们有三个问题，想问您。And so on and on and on we go, you know."
    whole = ClauseCutter()
    wanted = [*whole.push(text), whole.rest()]
    assert "".join(wanted) == text
    chance = random.Random(5)
    for _ in range(300):
        words, found, start = units(text), [], 0
        cutter = ClauseCutter()
        for end in [*sorted(chance.sample(range(1, len(words)), chance.randrange(1, 20))), len(words)]:
            found += cutter.push("".join(words[start:end]))
            start = end
        assert [*found, cutter.rest()] == wanted
