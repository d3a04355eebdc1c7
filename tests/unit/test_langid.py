"""The language of a text, told by script and, in Latin letters, by a table."""

import threading

import pytest

from livetranslate.catalog import LANGUAGES
from livetranslate.engines.langid import TextLanguages
from livetranslate.engines.scripted.phrases import PHRASES

tell = TextLanguages()
latin = pytest.mark.skipif(bool(TextLanguages.needs()), reason=f"langid lacks {TextLanguages.needs()}")


@latin
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_told(language: str) -> None:
    told = [tell(phrase) for phrase in PHRASES[language]]
    # A short Cantonese sentence may hold no word that Mandarin lacks.
    assert told.count(language) >= (0.8 if language == "yue" else 1.0) * len(told), told


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("東京の天気", "ja"),
        ("カタカナ", "ja"),
        ("今天天气很好", "zh"),
        ("佢哋今日冇返工", "yue"),
        ("呢個係咩嚟㗎", "yue"),
        ("iPhoneを買いました", "ja"),
        ("오늘 BTS 노래를 들었다", "ko"),
        ("Привет, John", "ru"),
        ("καλημέρα", "el"),
        ("مرحبا", "ar"),
        ("नमस्ते", "hi"),
        ("สวัสดี", "th"),
        ("123 €", None),
        ("", None),
        ("😀", None),
        ("x", None),
    ],
)
def test_scripts_tell_most_languages(text: str, language: str | None) -> None:
    assert tell(text) == language


@latin
def test_threads_may_ask_at_once() -> None:
    told: list[str | None] = []
    threads = [threading.Thread(target=lambda: told.append(tell("Where is the railway station, please?"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["en"] * 8
