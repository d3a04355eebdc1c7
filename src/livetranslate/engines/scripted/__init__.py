"""Engines that say what they are told, when they are told: for conformance kits, load tests and client developers.

What is heard does not matter: its first bytes and the seed choose among ten sentences, the same in all 18 languages, so equal
requests get equal answers. Delays and faults are settings ([engines.scripted] in the settings file).
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, Literal, Self, TypeVar

import numpy as np

from livetranslate import __version__
from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.errors import ContentRefused, EngineError
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, SPEAKING_RATE, Audio, Image, Line, Utterance
from livetranslate.streams import Stream

Place = Literal["recognizer", "translator", "synthesizer", "reader"]
Fault = Literal["none", "fail", "hang", "repeat", "short", "content"]
T = TypeVar("T")

_ALL = frozenset(LANGUAGES)
_DENSE = frozenset({"zh", "yue", "ja", "ko", "th"})
_SECONDS_PER_SENTENCE = 4.0
_SECONDS_PER_CHARACTER, _SECONDS_PER_DENSE_CHARACTER = 0.065, 0.2
_PITCH = {name: 95.0 + 24.0 * place for place, name in enumerate(VOICES)}
_SLICE = 0.1
_BEGINNING = HEARING_RATE
"""Bytes of speech, half a second, that choose what is heard: speech that grows goes on with what it began."""


@dataclass(frozen=True, slots=True)
class Script:
    """What the scripted engines are told.

    `seed` picks other sentences. `hear_delay` is seconds of work for each second of speech heard, `word_delay` seconds for each
    piece of translation, `speak_delay` seconds of work for each second of speech made. `fault` strikes the engine `fault_in`,
    after its first words, in every utterance from number `fault_from` on: "fail" raises, "hang" never ends, "repeat" says the
    same for ever, "short" stops early without a word, "content" refuses the content. `words` stand on every image, a line each,
    and reading one takes `read_delay` seconds; with `sees` the translator tells which images it was shown.
    """

    seed: int = 0
    hear_delay: float = 0.0
    word_delay: float = 0.0
    speak_delay: float = 0.0
    fault: Fault = "none"
    fault_in: Place = "recognizer"
    fault_from: int = 0
    words: Sequence[str] = ()
    read_delay: float = 0.0
    sees: bool = False


class _Scripted:
    """What the three have in common: a script, nothing to load, and faults."""

    place: Place

    def __init__(self, **settings: Any) -> None:
        self._script = Script(**settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def _said(self, pieces: list[T], delay: Callable[[T], float], number: int = 0) -> Stream[T]:
        """The pieces in their time, and what the script's fault makes of them."""
        script = self._script
        struck = script.fault != "none" and script.fault_in == self.place and number >= script.fault_from
        if struck and script.fault == "content":
            raise ContentRefused("Input data may contain inappropriate content.")
        for place, piece in enumerate(pieces):
            if struck and place >= max(1, len(pieces) // 3):
                break
            await asyncio.sleep(delay(piece))
            yield piece
        if struck and script.fault == "fail":
            raise EngineError
        if struck and script.fault == "hang":
            await asyncio.Event().wait()
        while struck and script.fault == "repeat":
            await asyncio.sleep(delay(pieces[0]))
            yield pieces[0]

    def _draw(self, data: bytes) -> int:
        digest = hashlib.sha256(self._script.seed.to_bytes(8, signed=True) + data).digest()
        return int.from_bytes(digest[:4])


class ScriptedRecognizer(_Scripted):
    """Hears one of the sentences for each few seconds of speech, in the language it is told (English if in none)."""

    place = "recognizer"
    info = EngineInfo("scripted-recognizer", __version__, hears=_ALL, writes=_ALL, sample_rate=HEARING_RATE, licence="Apache-2.0")

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """A growing guess, then the sentences."""
        language = language or "en"
        first = self._draw(speech.audio.pcm[:_BEGINNING])
        number = max(1, round(speech.audio.seconds / _SECONDS_PER_SENTENCE))
        phrases = PHRASES[language]
        text = _join(language, [phrases[(first + place) % len(phrases)] for place in range(number)])
        guesses = [Transcript("", language, tail=text[:end]) for end in range(8, len(text), 8)]
        answer = [*guesses, Transcript(text, language, final=True)]
        pause = self._script.hear_delay * speech.audio.seconds / len(answer)
        return self._said(answer, lambda _: pause, speech.index)


class ScriptedTranslator(_Scripted):
    """Says the same sentence in the target language, word by word; any other text becomes one of the sentences."""

    place = "translator"
    info = EngineInfo("scripted-translator", __version__, reads=_ALL, writes=_ALL, licence="Apache-2.0")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._known = {phrase: place for phrases in PHRASES.values() for place, phrase in enumerate(phrases)}

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation in pieces, each with the space before it."""
        target = options.target
        said = _join(target, [PHRASES[target][place] for place in self._places(text)])
        return self._said(_pieces(target, said), lambda _: self._script.word_delay)

    def _places(self, text: str) -> list[int]:
        found = sorted((text.find(phrase), place) for phrase, place in self._known.items() if phrase in text)
        return [place for _, place in found] or [self._draw(text.encode()) % len(PHRASES["en"])]


class ScriptedSeer(ScriptedTranslator):
    """Translates as the scripted translator does, then tells at which seconds the images were shown that it was given."""

    info = EngineInfo("scripted-seer", __version__, reads=_ALL, writes=_ALL, licence="Apache-2.0", sees_images=True)

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation in pieces, and the moments of the images in brackets."""
        async with aclosing(super().translate(text, options, context)) as pieces:
            async for piece in pieces:
                yield piece
        if context.images:
            yield f" [{' '.join(f'{image.at:.2f}' for image in context.images)}]"


class ScriptedReader(_Scripted):
    """Reads the same words on every image, whatever it shows."""

    place = "reader"
    info = EngineInfo("scripted-reader", __version__, writes=_ALL, licence="Apache-2.0", sees_images=True)

    def read(self, image: Image, language: str | None) -> Stream[Line]:
        """The words of the script, a line each, from top to bottom."""
        lines = [Line(word, (0.1, (1 + place) / 16, 0.5, 1 / 20)) for place, word in enumerate(self._script.words)]
        return self._said(lines, lambda _: self._script.read_delay)


class ScriptedSynthesizer(_Scripted):
    """Hums each sentence at the pitch of its voice, a swell for each syllable, as long as a speaker would take."""

    place = "synthesizer"
    info = EngineInfo(
        "scripted-synthesizer",
        __version__,
        speaks=SPOKEN,
        voices=frozenset(VOICES),
        sample_rate=SPEAKING_RATE,
        licence="Apache-2.0",
    )

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]:
        """The hum in slices of 0.1 s."""
        each = _SECONDS_PER_DENSE_CHARACTER if language in _DENSE else _SECONDS_PER_CHARACTER
        pcm = _hum(max(0.3, len(text) * each / rate), _PITCH[voice])
        size = 2 * round(_SLICE * SPEAKING_RATE)
        slices = [
            Audio(pcm[start : start + size], SPEAKING_RATE, start / 2 / SPEAKING_RATE) for start in range(0, len(pcm), size)
        ]
        return self._said(slices, lambda audio: self._script.speak_delay * audio.seconds)


