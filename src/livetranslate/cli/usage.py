"""The command `usage`: what was used, by day, key, model or request, from the ledger."""

import csv
import json
import re
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from livetranslate.cli.keys import opened, when
from livetranslate.cli.shell import ExitCode, Stop, examples, page, talk
from livetranslate.cli.tally import clock_face
from livetranslate.cli.views import usage_json
from livetranslate.events import Usage
from livetranslate.keys import Entry, Line

EPILOG = examples(
    "livetranslate usage                             # by day",
    "livetranslate usage --by key --since 7d",
    "livetranslate usage --by model --since 2026-11-01 --until 2026-12-01",
    "livetranslate usage --by request --since 1h     # each request, without its content",
    "livetranslate usage --csv > usage.csv",
    "livetranslate usage --json",
)
_AGO = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


class By(StrEnum):
    """What the sums are over."""

    DAY = "day"
    KEY = "key"
    MODEL = "model"
    REQUEST = "request"


def usage(
    by: Annotated[By, typer.Option(help="One line for each of these.")] = By.DAY,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From then on: 7d, 24h, 30m, or a date (UTC).")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before then.")] = None,
    key: Annotated[str | None, typer.Option(metavar="ID", help="Of this key alone.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each line.")] = False,
) -> None:
    """Show what was used: requests, seconds and tokens. The ledger holds no word of what was said."""
    begin, end = (moment(text) if text else None for text in (since, until))
    with opened() as keys:
        if by is By.REQUEST:
            lines = [_of_entry(entry) for entry in keys.ledger.entries(begin, end, key)]
        else:
            group = {By.DAY: "day", By.KEY: "key", By.MODEL: "model"}[by]
            lines = [_of_line(group, line) for line in keys.ledger.lines(group, begin, end, key)]  # type: ignore[arg-type]
    if as_json:
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    elif as_csv:
        _print_csv(lines or [_of_line(by.value, Line("", 0, 0, Usage(), 0.0, 0.0))], empty=not lines)
    elif not lines:
        talk().print("Nothing was used in that time.")
    elif by is By.REQUEST:
        _print_requests(lines)
    else:
        _print_sums(by.value, lines)


def moment(text: str) -> float:
    """A time of the past (7d, 24h) or a date as unix seconds."""
    if ago := _AGO.fullmatch(text.strip()):
        return time.time() - int(ago[1]) * _UNITS[ago[2].lower()]
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise Stop("A time is written like 7d, 24h, 30m, 2026-11-01 or 2026-11-01T12:00.", ExitCode.USAGE) from None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _of_line(group: str, line: Line) -> dict[str, Any]:
    counts = {"requests": line.requests, "failed": line.failed}
    return {group: line.group, **counts, "seconds_in": line.seconds_in, "seconds_out": line.seconds_out, **usage_json(line.usage)}


def _of_entry(entry: Entry) -> dict[str, Any]:
    shown = ("request_id", "key_id", "model", "profile", "source", "target", "voice", "stream", "status", "code", "ended")
    told = {name: getattr(entry, name) for name in shown}
    times = ("seconds_in", "seconds_out", "first_text_ms", "first_audio_ms", "total_ms")
    told |= {name: getattr(entry, name) for name in times}
    return {"time": datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="milliseconds"), **told, **usage_json(entry.usage)}


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """Details of tokens as columns of their own: prompt_audio_tokens and so on."""
    flat: dict[str, Any] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            side = name.removesuffix("_tokens_details")
            flat |= {f"{side}_{kind}": count for kind, count in value.items()}
        else:
            flat[name] = value
    return flat


def _print_csv(lines: list[dict[str, Any]], *, empty: bool) -> None:
    """The lines under a header; the header alone where `empty`."""
    flat = [_flat(line) for line in lines]
    names = list(dict.fromkeys(name for line in flat for name in line))
    writer = csv.DictWriter(sys.stdout, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([] if empty else flat)


def _print_sums(group: str, lines: list[dict[str, Any]]) -> None:
    table = _table((group, "requests", "failed", "sound in", "speech out", "tokens in", "tokens out", "tokens"))
    total = {name: sum(line[name] for line in lines) for name in lines[0] if isinstance(lines[0][name], int | float)}
    for line in lines:
        table.add_row(line[group], *_cells(line))
    if len(lines) > 1:
        table.add_section()
        table.add_row("all", *_cells(total), style="bold")
    page().print(table)


def _cells(line: dict[str, Any]) -> Iterable[str]:
    yield from (str(line["requests"]), str(line["failed"]))
    yield from (clock_face(line["seconds_in"]), clock_face(line["seconds_out"]))
    yield from (str(line["prompt_tokens"]), str(line["completion_tokens"]), str(line["total_tokens"]))


def _print_requests(lines: list[dict[str, Any]]) -> None:
    table = _table(("time", "key", "to", "status", "ended", "sound in", "first text", "first speech", "tokens"))
    for line in lines:
        first = (f"{line[name] / 1000:.2f} s" if line[name] is not None else "–" for name in ("first_text_ms", "first_audio_ms"))
        began = when(datetime.fromisoformat(line["time"]).timestamp())
        status = f"{line['status']} {line['code'] or ''}".strip()
        cells = (line["target"] or "–", status, line["ended"], clock_face(line["seconds_in"]), *first, str(line["total_tokens"]))
        table.add_row(began, line["key_id"], *cells)
    page().print(table)


def _table(headers: Iterable[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for place, header in enumerate(headers):
        table.add_column(header, justify="left" if place == 0 else "right")
    return table
