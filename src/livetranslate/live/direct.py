"""The stage of an engine that goes from speech to text in another language: phrases to what is said, without guesses."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from livetranslate.engines import Transcript
from livetranslate.events import Span, SpeechStarted, SpeechStopped, TranscriptDelta, TranscriptDone
from livetranslate.live.hearing import AHEAD, MARKERS
from livetranslate.live.phrases import Cut, Ended, Phrase
from livetranslate.live.saying import Interpretation, Said, Saying
from livetranslate.streams import Stream, ahead, between, overlap


@dataclass(frozen=True, slots=True)
class _Answer:
    """A part of what an engine says of a phrase; None after the last."""

    phrase: Phrase
    part: Transcript | str | Span | None


async def said_at_once(
    cuts: Stream[Cut],
    interpretation: Interpretation,
    translate_speech: Callable[[Phrase], Stream[Transcript | str]],
    width: int,
    *,
    spans: bool = False,
) -> Stream[Saying]:
    """Phrases to their translation, `width` at work at once, in order. Closes its source."""
    busy = asyncio.Semaphore(width)

    async def work(cut: Cut) -> Stream[Cut | _Answer]:
        if not isinstance(cut, Phrase):
            yield cut
            return
        if spans:
            yield _Answer(cut, Span(cut.utterance, cut.audio.start, cut.audio.end))
        answers = translate_speech(cut)
        async with busy, aclosing(answers):
            async for part in answers:
                yield _Answer(cut, part)
        yield _Answer(cut, None)

    fold = _Fold(interpretation)
    async with aclosing(overlap(ahead(cuts, AHEAD), work, width=MARKERS * width)) as answers:
        async for item in answers:
            for step in fold.take(item):
                yield step


class _Fold:
    """Answers, one phrase after the other, to the texts of their utterances."""

    def __init__(self, interpretation: Interpretation) -> None:
        self._interpretation = interpretation
        self._heard = self._language = self._said = ""

    def take(self, item: Cut | _Answer) -> Iterator[Saying]:
        """What an answer, or a cut between two, brings."""
        match item:
            case _Answer(phrase, Transcript(text, language, final=True)) if text:
                more = between(self._heard, text) + text
                self._heard, self._language = self._heard + more, self._language or language
                yield TranscriptDelta(phrase.utterance, more)
            case _Answer(_, Span() as span):
                yield span
            case _Answer(phrase, str(piece)) if piece:
                yield from self._interpretation.say(phrase.utterance, self._said, piece)
                self._said += piece
            case _Answer(phrase, None) if self._said.strip():
                yield Said(phrase.utterance, self._said, phrase.audio.end)
                self._said = ""
            case Ended(utterance):
                yield TranscriptDone(utterance, self._heard, self._language)
                yield from self._interpretation.end(utterance)
                self._heard = self._language = ""
            case SpeechStarted() | SpeechStopped():
                yield item
