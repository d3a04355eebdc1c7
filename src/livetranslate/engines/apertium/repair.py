"""Words that a dictionary gives wrongly, put right where the source says what was meant, with the articles before them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swap:
    """Where the source matches `when`, the words `wrong` become `right`; the articles before them follow their new gender."""

    when: re.Pattern[str]
    wrong: re.Pattern[str]
    right: dict[str, str]
    feminine: bool | None


class Repairs:
    """The repairs of one language. `masculine` and `feminine` list its articles and the like, in pairs; `elided` in threes.

    A line of `table` reads `car | carro carros > cotxe cotxes m`: a pattern for the source, wrong forms, right forms, and the
    gender if the articles must follow. With `!` before it, a word counts only with an article.
    """

    def __init__(self, table: str, *, masculine: str, feminine: str, elided: dict[str, tuple[str, str]] | None = None) -> None:
        self._to_feminine = dict(zip(masculine.split("|"), feminine.split("|"), strict=True))
        self._to_masculine = {two: one for one, two in self._to_feminine.items()}
        elided = elided or {}
        self._elided = elided
        self._short = {form: short for short, forms in elided.items() for form in forms}
        before = sorted({*self._to_feminine, *self._to_masculine}, key=len, reverse=True)
        self._before = rf"(?:\b(?:{'|'.join(before)}) |\b(?:{'|'.join(elided)}))" if elided else rf"\b(?:{'|'.join(before)}) "
        self._swaps = tuple(self._read(line) for line in table.strip().splitlines())

    def _read(self, line: str) -> Swap:
        optional = "" if line.startswith("!") else "?"
        when, _, forms = line.lstrip("! ").rpartition("|")
        left, _, right = forms.partition(">")
        rights = right.split()
        feminine = {"m": False, "f": True}.get(rights[-1])
        if feminine is not None:
            rights.pop()
        wrongs = left.split()
        pattern = rf"(?P<before>{self._before}){optional}(?<![\w'-])(?P<word>{'|'.join(wrongs)})(?![\w-])"
        pattern = pattern.replace(r"(?<![\w'-])", r"(?<![\w-])")
        return Swap(
            re.compile(rf"\b(?:{when.strip()})\b", re.IGNORECASE),
            re.compile(pattern, re.IGNORECASE),
            dict(zip(wrongs, rights, strict=True)),
            feminine,
        )

    def mend(self, source: str, text: str) -> str:
        """The text with all repairs that the source calls for."""
        for swap in self._swaps:
            if swap.when.search(source):
                text = swap.wrong.sub(lambda found, swap=swap: self._swapped(found, swap), text)  # type: ignore[misc]
        return text

    def _swapped(self, found: re.Match[str], swap: Swap) -> str:
        wrong, before = found["word"], found["before"] or ""
        right = swap.right[wrong.lower()]
        if wrong[:1].isupper():
            right = right[:1].upper() + right[1:]
        return self._article(before, right, swap.feminine) + right

    def _article(self, before: str, noun: str, feminine: bool | None) -> str:
        """The article as the noun's gender and first letter want it."""
        if not before:
            return ""
        word = before.rstrip()
        capital = word[:1].isupper()
        word = word.lower()
        if word in self._elided:
            word = self._elided[word][bool(feminine)]
        if feminine is not None:
            word = (self._to_feminine if feminine else self._to_masculine).get(word, word)
        vowel = noun[:1].lower() in "aeiouàáâèéêíìòóôúùh"
        if vowel and word in self._short:
            word = self._short[word]
        elif not word.endswith("'"):
            word += " "
        return word[:1].upper() + word[1:] if capital else word
