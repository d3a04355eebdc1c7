"""Speech that a program can read: every word is a tone of its own pitch, so that what is heard follows from the sound alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np

from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE
from tests.support import hush, tone

WORD_SECONDS = 0.33
PAUSE_SECONDS = 0.45
SENTENCES = 2
"""Sentences between two pauses."""
_LOWEST, _STEP = 400.0, 40.0
_FRAME, _HOP = 640, 320
"""Samples that are looked at at once, and from one look to the next: 40 and 20 ms."""
_BINS = 1024
_QUIET = 500.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word, when it is spoken in seconds, and where its sentence begins and ends."""

    text: str
    start: float
    end: float
    clause_end: float
    clause_start: float = 0.0


@cache
def vocabulary() -> tuple[str, ...]:
    """All that is said before it begins again: a word has the pitch of its place in it."""
    return tuple(word for sentence in PHRASES["en"] for word in sentence.split())


@cache
def timeline(seconds: float) -> tuple[Word, ...]:
    """What is said in so many seconds."""
    return tuple(_words(seconds))


def _words(seconds: float) -> Iterator[Word]:
    at = PAUSE_SECONDS
    for number in count():
        words = PHRASES["en"][number % len(PHRASES["en"])].split()
        end = at + len(words) * WORD_SECONDS
        if end > seconds:
            return
        for place, word in enumerate(words):
            yield Word(word, at + place * WORD_SECONDS, at + (place + 1) * WORD_SECONDS, end, at)
        at = end + (PAUSE_SECONDS if (number + 1) % SENTENCES == 0 else 0.0)


def sound(seconds: float) -> bytes:
    """The timeline as PCM."""
    pcm, samples = bytearray(), 0
    known = len(vocabulary())
    for number, word in enumerate(timeline(seconds)):
        pcm += bytes(BYTES_PER_SAMPLE * (round(word.start * HEARING_RATE) - samples))
        samples = round(word.end * HEARING_RATE)
        pcm += tone((samples - len(pcm) // BYTES_PER_SAMPLE) / HEARING_RATE, _LOWEST + _STEP * (number % known))
    return bytes(pcm) + hush(seconds - samples / HEARING_RATE)


def heard(pcm: bytes) -> list[Word]:
    """The words of which at least half is in the sound."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    if len(samples) < _FRAME:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    loud = np.sqrt(np.mean(np.square(frames), axis=1)) > _QUIET
    pitches = np.argmax(np.abs(np.fft.rfft(frames * np.hanning(_FRAME), _BINS, axis=1)), axis=1) * HEARING_RATE / _BINS
    places = np.where(loud, np.round((pitches - _LOWEST) / _STEP), -1).astype(int)
    return list(_runs(places))


def _runs(places: np.ndarray) -> Iterator[Word]:
    words, begin = vocabulary(), 0
    for at in range(1, len(places) + 1):
        if at < len(places) and places[at] == places[begin]:
            continue
        start, end = (begin * _HOP + _FRAME / 2) / HEARING_RATE, (at * _HOP + _FRAME / 2) / HEARING_RATE
        if 0 <= places[begin] < len(words) and end - start >= WORD_SECONDS / 2 - _FRAME / HEARING_RATE:
            yield Word(words[places[begin]], max(0.0, start - _FRAME / 2 / HEARING_RATE), end, end)
        begin = at
