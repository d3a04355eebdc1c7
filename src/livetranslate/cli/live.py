"""The command `live`: what the microphone hears, as captions in another language."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Annotated, Any, Protocol, TextIO

import typer
from rich.console import Console
from rich.live import Live as Redrawn
from rich.text import Text

from livetranslate.catalog import find_language
from livetranslate.cli.outputs import STDIN
from livetranslate.cli.shell import ExitCode, Stop, examples, page, run, settings_with, talk
from livetranslate.engines import Profile
from livetranslate.errors import Unsupported
from livetranslate.events import Event, Live, Options, TextDelta, TextDone
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Media
from livetranslate.profiles import build
from livetranslate.streams import Stream
from livetranslate.subtitles import Cue, Subtitler, written

_PIECE = HEARING_RATE // 10
"""Samples that are taken at once: a tenth of a second."""
_WAITING = 600
"""Pieces that may wait; a machine that is slower loses the oldest sound."""
MICROPHONE = "microphone"
EPILOG = examples(
    "livetranslate live --to es   # speak; Ctrl-C ends it",
    "livetranslate live --to fr --subtitles talk.srt",
    "arecord -t raw -f S16_LE -r 16000 -c 1 | livetranslate live - --to it",
)


def live(
    to: Annotated[str, typer.Option("--to", metavar="LANGUAGE", help="Language of the captions: a code or an English name.")],
    heard: Annotated[
        str, typer.Argument(metavar="[-]", help="A - for standard input: raw 16-bit mono sound at 16 kHz. Else the microphone.")
    ] = MICROPHONE,
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANGUAGE", help="Language that is spoken; left out, it is detected.")
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="Which microphone: part of its name, or its number.")] = None,
    pause: Annotated[float, typer.Option(min=0.2, max=6.0, help="Seconds of silence that end a caption.")] = 0.8,
    subtitles: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write subtitles at the end: a file named .srt, .vtt or .ass.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Which engines do it; livetranslate engines lists them.")
    ] = None,
) -> None:
    """Translate what is being said into captions.

    Captions grow while people speak; what may still change is dim. In a pipe, standard output carries the captions alone.
    """
    if heard not in (MICROPHONE, STDIN):
        raise Stop(f"{heard[:40]} is neither the microphone nor -. For files: livetranslate translate FILE", ExitCode.USAGE)
    if subtitles is not None and subtitles.suffix[1:] not in ("srt", "vtt", "ass"):
        raise Stop("--subtitles: the file must be named .srt, .vtt or .ass", ExitCode.USAGE)
    chosen = build(settings_with(profile=profile))
    language = find_language(source, "--from") if source is not None else None
    options = Options(find_language(to, "--to"), language, live=Live(silence=pause, tails=True), spans=subtitles is not None)
    try:
        chosen.check(options)
    except Unsupported as refusal:
        told = refusal.message.replace("translation_options.target_lang", "--to")
        raise Unsupported(told.replace("translation_options.source_lang", "--from")) from None
    if chosen.notice:
        talk().print(Text(chosen.notice, style="yellow"))
    captions = GrowingCaptions(page()) if sys.stdout.isatty() else PlainCaptions(sys.stdout)
    cues: list[Cue] = []
    try:
        run(_live(chosen, options, heard, device, captions, cues))
    finally:
        if subtitles is not None:
            subtitles.write_text(written(cues, subtitles.suffix[1:]), "utf-8")


class Captions(Protocol):
    """Shows captions while they grow."""

    def show(self, event: Event) -> None: ...

    def close(self) -> None: ...


class PlainCaptions:
    """A line for each utterance, as it comes, without what may change."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, event: Event) -> None:
        if isinstance(event, TextDelta | TextDone):
            self._out.write("\n" if isinstance(event, TextDone) else event.text)
            self._out.flush()

    def close(self) -> None:
        self._out.flush()


class GrowingCaptions:
    """Captions that are whole scroll up; the one that grows stays below, what may change of it dim."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = self._tail = ""
        self._redrawn = Redrawn(get_renderable=self._render, console=console, refresh_per_second=8, transient=True)
        self._redrawn.start()

    def show(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._said, self._tail = self._said + event.text, event.tail
        elif isinstance(event, TextDone):
            self._said = self._tail = ""
            self._redrawn.refresh()
            self._console.print(Text(event.text))

    def close(self) -> None:
        self._redrawn.stop()
        if self._said:
            self._console.print(Text(self._said))

    def _render(self) -> Text:
        return Text.assemble(self._said, (self._tail, "dim"))


async def _live(profile: Profile, options: Options, heard: str, device: str | None, captions: Captions, cues: list[Cue]) -> None:
    """Shows captions until the sound ends or somebody stops it."""
    subtitler = Subtitler(options.target)
    try:
        async with AsyncExitStack() as stack:
            interpreter = await stack.enter_async_context(profile.interpreter)
            media = standard_input() if heard == STDIN else microphone(device)
            events = await stack.enter_async_context(aclosing(interpreter.interpret(media, options)))
            if heard == MICROPHONE:
                talk().print(Text("listening; Ctrl-C ends it", style="dim"))
            async for event in events:
                captions.show(event)
                cues.extend(subtitler.push(event))
    finally:
        captions.close()
        cues.extend(subtitler.rest())


async def standard_input() -> Stream[Media]:
    """Raw sound from standard input, in pieces."""
    size, start = BYTES_PER_SAMPLE * _PIECE, 0
    while pcm := await asyncio.to_thread(sys.stdin.buffer.read, size):
        yield Audio(pcm[: len(pcm) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE], HEARING_RATE, start / HEARING_RATE)
        start += _PIECE


async def microphone(device: str | None) -> Stream[Media]:
    """Sound from the microphone, in pieces; raises `Stop` if there is none, or what it needs is missing."""
    sounddevice = _sounddevice()
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[bytes]()
    start = 0

    def take(data: Any, frames: int, when: Any, status: Any) -> None:
        loop.call_soon_threadsafe(_put, pieces, bytes(data))

    chosen = int(device) if device is not None and device.isdecimal() else device
    open_stream: Callable[..., Any] = sounddevice.RawInputStream
    try:
        listening = open_stream(HEARING_RATE, _PIECE, chosen, channels=1, dtype="int16", callback=take)
    except (sounddevice.PortAudioError, ValueError):
        raise Stop("There is no such microphone. python -m sounddevice lists them.", ExitCode.UNABLE) from None
    with listening:
        while True:
            pcm = await pieces.get()
            yield Audio(pcm, HEARING_RATE, start / HEARING_RATE)
            start += len(pcm) // BYTES_PER_SAMPLE


def _put(pieces: "asyncio.Queue[bytes]", pcm: bytes) -> None:
    if pieces.qsize() >= _WAITING:
        pieces.get_nowait()
    pieces.put_nowait(pcm)


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError):  # the library, or PortAudio below it
        raise Stop(
            "The microphone needs more: pip install 'livetranslate[microphone]', and on Debian apt-get install libportaudio2.",
            ExitCode.UNABLE,
        ) from None
    return sounddevice
