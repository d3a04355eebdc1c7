"""From a profile's name to an interpreter: which engines, how they are joined, and what people are told about it."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from livetranslate.aids import Sights
from livetranslate.cascade import Cascade
from livetranslate.engines import Engine, Interpreter, Profile, Reader, Recognizer, Synthesizer, Translator, VadEngine
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.registry import make, missing
from livetranslate.errors import LivetranslateError
from livetranslate.glossary.files import read_csv, senses
from livetranslate.guard import Limited, Unrepeating
from livetranslate.live import Pace
from livetranslate.routes import SpeakingRoutes
from livetranslate.settings import Settings

SCRIPTED_NOTICE = (
    "SCRIPTED ENGINES: nothing is recognized or translated. Answers are made up, for tests and client development only."
)
_LIGHT_PACE = Pace(resend=3.0)
"""How live speech is cut for a recognizer that works almost as long as people speak: with few guesses."""
EMBEDDED_NOTICE = (
    "Hears English only; translates among en, es, fr, it and pt by rules. A fallback and a demo, not a good translator."
)


class UnknownProfile(LivetranslateError):
    """No profile of that name; the message lists those there are."""


def _limited(interpreter: Interpreter, settings: Settings) -> Interpreter:
    return Limited(interpreter, settings.limits.running, settings.limits.waiting)


def look(settings: Settings, reader: str | None = None, reader_settings: Mapping[str, Any] | None = None) -> Sights:
    """What helps beside the sound: the reader of that name where this machine has all it needs, the glossary that the settings
    name, and the starter set of ambiguous nouns, which only pictures bring to bear.
    """
    able = reader is not None and not missing(reader)
    return Sights(
        reader=cast(Reader, make(reader, reader_settings)) if reader is not None and able else None,
        glossaries=(read_csv(settings.glossary) if settings.glossary is not None else (), senses()),
        patience=settings.picture_patience,
    )


def _readers(sights: Sights) -> tuple[Engine, ...]:
    return () if sights.reader is None else (sights.reader,)


def _scripted(settings: Settings) -> Profile:
    """Engines that say what they are told."""
    script = settings.engines.get("scripted", {})
    vad = cast(VadEngine, make("scripted-vad"))
    recognizer = cast(Recognizer, make("scripted-recognizer", script))
    translator = cast(Translator, make("scripted-seer" if script.get("sees") else "scripted-translator", script))
    synthesizer = cast(Synthesizer, make("scripted-synthesizer", script))
    sights = look(settings, "scripted-reader", script) if script.get("words") else look(settings)
    cascade = Cascade(
        vad,
        recognizer,
        Unrepeating(translator),
        synthesizer,
        engine_seconds=settings.limits.engine_seconds,
        sights=sights,
    )
    engines: tuple[Engine, ...] = (vad, recognizer, translator, synthesizer, *_readers(sights))
    return Profile("scripted", _limited(cascade, settings), engines, SCRIPTED_NOTICE)


def _embedded(settings: Settings) -> Profile:
    """What ordinary packages can do, with no model to download."""

    def engine(name: str) -> Any:
        return make(name, settings.engines.get(name, {}))

    vad = cast(VadEngine, engine("webrtc" if missing("silero") else "silero"))
    recognizer, translator = cast(Recognizer, engine("pocketsphinx")), cast(Translator, engine("apertium"))
    speakers = [cast(Synthesizer, engine(name)) for name in ("openjtalk", "espeak") if name == "espeak" or not missing(name)]
    sights = look(settings, "rapidocr", settings.engines.get("rapidocr", {}))
    cascade = Cascade(
        vad,
        recognizer,
        translator,
        SpeakingRoutes(speakers),
        text_language=TextLanguages(),
        pace=_LIGHT_PACE,
        engine_seconds=settings.limits.engine_seconds,
        sights=sights,
    )
    engines: tuple[Engine, ...] = (vad, recognizer, translator, *speakers, *_readers(sights))
    return Profile("embedded", _limited(cascade, settings), engines, EMBEDDED_NOTICE)


PROFILES: Mapping[str, Callable[[Settings], Profile]] = {"embedded": _embedded, "scripted": _scripted}


def build(settings: Settings) -> Profile:
    """The profile that the settings name, not yet loaded.

    Raises `UnknownProfile` for another name, `EngineMissing` with the command to run where an engine cannot be had.
    """
    factory = PROFILES.get(settings.profile)
    if factory is None:
        raise UnknownProfile(f"There is no profile called {settings.profile!r}. Profiles: {', '.join(PROFILES)}.")
    return factory(settings)
