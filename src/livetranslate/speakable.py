"""Text made speakable: without markup, pictures and control characters, in pieces of a few sentences."""

import re
import unicodedata

_LONGEST = 300
"""Characters of a piece."""
SENTENCE_PAUSE, CLAUSE_PAUSE = 0.25, 0.1
"""Seconds of silence after a piece, at the voice's own pace."""

_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,300}>")
_RUN = re.compile(r"([^\w\s])(?:\s*\1){2,}")
_MARKUP = re.compile(r"[*_~`|\\^<>{}\[\]#=@/]+")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "So", "Sk", "Zl", "Zp"})
_END = re.compile(r"[.!?…;:](?=\s)|[。！？；：]|,(?=\s)|[，、]|\s")
_SENTENCES, _CLAUSES = ".!?…。！？", ";；:：,，、"


def clean(text: str) -> str:
    """The text with only what can be said in it."""
    text = _TAG.sub(" ", unicodedata.normalize("NFC", text))
    text = "".join(" " if unicodedata.category(letter) in _DROPPED else letter for letter in text)
    text = _RUN.sub(r"\1", _MARKUP.sub(" ", text))
    return " ".join(text.split())


def pieces(text: str) -> list[tuple[str, float]]:
    """What is to be said, in pieces, each with the seconds of silence after it; none where no word is."""
    rest = clean(text)
    found: list[tuple[str, float]] = []
    while rest:
        cut = len(rest) if len(rest) <= _LONGEST else _best_cut(rest)
        piece, rest = rest[:cut].strip(), rest[cut:].strip()
        if any(letter.isalnum() for letter in piece):
            found.append((piece, SENTENCE_PAUSE if piece[-1] in _SENTENCES or not rest else CLAUSE_PAUSE))
    return found


def _best_cut(text: str) -> int:
    """After the last sentence that fits in a piece, else the last clause, else the last word."""
    ends = list(_END.finditer(text, 0, _LONGEST))
    for marks in (_SENTENCES, _CLAUSES):
        found = [end.end() for end in ends if end.group() in marks]
        if found:
            return found[-1]
    return ends[-1].end() if ends else _LONGEST
