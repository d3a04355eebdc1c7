"""From a profile's name to an interpreter: which engines, how they are joined, and what people are told about it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from livetranslate.aids import Sights
from livetranslate.cascade import Cascade, Direct
from livetranslate.engines import Engine, Interpreter, Profile, Reader, SpeechTranslator, Translator, VadEngine
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.registry import EngineMissing, make, missing, refuse
from livetranslate.fidelity import Faithful, FaithfulSpeech
from livetranslate.glossary.files import read_csv, senses
from livetranslate.guard import Fallback, Limited, Unrepeating
from livetranslate.live import DEFAULT_PACE, Pace
from livetranslate.profiles.seats import Seat, seats
from livetranslate.profiles.text import BUILT_IN, Text, read
from livetranslate.profiles.text import UnknownProfile as UnknownProfile
from livetranslate.profiles.text import names as names
from livetranslate.routes import HearingRoutes, Narrowed, SpeakingRoutes, TranslatingRoutes, Way
from livetranslate.settings import BadSettings, Settings

PROFILES = BUILT_IN
_PACES = {"usual": DEFAULT_PACE, "light": Pace(resend=3.0)}


def build(settings: Settings) -> Profile:
    """The profile that the settings name, not yet loaded.

    Raises `UnknownProfile` for another name, `BadSettings` for a file that makes no sense, and `EngineMissing`, with the command
    to run, where an engine cannot be had.
    """
    assembly = _Assembly(settings.profile, settings)
    limited = Limited(assembly.interpreter(), settings.limits.running, settings.limits.waiting)
    return Profile(assembly.name, limited, tuple(assembly.engines), " ".join(assembly.notices))


def _sights(settings: Settings, reader: Reader | None) -> Sights:
    """What helps beside the sound: a reader, the server's glossary, and the starter set of ambiguous nouns."""
    terms = read_csv(settings.glossary) if settings.glossary is not None else ()
    return Sights(reader=reader, glossaries=(terms, senses()), patience=settings.picture_patience)


class _Assembly:
    """A profile on its way from text to interpreter; `above` are the profiles that fall back on it."""

    def __init__(self, name: str, settings: Settings, above: tuple[str, ...] = ()) -> None:
        if name in above:
            raise BadSettings(f"Wrong profile {name}: it falls back on itself.")
        self._settings = settings
        self._text = read(name, settings)
        self._above = (*above, name)
        self.name = name.rpartition("/")[2].removesuffix(".toml")
        self._seats = [seat for seat in seats(self.name, self._text, settings) if _taken(seat)]
        self.engines: list[Engine] = []
        self.notices = [self._text.notice] if self._text.notice else []

    def interpreter(self) -> Interpreter:
        """All ways of interpreting, the first the one that is preferred."""
        ways = [*self._ready_made(), *self._made_here(), *self._fallbacks()]
        return ways[0] if len(ways) == 1 else Fallback(ways)

    def _role(self, role: str) -> list[Way[Any]]:
        """The engines of a role, as they are used."""
        taken = [seat for seat in self._seats if seat.role == role]
        self.engines.extend(seat.engine for seat in taken if seat.engine is not None)
        return [Way(_watched(seat), seat.info) for seat in taken]

    def _ready_made(self) -> Iterator[Interpreter]:
        for way in self._role("interpreter"):
            yield Narrowed(way.engine, way.info)

    def _made_here(self) -> Iterator[Interpreter]:
        text, seconds = self._text, self._settings.limits.engine_seconds
        if not (text.recognizer or text.speech_translator):
            return
        vads = [self._vad(text) for _ in (*text.speech_translator, "cascade")]
        self.engines.append(vads[0])
        sights = [_sights(self._settings, self._reader()) for _ in vads]
        direct, recognizers, translators = map(self._role, ("speech_translator", "recognizer", "translator"))
        synthesizer = SpeakingRoutes(self._role("synthesizer"))
        for vad, sight, way in zip(vads, sights, direct, strict=False):
            whole = Direct(vad, way.engine, synthesizer, pace=_PACES[text.pace], engine_seconds=seconds, sights=sight)
            yield Narrowed(whole, replace(whole.info, hears=way.info.hears, writes=way.info.writes, pairs=way.info.pairs))
        if recognizers:
            yield Cascade(
                vads[-1],
                recognizers[0].engine if _alone(recognizers) else HearingRoutes(recognizers),
                translators[0].engine if _alone(translators) else TranslatingRoutes(translators),
                synthesizer,
                text_language=TextLanguages() if text.detect_text else None,
                pace=_PACES[text.pace],
                engine_seconds=seconds,
                sights=sights[-1],
            )
        self.engines.extend(sight.reader for sight in sights[-1:] if sight.reader is not None)

    def _vad(self, text: Text) -> VadEngine:
        """The first that is installed; if none is, the last one's lack is told."""
        chosen = next((name for name in text.vad if not missing(name)), text.vad[-1])
        return cast(VadEngine, make(chosen, self._settings.engines.get(chosen, {})))

    def _reader(self) -> Reader | None:
        """One more of the first reader that is installed: each interpreter loads its own."""
        for seat in seats(self.name, self._text, self._settings):
            if seat.role == "reader" and _taken(seat):
                return cast(Reader, seat.engine)
        return None

    def _fallbacks(self) -> Iterator[Interpreter]:
        for name in self._text.fallback:
            try:
                below = _Assembly(name, self._settings, self._above)
                interpreter = below.interpreter()
            except EngineMissing:
                self.notices.append(
                    f"The fallback {name} is not installed: livetranslate engines --profile {name} tells what it lacks."
                )
                continue
            self.engines.extend(below.engines)
            yield interpreter


def _taken(seat: Seat) -> bool:
    """Whether an engine is used: an optional one may be missing, any other raises `EngineMissing`."""
    if seat.ready:
        return True
    if not seat.entry.optional:
        refuse(seat.entry.engine, seat.needs)
    return False


def _watched(seat: Seat) -> Any:
    """The engine of a seat, and what watches over it."""
    watch, hold = seat.entry.guard, seat.entry.hold
    if seat.role == "translator" and watch == "loops":
        return Unrepeating(cast(Translator, seat.engine))
    if seat.role == "translator" and watch == "answers":
        return Faithful(cast(Translator, seat.engine), TextLanguages(), hold)
    if seat.role == "speech_translator" and watch == "answers":
        return FaithfulSpeech(cast(SpeechTranslator, seat.engine), TextLanguages(), hold)
    return seat.engine


def _alone(ways: Sequence[Way[Any]]) -> bool:
    """Whether there is one engine, used for all it can do."""
    return len(ways) == 1 and ways[0].engine.info == ways[0].info
