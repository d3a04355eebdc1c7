"""Speech that is still coming, cut into utterances and their phrases, with guesses at phrases that grow: no clock, no loop."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from livetranslate.events import Live, SpeechStarted, SpeechStopped
from livetranslate.media import HEARING_RATE, Audio, Image
from livetranslate.segment import WINDOW

_RESERVE = 0.6
"""Of what may be sent again, the part kept for the pause at the end, as a multiple of the phrase."""
_IMAGES = 4
"""Images kept of those shown since the last phrase: the newest."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How speech is cut while it comes; times in seconds.

    A pause of `pause` ends a phrase, half of that once the phrase is `soft` long; at `hard` it is cut at its weakest moment.
    A phrase that ends `full` after its utterance began ends the utterance too. `pad` of the silence is kept on both sides.

    A phrase is guessed at from `first` on every `step`, and when a pause begins, as long as all that is sent to a recognizer,
    guesses and repetitions included, is at most `resend` times the phrase; under 2.0 nothing is guessed.
    """

    pause: float = 0.35
    pad: float = 0.15
    soft: float = 4.0
    hard: float = 8.0
    full: float = 21.0
    first: float = 1.0
    step: float = 0.5
    resend: float = 4.0


DEFAULT_PACE = Pace()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of an utterance between two short pauses; a mere guess as long as it is not `whole`.

    `heard` says that the guess before it had the same sound, so that its transcript is this one's too.
    """

    utterance: int
    number: int
    audio: Audio
    whole: bool
    heard: bool = False
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """An utterance has no more phrases."""

    utterance: int


Cut = SpeechStarted | SpeechStopped | Phrase | Ended


@dataclass(slots=True)
class _Growing:
    """The phrase that is being spoken: its windows from window `start` of the stream on."""

    start: int
    windows: list[bytes]
    chances: list[float]
    next_guess: int
    sent: int = 0  # windows that guesses have cost so far
    guessed: int = 0  # windows in the last guess


