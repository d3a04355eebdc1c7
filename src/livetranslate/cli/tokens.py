"""The command `tokens`: what a recording would be billed, without translating it."""

import json
import sys
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from livetranslate.cli.doors import Doors
from livetranslate.cli.shell import ExitCode, Sources, complain, examples, run, settings_with
from livetranslate.cli.tally import clock_face
from livetranslate.cli.views import shorten
from livetranslate.decode import Clip, Probe
from livetranslate.errors import LivetranslateError
from livetranslate.events import Usage
from livetranslate.meter import Meter
from livetranslate.settings import Settings
from livetranslate.tokens import INPUT_LIMIT

EPILOG = examples(
    "livetranslate tokens talk.mp3   # 12.5 tokens for each second of sound",
    "livetranslate tokens talk.mp4   # and those of its pictures, two a second",
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


@dataclass(frozen=True, slots=True)
class _Bill:
    """What a source is billed as input: for its sound, whose samples are counted, and for its pictures, which are not decoded."""

    usage: Usage
    seconds: float
    probe: Probe


async def _tell_all(sources: list[str], settings: Settings, as_json: bool) -> int:
    """Tells each source; returns how many failed."""
    failed = 0
    async with Doors(settings) as doors:
        for source in sources:
            try:
                async with doors.clip(source, "count") as clip:
                    bill = await _measure(clip)
            except LivetranslateError as error:
                complain(error, shorten(source))
                failed += 1
            else:
                print(_line(shorten(source), bill, as_json), flush=True)
    return failed


async def _measure(clip: Clip) -> _Bill:
    meter = Meter(input_limit=sys.maxsize)
    async with aclosing(meter.hear(clip.media())) as media:
        async for _ in media:
            pass
    return _Bill(replace(meter.usage, video_in=clip.probe.video_tokens), meter.seconds_in, clip.probe)


def _line(source: str, bill: _Bill, as_json: bool) -> str:
    usage, probe = bill.usage, bill.probe
    if as_json:
        told = {"prompt_tokens": usage.prompt, "audio_tokens": usage.audio_in, "text_tokens": 0}
        size = {"images": probe.images, "width": probe.width, "height": probe.height}
        video = {"video_tokens": usage.video_in, **size} if usage.video_in else {}
        line = {"source": source, "seconds": round(bill.seconds, 3), **told, **video, "limit": INPUT_LIMIT}
        return json.dumps(line, ensure_ascii=False)
    over = f" (over the limit of {INPUT_LIMIT}: the API refuses it)" if usage.prompt > INPUT_LIMIT else ""
    parts = f"{usage.audio_in} audio tokens for {clock_face(bill.seconds)}"
    if usage.video_in:
        images = f"{probe.images} images of {probe.width}x{probe.height}"
        parts = f"{usage.prompt} tokens: {parts}, {usage.video_in} video tokens for {images}"
    return f"{source}: {parts}{over}"
