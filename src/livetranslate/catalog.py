"""The languages, voices and models of the family as tables, and the question whether a name is one of them."""

from dataclasses import dataclass

from livetranslate.errors import BadParameter, ModelNotFound, ModelNotSupported


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code, English name and own name; `spoken` says whether translations into it can be spoken."""

    code: str
    name: str
    own_name: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """A named way of speaking, the seed's long name for it, and the languages it is made for."""

    name: str
    long_name: str
    languages: tuple[str, ...]
    about: str


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "English", True),
        Language("zh", "Chinese", "中文", True),
        Language("ru", "Russian", "Русский", True),
        Language("fr", "French", "Français", True),
        Language("de", "German", "Deutsch", True),
        Language("pt", "Portuguese", "Português", True),
        Language("es", "Spanish", "Español", True),
        Language("it", "Italian", "Italiano", True),
        Language("ko", "Korean", "한국어", True),
        Language("ja", "Japanese", "日本語", True),
        Language("yue", "Cantonese", "粵語", True),
        Language("id", "Indonesian", "Bahasa Indonesia", False),
        Language("vi", "Vietnamese", "Tiếng Việt", False),
        Language("th", "Thai", "ไทย", False),
        Language("ar", "Arabic", "العربية", False),
        Language("hi", "Hindi", "हिन्दी", False),
        Language("el", "Greek", "Ελληνικά", False),
        Language("tr", "Turkish", "Türkçe", False),
    )
}
"""The 18 languages; each may be the source, the eleven `spoken` ones may be asked for as speech."""

SPOKEN = frozenset(code for code, language in LANGUAGES.items() if language.spoken)

_MANY = ("zh", "en", "fr", "de", "ru", "it", "es", "pt", "ja", "ko")

VOICES: dict[str, Voice] = {
    voice.name: voice
    for voice in (
        Voice("Cherry", "Cherry", _MANY, "a cheerful, friendly young woman"),
        Voice("Ethan", "Ethan", _MANY, "a warm, lively young man"),
        Voice("Nofish", "Nofish", _MANY, "a designer who speaks without retroflex sounds"),
        Voice("Jada", "Shanghai-Jada", ("zh",), "a lively woman from Shanghai"),
        Voice("Dylan", "Beijing-Dylan", ("zh",), "a young man raised in the alleys of Beijing"),
        Voice("Sunny", "Sichuan-Sunny", ("zh",), "a sweet girl from Sichuan"),
        Voice("Peter", "Tianjin-Peter", ("zh",), "the straight man of a Tianjin comic duo"),
        Voice("Kiki", "Cantonese-Kiki", ("yue",), "a sweet friend from Hong Kong"),
        Voice("Eric", "Sichuan-Eric", ("zh",), "a lively man from Chengdu"),
    )
}
"""The eight voices of the seed, and Ethan, which came later."""

MODELS = ("qwen3-livetranslate-flash", "qwen3-livetranslate-flash-2025-12-01")
"""The names that chat completions answers to."""

REALTIME_SUFFIX = "-realtime"

_BY_NAME = {name.casefold(): code for code, language in LANGUAGES.items() for name in (code, language.name)}
_BY_VOICE = {name: voice for voice in VOICES.values() for name in (voice.name, voice.long_name)}


def find_language(name: str, field: str) -> str:
    """The code of a language given by code or English name, whatever its case.

    Raises `BadParameter`, which names `field`, for any other.
    """
    code = _BY_NAME.get(name.casefold())
    if code is None or not name.isascii():
        raise BadParameter(f"{field}: this language is not supported. Supported: {', '.join(LANGUAGES)}.")
    return code


def find_voice(name: str) -> Voice:
    """The voice of that short or long name; raises `BadParameter` for any other."""
    voice = _BY_VOICE.get(name)
    if voice is None:
        raise BadParameter(f"Input should be {', '.join(map(repr, VOICES))}: parameters.audio.voice")
    return voice


def check_model(name: str) -> None:
    """Raises `ModelNotSupported` for a realtime model, `ModelNotFound` for any other that is not in `MODELS`."""
    if name in MODELS:
        return
    shown = name[:64]
    if "livetranslate" in name and REALTIME_SUFFIX in name:
        raise ModelNotSupported(f"Unsupported model {shown} for OpenAI compatibility mode.")
    raise ModelNotFound(f"The model {shown} does not exist or you do not have access to it.")
