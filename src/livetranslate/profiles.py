"""From a profile's name to an interpreter: which engines, how they are joined, and what people are told about it."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from livetranslate.cascade import Cascade
from livetranslate.engines import Profile, Recognizer, Synthesizer, Translator
from livetranslate.engines.registry import make
from livetranslate.engines.scripted import energy_vad
from livetranslate.errors import LivetranslateError
from livetranslate.guard import Limited, Unrepeating
from livetranslate.settings import Settings

_SCRIPTED_NOTICE = (
    "SCRIPTED ENGINES: nothing is recognized or translated. Answers are made up, for tests and client development only."
)


class UnknownProfile(LivetranslateError):
    """No profile of that name; the message lists those there are."""


def _scripted(settings: Settings) -> Profile:
    script = settings.engines.get("scripted", {})
    recognizer = cast(Recognizer, make("scripted-recognizer", script))
    translator = cast(Translator, make("scripted-translator", script))
    synthesizer = cast(Synthesizer, make("scripted-synthesizer", script))
    cascade = Cascade(
        lambda: energy_vad(),
        recognizer,
        Unrepeating(translator),
        synthesizer,
        engine_seconds=settings.limits.engine_seconds,
    )
    return Profile(
        name="scripted",
        interpreter=Limited(cascade, settings.limits.running, settings.limits.waiting),
        engines=(recognizer, translator, synthesizer),
        notice=_SCRIPTED_NOTICE,
    )


PROFILES: Mapping[str, Callable[[Settings], Profile]] = {"scripted": _scripted}


def build(settings: Settings) -> Profile:
    """The profile that the settings name, not yet loaded.

    Raises `UnknownProfile` for another name, `EngineMissing` with the command to run where an engine cannot be had.
    """
    factory: Any = PROFILES.get(settings.profile)
    if factory is None:
        raise UnknownProfile(f"There is no profile called {settings.profile!r}. Profiles: {', '.join(PROFILES)}.")
    profile: Profile = factory(settings)
    return profile
