"""Terms and how they must be translated: entries, with the words seen or said that call for one meaning and not another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from livetranslate.catalog import find_language
from livetranslate.errors import BadParameter

MOST_ENTRIES = 500
MOST_CUES = 64
_TERM_CHARS, _CUE_CHARS = 100, 50
_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the source language and what it must become.

    Languages are codes of the catalog, None for any. With `do_not_translate` the term stays as it is. An entry with cues holds
    only where one of `when_seen` is on screen or one of `when_said` is said; one without holds always. `noun` keeps it from
    verbs. `plural` and `gender` are those of the target, where they show; `number` says that the target is a plural already.
    """

    source: str
    target: str
    source_language: str | None = None
    target_language: str | None = None
    match_case: bool = False
    do_not_translate: bool = False
    when_seen: tuple[str, ...] = ()
    when_said: tuple[str, ...] = ()
    noun: bool = False
    plural: str = ""
    gender: Literal["", "m", "f"] = ""
    number: Literal["", "plural"] = ""
    sense: str = ""

    @property
    def conditional(self) -> bool:
        """Whether it takes a cue to make it hold."""
        return bool(self.when_seen or self.when_said)

    def fits(self, source: str, target: str) -> bool:
        """Whether it is for translations between these languages."""
        return self.source_language in (None, source) and self.target_language in (None, target)


Glossary = tuple[Entry, ...]
"""In order of precedence: of two entries for one term that hold equally, the first counts."""

_TEXTS = ("source", "target", "source_lang", "target_lang", "plural", "gender")
FLAGS = ("case", "do_not_translate", "noun")
_LISTS = ("when_seen", "when_said")
FIELDS = (*_TEXTS, *FLAGS, *_LISTS)
"""The names that an entry may have, in requests and in files."""


def parse(entries: list[Any], where: str) -> Glossary:
    """The entries of a request; raises `BadParameter`, which names the field below `where`, for any that is not in order."""
    if len(entries) > MOST_ENTRIES:
        raise BadParameter(f"{where}: at most {MOST_ENTRIES} entries")
    return tuple(parse_entry(entry, f"{where}[{place}]") for place, entry in enumerate(entries))


def parse_entry(entry: Any, where: str) -> Entry:
    """One entry; raises `BadParameter`, which names the field below `where`."""
    if not isinstance(entry, Mapping):
        raise BadParameter(f"'{where}' must be Object")
    for name in entry:
        if name not in FIELDS:
            raise BadParameter(f"{where}: {str(name)[:_SHOWN]!r} is no field of a glossary entry. Fields: {', '.join(FIELDS)}.")
    texts = {name: _text(entry.get(name), f"{where}.{name}") for name in _TEXTS}
    flags = {name: _flag(entry.get(name), f"{where}.{name}") for name in FLAGS}
    cues = {name: _cues(entry.get(name), f"{where}.{name}") for name in _LISTS}
    source, target, stays = texts["source"], texts["target"], flags["do_not_translate"]
    if not any(letter.isalnum() for letter in source):
        raise BadParameter(f"{where}.source: a term is required")
    if stays and target not in ("", source):
        raise BadParameter(f"{where}.target: what is not translated has no other target than its source")
    if not stays and not any(letter.isalnum() for letter in target):
        raise BadParameter(f"{where}.target: a translation is required, or do_not_translate")
    gender = texts["gender"].casefold()
    if gender not in ("", "m", "f"):
        raise BadParameter(f"{where}.gender: it must be 'm' or 'f'")
    return Entry(
        source=source,
        target=source if stays else target,
        source_language=_language(texts["source_lang"], f"{where}.source_lang"),
        target_language=_language(texts["target_lang"], f"{where}.target_lang"),
        match_case=flags["case"],
        do_not_translate=stays,
        when_seen=cues["when_seen"],
        when_said=cues["when_said"],
        noun=flags["noun"],
        plural=texts["plural"],
        gender=gender,  # type: ignore[arg-type]  # looked at above
    )


def _text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadParameter(f"'{where}' must be String")
    told = " ".join(value.split())
    if len(told) > _TERM_CHARS or not told.isprintable():
        raise BadParameter(f"{where}: at most {_TERM_CHARS} printable characters")
    return told


def _flag(value: Any, where: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadParameter(f"'{where}' must be Boolean")
    return bool(value)


def _cues(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadParameter(f"'{where}' must be Array")
    if len(value) > MOST_CUES:
        raise BadParameter(f"{where}: at most {MOST_CUES} cues")
    cues = tuple(_text(cue, where) for cue in value)
    if any(len(cue) > _CUE_CHARS or not any(letter.isalnum() for letter in cue) for cue in cues):
        raise BadParameter(f"{where}: a cue is 1 to {_CUE_CHARS} characters")
    return cues


def _language(name: str, where: str) -> str | None:
    return find_language(name, where) if name else None
