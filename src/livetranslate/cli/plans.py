"""A profile's plan on the screen: 18 × 18 languages and who serves them, the voices, what is missing, which line to run."""

from string import ascii_letters
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.profiles.plan import Path, Plan

_NONE = "·"


def print_plan(console: Console, plan: Plan) -> None:
    """Prints all of it."""
    console.print(Text(f"The profile {plan.name}: {plan.about}", style="bold"))
    paths = list(dict.fromkeys([*plan.directions.values(), *plan.speech.values()]))
    letters = {path: ascii_letters[place % len(ascii_letters)] for place, path in enumerate(paths)}
    console.print(Text("\nWho translates what, from the language of a row into that of a column"))
    console.print(_directions(plan, letters))
    console.print(Text("\nWho speaks what: a voice that is not there is replaced by another of the same language"))
    console.print(_voices(plan, letters))
    console.print()
    for path, letter in letters.items():
        console.print(Text(f"{letter}  {' → '.join(path.engines)}"), _state(path))
    if not letters:
        console.print(Text("Nobody serves any language.", style="yellow"))
    _print_lacks(console, plan)


def _directions(plan: Plan, letters: dict[Path, str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("")
    for code in LANGUAGES:
        table.add_column(code, justify="center")
    for source, language in LANGUAGES.items():
        cells = [_cell(plan.directions.get((source, target)), letters) for target in LANGUAGES]
        table.add_row(f"{source:<4}{language.name}", *cells)
    return table


def _voices(plan: Plan, letters: dict[Path, str]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("")
    spoken = [code for code in LANGUAGES if code in SPOKEN]
    for code in spoken:
        table.add_column(code, justify="center")
    for voice in VOICES.values():
        table.add_row(f"{'':<4}{voice.long_name}", *(_cell(plan.speech.get((code, voice.name)), letters) for code in spoken))
    return table


def _cell(path: Path | None, letters: dict[Path, str]) -> Text:
    if path is None:
        return Text(_NONE, style="dim")
    return Text(letters[path], style="green" if path.ready else "yellow")


def _state(path: Path) -> Text:
    return Text("") if path.ready else Text("not ready: see below", style="yellow")


def _print_lacks(console: Console, plan: Plan) -> None:
    for lack in plan.lacks:
        console.print(Text(f"\n{lack.engine} lacks {lack.need.what}. Run:", style="yellow"))
        console.print(Text(f"    {lack.need.command}", style="bold"))
    for engine, line in plan.run:
        console.print(Text(f"\n{engine} talks to a server of its own. It is started by:"))
        console.print(Text(f"    {line}", style="bold"))


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan for programs."""

    def rows(named: str, table: dict[tuple[str, str], Path], first: str, second: str) -> dict[str, Any]:
        found = [{first: one, second: two, "engines": path.engines, "ready": path.ready} for (one, two), path in table.items()]
        return {named: found}

    return {
        "name": plan.name,
        "about": plan.about,
        **rows("directions", plan.directions, "source", "target"),
        **rows("speech", plan.speech, "language", "voice"),
        "lacks": [{"engine": lack.engine, "what": lack.need.what, "command": lack.need.command} for lack in plan.lacks],
        "run": [{"engine": engine, "command": line} for engine, line in plan.run],
    }