class ScriptedVad(_Scripted):
    """Takes any sound above about -46 dB of full scale for speech: enough for engines that do not listen."""

    info = EngineInfo("scripted-vad", __version__, sample_rate=HEARING_RATE, licence="Apache-2.0")

    def __call__(self) -> Callable[[bytes], float]:
        return lambda window: float(np.sqrt(np.mean(np.square(np.frombuffer(window, "<i2").astype(np.float64)))) > 160.0)


def _join(language: str, sentences: list[str]) -> str:
    return ("" if language in ("zh", "yue", "ja") else " ").join(sentences)


def _pieces(language: str, text: str) -> list[str]:
    if language in _DENSE:
        return [text[start : start + 3] for start in range(0, len(text), 3)]
    words = text.split(" ")
    return [word if place == 0 else f" {word}" for place, word in zip(count(), words, strict=False)]


@lru_cache(maxsize=64)
def _hum(seconds: float, pitch: float) -> bytes:
    time = np.arange(round(seconds * SPEAKING_RATE)) / SPEAKING_RATE
    swell = np.sin(np.pi * time / seconds) ** 0.2 * (0.55 + 0.45 * np.sin(2 * np.pi * 4.0 * time) ** 2)
    wave = sum(np.sin(2 * np.pi * pitch * harmonic * time) / harmonic for harmonic in (1, 2, 3))
    return np.asarray(6000 * swell * wave).astype("<i2").tobytes()
