"""From a profile's name to an interpreter: which engines, how they are joined, and what people are told about it."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from livetranslate.cascade import Cascade
from livetranslate.engines import Engine, Interpreter, Profile, Recognizer, Synthesizer, Translator, VadEngine
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.registry import make, missing
from livetranslate.errors import LivetranslateError
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


def _scripted(settings: Settings) -> Profile:
    """Engines that say what they are told."""
    script = settings.engines.get("scripted", {})
    vad = cast(VadEngine, make("scripted-vad"))
    recognizer = cast(Recognizer, make("scripted-recognizer", script))
    translator = cast(Translator, make("scripted-translator", script))
    synthesizer = cast(Synthesizer, make("scripted-synthesizer", script))
    cascade = Cascade(vad, recognizer, Unrepeating(translator), synthesizer, engine_seconds=settings.limits.engine_seconds)
    return Profile("scripted", _limited(cascade, settings), (vad, recognizer, translator, synthesizer), SCRIPTED_NOTICE)


def _embedded(settings: Settings) -> Profile:
    """What ordinary packages can do, with no model to download."""

    def engine(name: str) -> Any:
        return make(name, settings.engines.get(name, {}))

    vad = cast(VadEngine, engine("webrtc" if missing("silero") else "silero"))
    recognizer, translator = cast(Recognizer, engine("pocketsphinx")), cast(Translator, engine("apertium"))
    speakers = [cast(Synthesizer, engine(name)) for name in ("openjtalk", "espeak") if name == "espeak" or not missing(name)]
    cascade = Cascade(
        vad,
        recognizer,
        translator,
        SpeakingRoutes(speakers),
        text_language=TextLanguages(),
        pace=_LIGHT_PACE,
        engine_seconds=settings.limits.engine_seconds,
    )
    engines: tuple[Engine, ...] = (vad, recognizer, translator, *speakers)
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
