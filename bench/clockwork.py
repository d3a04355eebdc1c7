"""A server whose engines know what is said when: words by the clock, translated one by one, each in an honest time.

    python -m bench.clockwork PORT

What is heard is `bench.tones`, so lateness can be told word by word. At its end it prints how much was heard how often, as JSON.
"""

import asyncio
import json
import sys
from tempfile import TemporaryDirectory
from typing import Self

from bench.tones import heard
from livetranslate.cascade import Cascade
from livetranslate.engines import Context, EngineInfo, Profile, Transcript
from livetranslate.engines.scripted import ScriptedSynthesizer, ScriptedVad
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, Utterance
from livetranslate.server import create_app, serve
from livetranslate.settings import Settings
from livetranslate.streams import Stream

HEAR_SECONDS, HEAR_RATE = 0.1, 0.05
"""What a recognizer takes: so many seconds, and so many for each second of speech. A small model on a GPU takes less."""
TRANSLATE_SECONDS, TRANSLATE_RATE = 0.05, 0.02
"""What a translator takes: so many seconds, and so many for each word."""
SPEAK_RATE = 0.05


class _Engine:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None


class ClockworkRecognizer(_Engine):
    """Hears tones."""

    info = EngineInfo("clockwork-recognizer", hears=frozenset({"en"}), writes=frozenset({"en"}), sample_rate=HEARING_RATE)

    def __init__(self, *, honest: bool = True) -> None:
        self._honest = honest
        self.sent = 0.0
        self.calls = 0

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """All words at once, after an honest time."""
        audio = speech.audio
        self.sent, self.calls = self.sent + audio.seconds, self.calls + 1
        if self._honest:
            await asyncio.sleep(HEAR_SECONDS + HEAR_RATE * audio.seconds)
        words = await asyncio.to_thread(heard, audio.pcm)
        yield Transcript(" ".join(word.text for word in words), "en", final=True)


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


def interpreter(*, honest: bool = True) -> tuple[Cascade, ClockworkRecognizer]:
    """The three as one, and the one that counts."""
    recognizer = ClockworkRecognizer(honest=honest)
    synthesizer = ScriptedSynthesizer(speak_delay=SPEAK_RATE if honest else 0.0)
    return Cascade(ScriptedVad(), recognizer, ClockworkTranslator(honest=honest), synthesizer), recognizer


def main() -> int:
    """Serves until it is told to end."""
    cascade, recognizer = interpreter()
    with TemporaryDirectory() as folder:
        settings = Settings(profile="clockwork", data_dir=folder, port=int(sys.argv[1]), log_level="ERROR")
        code = serve(create_app(Profile("clockwork", cascade), settings), settings)
    print(json.dumps({"calls": recognizer.calls, "seconds_sent": recognizer.sent}), flush=True)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
