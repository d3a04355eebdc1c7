"""The tables of languages, voices and models, and the names that find their rows."""

import pytest

from livetranslate.catalog import LANGUAGES, MODELS, SPOKEN, VOICES, check_model, find_language, find_voice
from livetranslate.errors import BadParameter, ModelNotFound, ModelNotSupported


def test_the_seed_has_18_languages_and_speaks_11() -> None:
    codes = "en zh ru fr de pt es it ko ja yue id vi th ar hi el tr"
    assert " ".join(LANGUAGES) == codes
    assert " ".join(code for code in LANGUAGES if code in SPOKEN) == codes[: codes.index(" id")]


@pytest.mark.parametrize("name", ["en", "EN", "English", "english", "ENGLISH"])
def test_languages_by_code_and_name(name: str) -> None:
    assert find_language(name, "target_lang") == "en"


@pytest.mark.parametrize("name", ["", "xx", "fi", "en-US", "en\n", " en", "İd", "ıd", "中文", "auto", "e" * 10_000])
def test_other_languages_are_refused_by_the_field_and_not_quoted(name: str) -> None:
    with pytest.raises(BadParameter, match=r"^target_lang: ") as refused:
        find_language(name, "target_lang")
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(("name", "voice"), [("Cherry", "Cherry"), ("Shanghai-Jada", "Jada"), ("Cantonese-Kiki", "Kiki")])
def test_voices_by_short_and_long_name(name: str, voice: str) -> None:
    assert find_voice(name) is VOICES[voice]


@pytest.mark.parametrize("name", ["", "cherry", "Tina", "Sichuan-Cherry", "Cherry\x00", "__proto__"])
def test_other_voices_are_refused(name: str) -> None:
    with pytest.raises(BadParameter, match=r"parameters\.audio\.voice"):
        find_voice(name)


def test_every_voice_speaks_languages_that_are_spoken() -> None:
    for voice in VOICES.values():
        assert set(voice.languages) <= SPOKEN


def test_models() -> None:
    for name in MODELS:
        check_model(name)
    with pytest.raises(ModelNotSupported, match="Unsupported model"):
        check_model("qwen3-livetranslate-flash-realtime")
    with pytest.raises(ModelNotFound, match="does not exist"):
        check_model("qwen3-livetranslate-flush")
    with pytest.raises(ModelNotFound) as refused:
        check_model("m" * 100_000)
    assert len(refused.value.message) < 200
