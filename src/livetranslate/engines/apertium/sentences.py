"""Text made safe for Apertium's stream format, one sentence at a time, and put together again."""

import re
import unicodedata
from collections.abc import Awaitable, Callable

from livetranslate.engines.apertium.rules import listed

_LONGEST = 600
"""Characters; a longer sentence is cut at a comma or a space."""

_END = re.compile(r"(?P<mark>[.!?…]+[\"'»”’)\]]*)(?P<space>\s+)|(?P<line>\s*\n\s*)")
_SHORT = frozenset(
    listed(
        """
    mr mrs ms dr st prof sr sra srta dra d da m mm mme mlle sig dott ing avv jr vs etc no nº n p pp art fig cap vol ed al
    approx
    """
    )
)
"""Words that a full stop shortens without ending the sentence."""


def cut(text: str) -> list[tuple[str, str]]:
    """The sentences of a text, each with the white space that follows it: a space, a new line, or nothing at the end."""
    found: list[tuple[str, str]] = []
    start = 0
    for end in _END.finditer(text):
        if end["mark"] and not _ends(text[start : end.end("mark")], text[end.end() :]):
            continue
        stop = end.end("mark") if end["mark"] else end.start()
        gap = "\n" if "\n" in end.group() else " "
        _add(found, text[start:stop], gap)
        start = end.end()
    _add(found, text[start:], "")
    if found:
        found[-1] = (found[-1][0], "")
    return found


def _add(found: list[tuple[str, str]], sentence: str, gap: str) -> None:
    sentence = " ".join(sentence.split())
    while len(sentence) > _LONGEST:
        at = max(sentence.rfind(", ", 0, _LONGEST) + 1, 0) or sentence.rfind(" ", 0, _LONGEST)
        at = at if at > 0 else _LONGEST
        found.append((sentence[:at], " " if sentence[at] == " " else ""))
        sentence = sentence[at:].lstrip()
    if sentence:
        found.append((sentence, gap))


def _ends(sentence: str, rest: str) -> bool:
    """Whether the mark at the end of `sentence` ends it, given what comes after."""
    if not sentence.endswith("."):
        return True
    words = sentence.split()
    last = words[-1].rstrip(".").lower() if words else ""
    if last in _SHORT or (len(last) == 1 and last.isalpha() and last != "i"):
        return False
    return not rest[:1].islower()


_SAME = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "…": "...",
     "\u00a0": " ", "\u202f": " ", "\u00ad": None, "\u200b": None}
)  # fmt: skip
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_DASH = re.compile(r"\s+[-–—]+\s+|\s*—\s*")
_ODD = re.compile(r"\S*[^\s\w.,;:?!'\"()%&€£°¿¡·+–-]\S*|\S*_\S*")
_UNSAFE = re.compile(r"[^\w\s.,;:?!'\"()%&€£°¿¡·+-]|_")
_OUTSIDE = ".,;:?!'\"()[]{}<>"


def tidy(sentence: str) -> str:
    """One way to write quotes, dashes and spaces; no markup, no control characters."""
    sentence = unicodedata.normalize("NFC", sentence).translate(_SAME)
    sentence = _DASH.sub(", ", _TAG.sub(" ", sentence)).replace("–", "-")
    sentence = "".join(letter if letter.isprintable() else " " for letter in sentence)
    return " ".join(sentence.split())


Hold = Callable[[str, bool], str]
"""Sets words aside and gives the name that stands for them: True for Catalan, put back midway, False for the target language."""


def split_mark(sentence: str) -> tuple[str, str]:
    """A sentence without its last marks, and these."""
    core = sentence.rstrip(".?!… \"')")
    return core, sentence[len(core) :]


class Aside:
    """Words set aside behind names that no dictionary knows, and put back: midway in Catalan, or at the end."""

    _NAME = re.compile(r"xqz([jk])([b-y])([b-y])(?: (?:per a|per|para|a|de)\b)?", re.IGNORECASE)
    _LETTERS = "bcdfghjklmnpqrstvwxy"

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._midway: set[int] = set()

    def hold(self, words: str, midway: bool) -> str:
        """The name that stands for the words. A `~` at their end takes away a preposition that comes to stand behind them."""
        if len(self._kept) == len(self._LETTERS) ** 2:
            return words.rstrip("~")
        tens, ones = divmod(len(self._kept), len(self._LETTERS))
        if midway:
            self._midway.add(len(self._kept))
        self._kept.append(words)
        return f"Xqz{'k' if midway else 'j'}{self._LETTERS[tens]}{self._LETTERS[ones]}"

    async def recast(self, change: Callable[[str], Awaitable[str]]) -> None:
        """Changes what is put back midway, for a path whose middle is not Catalan."""
        for at in self._midway:
            words = self._kept[at]
            self._kept[at] = await change(words.rstrip("~")) + ("~" if words.endswith("~") else "")

    def restore(self, text: str, midway: bool) -> str:
        """The text with what was set aside in its place."""

        def back(name: re.Match[str]) -> str:
            at = self._LETTERS.find(name[2].lower()) * len(self._LETTERS) + self._LETTERS.find(name[3].lower())
            if (name[1].lower() == "k") != midway or not 0 <= at < len(self._kept):
                return name.group()
            words = self._kept[at]
            return words[:-1] if words.endswith("~") else words + name.group()[6:]

        return self._NAME.sub(back, text) if self._kept else text


def protect(sentence: str, aside: Aside) -> str:
    """The sentence with nothing in it that Apertium's stream format gives a meaning; addresses and the like are set aside."""

    def one(odd: re.Match[str]) -> str:
        token = odd.group()
        core = token.strip(_OUTSIDE)
        if not any(letter.isalnum() for letter in core) or not _UNSAFE.search(core):
            return token
        before, after = token.split(core, 1)
        return f"{before}{aside.hold(core, False)}{after}"

    return safe(_ODD.sub(one, sentence))


def safe(text: str) -> str:
    """Only letters, digits and plain punctuation: other signs can block a program of the pipeline for ever."""
    return " ".join(_UNSAFE.sub(" ", text).split())
