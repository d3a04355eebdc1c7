"""Cutting speech that still comes: utterances, phrases, guesses, commits, and how much is sent again."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from livetranslate.events import Live, SpeechStarted, SpeechStopped
from livetranslate.live.phrases import DEFAULT_PACE, Cut, Ended, Listener, Pace, Phrase
from livetranslate.media import HEARING_RATE, Image
from livetranslate.segment import WINDOW

SECOND = HEARING_RATE / WINDOW
SPEECH, HUSH = b"\1\0" * WINDOW, bytes(2 * WINDOW)


def listen(parts: Iterable[float], live: Live | None = None, pace: Pace = DEFAULT_PACE) -> list[Cut]:
    """The cuts of speech (positive seconds) and silence (negative ones)."""
    listener = Listener(live or Live(), pace)
    cuts: list[Cut] = []
    for seconds in parts:
        for _ in range(round(abs(seconds) * SECOND)):
            cuts += listener.push(SPEECH if seconds > 0 else HUSH, 1.0 if seconds > 0 else 0.0)
    return [*cuts, *listener.finish(b"")]


def phrases(cuts: list[Cut], *, whole: bool = True) -> list[Phrase]:
    return [cut for cut in cuts if isinstance(cut, Phrase) and cut.whole == whole]


def spans(cuts: list[Cut]) -> list[tuple[float, float]]:
    starts = [cut.at for cut in cuts if isinstance(cut, SpeechStarted)]
    stops = [cut.at for cut in cuts if isinstance(cut, SpeechStopped)]
    return [*zip(starts, stops, strict=True)]


def test_a_short_pause_ends_a_phrase_and_a_long_one_the_utterance() -> None:
    cuts = listen([-1, 2, -0.5, 2, -1, 2, -1])
    assert [(phrase.utterance, phrase.number) for phrase in phrases(cuts)] == [(0, 0), (0, 1), (1, 2)]
    assert [cut.utterance for cut in cuts if isinstance(cut, Ended)] == [0, 1]
    (first, second) = spans(cuts)
    assert first == pytest.approx((1 - 0.13, 5.5 + 0.16), abs=0.1)
    assert second == pytest.approx((6.5 - 0.13, 8.5 + 0.16), abs=0.1)


@pytest.mark.parametrize("silence", [0.2, 1.0, 2.5])
def test_the_silence_that_ends_an_utterance_can_be_chosen(silence: float) -> None:
    assert len(spans(listen([1, -silence + 0.1, 1, -3], Live(silence=silence)))) == 1
    assert len(spans(listen([1, -silence - 0.1, 1, -3], Live(silence=silence)))) == 2


def test_speech_without_a_pause_is_cut_into_utterances_of_half_a_minute_and_none_is_lost() -> None:
    cuts = listen([-0.5, 100, -2])
    assert len(spans(cuts)) >= 4
    assert all(stop - start <= 30 for start, stop in spans(cuts))
    assert all(before[1] == after[0] for before, after in pairwise(spans(cuts)))
    found = phrases(cuts)
    assert all(phrase.audio.seconds <= DEFAULT_PACE.hard + 0.1 for phrase in found)
    for before, after in pairwise(found):
        assert after.audio.start == pytest.approx(before.audio.end)
    assert sum(phrase.audio.pcm.count(SPEECH) for phrase in found) == round(100 * SECOND)


def test_a_long_utterance_ends_at_a_pause_that_comes_in_time() -> None:
    cuts = listen([-0.5, *[3, -0.5] * 12, -2])
    assert all(3.4 <= stop - start <= 30 for start, stop in spans(cuts))
    assert len(spans(cuts)) == 2


def test_a_phrase_without_a_pause_is_cut_where_it_is_least_like_speech() -> None:
    listener = Listener(Live())
    cuts: list[Cut] = []
    for window in range(round(9 * SECOND)):
        cuts += listener.push(SPEECH, 0.6 if 150 <= window < 154 else 1.0)
    (phrase,) = phrases(cuts)
    assert phrase.audio.samples // WINDOW == pytest.approx(152, abs=2)


def test_guesses_grow_and_all_that_is_sent_is_at_most_so_many_times_the_speech() -> None:
    for resend in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0):
        for parts in ([0.4], [1.1], [3.1], [7.9], [40], [2.2, -0.25] * 20, [1.3, -0.2, 0.6, -0.5] * 9):
            cuts = listen([-1, *parts, -2], pace=Pace(resend=resend))
            whole = sum(phrase.audio.seconds for phrase in phrases(cuts))
            guesses = phrases(cuts, whole=False)
            again = sum(phrase.audio.seconds for phrase in phrases(cuts) if not phrase.heard)
            assert sum(guess.audio.seconds for guess in guesses) + again <= resend * whole + 1e-6, (resend, parts)
            assert bool(guesses) == (resend >= 2)
            for guess in guesses:
                later = next(phrase for phrase in phrases(cuts) if phrase.number == guess.number)
                assert later.audio.start == guess.audio.start
                assert later.audio.pcm.startswith(guess.audio.pcm) or guess.audio.pcm.startswith(later.audio.pcm)


def test_a_pause_is_guessed_at_before_it_is_long_enough_so_that_the_phrase_need_not_be_heard_again() -> None:
    cuts = listen([-1, 2, -2])
    (phrase,) = phrases(cuts)
    assert phrase.heard
    assert phrases(cuts, whole=False)[-1].audio == phrase.audio


def test_by_hand_only_a_commit_ends_an_utterance_and_nothing_is_announced_or_guessed() -> None:
    listener = Listener(Live(manual=True))
    cuts: list[Cut] = []
    for seconds in (2, -3, 2, -1):
        for _ in range(round(abs(seconds) * SECOND)):
            cuts += listener.push(SPEECH if seconds > 0 else HUSH, float(seconds > 0))
    cuts += listener.commit()
    assert [type(cut) for cut in cuts] == [Phrase, Phrase, Ended]
    assert all(phrase.utterance == 0 for phrase in phrases(cuts))
    assert not phrases(cuts, whole=False)
    assert list(listener.commit()) == [Ended(1)], "an empty commit ends an utterance without phrases"


def test_a_commit_cuts_speech_that_is_announced_too() -> None:
    listener = Listener(Live())
    cuts: list[Cut] = []
    for _ in range(round(2 * SECOND)):
        cuts += listener.push(SPEECH, 1.0)
    cuts += listener.commit()
    assert [type(cut) for cut in cuts if not (isinstance(cut, Phrase) and not cut.whole)] == [
        SpeechStarted,
        Phrase,
        SpeechStopped,
        Ended,
    ]
    assert list(listener.commit()) == []


def test_a_phrase_takes_the_newest_images_shown_so_far() -> None:
    listener = Listener(Live())
    cuts: list[Cut] = []
    for place in range(7):
        listener.show(Image(bytes([place]), 1, 1, place / 100))
    listener.show(Image(b"later", 1, 1, 99.0))
    for _ in range(40):
        cuts += listener.push(SPEECH, 1.0)
    (phrase,) = [cut for cut in listener.finish(b"") if isinstance(cut, Phrase)]
    assert [image.jpeg for image in phrase.images] == [b"\4", b"\5", b"\6"]


def test_times_follow_the_media_clock_when_it_jumps_between_utterances() -> None:
    listener = Listener(Live())
    listener.move(100.0)
    cuts = [cut for _ in range(50) for cut in listener.push(SPEECH, 1.0)]
    assert cuts[0] == SpeechStarted(100.0)
    listener.move(500.0)
    assert listener.at == pytest.approx(101.6), "not in the midst of an utterance"
