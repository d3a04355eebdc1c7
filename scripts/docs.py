"""Writes the pages of docs/reference from the code, or checks with --check that they are current."""

import argparse
import difflib
import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from livetranslate import errors, events, media
from livetranslate.catalog import LANGUAGES, MODELS, VOICES
from livetranslate.cli import app
from livetranslate.cli.shell import MEANINGS
from livetranslate.engines import EngineInfo
from livetranslate.engines.registry import factory, names
from livetranslate.engines.scripted import Script
from livetranslate.errors import LivetranslateError
from livetranslate.glossary import FIELDS, FLAGS
from livetranslate.glossary.files import senses
from livetranslate.settings import CONFIG_VARIABLE, PREFIX, Limits, Settings

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
MARK = "<!-- Written by `make docs` from the code: change it there. -->"

_JSON_LINES = """
One JSON object a line, with the key `event`. First `started` (source, seconds, target, language, voice), then the events of the
[event page](events.md) in snake case: `text_delta`, `transcript_done` and so on. An `audio_delta` tells `start` and `seconds`;
its samples go to the WAV. Last comes `finished` (source, reason, first_text_seconds, first_audio_seconds, seconds, files and
`usage` with the keys of the API). A source that fails gives `error` (source, code, message); what a
profile wants told gives `notice`.
"""
_SETTINGS = f"""
Environment variables begin with `{PREFIX}`; lists are comma-separated there. A TOML file is read if `{CONFIG_VARIABLE}`
names one; the environment beats the file, and options of the command line beat both.
"""
_ERRORS = """
A request that is refused gets a status and this envelope. One that fails on its way gets it as its last event, and no `[DONE]`.
"""
_ERRORS_MORE = """
Refusals of requests that were read carry the request's `id` as well. Messages are the sentence below, or say more precisely what
is wrong; they never quote more than 64 characters of what was sent.
"""
_ENGINES = """
The engines that are registered with the project. `livetranslate engines` shows which of them can run on a machine, their versions
and the command that brings what is missing. *hears*: speech in; *reads*: text in; *writes*: text out; *speaks*: speech out.
"""
_GLOSSARIES = """
A glossary says how terms must be translated. A request may bring one, `translation_options.glossary`, a list of objects; the
command line takes a CSV file, `livetranslate translate --glossary terms.csv`; `livetranslate keys glossary ID terms.csv` gives
one to a key, for all its requests; the setting `LIVETRANSLATE_GLOSSARY` names a CSV file for all requests of a server. The
request's own entries come first, then the key's, then the server's, then the starter set. In a CSV file the first line names
the columns, in any order; cues are set apart by `|`; yes and no are `yes` and nothing.

How it is used, and how the meanings of the starter set are chosen: [pictures and glossaries](../pictures.md).
"""
_ENTRY_FIELDS = {
    "source": "The term as it is said, in the singular; its plural is found as well. Required.",
    "target": "What it must become. Required, but for `do_not_translate`.",
    "source_lang": "Language of the term; left out, any.",
    "target_lang": "Language of the target; left out, any.",
    "case": "Whether capitals count: `US` and not `us`.",
    "do_not_translate": "The term stays as it was said.",
    "when_seen": "Words on screen; the entry holds only where one of them is seen (or one of `when_said` is said).",
    "when_said": "Words in speech, in this utterance or the last three; the entry holds only where one of them is said.",
    "noun": "English only: verbs are left alone (`they ring the bell`).",
    "gender": "`m` or `f`, of the target; left out, guessed by its ending.",
    "plural": "The plural of the target; left out, the regular one.",
}
_STARTER = """
## The starter set

Ambiguous everyday nouns of English that come with the package. A meaning holds only while one of its cues is on screen.
"""


def page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MARK, *(part.strip() for part in parts if part.strip()))) + "\n"


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    headers = list(headers)
    return "\n".join([line(headers), "|" + "---|" * len(headers), *(line(row) for row in rows)])


