"""Families of translation models that CTranslate2 runs, and how each is told its languages."""

from dataclasses import dataclass
from typing import Literal

from livetranslate.catalog import LANGUAGES

Family = Literal["madlad", "m2m100", "nllb", "marian"]

_NLLB = {
    "en": "eng_Latn", "zh": "zho_Hans", "ru": "rus_Cyrl", "fr": "fra_Latn", "de": "deu_Latn", "pt": "por_Latn", "es": "spa_Latn",
    "it": "ita_Latn", "ko": "kor_Hang", "ja": "jpn_Jpan", "yue": "yue_Hant", "id": "ind_Latn", "vi": "vie_Latn", "th": "tha_Thai",
    "ar": "arb_Arab", "hi": "hin_Deva", "el": "ell_Grek", "tr": "tur_Latn",
}  # fmt: skip
SPEAKS: dict[str, frozenset[str]] = {
    "madlad": frozenset(LANGUAGES),
    "m2m100": frozenset(LANGUAGES) - {"yue"},
    "nllb": frozenset(_NLLB),
    "marian": frozenset(LANGUAGES),
}
"""The languages that a family was made for, of the 18."""
LICENCES = {"madlad": "Apache-2.0", "m2m100": "MIT", "nllb": "CC-BY-NC-4.0, no commercial use", "marian": "see the model"}
_END = "</s>"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence in tokens, and the tokens that its translation begins with."""

    tokens: list[str]
    prefix: list[str]


def asked(family: Family, pieces: list[str], source: str, target: str) -> Asked:
    """A sentence as its family wants it."""
    if family == "madlad":
        return Asked([f"<2{target}>", *pieces, _END], [])
    if family == "m2m100":
        return Asked([f"__{source}__", *pieces, _END], [f"__{target}__"])
    if family == "nllb":
        return Asked([_NLLB[source], *pieces, _END], [_NLLB[target]])
    return Asked([*pieces, _END], [])


def is_word(token: str) -> bool:
    """Whether a token is a part of the text, and no mark of a language or an end."""
    marks = token.startswith(("__", "<2", "<pad", "</s", "<s>", "<unk")) or token in _CODES
    return not marks


_CODES = frozenset(_NLLB.values())
