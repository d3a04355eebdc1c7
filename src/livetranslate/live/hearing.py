"""The stage that listens: media to phrases, phrases to transcripts, and of those what stays, while somebody still speaks."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from livetranslate.engines import Transcript
from livetranslate.errors import EngineError, EngineTimeout
from livetranslate.events import Event, Live, Span, SpeechStarted, SpeechStopped, TranscriptDelta, TranscriptDone
from livetranslate.live.agreement import Agreement
from livetranslate.live.clauses import ClauseCutter
from livetranslate.live.phrases import Cut, Ended, Listener, Pace, Phrase
from livetranslate.media import BYTES_PER_SAMPLE, Audio, Commit, Image, Media
from livetranslate.segment import WINDOW, Vad, whole_windows
from livetranslate.streams import Stream, T, ahead, between, overlap, within

AHEAD = 64
"""Cuts that may wait for the recognizer: half a minute of speech or so."""
_BEHIND = 30.0
"""Seconds that hearing may be behind the sound before guesses are left out."""
MARKERS = 4
"""Cuts that may stand between two phrases: stopped, ended, started, a guess."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that stay and can be translated; `at` is where they end on the media clock, in seconds."""

    utterance: int
    text: str
    language: str
    at: float
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Guessed:
    """Words that may change, from the last clause on."""

    utterance: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase and its transcript, which a guess may lack."""

    phrase: Phrase
    transcript: Transcript | None


Step = Event | Clause | Guessed | Ended


async def timed(stream: Stream[T], seconds: float) -> Stream[T]:
    """An engine's answer, which may not be silent for longer."""
    async with aclosing(within(stream, seconds)) as items:
        try:
            async for item in items:
                yield item
        except TimeoutError:
            raise EngineTimeout from None


class Ear:
    """Listens to one stream of media."""

    def __init__(self, live: Live, pace: Pace, vad: Vad) -> None:
        self._live = live
        self._detect = vad()
        self._listener = Listener(live, pace)
        self._answers: dict[tuple[int, int], dict[int, asyncio.Future[Transcript | None]]] = {}  # by phrase, then samples

    async def cuts(self, media: Stream[Media]) -> Stream[Cut]:
        """The cuts of `media` (mono at `HEARING_RATE`), the same however it comes in chunks. Closes its source."""
        rest, placed = bytearray(), False
        async with aclosing(media):
            async for item in media:
                if isinstance(item, Audio):
                    if not placed:
                        self._listener.move(item.start)
                        placed = True
                    rest += item.pcm
                    for window in whole_windows(rest):
                        for cut in self._listener.push(window, self._detect(window)):
                            yield self._noted(cut)
                elif isinstance(item, Image):
                    self._listener.show(item)
                elif isinstance(item, Commit):
                    for cut in self._committed(rest):
                        yield self._noted(cut)
                    placed = False
        for cut in self._listener.finish(bytes(rest)):
            yield self._noted(cut)

    def _committed(self, rest: bytearray) -> Iterator[Cut]:
        if rest:
            window = bytes(rest).ljust(WINDOW * BYTES_PER_SAMPLE, b"\0")
            rest.clear()
            yield from self._listener.push(window, self._detect(window))
        yield from self._listener.commit()

    def _noted(self, cut: Cut) -> Cut:
        """Keeps a place for what a guess hears, in case the phrase ends with it."""
        if isinstance(cut, Phrase) and not cut.whole:
            answers = self._answers.setdefault((cut.utterance, cut.number), {})
            answers[cut.audio.samples] = asyncio.get_running_loop().create_future()
        return cut

    def heard(self, media: Stream[Media], transcribe: Callable[[Phrase], Stream[Transcript]], width: int) -> Stream[Cut | Heard]:
        """Phrases with their transcripts, `width` at work at once, in order, and the other cuts between them."""
        busy = asyncio.Semaphore(width)

        async def work(cut: Cut) -> Stream[Cut | Heard]:
            if isinstance(cut, Phrase):
                yield Heard(cut, await self._transcript(cut, transcribe, busy))
            else:
                yield cut

        return overlap(ahead(self.cuts(media), AHEAD), work, width=MARKERS * width)

    async def _transcript(
        self, phrase: Phrase, transcribe: Callable[[Phrase], Stream[Transcript]], busy: asyncio.Semaphore
    ) -> Transcript | None:
        place, samples = (phrase.utterance, phrase.number), phrase.audio.samples
        if not phrase.whole:
            answer = self._answers[place][samples]
            guess = await self._guess(phrase, transcribe, busy)
            answer.set_result(guess)
            return guess
        held = self._answers.get(place, {}).get(samples) if phrase.heard else None
        known = await held if held is not None else None
        self._answers.pop(place, None)
        if known is not None:
            return known
        async with busy:
            return await _last(transcribe(phrase))

    async def _guess(
        self, phrase: Phrase, transcribe: Callable[[Phrase], Stream[Transcript]], busy: asyncio.Semaphore
    ) -> Transcript | None:
        """What the phrase says so far; None if there is no time for guesses, or the engine fails: the whole phrase will tell."""
        async with busy:
            if self._listener.at - phrase.audio.end > _BEHIND:
                return None
            try:
                return await _last(transcribe(phrase))
            except EngineError:
                return None


