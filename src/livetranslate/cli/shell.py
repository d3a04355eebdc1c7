"""What all commands share: settings, the two consoles, errors in one line with what to do next, exit codes."""

import asyncio
import sys
from collections.abc import Coroutine, Iterable
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from livetranslate.engines.registry import EngineMissing
from livetranslate.errors import BadMedia, BadParameter, BadUrl, EngineError, FetchFailed, LivetranslateError, TooBig, Unsupported
from livetranslate.profiles import UnknownProfile
from livetranslate.settings import BadSettings, Settings, load

T = TypeVar("T")


class ExitCode(IntEnum):
    """What a command's exit status means."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNABLE = 3
    STOPPED = 130


MEANINGS = {
    ExitCode.DONE: "all was done",
    ExitCode.FAILED: "something failed: a file that cannot be read, an address that does not answer, an engine",
    ExitCode.USAGE: "the command line or a setting is wrong; nothing was begun",
    ExitCode.UNABLE: "this machine or profile cannot do it: an engine is missing, a language is not supported",
    ExitCode.STOPPED: "stopped by Ctrl-C; what was made until then is kept",
}


class Stop(LivetranslateError):
    """A command ends with a message and an exit code."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = code


_HINTS: tuple[tuple[type[LivetranslateError], str], ...] = (
    (FetchFailed, "Does the address open in a browser? Hosts of private networks must be named in LIVETRANSLATE_FETCH_ALLOW."),
    (BadUrl, "Hosts on ports other than 80 and 443 must be named in LIVETRANSLATE_FETCH_ALLOW."),
    (
        BadMedia,
        "Is it a recording? WAV, MP3, FLAC, AAC, OGG, OPUS, M4A, WMA and AMR are read, and videos with sound:"
        " MP4, MKV, MOV, AVI, FLV, WMV and WEBM.",
    ),
    (TooBig, "Cut it into shorter pieces, or raise the limit: livetranslate serve --help names the settings."),
    (EngineError, "Try again; livetranslate engines shows what is installed."),
    (UnknownProfile, "livetranslate engines lists the profiles."),
    (BadSettings, "All settings: docs/reference/settings.md."),
)
_CODES: tuple[tuple[type[LivetranslateError], ExitCode], ...] = (
    (BadParameter, ExitCode.USAGE),
    (BadUrl, ExitCode.USAGE),
    (BadSettings, ExitCode.USAGE),
    (UnknownProfile, ExitCode.USAGE),
    (Unsupported, ExitCode.UNABLE),
    (EngineMissing, ExitCode.UNABLE),
)


def hint(error: LivetranslateError) -> str:
    """What to do next, where we know it."""
    return next((text for kind, text in _HINTS if isinstance(error, kind)), "")


def exit_code(error: LivetranslateError) -> ExitCode:
    """The exit status that tells this error."""
    if isinstance(error, Stop):
        return error.exit_code
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)


class Commands(TyperGroup):
    """A group of commands whose errors are one line, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was asked for."""
        try:
            return super().invoke(ctx)
        except LivetranslateError as error:
            complain(error)
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            talk().print("stopped", style="yellow")
            raise typer.Exit(ExitCode.STOPPED) from None


def talk() -> Console:
    """The console for people: standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def page() -> Console:
    """The console for what was asked for: standard output; as wide as its text where nobody looks."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def complain(error: LivetranslateError, source: str = "") -> None:
    """Tells an error, the file it is about, and what to do next."""
    told = Text("error: ", style="bold red")
    told.append(f"{source}: " if source else "", style="not bold default")
    told.append(error.message, style="not bold default")
    talk().print(told)
    if advice := hint(error):
        talk().print(Text(f"       {advice}", style="dim"))


Sources = Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="Recordings: files, URLs, or - for standard input.")]


def settings_with(**overrides: Any) -> Settings:
    """The settings, with the options that were given on the command line."""
    return load(**{name: value for name, value in overrides.items() if value is not None})


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end; Ctrl-C cancels it, lets it clean up and comes out as `KeyboardInterrupt`."""
    return asyncio.run(main)


def examples(*lines: str) -> str:
    """An epilog that teaches: one example a line, as it would be typed."""
    return block("Examples:", lines)


def block(title: str, lines: Iterable[str]) -> str:
    """A part of a help text that keeps its lines."""
    return "\b\n" + "\n".join((title, *(f"  {line}" for line in lines)))
