"""A list of search-and-replace rules, and how to apply it."""

import re
from collections.abc import Callable

Into = str | Callable[[re.Match[str]], str]
Rules = tuple[tuple[re.Pattern[str], Into], ...]


def rules(*written: tuple[str, Into], ignore_case: bool = False) -> Rules:
    """The rules, compiled, in their order."""
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    return tuple((re.compile(pattern, flags), into) for pattern, into in written)


def apply(to: Rules, text: str) -> str:
    """The text after each rule in turn."""
    for pattern, into in to:
        text = pattern.sub(into, text)
    return text


def words(text: str) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(sorted(text.split(), key=len, reverse=True))


def listed(text: str) -> tuple[str, ...]:
    """The words of a text, as a table of words is written."""
    return tuple(text.split())


def pairs(text: str) -> dict[str, str]:
    """Lines or words such as `this=that` as a dictionary; entries with spaces stand a line each."""
    entries = text.strip().splitlines() if "\n" in text.strip() and " =" in text else text.split()
    return {left.strip(): right.strip() for left, _, right in (entry.partition("=") for entry in entries)}


def like(old: str, new: str) -> str:
    """The new word with the first letter as large as the old one's."""
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
