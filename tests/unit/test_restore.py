"""Capitals, stops, commas and question marks, with a language model of a few lines."""

from pathlib import Path

import pytest

from livetranslate.engines.pocketsphinx.names import listed, name
from livetranslate.engines.pocketsphinx.restore import Restorer, is_question, write_sentence, write_word
from livetranslate.engines.pocketsphinx.search import Word
from livetranslate.engines.pocketsphinx.sentences import pause_evidence, sentence_starts

BEGINNERS = {"the", "it", "where", "we"}
ENDERS = {"late", "hot", "home"}


def likelihood(word: str, *before: str) -> float:
    """Sentences begin and end in certain words; any word may follow any other."""
    if word == "</s>":
        return -1.0 if before[0] in ENDERS else -5.0
    if before[:1] == ("<s>",):
        return -2.0 if word in BEGINNERS else -9.0
    return -6.0


def spoken(text: str, pauses: dict[int, float] | None = None) -> list[Word]:
    """The words of a text, a third of a second each, with pauses before some of them."""
    words, time = [], 0.0
    for index, word in enumerate(text.split()):
        time += (pauses or {}).get(index, 0.0)
        words.append(Word(word, time, time + 0.3, 0.9))
        time += 0.3
    return words


def starts(text: str, pauses: dict[int, float] | None = None) -> list[int]:
    words = text.split()
    return sentence_starts(words, [(pauses or {}).get(i, 0.0) for i in range(len(words))], likelihood)


class TestSentences:
    def test_a_sentence_ends_where_the_model_says(self) -> None:
        assert starts("the train was late it was hot we went home") == [0, 5 - 1, 7]

    def test_it_does_not_end_in_the_middle_of_a_phrase(self) -> None:
        assert starts("the train was old") == [0]

    def test_a_pause_tips_the_scale(self) -> None:
        words = "the train was old the bus was late"
        assert starts(words) == [0]
        assert starts(words, {4: 0.6}) == [0, 4]

    def test_one_word_and_none(self) -> None:
        assert starts("home") == [0]
        assert sentence_starts([], [], likelihood) == []

    def test_each_sentence_of_one_word_is_scored_from_its_own_beginning(self) -> None:
        def only_after_begin(word: str, *before: str) -> float:
            assert len(before) <= 2
            assert "<s>" not in before[:-1]
            return likelihood(word, *before)

        words = ["late", "hot", "the", "late", "it", "home"]
        sentence_starts(words, [0.0] * len(words), only_after_begin)

    def test_the_best_path_is_the_best_of_all(self) -> None:
        """Against trying every way to cut."""
        words = ["we", "late", "it", "the", "hot", "where", "home", "it", "late", "the"]
        pauses = [0.0, 0.2, 0.0, 0.4, 0.0, 0.1, 0.0, 0.3, 0.0, 0.5]

        def score(mask: int) -> float:
            total = likelihood(words[0], "<s>")
            history = ["<s>", words[0]]
            for index in range(1, len(words)):
                if mask >> (index - 1) & 1:
                    total += likelihood("</s>", *history[::-1][:2]) + pause_evidence(pauses[index])
                    history = ["<s>"]
                total += likelihood(words[index], *history[::-1][:2])
                history.append(words[index])
            return total + likelihood("</s>", *history[::-1][:2])

        best = max(range(1 << (len(words) - 1)), key=score)
        wanted = [0, *(index for index in range(1, len(words)) if best >> (index - 1) & 1)]
        assert sentence_starts(words, pauses, likelihood) == wanted

    def test_longer_pauses_never_speak_less_for_an_end(self) -> None:
        evidence = [pause_evidence(tenths / 10) for tenths in range(30)]
        assert evidence == sorted(evidence)
        assert evidence[0] < 0 < evidence[-1]


class TestRestorer:
    def test_sentences_get_capitals_and_stops(self) -> None:
        text = Restorer(likelihood).restore(spoken("the train was late where is the bus"))
        assert text == "The train was late. Where is the bus?"

    def test_no_words_no_text(self) -> None:
        assert Restorer(likelihood).restore([]) == ""

    def test_a_pause_before_a_clause_is_a_comma(self) -> None:
        text = Restorer(likelihood).restore(spoken("we ran and and they walked late", {3: 0.3}))
        assert text == "We ran and, and they walked late."

    def test_words_that_overlap_are_no_pause(self) -> None:
        words = [Word("we", 0.0, 0.5, 1.0), Word("home", 0.4, 0.9, 1.0)]
        assert Restorer(likelihood).restore(words) == "We home."

    def test_a_sentence_that_was_cut_stays_open(self) -> None:
        assert Restorer(likelihood).restore(spoken("it was hot we gave it to the")) == "It was hot. We gave it to the"

    def test_a_question_that_was_cut_keeps_its_mark(self) -> None:
        assert Restorer(likelihood).restore(spoken("where is the")) == "Where is the?"

    def test_one_word_is_a_sentence(self) -> None:
        assert Restorer(likelihood).restore(spoken("home")) == "Home."
        assert write_sentence(["home"], [0.0]) == "Home."


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("i", "I"), ("i'm", "I'm"), ("i'll", "I'll"), ("it", "it"), ("ill", "ill"), ("is", "is"),
        ("london", "London"), ("london's", "London's"), ("monday", "Monday"), ("mister", "Mr"), ("mrs", "Mrs"),
        ("may", "may"), ("will", "will"), ("march", "march"), ("b.", "B"), ("b.'s", "B's"), ("tv", "TV"), ("a", "a"),
        ("o'clock", "o'clock"), ("de", "de"), ("er", "er"),
    ],
)  # fmt: skip
def test_words(word: str, written: str) -> None:
    assert write_word(word) == written


@pytest.mark.parametrize(
    "words",
    [
        "where is the station", "what's your name", "how much does it cost", "how many people are there", "do you like it",
        "can i help you", "is this your bag", "who are you", "when does the train leave", "isn't it late",
        "how old is the bridge", "what can you do for your country", "could you tell me how much this costs",
    ],
)  # fmt: skip
def test_questions(words: str) -> None:
    assert is_question(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "what you can do for your country", "when i was young", "had he married a woman", "where there is a will", "who",
        "i know what it is", "how much you know", "how many people you know", "which is why", "do not cry", "will", "", "the",
        "have a seat", "may god help", "can openers are cheap", "when in rome", "what a day", "while is",
    ],
)  # fmt: skip
def test_statements(words: str) -> None:
    assert not is_question(words.split())


class TestNames:
    def test_a_word_list_adds_words_that_it_has_only_with_a_capital(self, tmp_path: Path) -> None:
        path = tmp_path / "words"
        path.write_text("Zanzibar\nMark\nmark\nMcCain\nDe\nZanzibar's\n", "utf-8")
        assert listed(path) == {"zanzibar": "Zanzibar", "mccain": "McCain"}

    def test_without_a_word_list_the_names_of_the_project_remain(self, tmp_path: Path) -> None:
        assert listed(tmp_path / "none") == {}
        assert name("paris") == "Paris"
        assert name("table") is None
