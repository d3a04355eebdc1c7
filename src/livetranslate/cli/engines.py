"""The command `engines`: each engine and profile, whether it can run here, what it can do, and the command for what it lacks."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.cli.shell import examples, page, settings_with
from livetranslate.engines import EngineInfo, Profile
from livetranslate.engines.registry import EngineMissing, Need, factory, missing, names
from livetranslate.profiles import PROFILES, build

EPILOG = examples(
    "livetranslate engines   # what is installed, what is missing and how to get it",
    "livetranslate engines --profile embedded   # which languages a profile hears, writes and speaks",
    "livetranslate engines --json",
)
_ALL = frozenset(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Found:
    """An engine as this machine has it; `info` is None where it cannot even be asked."""

    name: str
    about: str
    info: EngineInfo | None
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """A profile as this machine has it: what it can do, or why it cannot be had."""

    name: str
    info: EngineInfo | None
    lacks: str = ""


def find_engine(name: str) -> Found:
    """What there is to say about an engine."""
    try:
        made = factory(name)
        about = (made.__doc__ or "").strip().partition("\n")[0]
        return Found(name, about, made().info, tuple(missing(name)))
    except EngineMissing as error:
        return Found(name, error.message, None, (Need("its package", "pip install --force-reinstall livetranslate"),))


def find_profile(name: str) -> Offered:
    """What there is to say about a profile."""
    try:
        profile: Profile = build(settings_with(profile=name))
    except EngineMissing as error:
        return Offered(name, None, error.message)
    return Offered(name, profile.interpreter.info)


def engines(
    profile: Annotated[str | None, typer.Option(metavar="PROFILE", help="Show this profile's languages and voices.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is installed, what it can do, and what is missing.

    Profiles, engines and languages; and the command that brings what an engine lacks.
    """
    if profile is not None:
        _print_languages([Offered(profile, build(settings_with(profile=profile)).interpreter.info)])
        return
    found = [find_engine(name) for name in names()]
    offered = [find_profile(name) for name in PROFILES]
    if as_json:
        told = {"engines": [_engine_json(each) for each in found], "profiles": [_profile_json(each) for each in offered]}
        print(json.dumps(told, ensure_ascii=False))
        return
    _print_profiles(offered)
    _print_engines(found)
    _print_needs(found)
    _print_languages(offered)


def _table(title: str) -> Table:
    page().print(Text(f"{title}\n", style="bold"))
    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)


def _print_profiles(offered: list[Offered]) -> None:
    table = _table("Profiles")
    for header in ("profile", "ready", "hears", "writes", "speaks"):
        table.add_column(header)
    for each in offered:
        cells = [_many(each.info.hears), _many(each.info.writes), _many(each.info.speaks)] if each.info else [each.lacks]
        table.add_row(each.name, _mark(each.info is not None), *cells)
    page().print(table, Text())


def _print_engines(found: list[Found]) -> None:
    table = _table("Engines")
    for header in ("engine", "installed", "version", "licence", "what it does"):
        table.add_column(header, overflow="fold")
    for each in found:
        version, licence = (each.info.version, each.info.licence) if each.info else ("", "")
        table.add_row(each.name, _mark(not each.needs), version, licence, does(each.info) if each.info else each.about)
    page().print(table, Text())


def _print_needs(found: list[Found]) -> None:
    console = page()
    for each in found:
        for command in dict.fromkeys(need.command for need in each.needs):
            what = ", ".join(need.what for need in each.needs if need.command == command)
            console.print(Text(f"{each.name} lacks {what}. Run:", style="yellow"))
            console.print(Text(f"    {command}\n", style="bold"))


def _print_languages(offered: list[Offered]) -> None:
    table = Table(
        title="\nLanguages (in: speech understood, out: text written, spoken: speech made)", title_justify="left", box=None
    )
    table.add_column("code")
    table.add_column("language")
    ready = [each for each in offered if each.info is not None]
    for each in ready:
        table.add_column(each.name)
    for code, language in LANGUAGES.items():
        table.add_row(code, language.name, *(_abilities(code, each.info) for each in ready if each.info))
    page().print(table, Text())


def _abilities(code: str, info: EngineInfo) -> str:
    able = (("in", info.hears), ("out", info.writes), ("spoken", info.speaks))
    return " ".join(word if code in languages else "·" * len(word) for word, languages in able)


def does(info: EngineInfo) -> str:
    """What an engine can do, in words."""
    if info.sees_images and not info.reads and not info.hears:
        return f"reads words on images in {_many(info.writes)}"
    parts = [
        f"{verb} {_many(languages)}"
        for verb, languages in (("hears", info.hears), ("reads", info.reads), ("writes", info.writes), ("speaks", info.speaks))
        if languages
    ]
    if info.voices:
        parts.append("all voices" if info.voices >= set(VOICES) else f"voices {', '.join(sorted(info.voices))}")
    return "; ".join(parts)


def _many(languages: frozenset[str]) -> str:
    if languages >= _ALL:
        return f"all {len(_ALL)} languages"
    return " ".join(code for code in LANGUAGES if code in languages) or "–"


def _mark(good: bool) -> Text:
    return Text("yes", style="green") if good else Text("no", style="red")


def _info_json(info: EngineInfo | None) -> dict[str, object]:
    if info is None:
        return {}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(info).items()}


def _engine_json(found: Found) -> dict[str, object]:
    needs = [asdict(need) for need in found.needs]
    return {**_info_json(found.info), "name": found.name, "about": found.about, "installed": not needs, "needs": needs}


def _profile_json(offered: Offered) -> dict[str, object]:
    return {**_info_json(offered.info), "name": offered.name, "ready": offered.info is not None, "lacks": offered.lacks}
