"""What each generation of the realtime models fixes: names, defaults, voices, languages and what a second of sound costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

SPOKEN_BY_SEED = frozenset({"en", "zh", "ru", "fr", "de", "pt", "es", "it", "ko", "ja", "yue"})
WRITTEN_BY_SEED = SPOKEN_BY_SEED | {"id", "vi", "th", "ar", "hi", "el", "tr"}

_SPOKEN_LATER = "zh en ar de fr es pt id it ko ru th vi ja tr hi ms nl ur nb sv da he fi pl is cs fil fa"
_MORE_LATER = "yue el af ast be bg bn bs ca ceb et gl gu hr hu jv kk kn ky lv mk ml mr pa ro sk sl sw tg az uk"
SPOKEN_LATER = frozenset(re.findall(r"\w+", _SPOKEN_LATER))
WRITTEN_LATER = SPOKEN_LATER | frozenset(re.findall(r"\w+", _MORE_LATER))

VOICES_OF_SEED: Mapping[str, str] = {
    name: name for name in ("Cherry", "Ethan", "Nofish", "Jada", "Dylan", "Sunny", "Peter", "Kiki", "Eric")
}
"""The first generation's voices are those of the catalog."""

VOICES_LATER: Mapping[str, str] = {
    "Tina": "Cherry",
    "Cindy": "Jada",
    "Liora Mira": "Kiki",
    "Sunnybobi": "Sunny",
    "Raymond": "Dylan",
    "Ethan": "Ethan",
    "Theo Calm": "Nofish",
    "Serena": "Jada",
    "Harvey": "Peter",
    "Maia": "Kiki",
    "Evan": "Ethan",
    "Qiao": "Sunny",
    "Momo": "Kiki",
    "Wil": "Eric",
    "Angel": "Sunny",
    "Li Cassian": "Dylan",
    "Mia": "Cherry",
    "Joyner": "Eric",
    "Gold": "Peter",
    "Katerina": "Jada",
    "Ryan": "Dylan",
    "Jennifer": "Cherry",
    "Aiden": "Nofish",
    "Mione": "Kiki",
    "Sohee": "Sunny",
    "Lenn": "Ethan",
    "Ono Anna": "Cherry",
    "Sonrisa": "Jada",
    "Bodega": "Peter",
    "Emilien": "Eric",
    "Andre": "Nofish",
}
"""The later generations' voices, and the voice of the catalog that stands in for each."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the engines behind a session can do: languages by code, voices by the catalog's names."""

    hears: frozenset[str]
    writes: frozenset[str]
    speaks: frozenset[str]
    voices: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """One generation. `tokens_in` are for a second of sound that comes; a square of `image_side` pixels is half a token.

    `transcriber` is the name of the model that gives transcripts unless the client says otherwise, None where it gives none.
    """

    models: tuple[str, ...]
    voice: str
    voices: Mapping[str, str]
    spoken: frozenset[str]
    written: frozenset[str]
    tokens_in: Fraction
    image_side: int
    transcriber: str | None
    bills_transcript: bool
    silence_ms: int
    threshold: float
    detection: str = "server_vad"
    input_format: str = "pcm"
    output_format: str = "pcm"
    rates: tuple[int, ...] = (8_000, 16_000, 24_000, 48_000)

    def can_speak(self, target: str, abilities: Abilities) -> bool:
        """Whether a target may be asked for as speech: the generation's own table rules where it names the language."""
        return target in abilities.speaks and (target in self.spoken or target not in self.written)

    def catalog_voice(self, name: str, abilities: Abilities) -> str:
        """The catalog's voice for one of this generation, or for "default", as far as the engines have it."""
        wanted = self.voices.get(name) or self.voices[self.voice]
        if wanted in abilities.voices or not abilities.voices:
            return wanted
        return min(abilities.voices)
