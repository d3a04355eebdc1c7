"""Subtitles from events: cues that can be read in the time they stand, in lines of a script's length, as SRT, WebVTT or ASS."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

import pysubs2

from livetranslate.events import Event, Finished, Span, TextDelta, TextDone, TranscriptDone
from livetranslate.streams import between

FORMATS = ("srt", "vtt", "ass")
MOST_SECONDS, LEAST_SECONDS, GAP_SECONDS = 7.0, 1.0, 0.04
"""A cue stands at most and at least so long, if it can; and so long nothing stands before the next."""
LINES = 2


@dataclass(frozen=True, slots=True)
class Script:
    """How much of a script fits: characters in a line, and characters that people read in a second."""

    line: int
    speed: float


_LATIN = Script(42, 17.0)
_SCRIPTS = {"zh": Script(16, 9.0), "yue": Script(16, 9.0), "ja": Script(16, 7.0), "ko": Script(16, 9.0), "th": Script(35, 15.0)}
_DENSE = frozenset({"zh", "yue", "ja"})


def script_of(language: str) -> Script:
    """The limits of a language's script."""
    return _SCRIPTS.get(language, _LATIN)


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen from `start` to `end`, in seconds of the media; `below` is the other language, if wanted."""

    start: float
    end: float
    lines: tuple[str, ...]
    below: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All its lines."""
        return "\n".join(self.lines + self.below)


@dataclass(slots=True)
class _Utterance:
    spans: list[Span] = field(default_factory=list)
    heard: str = ""
    language: str = ""
    heard_done: bool = False
    said: str = ""
    said_done: bool = False


class Subtitler:
    """Events to cues, each given once nothing can change it: files and live alike. Needs `Options.spans`.

    With `both`, what was heard stands below its translation, a line each.
    """

    def __init__(self, target: str, *, both: bool = False) -> None:
        self._target, self._both = target, both
        self._utterances: dict[int, _Utterance] = {}
        self._held: Cue | None = None

    def push(self, event: Event) -> Iterator[Cue]:
        """The cues that an event completes."""
        match event:
            case Span(utterance):
                self._of(utterance).spans.append(event)
            case TranscriptDone(utterance, text, language):
                told = self._of(utterance)
                told.heard, told.language, told.heard_done = text, language, True
            case TextDelta(utterance, text):
                self._of(utterance).said += text
            case TextDone(utterance):
                self._of(utterance).said_done = True
                yield from self._whole(utterance)
            case Finished():
                for utterance in sorted(self._utterances):
                    yield from self._whole(utterance)
                yield from self.rest()

    def rest(self) -> Iterator[Cue]:
        """The last cue, which waited for the next one."""
        if self._held is not None:
            yield self._held
            self._held = None

    def _of(self, utterance: int) -> _Utterance:
        return self._utterances.setdefault(utterance, _Utterance())

    def _whole(self, utterance: int) -> Iterator[Cue]:
        told = self._utterances.pop(utterance)
        if told.said.strip() and told.spans:
            for cue in self._cues(told):
                yield from self._after(cue)

    def _after(self, cue: Cue) -> Iterator[Cue]:
        """Gives the cue before, which may stand until this one, and holds this one."""
        start = cue.start
        if self._held is not None:
            before = self._held
            start = max(start, before.start + LEAST_SECONDS)
            yield replace(before, end=min(before.end, start - GAP_SECONDS))
        end = max(cue.end, start + self._reading(cue))
        self._held = replace(cue, start=start, end=min(end, start + MOST_SECONDS))

    def _reading(self, cue: Cue) -> float:
        """Seconds that it takes to read a cue."""
        letters = sum(map(len, cue.lines or cue.below))
        return min(MOST_SECONDS, max(LEAST_SECONDS, letters / script_of(self._target).speed))

    def _cues(self, told: _Utterance) -> Iterator[Cue]:
        """An utterance in pieces that fit on the screen, each at the time of its words."""
        clock, seconds = _Clock(told.spans), sum(span.end - span.start for span in told.spans)
        rows = 1 if self._both else LINES
        script, other = script_of(self._target), script_of(told.language)
        least = max(1, math.ceil(seconds / MOST_SECONDS), _least(told.said, script.line * rows))
        if self._both:
            least = max(least, _least(told.heard, other.line))
        for count in range(least, least + len(told.said) + 1):
            pieces = _parts(told.said.strip(), count, self._target)
            under = _parts(told.heard.strip(), count, told.language) if self._both else []
            shown = [wrapped(piece, self._target, rows) for piece in pieces]
            below = [wrapped(piece, told.language, 1) for piece in under]
            if all(len(lines) <= rows for lines in shown) and all(len(lines) <= 1 for lines in below):
                break
        timed = pieces if len(pieces) >= len(under) else under
        whole, at = sum(map(len, timed)), 0
        for piece, lines, lower in zip_longest(timed, shown, below, fillvalue=()):
            start, end = clock.at(at / whole), clock.at((at + len(piece)) / whole)
            at += len(piece)
            yield Cue(start, min(end, start + MOST_SECONDS), lines, lower)


