"""What several tests share: counted engines that can be told to fail, streams that know whether they are open, made-up sound."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from itertools import pairwise
from typing import Any, Self, TypeVar

import numpy as np

from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, Audio, Media, Utterance
from livetranslate.streams import Stream

T = TypeVar("T")


class Gauge:
    """Counts what is open; a test ends with 0."""

    def __init__(self) -> None:
        self.open = 0
        self.most = 0
        self.started = 0

    def __enter__(self) -> Self:
        self.open += 1
        self.started += 1
        self.most = max(self.most, self.open)
        return self

    def __exit__(self, *exc: object) -> None:
        self.open -= 1


async def counted(gauge: Gauge, items: Iterable[T], pause: float = 0.0) -> Stream[T]:
    """The items, a turn of the loop (or a pause) before each, while the gauge says open."""
    with gauge:
        for item in items:
            await asyncio.sleep(pause)
            yield item


async def collect(stream: AsyncIterable[T]) -> list[T]:
    return [item async for item in stream]


def tone(seconds: float, hertz: float = 440.0, rate: int = HEARING_RATE, level: float = 8000.0) -> bytes:
    """A sine as PCM."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype("<i2").tobytes()


def hush(seconds: float, rate: int = HEARING_RATE) -> bytes:
    return bytes(2 * round(seconds * rate))


def in_chunks(pcm: bytes, cuts: Iterable[int], rate: int = HEARING_RATE) -> list[Audio]:
    """The PCM cut at these sample numbers, as consecutive chunks."""
    borders = [0, *sorted(2 * cut for cut in cuts if 0 < 2 * cut < len(pcm)), len(pcm)]
    return [Audio(pcm[begin:end], rate, begin / 2 / rate) for begin, end in pairwise(borders) if begin < end]


class _Counted:
    """An engine of this file: a gauge for its streams, and whether it is loaded."""

    info = EngineInfo("counted")

    def __init__(self, gauge: Gauge | None = None, pause: float = 0.0) -> None:
        self.gauge = gauge or Gauge()
        self.pause = pause
        self.loaded = 0

    async def __aenter__(self) -> Self:
        self.loaded += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.loaded -= 1


class CountedRecognizer(_Counted):
    """Hears one word for each 0.1 s, named after the utterance; guesses one word at a time."""

    info = EngineInfo("counted-recognizer", hears=frozenset({"en"}), writes=frozenset({"en"}))

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        words = [f"u{speech.index}w{place}" for place in range(max(1, int(speech.audio.seconds * 10)))]
        guesses = [Transcript("", "en", tail=" ".join(words[:end])) for end in range(1, len(words))]
        return counted(self.gauge, [*guesses, Transcript(" ".join(words) + ".", "en", final=True)], self.pause)


class CountedTranslator(_Counted):
    """Says every word in capitals, a word at a time."""

    info = EngineInfo("counted-translator", reads=frozenset({"en"}), writes=frozenset({"es", "hi"}))

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        words = text.upper().split(" ")
        return counted(self.gauge, [word if not place else f" {word}" for place, word in enumerate(words)], self.pause)


class CountedSynthesizer(_Counted):
    """Speaks 0.01 s a character at 8 kHz, in chunks of ten characters; remembers what it was asked to say."""

    info = EngineInfo("counted-synthesizer", speaks=frozenset({"es", "hi"}), voices=frozenset({"Cherry"}), sample_rate=8000)

    def __init__(self, gauge: Gauge | None = None, pause: float = 0.0) -> None:
        super().__init__(gauge, pause)
        self.asked: list[str] = []

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        self.asked.append(text)
        pcm = tone(len(text) / 100, 200.0, 8000)
        return counted(self.gauge, in_chunks(pcm, range(800, len(pcm), 800), 8000), self.pause)


class LoudVad(_Counted):
    """Any sound is speech."""

    def __call__(self) -> Callable[[bytes], float]:
        return lambda window: float(any(window))


def play(chunks: Iterable[Media], gauge: Gauge | None = None) -> Stream[Media]:
    """The chunks as a media stream."""
    return counted(gauge or Gauge(), chunks)


def of_type(events: Iterable[object], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def kinds(events: Iterable[Any]) -> list[str]:
    return [type(event).__name__ for event in events]
