"""The last touches to a translation: what every language needs, and then its own."""

import re

from livetranslate.engines.apertium import french, italian, portuguese, spanish

_TIGHT = re.compile(r" +([.,;:?!%)])")
_OPENING = str.maketrans("", "", "¿¡")
_OWN = {"es": spanish.mend, "fr": french.mend, "it": italian.mend, "pt": portuguese.mend}


def finish(source: str, text: str, origin: str, target: str) -> str:
    """The translation `text` of the sentence `source` as it should leave."""
    text = _TIGHT.sub(r"\1", text)
    if target != "es":
        text = text.translate(_OPENING)
    capital = source.lstrip("¿¡\"'(")[:1].isupper()
    if capital:
        text = _capital(text)
    if own := _OWN.get(target):
        text = own(source, text, origin == "en")
    return _capital(text) if capital else text


def _capital(text: str) -> str:
    for at, letter in enumerate(text):
        if letter.isalnum():
            return text[:at] + letter.upper() + text[at + 1 :]
    return text
