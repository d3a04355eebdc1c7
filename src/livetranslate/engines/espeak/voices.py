"""How eSpeak NG sounds in each voice of the catalog and each language: tables, and the pace that they make.

The figures were measured, see docs/design/0009-embedded-speech.md: neighbours in pitch lie about a tenth apart, all voices are
equally loud, and a rate of 2 takes half the time.
"""

from dataclasses import dataclass

_LEAST, _MOST = 80, 440
"""Words per minute that the library accepts and keeps to."""


@dataclass(frozen=True, slots=True)
class Manner:
    """A variant of the library, its pitch and range (0 to 100), words per minute, and loudness in per cent."""

    variant: str
    pitch: int
    range: int
    words: int
    volume: int


@dataclass(frozen=True, slots=True)
class Tongue:
    """The library's name of a language, and how steeply its words per minute must follow the rate when slower and when faster."""

    code: str
    slower: float
    faster: float


# Variants without breath, whose noise is not the same from one process to the next.
VOICES = {
    "Cherry": Manner("f1", 64, 60, 174, 73),
    "Ethan": Manner("m7", 54, 65, 172, 77),
    "Nofish": Manner("m3", 42, 35, 162, 95),
    "Jada": Manner("shelby", 35, 75, 184, 88),
    "Dylan": Manner("m5", 71, 60, 180, 90),
    "Sunny": Manner("anika", 54, 65, 166, 65),
    "Peter": Manner("m1", 30, 60, 172, 114),
    "Kiki": Manner("Annie", 50, 55, 168, 89),
    "Eric": Manner("m2", 80, 80, 178, 91),
}
LANGUAGES = {
    "en": Tongue("en-us", 0.93, 0.95),
    "zh": Tongue("cmn", 0.86, 0.82),
    "ru": Tongue("ru", 1.08, 1.24),
    "fr": Tongue("fr", 0.88, 0.91),
    "de": Tongue("de", 0.97, 0.96),
    "pt": Tongue("pt-br", 0.92, 0.92),
    "es": Tongue("es", 0.95, 1.06),
    "it": Tongue("it", 1.0, 1.1),
    "ko": Tongue("ko", 0.92, 0.95),
    "ja": Tongue("ja", 0.89, 0.87),
    "yue": Tongue("yue", 0.84, 0.82),
    "id": Tongue("id", 0.88, 0.89),
    "vi": Tongue("vi", 0.94, 0.87),
    "th": Tongue("th", 1.07, 1.28),
    "ar": Tongue("ar", 0.94, 0.92),
    "hi": Tongue("hi", 0.88, 0.89),
    "el": Tongue("el", 0.94, 0.96),
    "tr": Tongue("tr", 0.88, 0.87),
}


def pace(manner: Manner, language: str, rate: float) -> int:
    """Words per minute that make the speech `rate` times as fast as the voice's own pace."""
    tongue = LANGUAGES[language]
    words: float = manner.words * rate ** (tongue.slower if rate < 1 else tongue.faster)
    return round(min(max(words, _LEAST), _MOST))
