"""Which of the catalog's languages a text is in: by its script, and among those in Latin letters by py3langid."""

import re
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

from livetranslate.engines.registry import Need

_PACKAGE = "py3langid"
_LATIN = ("en", "fr", "de", "pt", "es", "it", "id", "vi", "tr")
_LEAST_LETTERS = 2
"""Of an alphabet; a single letter says nothing."""
_LEAST_SURE = 0.3

# One script, one language of the catalog; Japanese is told by its kana.
_SCRIPTS = {
    "ja": re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9f]"),
    "ko": re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"),
    "latin": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]"),
}
# Words that written Cantonese has and Mandarin has not.
_CANTONESE = re.compile(
    "[嘅咗佢唔喺啲嘢冇哋㗎嗰咁乜噉攞瞓嚟畀嗌咩喎囉啱諗嘥嬲冚揾搵]|係咪|點解|邊個|而家|[琴尋聽]日|今朝|幾時|識得|呢[個條種度間位件]"
)
_DENSE = frozenset({"zh", "ja", "ko"})
_CHARACTER_WORTH = 3
"""Letters of an alphabet that a character of a dense script counts for, when scripts are mixed."""


class TextLanguages:
    """Tells the language of texts; loads the table for Latin letters at the first text that needs it, in half a second."""

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec(_PACKAGE) else [Need(_PACKAGE, f"pip install {_PACKAGE}")]

    def __call__(self, text: str) -> str | None:
        """The code of the language that most of the text is in; None if too little can be told, or without the library."""
        letters = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
        if letters["ja"]:  # what Han there is beside kana is Japanese too
            letters["ja"] += letters.pop("zh")
        weights = {script: count * (_CHARACTER_WORTH if script in _DENSE else 1) for script, count in letters.items()}
        script = max(weights, key=lambda name: weights[name])
        if weights[script] < _LEAST_LETTERS:
            return None
        if script == "zh":
            return "yue" if _CANTONESE.search(text) else "zh"
        return _among_latin(text) if script == "latin" else script


_loading = Lock()


def _among_latin(text: str) -> str | None:
    if TextLanguages.needs():
        return None
    with _loading:
        code, sure = _identifier().classify(text)
    return str(code) if sure >= _LEAST_SURE else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LATIN))
    return identifier
