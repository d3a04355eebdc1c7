"""What a profile can do, written down: who serves each direction, language and voice, what is missing, which line to run."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.engines.registry import Need
from livetranslate.profiles.seats import Seat, seats
from livetranslate.profiles.text import read
from livetranslate.settings import BadSettings, Settings


@dataclass(frozen=True, slots=True)
class Path:
    """The engines that a direction passes through, and whether all of them are ready on this machine."""

    engines: tuple[str, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """What is not there yet: something on this machine to install or download."""

    engine: str
    need: Need


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile as a table. `directions` go from source to target; `speech` tells who speaks a language in a voice.

    `run` are lines that start servers which the profile talks to: whether they run is not known here.
    """

    name: str
    about: str
    directions: dict[tuple[str, str], Path]
    speech: dict[tuple[str, str], Path]
    lacks: tuple[Lack, ...]
    run: tuple[tuple[str, str], ...]

    def paths(self) -> list[Path]:
        """The different paths, in the order of the languages."""
        return list(dict.fromkeys(self.directions.values()))


def plan(name: str, settings: Settings, above: tuple[str, ...] = ()) -> Plan:
    """The plan of a profile, also of one that cannot run here; raises `UnknownProfile` or `BadSettings`."""
    if name in above:
        raise BadSettings(f"Wrong profile {name}: it falls back on itself.")
    text = read(name, settings)
    all_seats = seats(name, text, settings)
    taken = [seat for seat in all_seats if seat.ready or not seat.entry.optional]
    below = [plan(other, settings, (*above, name)) for other in text.fallback]
    directions = {pair: path for pair in product(LANGUAGES, LANGUAGES) if (path := _direction(taken, *pair))}
    speech = {pair: path for pair in product(SPOKEN, VOICES) if (path := _speech(taken, *pair))}
    for other in below:
        directions = {**{pair: path for pair, path in other.directions.items() if path.ready}, **directions}
        speech = {**{pair: path for pair, path in other.speech.items() if path.ready}, **speech}
    return Plan(
        name,
        text.about,
        directions,
        speech,
        tuple(Lack(seat.entry.shown, need) for seat in all_seats for need in seat.needs),
        tuple(dict.fromkeys((seat.entry.shown, seat.entry.run) for seat in taken if seat.entry.run)),
    )


def _direction(all_seats: list[Seat], source: str, target: str) -> Path | None:
    """Who translates from one language into another: those that do all of it first, as the interpreters are tried."""
    for role in ("interpreter", "speech_translator"):
        for seat in _of(all_seats, role):
            if source in seat.info.hears and seat.info.serves(source, target):
                return _path(seat)
    hears = next((seat for seat in _of(all_seats, "recognizer") if source in seat.info.hears), None)
    if hears is None:
        return None
    if source == target:
        return _path(hears)
    translates = next((seat for seat in _of(all_seats, "translator") if seat.info.serves(source, target)), None)
    return _path(hears, translates) if translates else None


def _speech(all_seats: list[Seat], language: str, voice: str) -> Path | None:
    """Who speaks a language in a voice; None where another voice has to speak it, or nobody does."""
    able = [seat for role in ("interpreter", "synthesizer") for seat in _of(all_seats, role) if language in seat.info.speaks]
    return next((_path(seat) for seat in able if voice in seat.info.voices), None)


def _of(all_seats: list[Seat], role: str) -> Iterator[Seat]:
    return (seat for seat in all_seats if seat.role == role)


def _path(*through: Seat) -> Path:
    return Path(tuple(seat.entry.shown for seat in through), all(seat.ready for seat in through))
