"""The command `tokens`: what a recording would be billed, without translating it."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import typer

from livetranslate.cli.doors import Doors
from livetranslate.cli.shell import ExitCode, Sources, complain, examples, run, settings_with
from livetranslate.cli.tally import clock_face
from livetranslate.cli.views import shorten
from livetranslate.decode import Clip
from livetranslate.errors import LivetranslateError
from livetranslate.meter import Meter
from livetranslate.settings import Settings
from livetranslate.tokens import INPUT_LIMIT

EPILOG = examples(
    "livetranslate tokens talk.mp3   # 12.5 tokens for each second of sound",
    "livetranslate tokens *.wav --json   # one JSON object a line, keys as in the API's usage",
)


def tokens(
    sources: Sources,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each source.")] = False,
) -> None:
    """Tell what recordings would be billed as input.

    What comes out is billed as well: 12.5 tokens for each second of speech, and text by its length. That is known only
    when it is translated.
    """
    if run(_tell_all(sources, settings_with(), as_json)):
        raise typer.Exit(ExitCode.FAILED)


async def _tell_all(sources: list[str], settings: Settings, as_json: bool) -> int:
    """Tells each source; returns how many failed."""
    failed = 0
    async with Doors(settings) as doors, aclosing(_meters(sources, doors)) as measured:
        async for source, meter in measured:
            if isinstance(meter, LivetranslateError):
                complain(meter, shorten(source))
                failed += 1
            else:
                print(_line(shorten(source), meter, as_json), flush=True)
    return failed


async def _meters(sources: list[str], doors: Doors) -> AsyncGenerator[tuple[str, Meter | LivetranslateError], None]:
    for source in sources:
        try:
            async with doors.clip(source) as clip:
                measured: Meter | LivetranslateError = await _measure(clip)
        except LivetranslateError as error:
            measured = error
        yield source, measured


async def _measure(clip: Clip) -> Meter:
    """What all of a clip is billed: its samples are counted, as they are by the server."""
    meter = Meter(input_limit=sys.maxsize)
    async with aclosing(meter.hear(clip.media())) as media:
        async for _ in media:
            pass
    return meter


def _line(source: str, meter: Meter, as_json: bool) -> str:
    billed, seconds = meter.usage.audio_in, meter.seconds_in
    if as_json:
        usage = {"prompt_tokens": billed, "audio_tokens": billed, "text_tokens": 0}
        return json.dumps({"source": source, "seconds": round(seconds, 3), **usage, "limit": INPUT_LIMIT}, ensure_ascii=False)
    over = f" (over the limit of {INPUT_LIMIT}: the API refuses it)" if billed > INPUT_LIMIT else ""
    return f"{source}: {billed} audio tokens for {clock_face(seconds)}{over}"
