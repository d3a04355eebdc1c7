"""The commands `models …`: the weights that profiles need, downloaded, verified and removed; never done by themselves."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from livetranslate.cli.shell import Commands, ExitCode, Stop, examples, page, settings_with, talk
from livetranslate.profiles import names as profile_names
from livetranslate.profiles.seats import WEIGHTS
from livetranslate.profiles.text import read
from livetranslate.settings import Settings
from livetranslate.weights import Offer, Store, Wanted
from livetranslate.weights.hub import File, Hub

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Get, verify and remove the weights that profiles need.")
_LIST = examples("livetranslate models list", "livetranslate models list --json")
_PULL = examples(
    "livetranslate models pull local",
    "HF_ENDPOINT=https://hub.example.com livetranslate models pull local",
    "livetranslate models pull local --from /media/usb   # no network: from a folder",
)


def _wanted(profile: str, settings: Settings) -> list[Wanted]:
    """The weights that a profile names."""
    found = read(profile, settings).weights.items()
    return [Wanted(name, each.repository, each.revision, each.files, each.licence, each.commercial) for name, each in found]


def _store(settings: Settings) -> Store:
    return Store(settings.data_dir / WEIGHTS)


@app.command("list", epilog=_LIST)
def show(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show the weights that profiles need, and those that are here."""
    settings = settings_with()
    store = _store(settings)
    rows = []
    for profile in profile_names(settings):
        for name, each in read(profile, settings).weights.items():
            size = store.size(name) if store.state(name) != "absent" else each.megabytes * 1_000_000
            rows.append((name, profile, store.state(name), size, each.licence, each.repository))
    known = {row[0] for row in rows}
    rows += [(name, "", store.state(name), store.size(name), "", "") for name in store.names() if name not in known]
    fields = ("name", "profile", "state", "bytes", "licence", "repository")
    if as_json:
        print(json.dumps({"folder": str(store.folder), "weights": [dict(zip(fields, row, strict=True)) for row in rows]}))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for header in ("weights", "profile", "state", "size", "licence", "from"):
        table.add_column(header)
    for name, profile, state, size, licence, repository in rows:
        table.add_row(name, profile, state, _size(size), licence, repository)
    page().print(table)


@app.command(epilog=_PULL)
def pull(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile whose weights to get.")],
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Take them from this folder, without a network.")
    ] = None,
    non_commercial: Annotated[
        bool, typer.Option("--allow-non-commercial", help="Take weights whose licence forbids commercial use.")
    ] = False,
) -> None:
    """Download the weights of a profile.

    From the Hugging Face hub, or the one that HF_ENDPOINT names, with the token in HF_TOKEN. Broken off, the same command goes on
    from there. Every file's sum is checked, and files that can run programs are refused.
    """
    settings = settings_with()
    store = _store(settings)
    missing = [wanted for wanted in _wanted(profile, settings) if store.state(wanted.name) != "here"]
    if not missing:
        talk().print(f"The profile {profile} lacks no weights.")
        return
    if folder is not None:
        for wanted in missing:
            _check_licence(wanted.name, wanted.licence, allowed=wanted.commercial or non_commercial)
            store.copy(wanted, folder)
            talk().print(f"{wanted.name}: copied, {wanted.licence}")
        return
    with Hub() as hub:
        offers = [store.offer(wanted, hub) for wanted in missing]
        for offer in offers:
            talk().print(Text(f"{offer.wanted.name}: {_size(offer.size)} from {offer.repository.name}, licence {offer.licence}"))
            _check_licence(offer.wanted.name, offer.licence, allowed=offer.commercial or non_commercial)
        for offer in offers:
            _pull_one(store, offer, hub)


def _check_licence(name: str, licence: str, *, allowed: bool) -> None:
    if not allowed:
        raise Stop(
            f"The licence of {name} ({licence}) forbids commercial use. If yours is none: --allow-non-commercial.",
            ExitCode.UNABLE,
        )


def _pull_one(store: Store, offer: Offer, hub: Hub) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=talk()) as progress:
        task = progress.add_task(offer.wanted.name, total=offer.size)
        have: dict[str, int] = {}

        def tell(file: File, size: int) -> None:
            have[file.name] = size
            progress.update(task, completed=sum(have.values()))

        store.pull(offer, hub, tell)
    talk().print(f"{offer.wanted.name}: all sums are right")


@app.command(epilog=examples("livetranslate models verify", "livetranslate models verify whisper-large-v3-turbo"))
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Weights to check; all, if none is named.")
    ] = None,
) -> None:
    """Check the weights that are here against the sums that they came with."""
    store = _store(settings_with())
    chosen = names or [name for name in store.names() if store.state(name) == "here"]
    broken = 0
    for name in chosen:
        wrong = store.verify(name)
        broken += bool(wrong)
        talk().print(f"{name}: {'all sums are right' if not wrong else f'changed or missing: {_some(wrong)}'}")
    if not chosen:
        talk().print("There are no weights here.")
    if broken:
        raise Stop("Remove what is broken and pull it anew: livetranslate models remove NAME")


@app.command(epilog=examples("livetranslate models remove whisper-large-v3-turbo"))
def remove(names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Weights to delete.")]) -> None:
    """Delete weights, also those that are here in part."""
    store = _store(settings_with())
    for name in names:
        talk().print(f"{name}: {_size(store.remove(name))} freed")


def _some(names: Iterable[str]) -> str:
    return ", ".join(names)


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
