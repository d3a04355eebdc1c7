"""Terms that must be called what the client says: put right in the words of translators that take no glossary."""

import re
from collections.abc import Iterable

Pairs = Iterable[tuple[str, str]]


def present(text: str, glossary: Pairs) -> list[tuple[str, str]]:
    """The pairs whose source term is in the text as a word of its own, longest first."""
    found = [(source, target) for source, target in glossary if source.strip() and _pattern(source).search(text)]
    return sorted(found, key=lambda pair: -len(pair[0]))


def enforced(said: str, source: str, target: str, usual: str) -> str:
    """The translation with `target` in the place of `usual`, which is how the term is otherwise translated, or of the term.

    Unchanged where the wanted word is there already, or neither is found.
    """
    if _pattern(target).search(said):
        return said
    for known in (usual.strip(" .。!?¡¿,"), source):
        if known:
            changed, count = _pattern(known).subn(lambda _: target, said)
            if count:
                return changed
    return said


def _pattern(term: str) -> re.Pattern[str]:
    """A term as a word of its own; in scripts without spaces anywhere."""
    term = term.strip()
    before = r"(?<!\w)" if term[:1].isalnum() and term[0] < "\u0e00" else ""
    after = r"(?!\w)" if term[-1:].isalnum() and term[-1] < "\u0e00" else ""
    return re.compile(before + re.escape(term) + after, re.IGNORECASE)
