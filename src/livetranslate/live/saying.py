"""The stages that say it: clauses to the translation, and that to speech which catches up when it falls behind."""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from livetranslate.aids import Aids
from livetranslate.catalog import LANGUAGES
from livetranslate.engines import NOTHING, Preparing, Synthesizer, Translator
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import AudioDelta, Lag, Live, Options, SpeechStarted, TextDelta, TextDone, UtteranceDone
from livetranslate.live.hearing import Clause, Guessed, Step, timed
from livetranslate.live.pauses import shorten
from livetranslate.live.phrases import Ended
from livetranslate.media import SPEAKING_RATE, Audio, Image
from livetranslate.resample import resample
from livetranslate.streams import Stream, between

_PIECE = 16
"""Characters of translation that leave together, so that few events carry many words."""
_FASTEST = 1.5
"""How much faster than asked for a voice may speak to catch up."""
_NOUNS_ARE_LARGE = frozenset({"de"})
_SLOWEST_START, _SLOWEST_CHARACTER = 10.0, 2.0
"""Seconds of speech that a clause may take at the slowest: so many, and so many for each character."""


@dataclass(frozen=True, slots=True)
class Said:
    """A clause in the target language, to be spoken; `at` is where its words ended on the media clock, in seconds."""

    utterance: int
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Over:
    """No more text comes of an utterance."""

    utterance: int


Saying = Step | Said | Over


class Interpretation:
    """What is remembered of one session's translation: the newest guess, the text of the utterance."""

    def __init__(self, options: Options, live: Live, aids: Aids, engine_seconds: float, hears: frozenset[str] = NOTHING) -> None:
        self._options, self._live, self._aids = options, live, aids
        self._engine_seconds = engine_seconds
        self._expected = options.source or (next(iter(hears)) if len(hears) == 1 else None)
        self._terms = (*options.glossary, *options.key_glossary)
        self._said = ""
        self._guesses = 0  # that wait

    def wants(self, step: Saying) -> bool:
        """Whether a step is to be translated."""
        self._guesses += isinstance(step, Guessed)
        return isinstance(step, SpeechStarted | Clause | Guessed | Ended)

    async def translate(self, step: Saying, translator: Translator) -> Stream[Saying]:
        """A clause to its text, a guess to a tail, an utterance's end to its whole text; speech that starts is prepared for."""
        if isinstance(step, SpeechStarted):
            if isinstance(translator, Preparing) and self._expected not in (None, self._options.target):
                await translator.prepare(self._expected or "", self._options.target)
        elif isinstance(step, Clause):
            async with aclosing(self._clause(step, translator)) as steps:
                async for made in steps:
                    yield made
        elif isinstance(step, Guessed):
            self._guesses -= 1
            if not self._guesses and not self._left_out(step.language):  # no newer one waits
                tail = await self._whole(step, translator)
                yield TextDelta(step.utterance, "", between(self._said, tail) + tail)
        elif isinstance(step, Ended):
            for made in self.end(step.utterance):
                yield made

    def end(self, utterance: int) -> Iterator[Saying]:
        """The end of an utterance's text."""
        if self._said:
            yield TextDone(utterance, self._said)
        self._said = ""
        yield Over(utterance)

    def say(self, utterance: int, said: str, piece: str) -> Iterator[Saying]:
        """A piece of a clause of which `said` has been said, joined to the utterance's text so far."""
        piece = piece if said else between(self._said, piece) + piece
        self._said += piece
        yield TextDelta(utterance, piece)

    async def _clause(self, clause: Clause, translator: Translator) -> Stream[Saying]:
        said = ""
        small = bool(self._said) and clause.text.lstrip()[:1].islower() and self._options.target not in _NOUNS_ARE_LARGE
        async with aclosing(self._pieces(clause, translator, clause.images)) as pieces:
            async for piece in pieces:
                piece = self._small(piece) if small and not said else piece
                if not self._left_out(clause.language):
                    for step in self.say(clause.utterance, said, piece):
                        yield step
                said += piece
        if said.strip():
            self._aids.said(clause.utterance, clause.text.strip(), said)
            if not (self._live.skip_audio and clause.language == self._options.target):
                yield Said(clause.utterance, said, clause.at)

    def _small(self, piece: str) -> str:
        """The piece with a small first letter, unless its first word is not written so in the midst of a sentence either."""
        word = piece.split(maxsplit=1)[0] if piece.strip() else ""
        kept = word.startswith("I'") or any(entry.target.startswith(word) for entry in self._terms)
        name = len(word) < 2 or word[1:] != word[1:].lower()
        return piece if kept or name else piece.replace(word, word[0].lower() + word[1:], 1)

    def _left_out(self, language: str) -> bool:
        return self._live.skip_text and language == self._options.target

    async def _pieces(self, words: Clause | Guessed, translator: Translator, images: tuple[Image, ...] | None) -> Stream[str]:
        """The translation in pieces of some length; the same words where the language is the target already."""
        text, source = words.text.strip(), words.language or self._options.source or ""
        if source == self._options.target:
            yield text
            return
        if source and source not in translator.info.reads:
            raise Unsupported(f"{source} was heard, which the engine {translator.info.name!r} does not translate.")
        answer = self._aids.translate(translator, words.utterance, text, replace(self._options, source=source or None), images)
        held, begun = "", False
        async with aclosing(timed(answer, self._engine_seconds)) as pieces:
            async for piece in pieces:
                held += piece if begun else piece.lstrip()
                begun = begun or bool(held)
                if len(held) >= _PIECE:
                    yield held
                    held = ""
        if held:
            yield held

    async def _whole(self, guess: Guessed, translator: Translator) -> str:
        async with aclosing(self._pieces(guess, translator, None)) as pieces:
            return "".join([piece async for piece in pieces])


