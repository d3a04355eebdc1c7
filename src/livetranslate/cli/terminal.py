"""The view for people: what is heard and said grows on the screen, with a bar for progress, speed and time left below."""

import time
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from livetranslate.cli.shell import complain
from livetranslate.cli.tally import Tally, clock_face
from livetranslate.cli.views import PlainView, Summary, shorten, tell_summary
from livetranslate.errors import LivetranslateError
from livetranslate.events import Event, Options, SpeechStarted, TextDelta, TextDone, TranscriptDelta, TranscriptDone

_OPEN = 2
"""Utterances shown while they grow; older ones are printed when they are done."""
_BAR = 30


@dataclass(slots=True)
class _Spoken:
    """An utterance as far as it has come."""

    at: float
    heard: str = ""
    heard_tail: str = ""
    said: str = ""
    said_tail: str = ""


class TerminalView:
    """Finished utterances scroll up, the growing ones and the bar stay below."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._tally: Tally | None = None
        self._growing: dict[int, _Spoken] = {}
        self._start = 0.0

    def notice(self, text: str) -> None:
        self._console.print(Text(text, style="yellow"))

    def begin(self, source: str, tally: Tally, options: Options) -> None:
        line = Text(shorten(source), style="bold")
        line.append(f"  {clock_face(tally.seconds)} of sound", style="not bold dim")
        self._console.print(line)
        self._tally = tally
        self._growing.clear()
        self._start = 0.0
        self._live = Live(get_renderable=self._render, console=self._console, refresh_per_second=8, transient=True)
        self._live.start()

    def show(self, event: Event) -> None:
        if isinstance(event, SpeechStarted):
            self._start = event.at
        elif isinstance(event, TranscriptDelta | TranscriptDone | TextDelta | TextDone):
            spoken = self._growing.get(event.utterance)
            if spoken is None:
                spoken = self._growing[event.utterance] = _Spoken(self._start)
            self._grow(spoken, event)

    def _grow(self, spoken: _Spoken, event: TranscriptDelta | TranscriptDone | TextDelta | TextDone) -> None:
        match event:
            case TranscriptDelta():
                spoken.heard += event.text
                spoken.heard_tail = event.tail
            case TranscriptDone():
                spoken.heard, spoken.heard_tail = event.text, ""
                if not event.text.strip():
                    del self._growing[event.utterance]
            case TextDelta():
                spoken.said += event.text
                spoken.said_tail = event.tail
            case TextDone():
                spoken.said, spoken.said_tail = event.text, ""
                del self._growing[event.utterance]
                if self._live is not None:
                    self._live.refresh()  # first off the live part, then above it
                self._console.print(_paragraph(spoken))

    def end(self, summary: Summary) -> None:
        self._close()
        tell_summary(self._console, summary)

    def fail(self, source: str, error: LivetranslateError) -> None:
        self._close()
        complain(error, shorten(source))

    def _close(self) -> None:
        """Ends the live part; what was still growing is printed as it is."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        for spoken in self._growing.values():
            if spoken.heard or spoken.said:
                self._console.print(_paragraph(spoken))
        self._growing.clear()

    def _render(self) -> RenderableType:
        # called by the thread that refreshes: takes a copy before it looks
        growing = [_paragraph(spoken) for spoken in list(self._growing.values())[:_OPEN]]
        return Group(*growing, progress_line(self._tally, time.monotonic())) if self._tally else Group(*growing)


class PipedView(PlainView):
    """For a person who sends the translation elsewhere: it goes to standard output, the bar to standard error."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._terminal = console
        self._live: Live | None = None

    def begin(self, source: str, tally: Tally, options: Options) -> None:
        super().begin(source, tally, options)
        self._live = Live(get_renderable=lambda: progress_line(tally, time.monotonic()), console=self._terminal, transient=True)
        self._live.start()

    def end(self, summary: Summary) -> None:
        self._close()
        super().end(summary)

    def fail(self, source: str, error: LivetranslateError) -> None:
        self._close()
        super().fail(source, error)

    def _close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def _paragraph(spoken: _Spoken) -> RenderableType:
    """When it was said; what was heard, dim; below it what is said."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    heard = Text(spoken.heard.strip(), style="dim").append(spoken.heard_tail, style="italic")
    grid.add_row(clock_face(spoken.at), heard)
    if spoken.said or spoken.said_tail:
        grid.add_row("", Text(spoken.said.strip(), style="bold green").append(spoken.said_tail, style="italic not bold"))
    return grid


def progress_line(tally: Tally, now: float) -> RenderableType:
    """The bar, the share, the speed and the time left."""
    grid = Table.grid(padding=(0, 1))
    left = tally.left(now)
    words = f"{tally.share():4.0%}  {clock_face(tally.at)} of {clock_face(tally.seconds)}  {tally.speed(now):.1f} × real time"
    remaining = f"  {clock_face(left)} left" if left is not None else "  …"
    grid.add_row(ProgressBar(total=1.0, completed=tally.share(), width=_BAR), Text(words + remaining, style="dim"))
    return grid