class Listener:
    """Takes windows of sound one by one and gives the cuts they complete; keeps at most one phrase of sound."""

    def __init__(self, live: Live, pace: Pace = DEFAULT_PACE) -> None:
        self._live, self._pace = live, pace
        self._start = 0.0  # where the first window stands on the media clock
        self._off = max(0.02, live.threshold - 0.15)
        self._pad = _windows(pace.pad)
        self._silence = _windows(live.silence)
        self._pause = min(_windows(pace.pause), self._silence)
        self._done = 0  # windows taken
        self._quiet = 0  # windows since the last one that held speech
        self._lead: deque[tuple[bytes, float]] = deque(maxlen=self._pad)
        self._phrase: _Growing | None = None
        self._utterance: int | None = None
        self._begun = 0  # the utterance's first window
        self._ended = 0  # the window after its last phrase
        self._utterances = self._phrases = 0
        self._images: deque[Image] = deque(maxlen=_IMAGES)

    @property
    def at(self) -> float:
        """How far the sound has been taken, in seconds on the media clock."""
        return self._seconds(self._done)

    def move(self, at: float) -> None:
        """The next window stands at `at` seconds on the media clock; ignored in the midst of an utterance."""
        if self._utterance is None:
            self._start = at - self._done * WINDOW / HEARING_RATE

    def show(self, image: Image) -> None:
        """An image that is on screen from now on."""
        self._images.append(image)

    def push(self, window: bytes, probability: float) -> Iterator[Cut]:
        """What one more window of sound completes."""
        self._done += 1
        if self._phrase is not None:
            self._phrase.windows.append(window)
            self._phrase.chances.append(probability)
            self._quiet = 0 if probability >= self._off else self._quiet + 1
            yield from self._grow(self._phrase)
            return
        self._lead.append((window, probability))
        self._quiet += 1
        if probability >= self._live.threshold:
            yield from self._begin()
        elif self._utterance is not None and not self._live.manual and self._quiet >= self._silence:
            yield from self._end()

    def commit(self) -> Iterator[Cut]:
        """What a speaker completes who says that the utterance ends here; a manual one ends even if nothing was in it."""
        if self._phrase is not None:
            yield self._take(self._phrase, len(self._phrase.windows))
        if self._utterance is None and self._live.manual:
            self._open(self._done)
        if self._utterance is not None:
            yield from self._end()
        self._lead.clear()

    def finish(self, rest: bytes) -> Iterator[Cut]:
        """What the end of the sound completes; `rest` is the part of a window that is left."""
        if rest and self._phrase is not None:
            self._phrase.windows.append(rest)
            self._phrase.chances.append(0.0)
        if self._utterance is not None:
            yield from self.commit()

    def _begin(self) -> Iterator[Cut]:
        start = self._done - len(self._lead)
        if self._utterance is None:
            self._open(start)
            if not self._live.manual:
                yield SpeechStarted(self._seconds(start))
        windows = [window for window, _ in self._lead]
        chances = [probability for _, probability in self._lead]
        self._lead.clear()
        self._quiet = 0
        self._phrase = _Growing(start, windows, chances, _windows(self._pace.first))

    def _open(self, start: int) -> None:
        self._utterance, self._utterances = self._utterances, self._utterances + 1
        self._begun = self._ended = start

    def _grow(self, phrase: _Growing) -> Iterator[Cut]:
        pace, length = self._pace, len(phrase.windows)
        pause = max(1, self._pause // 2) if length >= _windows(pace.soft) else self._pause
        if self._quiet >= pause:
            kept = length - max(0, self._quiet - min(self._pad, pause))
            lead = [*zip(phrase.windows, phrase.chances, strict=True)][kept:]
            yield self._take(phrase, kept)
            self._lead.extend(lead)
            yield from self._end_if_full()
        elif length >= _windows(pace.hard):
            yield from self._split(phrase)
        elif self._quiet == min(self._pad, pause):
            yield from self._guess(phrase, 0.0)
        elif not self._quiet and length >= phrase.next_guess:
            yield from self._guess(phrase, _RESERVE)

    def _split(self, phrase: _Growing) -> Iterator[Cut]:
        """Cuts a phrase that has no pause where it is least like speech, and goes on with the rest."""
        kept = _weakest(phrase.chances, _windows(self._pace.soft))
        windows, chances = phrase.windows[kept:], phrase.chances[kept:]
        yield self._take(phrase, kept)
        quiet = self._quiet
        debt = max(0, phrase.sent - round((self._pace.resend - 1) * kept))
        full = list(self._end_if_full())
        if full:
            yield from full
            self._open(self._ended)
            yield SpeechStarted(self._seconds(self._ended))
        self._phrase = _Growing(self._ended, windows, chances, _windows(self._pace.first), sent=debt)
        self._quiet = min(quiet, len(windows))

    def _guess(self, phrase: _Growing, reserve: float) -> Iterator[Cut]:
        """The phrase so far, if that leaves `reserve` of what may be sent beside the whole phrase."""
        length, most = len(phrase.windows), self._pace.resend - 1
        if self._live.manual or most < 1 or phrase.guessed == length:
            return
        if phrase.sent + length <= (most - reserve) * length:
            phrase.sent += length
            phrase.guessed = length
            phrase.next_guess = length + _windows(self._pace.step)
            yield self._made(phrase, length, whole=False)

    def _take(self, phrase: _Growing, count: int) -> Phrase:
        made = self._made(phrase, count, whole=True, heard=phrase.guessed == count)
        self._ended = phrase.start + count
        self._phrases += 1
        self._phrase = None
        return made

    def _made(self, phrase: _Growing, count: int, *, whole: bool, heard: bool = False) -> Phrase:
        assert self._utterance is not None
        audio = Audio(b"".join(phrase.windows[:count]), HEARING_RATE, self._seconds(phrase.start))
        seen = tuple(image for image in self._images if image.at <= audio.end)
        if whole:
            for image in seen:
                self._images.remove(image)
        return Phrase(self._utterance, self._phrases, audio, whole, heard, seen)

    def _end_if_full(self) -> Iterator[Cut]:
        if not self._live.manual and self._ended - self._begun >= _windows(self._pace.full):
            yield from self._end()

    def _end(self) -> Iterator[Cut]:
        assert self._utterance is not None
        if not self._live.manual:
            yield SpeechStopped(self._seconds(self._ended))
        yield Ended(self._utterance)
        self._utterance = None

    def _seconds(self, windows: int) -> float:
        return self._start + windows * WINDOW / HEARING_RATE


def _windows(seconds: float) -> int:
    return max(1, round(seconds * HEARING_RATE / WINDOW))


def _weakest(chances: list[float], begin: int) -> int:
    """How many windows to cut off: up to the one from `begin` on that is least like speech, judged with its neighbours."""
    begin = min(begin, len(chances) - 1)
    return min(range(begin, len(chances)), key=lambda i: (sum(chances[i - 2 : i + 3]) / len(chances[i - 2 : i + 3]), -i)) + 1
