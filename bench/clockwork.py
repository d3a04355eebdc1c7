"""A server whose engines know what is said when: words by the clock, translated one by one, each in an honest time.

    python -m bench.clockwork PORT SECONDS

What is heard is `timeline`, whatever the sound, so lateness can be told word by word. At its end it prints what was heard and how
often, as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from tempfile import TemporaryDirectory
from typing import Self

from livetranslate.cascade import Cascade
from livetranslate.engines import Context, EngineInfo, Profile, Transcript
from livetranslate.engines.scripted import ScriptedSynthesizer, ScriptedVad
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, Utterance
from livetranslate.server import create_app, serve
from livetranslate.settings import Settings
from livetranslate.streams import Stream
from tests.support import hush, tone

WORD_SECONDS = 0.33
PAUSE_SECONDS = 0.45
SENTENCES = 2
"""Sentences between two pauses."""
HEAR_SECONDS, HEAR_RATE = 0.1, 0.05
"""What a recognizer takes: so many seconds, and so many for each second of speech. A small model on a GPU takes less."""
TRANSLATE_SECONDS, TRANSLATE_RATE = 0.05, 0.02
"""What a translator takes: so many seconds, and so many for each word."""
SPEAK_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Word:
    """A word, when it is spoken in seconds, and where its clause ends."""

    text: str
    start: float
    end: float
    clause_end: float


@cache
def timeline(seconds: float) -> tuple[Word, ...]:
    """What is said in so many seconds."""
    return tuple(_words(seconds))


def _words(seconds: float) -> Iterator[Word]:
    at = PAUSE_SECONDS
    for number, sentence in enumerate(cycle(PHRASES["en"]), 1):
        words = sentence.split()
        end = at + len(words) * WORD_SECONDS
        if end > seconds:
            return
        for place, word in enumerate(words):
            yield Word(word, at + place * WORD_SECONDS, at + (place + 1) * WORD_SECONDS, end)
        at = end if number % SENTENCES else end + PAUSE_SECONDS


def sound(seconds: float) -> bytes:
    """The timeline as PCM: a tone where there are words."""
    pcm, at = bytearray(), 0.0
    for word in timeline(seconds):
        pcm += hush(word.start - at) + tone(word.end - word.start)
        at = word.end
    return bytes(pcm) + hush(seconds - at)


class _Engine:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None


class ClockworkRecognizer(_Engine):
    """Hears the words whose middle lies in the speech."""

    info = EngineInfo("clockwork-recognizer", hears=frozenset({"en"}), writes=frozenset({"en"}), sample_rate=HEARING_RATE)

    def __init__(self, seconds: float, *, honest: bool = True) -> None:
        self._words = timeline(seconds)
        self._honest = honest
        self.sent = 0.0
        self.calls = 0
        self.heard_to = 0.0

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """All words at once, after an honest time."""
        audio = speech.audio
        self.sent, self.calls, self.heard_to = self.sent + audio.seconds, self.calls + 1, max(self.heard_to, audio.end)
        if self._honest:
            await asyncio.sleep(HEAR_SECONDS + HEAR_RATE * audio.seconds)
        heard = [word.text for word in self._words if audio.start <= (word.start + word.end) / 2 < audio.end]
        yield Transcript(" ".join(heard), "en", final=True)


class ClockworkTranslator(_Engine):
    """Says each word with another ending."""

    info = EngineInfo("clockwork-translator", reads=frozenset({"en"}), writes=frozenset({"es", "fr"}))

    def __init__(self, *, honest: bool = True) -> None:
        self._honest = honest

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """Word by word."""
        for place, word in enumerate(text.split()):
            if self._honest:
                await asyncio.sleep((0 if place else TRANSLATE_SECONDS) + TRANSLATE_RATE)
            yield f"{' ' if place else ''}{word}"


def interpreter(seconds: float, *, honest: bool = True) -> tuple[Cascade, ClockworkRecognizer]:
    """The three as one, and the one that counts, for so many seconds of speech."""
    recognizer = ClockworkRecognizer(seconds, honest=honest)
    synthesizer = ScriptedSynthesizer(speak_delay=SPEAK_RATE if honest else 0.0)
    return Cascade(ScriptedVad(), recognizer, ClockworkTranslator(honest=honest), synthesizer), recognizer


def main() -> int:
    """Serves until it is told to end."""
    cascade, recognizer = interpreter(float(sys.argv[2]))
    with TemporaryDirectory() as folder:
        settings = Settings(profile="clockwork", data_dir=folder, port=int(sys.argv[1]), log_level="ERROR")
        code = serve(create_app(Profile("clockwork", cascade), settings), settings)
    print(json.dumps({"calls": recognizer.calls, "seconds_sent": recognizer.sent}), flush=True)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