async def _last(transcripts: Stream[Transcript]) -> Transcript:
    async with aclosing(transcripts):
        async for transcript in transcripts:
            if transcript.final:
                return transcript
    raise EngineError("A recognizer stopped before the end of an utterance.")


@dataclass(slots=True)
class _Utterance:
    """What is known of an utterance whose phrases are still coming."""

    text: str = ""
    tail: str = ""
    language: str = ""
    at: float = 0.0
    images: tuple[Image, ...] = ()
    phrase: Agreement = field(default_factory=Agreement)
    clauses: ClauseCutter = field(default_factory=ClauseCutter)


async def agreed(heard: Stream[Cut | Heard], *, tails: bool, spans: bool = False) -> Stream[Step]:
    """Transcripts to what stays of them, in clauses, with guesses at the rest. Closes its source."""
    now = _Utterance()
    async with aclosing(heard):
        async for item in heard:
            if isinstance(item, SpeechStarted | SpeechStopped):
                yield item
            elif isinstance(item, Heard):
                if spans and item.phrase.whole:
                    yield Span(item.phrase.utterance, item.phrase.audio.start, item.phrase.audio.end)
                for step in _take(now, item, tails=tails):
                    yield step
            elif isinstance(item, Ended):
                if now.clauses.waiting.strip():
                    yield _clause(now, item.utterance, now.clauses.rest())
                yield TranscriptDone(item.utterance, now.text, now.language)
                yield item
                now = _Utterance()


def _take(now: _Utterance, heard: Heard, *, tails: bool) -> Iterator[Step]:
    phrase, transcript = heard.phrase, heard.transcript
    if transcript is None:
        return
    now.at = phrase.audio.end
    now.language = now.language or transcript.language
    if phrase.whole:
        more, tail = now.phrase.final(transcript.text), ""
        now.images += phrase.images
    else:
        more, tail = now.phrase.guess(transcript.text)
    if now.phrase.settled == more:  # the phrase's first words
        more = between(now.text, more) + more
        tail = tail if more else between(now.text, tail) + tail
    if phrase.whole:
        now.phrase = Agreement()
    if more or tail != now.tail:
        now.text, now.tail = now.text + more, tail
        yield TranscriptDelta(phrase.utterance, more, tail)
    for clause in now.clauses.push(more) + (now.clauses.pause() if phrase.whole else []):
        yield _clause(now, phrase.utterance, clause)
    if tails and not phrase.whole and (guess := now.clauses.waiting + tail).strip():
        yield Guessed(phrase.utterance, guess, now.language)


def _clause(now: _Utterance, utterance: int, text: str) -> Clause:
    images, now.images = now.images, ()
    return Clause(utterance, text, now.language, now.at, images)