class Voice:
    """Speaks one session's clauses, each as soon as the one before is spoken, and faster when that is too late.

    Its time is the media clock: where a listener is who plays speech as soon as it may come, and one clause after the other.
    """

    def __init__(self, options: Options, live: Live, engine_seconds: float) -> None:
        self._options, self._live = options, live
        self._engine_seconds = engine_seconds
        self._samples = 0
        self._until = 0.0

    def wants(self, step: Saying) -> bool:
        """Whether a step is to be spoken."""
        return isinstance(step, Said | Over)

    def speaks(self, synthesizer: Synthesizer) -> bool:
        """Whether speech was asked for and can be had."""
        target = self._options.target
        spoken = target not in LANGUAGES or LANGUAGES[target].spoken
        return self._options.voice is not None and spoken and target in synthesizer.info.speaks

    async def speak(self, step: Saying, synthesizer: Synthesizer) -> Stream[Saying]:
        """A clause to its speech."""
        if isinstance(step, Over):
            yield UtteranceDone(step.utterance)
        elif isinstance(step, Said) and self.speaks(synthesizer):
            start = max(self._until, step.at)
            lag, begun = start - step.at, self._samples
            yield Lag(step.utterance, lag)
            async with aclosing(self._speech(step, synthesizer, lag)) as chunks:
                async for audio in chunks:
                    yield AudioDelta(step.utterance, Audio(audio.pcm, SPEAKING_RATE, self._samples / SPEAKING_RATE))
                    self._samples += audio.samples
            self._until = start + (self._samples - begun) / SPEAKING_RATE

    async def _speech(self, said: Said, synthesizer: Synthesizer, lag: float) -> Stream[Audio]:
        text, longest = said.text.strip(), SPEAKING_RATE * (_SLOWEST_START + _SLOWEST_CHARACTER * len(said.text))
        assert self._options.voice is not None
        haste = min(1.0, max(0.0, 2 * lag / self._live.max_lag - 1)) if self._live.max_lag > 0 else 1.0
        rate = self._options.speech_rate * (1 + (_FASTEST - 1) * haste)
        speech = timed(synthesizer.synthesize(text, self._options.target, self._options.voice, rate), self._engine_seconds)
        samples = 0
        async with aclosing(shorten(resample(speech, SPEAKING_RATE)) if haste else resample(speech, SPEAKING_RATE)) as chunks:
            async for audio in chunks:
                samples += audio.samples
                if samples > longest:
                    raise EngineError("A synthesizer ran away.")
                yield audio
