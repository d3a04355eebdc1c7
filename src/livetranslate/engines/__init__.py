"""The six protocols that an engine may satisfy, and the values they speak in.

An engine has one method, and nothing about a request lives in it: voice, language and context are arguments. Constructing one
is cheap and imports nothing heavy; `async with engine:` loads and frees. Its methods may be called many times at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from livetranslate.catalog import LANGUAGES
from livetranslate.errors import Unsupported
from livetranslate.events import Event, Options
from livetranslate.glossary import Glossary
from livetranslate.media import Audio, Image, Line, Media, Utterance
from livetranslate.streams import Stream

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is and can do. Languages are codes of the catalog, by direction and kind.

    `hears` speech in, `reads` text in, `writes` text out, `speaks` speech out; `voices` are names of the catalog;
    `sample_rate` in Hz is that of the speech it takes or gives.
    """

    name: str
    version: str = ""
    hears: frozenset[str] = NOTHING
    reads: frozenset[str] = NOTHING
    writes: frozenset[str] = NOTHING
    speaks: frozenset[str] = NOTHING
    voices: frozenset[str] = NOTHING
    sample_rate: int | None = None
    licence: str = ""
    sees_images: bool = False
    takes_glossary: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """What an utterance says so far: `text` is settled, `tail` a guess that may change; the `final` one is whole.

    `confidence` from 0 to 1 is the engine's own; `language` is the catalog code of what was spoken.
    """

    text: str
    language: str
    tail: str = ""
    final: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Context:
    """What an engine may know beside the words: images on screen and the last (heard, said) pairs, oldest first.

    `images` are at most eight and all different. `words` stand on the screen, as written there: a recognizer may expect them.
    `glossary` are the terms that hold for this text: a translator that takes a glossary should use them.
    """

    images: tuple[Image, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    glossary: Glossary = ()


NO_CONTEXT = Context()


class Engine(Protocol):
    """Anything with a description that can be loaded and freed."""

    @property
    def info(self) -> EngineInfo: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class VadEngine(Engine, Protocol):
    """Tells speech from silence: a call makes a detector for one stream, as `segment` takes it."""

    def __call__(self) -> Callable[[bytes], float]: ...


@runtime_checkable
class Recognizer(Engine, Protocol):
    """Speech to transcript. `speech` is mono at `HEARING_RATE`; `language` None means detect.

    Gives guesses while it works, then exactly one final transcript; its text is empty where nothing was said.
    """

    def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]: ...


@runtime_checkable
class Translator(Engine, Protocol):
    """Text to text: `options.source` is set. The pieces given, joined, are the translation."""

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]: ...


@runtime_checkable
class Preparing(Protocol):
    """A translator that starts what a direction needs only when somebody speaks, while the first words are still being heard."""

    async def prepare(self, source: str, target: str) -> None: ...


@runtime_checkable
class SpeechTranslator(Engine, Protocol):
    """Speech to text in another language: gives pieces of the translation, and transcripts if it has any."""

    def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]: ...


@runtime_checkable
class Synthesizer(Engine, Protocol):
    """Text to speech at `info.sample_rate`: `voice` is a name of the catalog, `rate` 1.0 its own pace, 2.0 twice as fast."""

    def synthesize(self, text: str, language: str, voice: str, rate: float) -> Stream[Audio]: ...


@runtime_checkable
class Reader(Engine, Protocol):
    """Image to the lines of writing on it, in any order; `language` is the one that is spoken, None if that is not known.

    `info.writes` are the languages whose writing it can read.
    """

    def read(self, image: Image, language: str | None) -> Stream[Line]: ...


@runtime_checkable
class Interpreter(Engine, Protocol):
    """All of it: media in, events out; the last event is `Finished`."""

    def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]: ...


@dataclass(frozen=True, slots=True)
class Profile:
    """A named choice of engines, and what to tell people about it at start and in the list of models."""

    name: str
    interpreter: Interpreter
    engines: tuple[Engine, ...] = ()
    notice: str = ""
    elsewhere: str = field(default="livetranslate engines shows which profile can.")

    def check(self, options: Options, *, text_in: bool = False) -> None:
        """Raises `Unsupported` if no engine of this profile can do that: names the language, the profile and the way out."""
        info = self.interpreter.info
        heard = info.reads if text_in else info.hears
        if options.source is not None and options.source not in heard:
            raise Unsupported(self._refusal("translation_options.source_lang", options.source, "translates from", heard))
        if options.target not in info.writes:
            raise Unsupported(self._refusal("translation_options.target_lang", options.target, "translates into", info.writes))

    def _refusal(self, where: str, code: str, does: str, can: frozenset[str]) -> str:
        known = ", ".join(code for code in LANGUAGES if code in can) or "nothing"
        return (
            f"{where}: {LANGUAGES[code].name} ({code}) is not supported by the profile {self.name!r}, "
            f"which {does} {known}. {self.elsewhere}"
        )