def first_sentence(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """All commands of the program with their full names, the program itself first."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


def cli() -> str:
    parts = []
    for path, command in commands(typer.main.get_command(app), "livetranslate"):
        context = command.make_context(path, [], resilient_parsing=True, terminal_width=100, max_content_width=100)
        told = re.sub(r"[ \t]+$", "", command.get_help(context), flags=re.MULTILINE)
        parts.append(f"## `{path}`\n\n```text\n{told.strip()}\n```")
    codes = table(("status", "meaning"), ((str(code.value), meaning) for code, meaning in MEANINGS.items()))
    return page(
        "Commands",
        "What `livetranslate … --help` prints, for every command.",
        *parts,
        "## Exit status",
        codes,
        "## Lines of `translate --json`",
        _JSON_LINES,
    )


def type_name(annotation: Any) -> str:
    if isinstance(annotation, type):
        names = {"tuple": "list", "Path": "path", "dict": "table", "Limits": "table"}
        return names.get(annotation.__name__, annotation.__name__)
    origin = typing.get_origin(annotation)
    return {tuple: "list", dict: "table"}.get(origin, str(annotation)) if origin else str(annotation)


def default(field: FieldInfo) -> str:
    return shown(field.default) if field.default_factory is None else "the user's data folder"


def shown(value: Any) -> str:
    """A default as it would be written in a settings file."""
    if value in ((), {}, "", None) or isinstance(value, BaseModel):
        return "–"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def setting_rows(model: type[BaseModel], variable: str, key: str) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        if name != "limits":
            shown = f"`{variable}{name.upper()}`"
            yield shown, f"`{key}{name}`", type_name(field.annotation), default(field), field.description or ""


def settings() -> str:
    headers = ("environment", "TOML", "type", "default", "meaning")
    return page(
        "Settings",
        _SETTINGS,
        table(headers, setting_rows(Settings, PREFIX, "")),
        "## Limits",
        table(headers, setting_rows(Limits, f"{PREFIX}LIMITS__", "limits.")),
        "## Settings of engines",
        "An engine's own settings stand in a table named after it: `[engines.NAME]`, or as JSON in "
        f"`{PREFIX}ENGINES`. [engines.md](engines.md) tells them.",
    )


def languages_and_voices() -> str:
    languages = table(
        ("code", "name", "own name", "text in and out", "speech out"),
        ((f"`{each.code}`", each.name, each.own_name, "yes", "yes" if each.spoken else "–") for each in LANGUAGES.values()),
    )
    voices = table(
        ("voice", "also called", "speaks", "who"),
        ((f"`{each.name}`", f"`{each.long_name}`", " ".join(each.languages), each.about) for each in VOICES.values()),
    )
    return page(
        "Languages and voices",
        "What the API knows. What a profile can do is less, and `livetranslate engines` tells it; see [engines.md](engines.md).",
        "## Languages",
        "A language is named by its code or its English name, in any case.",
        languages,
        "## Voices",
        "A voice asked to speak a language outside its own speaks it nevertheless.",
        voices,
        "## Models",
        "\n".join(f"- `{model}`" for model in MODELS),
    )


def tree(kind: type[LivetranslateError]) -> Iterator[type[LivetranslateError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


def error_page() -> str:
    kinds = [kind for kind in tree(LivetranslateError) if kind is not LivetranslateError]
    rows = (
        (
            str(kind.status),
            f"`{kind.code}`",
            f"`{kind.type or kind.code}`",
            f"`{kind.__name__}`",
            "yes" if kind.retryable else "no",
            first_sentence(kind),
            kind.sentence.strip(),
        )
        for kind in kinds
    )
    return page(
        "Errors",
        _ERRORS,
        '```json\n{"error": {"message": "…", "type": "…", "param": null, "code": "…"}, "request_id": "…"}\n```',
        _ERRORS_MORE,
        table(("status", "code", "type", "class", "try again", "when", "sentence"), rows),
    )


def field_rows(kind: Any) -> str:
    return "; ".join(f"`{field.name}`: {type_text(field.type)}" for field in fields(kind)) or "–"


def type_text(annotation: Any) -> str:
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(f'"{value}"' for value in typing.get_args(annotation))
    return getattr(annotation, "__name__", str(annotation)).split(".")[-1]


def event_page() -> str:
    def rows(kinds: Iterable[Any]) -> Iterator[tuple[str, ...]]:
        return ((f"`{kind.__name__}`", field_rows(kind), first_sentence(kind)) for kind in kinds)

    headers = ("name", "fields", "meaning")
    values = (events.Options, events.Sampling, events.Usage)
    assert all(is_dataclass(kind) for kind in values)
    return page(
        "Events",
        "What an interpreter takes and gives. Each face spells them in its own way: server-sent chunks, JSON lines, a screen.",
        "## Media, what goes in",
        table(headers, rows(typing.get_args(media.Media))),
        "## Events, what comes out",
        table(headers, rows(typing.get_args(events.Event))),
        "## Values",
        table(headers, rows(values)),
    )


def able(info: EngineInfo) -> Iterator[tuple[str, str]]:
    for verb in ("hears", "reads", "writes", "speaks"):
        codes = [code for code in LANGUAGES if code in getattr(info, verb)]
        if codes:
            yield verb, "all 18 languages" if len(codes) == len(LANGUAGES) else " ".join(f"`{code}`" for code in codes)
    if info.voices:
        yield "voices", " ".join(f"`{name}`" for name in VOICES if name in info.voices)
    if info.licence:
        yield "licence", info.licence


def engine_settings(name: str, about: inspect.Signature) -> str:
    """The settings of an engine: what its factory takes by keyword."""
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    taken = [parameter for parameter in about.parameters.values() if parameter.kind not in kinds]
    if not taken:
        return ""
    rows = ((f"`{each.name}`", shown(each.default)) for each in taken)
    return f"Settings, in `[engines.{name}]`:\n\n{table(('setting', 'default'), rows)}"


def paragraphs(thing: Any) -> str:
    """A docstring, each paragraph on a line."""
    return "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(thing) or "").split("\n\n"))


def engine_page() -> str:
    parts = []
    for name in names():
        made = factory(name)
        told = (
            f"## `{name}`",
            paragraphs(made),
            table(("", ""), able(made().info)),
            engine_settings(name, inspect.signature(made)),
        )
        parts.append("\n\n".join(part for part in told if part))
    script = table(("setting", "default"), ((f"`{each.name}`", shown(each.default)) for each in fields(Script)))
    scripted = ("## The script of the scripted engines", "Settings, in `[engines.scripted]`:", script, paragraphs(Script))
    return page("Engines", _ENGINES, *parts, *scripted)


def entry_kind(name: str) -> str:
    return "list of strings" if name.startswith("when_") else "true or false" if name in FLAGS else "string"


def glossaries() -> str:
    entries = table(("field", "type", "meaning"), ((f"`{name}`", entry_kind(name), _ENTRY_FIELDS[name]) for name in FIELDS))
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for entry in senses():
        row = rows.setdefault((entry.source, entry.sense), {"cues": ", ".join(entry.when_seen)})
        row[entry.target_language or ""] = entry.target
    targets = sorted({entry.target_language or "" for entry in senses()})
    meanings = (
        (noun, sense, *(row.get(target, "") for target in targets), row["cues"]) for (noun, sense), row in sorted(rows.items())
    )
    return page("Glossaries", _GLOSSARIES, entries, _STARTER, table(("noun", "meaning", *targets, "cues"), meanings))


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "settings.md": settings,
    "languages-and-voices.md": languages_and_voices,
    "errors.md": error_page,
    "events.md": event_page,
    "engines.md": engine_page,
    "glossaries.md": glossaries,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is not current")
    checking = parser.parse_args().check
    stale = 0
    for name, write in PAGES.items():
        path, new = FOLDER / name, write()
        old = path.read_text("utf-8") if path.exists() else ""
        if new == old:
            continue
        stale += 1
        if checking:
            print(f"docs/reference/{name} is not current: run make docs", file=sys.stderr)
            sys.stderr.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "is", "should be", n=0))
        else:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(new, "utf-8")
            print(f"wrote docs/reference/{name}")
    return int(checking and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
