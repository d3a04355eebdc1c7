"""Media to utterances: speech cut at its pauses by a VAD that is handed in, and long speech cut at its weakest moment."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice

from livetranslate.events import SpeechStarted, SpeechStopped
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Image, Media, Utterance, Writing
from livetranslate.streams import Stream

WINDOW = 512
"""Samples that a VAD judges at once: 32 ms at `HEARING_RATE`."""
_WINDOW_BYTES = WINDOW * BYTES_PER_SAMPLE

_MOST_IMAGES = 256
"""That are kept for the next utterance; in a long silence the oldest are let go."""

Vad = Callable[[], Callable[[bytes], float]]
"""Makes a detector for one stream: given the next `WINDOW` samples as PCM, it gives the probability of speech."""

Cut = SpeechStarted | SpeechStopped | Utterance | Writing


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where speech is cut; times in seconds, `on` and `off` are probabilities.

    Speech begins at `on` and goes on down to `off`. A pause of `silence` ends an utterance; half of that is enough once it is
    `soft` long (`first` for the first one, so that the first translation comes soon), and at `hard` it is cut without a pause.
    `pad` of the silence is kept on both sides.
    """

    on: float = 0.5
    off: float = 0.35
    silence: float = 0.5
    pad: float = 0.15
    first: float = 1.5
    soft: float = 8.0
    hard: float = 15.0


DEFAULT_CUTS = Cuts()


class Segmenter:
    """The cutting itself, window by window, without a clock or a loop. Keeps at most `hard` seconds of sound."""

    def __init__(self, cuts: Cuts = DEFAULT_CUTS) -> None:
        self._cuts = cuts
        self._kept = max(1, round(cuts.pad * HEARING_RATE / WINDOW))
        self._windows: deque[tuple[bytes, float]] = deque()
        self._at = 0  # windows before the first one kept
        self._speaking = False
        self._quiet = 0  # windows since the last one that held speech
        self._index = 0

    def push(self, window: bytes, probability: float) -> Iterator[Cut]:
        """What one more window of sound completes."""
        self._windows.append((window, probability))
        if self._speaking:
            yield from self._go_on(probability)
        elif probability >= self._cuts.on:
            self._speaking, self._quiet = True, 0
            yield SpeechStarted(self._seconds(self._at))
        elif len(self._windows) > self._kept:
            self._drop(1)

    def finish(self, rest: bytes) -> Iterator[Cut]:
        """What the end of the sound completes; `rest` is the part of a window that is left."""
        if not self._speaking:
            return
        if rest:
            self._windows.append((rest, 0.0))
        yield self._take(len(self._windows))
        yield SpeechStopped(self._seconds(self._at))
        self._speaking = False

    def _go_on(self, probability: float) -> Iterator[Cut]:
        cuts, length = self._cuts, len(self._windows)
        self._quiet = 0 if probability >= cuts.off else self._quiet + 1
        long = length >= _windows(cuts.soft if self._index else cuts.first)
        if self._quiet >= _windows(cuts.silence / 2 if long else cuts.silence):
            yield self._take(length - max(0, self._quiet - self._kept))
            yield SpeechStopped(self._seconds(self._at))
            self._speaking = False
            self._drop(max(0, len(self._windows) - self._kept))
        elif length >= _windows(cuts.hard):
            yield self._take(self._weakest())
            self._quiet = min(self._quiet, len(self._windows))

    def _weakest(self) -> int:
        """How many windows to cut off where no pause came: up to the one least like speech, between `soft` and `hard`.

        Judged with its neighbours, so that one odd window does not decide.
        """
        chances = [probability for _, probability in self._windows]
        begin = min(_windows(self._cuts.soft), len(chances) - 1)
        return min(range(begin, len(chances)), key=lambda i: (sum(chances[i - 2 : i + 3]) / len(chances[i - 2 : i + 3]), -i)) + 1

    def _take(self, count: int) -> Utterance:
        pcm = b"".join(window for window, _ in islice(self._windows, count))
        utterance = Utterance(self._index, Audio(pcm, HEARING_RATE, self._seconds(self._at)))
        self._index += 1
        self._drop(count)
        return utterance

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._windows.popleft()
        self._at += count

    @staticmethod
    def _seconds(windows: int) -> float:
        return windows * WINDOW / HEARING_RATE


def _windows(seconds: float) -> int:
    return max(1, round(seconds * HEARING_RATE / WINDOW))


async def segment(media: Stream[Media], vad: Vad, cuts: Cuts = DEFAULT_CUTS) -> Stream[Cut]:
    """Cuts the sound of `media` (mono at `HEARING_RATE`, in chunks of any length) into utterances; writing passes through.

    The same however the sound comes in chunks. An utterance gets the images shown while it was spoken, and the last one before
    it, which was on screen when it began. Closes its source.
    """
    detect, segmenter, rest = vad(), Segmenter(cuts), bytearray()
    images: deque[Image] = deque()
    async with aclosing(media):
        async for item in media:
            if isinstance(item, Writing):
                yield item
            elif isinstance(item, Image):
                images.append(item)
                if len(images) > _MOST_IMAGES:
                    images.popleft()
            elif isinstance(item, Audio):
                rest += item.pcm
                for window in whole_windows(rest):
                    for cut in segmenter.push(window, detect(window)):
                        yield _with_images(cut, images)
    for cut in segmenter.finish(bytes(rest)):
        yield _with_images(cut, images)


def whole_windows(held: bytearray) -> Iterator[bytes]:
    """Takes the whole windows off the front of `held`."""
    whole = len(held) - len(held) % _WINDOW_BYTES
    windows = bytes(held[:whole])
    del held[:whole]
    for start in range(0, whole, _WINDOW_BYTES):
        yield windows[start : start + _WINDOW_BYTES]


def _with_images(cut: Cut, images: deque[Image]) -> Cut:
    """The utterance with its images; those that no later one can get are let go."""
    if not isinstance(cut, Utterance):
        return cut
    while len(images) > 1 and images[1].at <= cut.audio.start:
        images.popleft()
    seen = tuple(image for image in images if image.at <= cut.audio.end)
    while len(images) > 1 and images[1].at <= cut.audio.end:
        images.popleft()
    return Utterance(cut.index, cut.audio, seen)
