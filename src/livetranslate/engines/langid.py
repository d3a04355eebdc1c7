"""Which of the 18 languages a text is in, by py3langid: for text that comes without its language."""

import re
from functools import cache
from importlib.util import find_spec
from typing import Any

from livetranslate.catalog import LANGUAGES
from livetranslate.engines.registry import Need

_KANA = re.compile(r"[\u3040-\u30ff]")
# Characters that written Cantonese uses and written Chinese does not.
_CANTONESE = re.compile("[嘅咗喺冇唔嚟哋啲嗰佢咁乜嘢噉瞓啱攞揾]|係咪|點解|邊個|而家|聽日|尋日|今朝|呢[個條種度啲間位件]")


class TextLanguages:
    """Tells the language of texts. Loads its table at the first text, in about half a second."""

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("py3langid") else [Need("py3langid", "pip install py3langid")]

    def __call__(self, text: str) -> str | None:
        """The code of the likeliest language of the catalog; None for a text without letters, or without the library."""
        if not any(character.isalpha() for character in text):
            return None
        if _KANA.search(text):
            return "ja"
        if _CANTONESE.search(text):
            return "yue"
        if self.needs():
            return None
        return str(_identifier().classify(text)[0])


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([code for code in LANGUAGES if code != "yue"])  # which it does not know
    return identifier
