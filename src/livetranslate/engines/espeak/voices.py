"""The nine voices of the catalog as espeak-ng makes them, and its names of our languages."""

from dataclasses import dataclass

ESPEAK_LANGUAGES = {
    "en": "en-us", "zh": "cmn", "yue": "yue", "ru": "ru", "fr": "fr", "de": "de", "pt": "pt-br", "es": "es", "it": "it",
    "ko": "ko", "ja": "ja", "id": "id", "vi": "vi", "th": "th", "ar": "ar", "hi": "hi", "el": "el", "tr": "tr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sound:
    """A voice in espeak-ng's terms: variant of the vocal tract, pitch and range from 0 to 100, pace, and a factor of loudness."""

    variant: str
    pitch: int
    range: int
    words_per_minute: int
    gain: float


SOUNDS = {
    "Cherry": Sound("f3", 64, 60, 175, 1.24),
    "Ethan": Sound("m3", 60, 62, 178, 1.3),
    "Nofish": Sound("m2", 54, 40, 162, 1.7),
    "Jada": Sound("f2", 50, 78, 188, 1.17),
    "Dylan": Sound("m7", 74, 62, 184, 1.14),
    "Sunny": Sound("f5", 78, 72, 170, 1.24),
    "Peter": Sound("m1", 22, 82, 180, 1.35),
    "Kiki": Sound("f4", 68, 66, 176, 1.06),
    "Eric": Sound("m8", 56, 52, 168, 2.3),
}

_PACES = {"zh": 0.84, "yue": 0.84, "vi": 0.9, "ja": 0.93, "es": 1.06, "it": 1.06, "ru": 1.17, "th": 1.15}


def words_per_minute(sound: Sound, language: str, rate: float) -> float:
    """What espeak-ng must be told so that speech takes `1 / rate` of its time at rate 1.

    Its pauses and long vowels do not shrink with its pace, which shows more in some languages; measured, see the design note.
    """
    return float(sound.words_per_minute * rate ** _PACES.get(language, 1.0))