class _Clock:
    """Where in the spans of an utterance a share of its words is spoken."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._before = [0.0]
        for span in spans:
            self._before.append(self._before[-1] + span.end - span.start)

    def at(self, share: float) -> float:
        spoken = share * self._before[-1]
        place = min(len(self._spans) - 1, max(0, bisect_right(self._before, spoken) - 1))
        return self._spans[place].start + min(spoken - self._before[place], self._spans[place].end - self._spans[place].start)


def _least(text: str, room: int) -> int:
    return -(-len(text.strip()) // room)


def _breaks(text: str, language: str) -> list[int]:
    """Where a text may be broken: at spaces, or anywhere but before a sign where words are not spaced."""
    if language in _DENSE:
        return [place for place in range(1, len(text)) if text[place] not in "，。、！？；：”’）》」』,.!?;:)%"]
    return [place for place in range(1, len(text)) if text[place].isspace()]


def _parts(text: str, count: int, language: str) -> list[str]:
    """A text in so many parts of like length, broken after signs where one is near; fewer if it has too few places for that."""
    places = _breaks(text, language)
    chosen: list[int] = []
    for number in range(1, count):
        wanted = len(text) * number / count
        near = len(text) / count / 3
        free = [place for place in places if place > (chosen[-1] if chosen else 0)]
        if free:
            chosen.append(min(free, key=lambda place: abs(place - wanted) - (near if _ends(text, place) else 0)))
    parts = [text[begin:end].strip() for begin, end in pairwise([0, *chosen, len(text)])]
    return [part for part in parts if part] or [text]


def _ends(text: str, place: int) -> bool:
    return text[place - 1] in ".!?…;:,。！？；：，、।"


def wrapped(text: str, language: str, rows: int = LINES) -> tuple[str, ...]:
    """A text in lines of its script's length, of like length where two are enough; more than `rows` only if it cannot be less."""
    room = script_of(language).line
    if len(text) <= room:
        return (text,)
    for count in range(2, max(rows, 2) + 1):
        lines = _parts(text, count, language)
        if all(len(line) <= room for line in lines):
            return tuple(lines)
    return _filled(text, room, _breaks(text, language))


def _filled(text: str, room: int, places: list[int]) -> tuple[str, ...]:
    """Lines as full as they can be; a word that is longer than a line is cut."""
    lines, begin = [], 0
    while len(text[begin:].strip()) > room:
        begin += len(text[begin:]) - len(text[begin:].lstrip())
        fitting = [place for place in places if begin < place <= begin + room]
        end = fitting[-1] if fitting else begin + room
        lines.append(text[begin:end].strip())
        begin = end
    return (*lines, text[begin:].strip())


def written(cues: Iterable[Cue], form: str) -> str:
    """The cues as a file: "srt", "vtt" or "ass"."""
    file = pysubs2.SSAFile()
    for cue in cues:
        event = pysubs2.SSAEvent(start=round(1000 * cue.start), end=round(1000 * cue.end))
        event.plaintext = _plain(cue.text, form)
        file.append(event)
    text: str = file.to_string(form)
    return text


def _plain(text: str, form: str) -> str:
    """Words that no player takes for commands."""
    text = text.translate({ord("{"): "(", ord("}"): ")", ord("\\"): "/"}).replace("-->", "→")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if form == "vtt" else text


def joined(cue: Cue) -> str:
    """A cue in one line, its translation alone."""
    told = ""
    for line in cue.lines:
        told += between(told, line) + line
    return told
