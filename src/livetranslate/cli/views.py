"""How a translation is shown while it runs: plain text for pipes, one JSON object a line for programs."""

import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.text import Text

from livetranslate.cli.shell import complain, talk
from livetranslate.cli.tally import Tally, clock_face
from livetranslate.errors import LivetranslateError
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone, Usage


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told about a source when it is done, or was stopped."""

    source: str
    tally: Tally
    took: float
    files: tuple[Path, ...]

    @property
    def usage(self) -> Usage:
        return self.tally.meter.usage


class View(Protocol):
    """Shows the sources one after the other: `begin`, `show` for each event, then `end` or `fail`."""

    def notice(self, text: str) -> None: ...

    def begin(self, source: str, tally: Tally, options: Options) -> None: ...

    def show(self, event: Event) -> None: ...

    def end(self, summary: Summary) -> None: ...

    def fail(self, source: str, error: LivetranslateError) -> None: ...


def shorten(source: str) -> str:
    """A source as it is shown: a data URI is not shown whole."""
    return source if len(source) <= 200 else f"{source[:40]}…"


def sentences(summary: Summary) -> list[str]:
    """A summary in a few lines for people."""
    tally, usage = summary.tally, summary.usage
    speed = tally.meter.seconds_in / summary.took
    told = [f"{clock_face(tally.meter.seconds_in)} of sound in {summary.took:.1f} s, {speed:.1f} × real time"]
    if tally.first_text is not None:
        audio = f", first speech after {tally.first_audio:.2f} s" if tally.first_audio is not None else ""
        told.append(f"first text after {tally.first_text:.2f} s{audio}")
    told.append(f"{usage.prompt} tokens in; {usage.text_out} of text and {usage.audio_out} of speech out")
    if tally.first_text is None and tally.reason == "stop":
        told.append("nothing was understood: no speech, or in a language that the profile does not hear")
    if summary.tally.reason == "length":
        told.append("cut at the limit of tokens: raise --max-tokens for more")
    if summary.tally.reason == "stopped":
        told.append(f"stopped at {clock_face(tally.at)}")
    told.extend(f"wrote {path}" for path in summary.files)
    return told


def tell_summary(console: Console, summary: Summary) -> None:
    """Prints a summary, dim but for the files."""
    for line in sentences(summary):
        console.print(Text(line, style="" if line.startswith("wrote") else "dim"))


class PlainView:
    """The translation alone on standard output as it comes, all else on standard error."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._console = talk()

    def notice(self, text: str) -> None:
        self._console.print(Text(text, style="yellow"))

    def begin(self, source: str, tally: Tally, options: Options) -> None:
        self._console.print(Text(f"{shorten(source)}: {clock_face(tally.seconds)} of sound", style="dim"))

    def show(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._out.write(event.text)
            self._out.flush()
        elif isinstance(event, TextDone):
            self._out.write("\n")
            self._out.flush()

    def end(self, summary: Summary) -> None:
        tell_summary(self._console, summary)

    def fail(self, source: str, error: LivetranslateError) -> None:
        complain(error, shorten(source))


def snake(name: str) -> str:
    """TextDelta as text_delta."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def usage_json(usage: Usage) -> dict[str, int | dict[str, int]]:
    """Usage with the keys of the API: `video_tokens` only where there was a video."""
    video = {"video_tokens": usage.video_in} if usage.video_in else {}
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"audio_tokens": usage.audio_in, "text_tokens": usage.text_in, **video},
        "completion_tokens_details": {"audio_tokens": usage.audio_out, "text_tokens": usage.text_out},
    }


class JsonView:
    """Each event as a JSON object on a line of its own."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def _line(self, kind: str, **values: Any) -> None:
        print(json.dumps({"event": kind, **values}, ensure_ascii=False), file=self._out, flush=True)

    def notice(self, text: str) -> None:
        self._line("notice", message=text)

    def begin(self, source: str, tally: Tally, options: Options) -> None:
        chosen = {"target": options.target, "language": options.source, "voice": options.voice}
        self._line("started", source=shorten(source), seconds=round(tally.seconds, 3), **chosen)

    def show(self, event: Event) -> None:
        if isinstance(event, AudioDelta):
            audio = event.audio
            self._line("audio_delta", utterance=event.utterance, start=round(audio.start, 6), seconds=round(audio.seconds, 6))
        elif not isinstance(event, Finished):
            self._line(snake(type(event).__name__), **asdict(event))

    def end(self, summary: Summary) -> None:
        tally = summary.tally
        self._line(
            "finished",
            source=shorten(summary.source),
            reason=summary.tally.reason,
            first_text_seconds=_rounded(tally.first_text),
            first_audio_seconds=_rounded(tally.first_audio),
            seconds=round(summary.took, 3),
            usage=usage_json(summary.usage),
            files=[str(path) for path in summary.files],
        )

    def fail(self, source: str, error: LivetranslateError) -> None:
        self._line("error", source=shorten(source), code=error.code, message=error.message)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
