"""The commands `keys create`, `keys list`, `keys glossary` and `keys revoke`."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from livetranslate.cli.shell import Commands, ExitCode, Stop, examples, page, settings_with, talk
from livetranslate.errors import BadParameter
from livetranslate.glossary.files import parse_csv, read_text, stored
from livetranslate.keys import FILE_NAME, Key, Keys
from livetranslate.settings import BadSettings

CREATE_EPILOG = examples(
    "livetranslate keys create phone",
    "livetranslate keys create school --rate-limit 100/minute --token-limit 100000/hour --running 2",
    "KEY=$(livetranslate keys create script)   # the secret alone goes to standard output",
)
LIST_EPILOG = examples("livetranslate keys list", "livetranslate keys list --json")
GLOSSARY_EPILOG = examples(
    "livetranslate keys glossary key-1a2b3c4d terms.csv", "livetranslate keys glossary key-1a2b3c4d   # none any more"
)
REVOKE_EPILOG = examples("livetranslate keys revoke key-1a2b3c4d   # the id from livetranslate keys list")

app = typer.Typer(
    cls=Commands,
    help="Make, list and revoke the API keys of this server.",
    epilog=examples("livetranslate keys create phone", "livetranslate keys list", "livetranslate keys revoke key-1a2b3c4d"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@contextmanager
def opened() -> Iterator[Keys]:
    """The keys and the ledger of this server; a folder that cannot be used is told in a sentence."""
    settings = settings_with()
    try:
        with closing(Keys(settings.data_dir / FILE_NAME, settings.api_keys)) as keys:
            yield keys
    except (OSError, sqlite3.Error):
        raise BadSettings(f"The database in {settings.data_dir} cannot be used: is the folder yours to write?") from None


@app.command(epilog=CREATE_EPILOG)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, for you to tell keys apart.")],
    rate_limit: Annotated[
        str | None, typer.Option("--rate-limit", metavar="N/TIME", help="Requests, such as 100/minute; else as set for all.")
    ] = None,
    token_limit: Annotated[
        str | None, typer.Option("--token-limit", metavar="N/TIME", help="Tokens, such as 100000/hour; else as set for all.")
    ] = None,
    running: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Requests that run at once; else as set for all.")
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV file of terms for its requests; those of a request come first.")
    ] = None,
) -> None:
    """Make a key. Its secret is printed once, and kept only as a hash.

    From the first key on, the server asks every client for one.
    """
    terms = None if glossary is None else _terms(glossary)
    with opened() as keys:
        try:
            key, secret = keys.create(name, rate_limit=rate_limit, token_limit=token_limit, running=running, glossary=terms)
        except ValueError as wrong:  # the sentence of our own rule about limits
            raise Stop(f"{wrong}.".capitalize(), ExitCode.USAGE) from None
    talk().print(f"{key.id} for {name}. This is its secret; it is not shown again:", style="dim", markup=False)
    print(secret)


@app.command("list", epilog=LIST_EPILOG)
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each key.")] = False) -> None:
    """List the keys that were made here, without their secrets."""
    with opened() as keys:
        found = keys.list()
    if as_json:
        for key in found:
            print(json.dumps({**asdict(key), "glossary": _count(key)}, ensure_ascii=False))
        return
    if not found:
        talk().print("There is no key yet. Make one: livetranslate keys create NAME")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for header in ("id", "name", "made", "last used", "requests", "tokens", "at once", "terms", "state"):
        table.add_column(header)
    for key in found:
        table.add_row(*_row(key))
    page().print(table)


def _row(key: Key) -> tuple[str, ...]:
    state = "active" if key.revoked is None else f"revoked {when(key.revoked)}"
    limits = (key.rate_limit or "–", key.token_limit or "–", str(key.running or "–"), str(_count(key) or "–"))
    return (key.id, key.name, when(key.created), when(key.last_used), *limits, state)


def when(time: float | None) -> str:
    """A moment, in UTC, to the minute."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M") if time is not None else "never"


def _terms(file: Path) -> str:
    """The text of a glossary that is in order."""
    try:
        text = read_text(file)
        parse_csv(text, str(file))
    except BadParameter as wrong:
        raise Stop(str(wrong), ExitCode.USAGE) from None
    return text


def _count(key: Key) -> int:
    return 0 if key.glossary is None else len(stored(key.glossary))


@app.command("glossary", epilog=GLOSSARY_EPILOG)
def give_glossary(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from livetranslate keys list.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="CSV file of terms; none: the key has none any more.")
    ] = None,
) -> None:
    """Give a key a glossary: the terms for all its requests. Those that a request brings come first."""
    terms = None if file is None else _terms(file)
    with opened() as keys:
        if not keys.give_glossary(key_id, terms):
            raise Stop("There is no active key of that id. livetranslate keys list shows them.")
    told = "has no glossary" if terms is None else f"has a glossary of {len(stored(terms))}"
    talk().print(f"{key_id} {told}", style="dim", markup=False)


@app.command(epilog=REVOKE_EPILOG)
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from livetranslate keys list.")]) -> None:
    """Revoke a key: from now on it is refused."""
    with opened() as keys:
        if not keys.revoke(key_id):
            raise Stop("There is no active key of that id. livetranslate keys list shows them.")
    talk().print(f"{key_id} is revoked", style="dim", markup=False)
