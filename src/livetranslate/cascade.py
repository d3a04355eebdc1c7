"""The stages as functions from stream to stream, and the two interpreters made of them, `Cascade` and `Direct`."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Self

from livetranslate.aids import NO_SIGHTS, Aids, Sights
from livetranslate.catalog import LANGUAGES
from livetranslate.engines import (
    Engine,
    EngineInfo,
    Preparing,
    Recognizer,
    SpeechTranslator,
    Synthesizer,
    Transcript,
    Translator,
    VadEngine,
)
from livetranslate.engines.loading import load_together
from livetranslate.errors import EngineError, EngineTimeout, Unsupported
from livetranslate.events import (
    AudioDelta,
    Event,
    Finished,
    Options,
    Span,
    SpeechStarted,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
)
from livetranslate.live import DEFAULT_PACE, Pace, Simultaneous
from livetranslate.media import SPEAKING_RATE, Audio, Media, Utterance, Writing
from livetranslate.resample import resample
from livetranslate.segment import DEFAULT_CUTS, Cut, Cuts, Vad, segment
from livetranslate.streams import SentenceCutter, Stream, T, ahead, beside, overlap, within
from livetranslate.watch import Watch

_MARKERS = 3
"""Cuts for each utterance: speech started, the utterance, speech stopped."""
_MOST_TRANSCRIPTS = 2000
"""Transcripts of one utterance; an engine that gives more runs away."""
_SLOWEST_START, _SLOWEST_CHARACTER = 10.0, 2.0
"""Seconds of speech that a sentence may take at the slowest: so many, and so many for each character."""


TextLanguage = Callable[[str], str | None]
"""Tells the language of a text, as a code of the catalog, if it can; it may block."""


class _Engines:
    """What both interpreters are: some engines that load and free together, and how long they may be silent."""

    def __init__(
        self, engines: tuple[Engine, ...], vad: Vad, cuts: Cuts, pace: Pace, width: int, engine_seconds: float, sights: Sights
    ) -> None:
        self._engines = (*engines, sights.reader) if sights.reader is not None else engines
        self._vad = vad
        self._cuts = cuts
        self._pace = pace
        self._width = width
        self._engine_seconds = engine_seconds
        self._sights = sights
        self._loaded = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._loaded = await load_together(self._engines)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._loaded.aclose()

    def _live(self, options: Options, watch: Watch) -> Simultaneous:
        return Simultaneous(
            options, self._vad, watch,
            sights=self._sights, pace=self._pace, width=self._width, engine_seconds=self._engine_seconds,
        )  # fmt: skip

    def _utterances(self, media: Stream[Media], hear: Callable[[Cut], Stream[Event]]) -> Stream[Event]:
        """The stage that hears: utterances are recognized `width` at a time, their events come in order."""
        cuts = ahead(segment(media, self._vad, self._cuts), _MARKERS)
        return overlap(cuts, hear, width=_MARKERS * self._width)

    def _request(self, options: Options, watch: Watch) -> "_Request":
        return _Request(options, self._width, self._engine_seconds, Aids(options, watch, self._sights))

    def _watch(self, options: Options) -> Watch:
        return Watch(self._sights.reader, options.source)


class Cascade(_Engines):
    """Recognizer, translator, synthesizer: each hands its sentences on while the one before is still at work."""

    def __init__(
        self,
        vad: VadEngine,
        recognizer: Recognizer,
        translator: Translator,
        synthesizer: Synthesizer,
        *,
        text_language: TextLanguage | None = None,
        cuts: Cuts = DEFAULT_CUTS,
        pace: Pace = DEFAULT_PACE,
        width: int = 2,
        engine_seconds: float = 120.0,
        sights: Sights = NO_SIGHTS,
    ) -> None:
        super().__init__((vad, recognizer, translator, synthesizer), vad, cuts, pace, width, engine_seconds, sights)
        self._recognizer = recognizer
        self._translator = translator
        self._synthesizer = synthesizer
        self._text_language = text_language

    @property
    def info(self) -> EngineInfo:
        hears, reads, writes = self._recognizer.info, self._translator.info, self._synthesizer.info
        return EngineInfo(
            name=f"{hears.name} + {reads.name} + {writes.name}",
            hears=hears.hears & (reads.reads | hears.writes),
            reads=reads.reads,
            writes=reads.writes | hears.writes,
            speaks=writes.speaks,
            voices=writes.voices,
            sample_rate=SPEAKING_RATE,
            sees_images=reads.sees_images,
            takes_glossary=reads.takes_glossary,
            pairs=reads.pairs,
        )

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """Media in, events out, as `Interpreter`; closes `media`."""
        watch = self._watch(options)
        if options.live is not None:
            live = self._live(options, watch).cascade(media, self._recognizer, self._translator, self._synthesizer)
            async with aclosing(watch), aclosing(live) as events:
                async for event in events:
                    yield event
            return
        request = self._request(options, watch)
        heard = self._utterances(watch.watching(media), lambda cut: request.hear(cut, self._recognizer, self._text_language))
        said = beside(heard, _is_heard, lambda event: request.translate(event, self._recognizer, self._translator))
        async with aclosing(watch), aclosing(request.spoken(said, self._synthesizer)) as events:
            async for event in events:
                yield event
        yield Finished()


class Direct(_Engines):
    """One engine from speech to text, then a synthesizer."""

    def __init__(
        self,
        vad: VadEngine,
        speech_translator: SpeechTranslator,
        synthesizer: Synthesizer,
        *,
        cuts: Cuts = DEFAULT_CUTS,
        pace: Pace = DEFAULT_PACE,
        width: int = 2,
        engine_seconds: float = 120.0,
        sights: Sights = NO_SIGHTS,
    ) -> None:
        super().__init__((vad, speech_translator, synthesizer), vad, cuts, pace, width, engine_seconds, sights)
        self._speech_translator = speech_translator
        self._synthesizer = synthesizer

    @property
    def info(self) -> EngineInfo:
        said, spoken = self._speech_translator.info, self._synthesizer.info
        return replace(said, name=f"{said.name} + {spoken.name}", speaks=spoken.speaks, voices=spoken.voices)

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """Media in, events out, as `Interpreter`; closes `media`."""
        watch = self._watch(options)
        if options.live is not None:
            live = self._live(options, watch).direct(media, self._speech_translator, self._synthesizer)
            async with aclosing(watch), aclosing(live) as events:
                async for event in events:
                    yield event
            return
        request = self._request(options, watch)
        said = self._utterances(watch.watching(media), lambda cut: request.hear_and_translate(cut, self._speech_translator))
        async with aclosing(watch), aclosing(request.spoken(said, self._synthesizer)) as events:
            async for event in events:
                yield event
        yield Finished()


def _is_heard(event: Event) -> bool:
    return isinstance(event, SpeechStarted | TranscriptDone)


def _is_said(event: Event) -> bool:
    return isinstance(event, TextDelta | TextDone)


class _Request:
    """The stages of one request, and what passes between them beside the events."""

    def __init__(self, options: Options, width: int, engine_seconds: float, aids: Aids) -> None:
        self._options = options
        self._hearing = asyncio.Semaphore(width)
        self._engine_seconds = engine_seconds
        self._aids = aids
        self._sentences = SentenceCutter()
        self._samples = 0

    async def _timed(self, stream: Stream[T]) -> Stream[T]:
        """An engine's answer, which may not be silent for too long."""
        async with aclosing(within(stream, self._engine_seconds)) as timed:
            try:
                async for item in timed:
                    yield item
            except TimeoutError:
                raise EngineTimeout from None

    async def hear(self, cut: Cut, recognizer: Recognizer, text_language: TextLanguage | None) -> Stream[Event]:
        """A cut to what was heard in it."""
        if isinstance(cut, Writing):
            language = self._options.source
            if language is None and text_language is not None:
                language = await asyncio.to_thread(text_language, cut.text)
            yield TranscriptDone(0, cut.text, language or "")
        elif isinstance(cut, Utterance):
            if self._options.spans:
                yield Span(cut.index, cut.audio.start, cut.audio.end)
            async with self._hearing:
                # Only now, so that the recognizer is told of all words that were read by its turn.
                transcripts = recognizer.transcribe(cut, self._options.source, self._aids.hearing(cut))
                async with aclosing(self._heard(cut, self._timed(transcripts))) as events:
                    async for event in events:
                        yield event
        else:
            yield cut

    async def _heard(self, cut: Utterance, transcripts: Stream[Transcript]) -> Stream[Event]:
        """An utterance's transcripts as events; what is not settled before the last one may be mended by words on screen.

        Raises `EngineError` if the last one is not final.
        """
        settled, given = "", 0
        async with aclosing(transcripts):
            async for transcript in transcripts:
                given += 1
                if given > _MOST_TRANSCRIPTS:
                    raise EngineError("A recognizer ran away.")
                if not transcript.text.startswith(settled):
                    raise EngineError("A recognizer took back words that it had settled.")
                more = transcript.text[len(settled) :]
                if transcript.final:
                    more = await self._aids.mended(cut, more, transcript.language)
                settled += more
                if more or transcript.tail:
                    yield TranscriptDelta(cut.index, more, "" if transcript.final else transcript.tail)
                if transcript.final:
                    yield TranscriptDone(cut.index, settled, transcript.language)
                    return
        raise EngineError("A recognizer stopped before the end of an utterance.")

    async def hear_and_translate(self, cut: Cut, engine: SpeechTranslator) -> Stream[Event]:
        """A cut to what it says in the target language, and what was heard, if the engine tells."""
        if isinstance(cut, Writing):
            raise Unsupported("This server's profile translates speech, not text.")
        if not isinstance(cut, Utterance):
            yield cut
            return
        if self._options.spans:
            yield Span(cut.index, cut.audio.start, cut.audio.end)
        heard = said = ""
        async with self._hearing:
            context = await self._aids.listening(cut)
            async with aclosing(self._timed(engine.translate_speech(cut, self._options, context))) as answers:
                async for answer in answers:
                    if isinstance(answer, Transcript):
                        if answer.final:
                            heard = answer.text
                            yield TranscriptDone(cut.index, answer.text, answer.language)
                    elif answer:
                        said += answer
                        yield TextDelta(cut.index, answer)
        for event in self._done(cut.index, heard, said):
            yield event

    def _done(self, utterance: int, heard: str, said: str) -> Iterator[Event]:
        """The end of an utterance's text, if it has one, and the evidence, if it was asked for."""
        if not said:
            self._aids.nothing_said(utterance)
            return
        yield TextDone(utterance, said)
        if (evidence := self._aids.said(utterance, heard, said)) is not None:
            yield evidence

    async def _prepare(self, recognizer: Recognizer, translator: Translator) -> None:
        """Lets a translator get ready while the first words are being heard, if their language is known before."""
        heard = recognizer.info.hears
        source = self._options.source or (next(iter(heard)) if len(heard) == 1 else None)
        if isinstance(translator, Preparing) and source not in (None, self._options.target):
            await translator.prepare(source, self._options.target)

    async def translate(self, event: Event, recognizer: Recognizer, translator: Translator) -> Stream[Event]:
        """What was heard to what is said, in pieces; the same words where the language is the target already."""
        if isinstance(event, SpeechStarted):
            await self._prepare(recognizer, translator)
        if not isinstance(event, TranscriptDone):
            return
        if not event.text.strip():
            self._aids.nothing_said(event.utterance)
            return
        source, target, said = event.language or self._options.source or "", self._options.target, ""
        if source == target:
            said = event.text
            yield TextDelta(event.utterance, said)
        else:
            if source and source not in translator.info.reads:
                raise Unsupported(f"{source} was heard, which the engine {translator.info.name!r} does not translate.")
            options = replace(self._options, source=source or None)
            pieces = self._aids.translate(translator, event.utterance, event.text, options)
            async with aclosing(self._timed(pieces)) as timed:
                async for piece in timed:
                    if piece:
                        said += piece
                        yield TextDelta(event.utterance, piece)
        for done in self._done(event.utterance, event.text, said):
            yield done

    def spoken(self, said: Stream[Event], synthesizer: Synthesizer) -> Stream[Event]:
        """The events of `said`, and beside them the speech, if it was asked for and can be had."""
        target = self._options.target
        if self._options.voice is None or not LANGUAGES[target].spoken or target not in synthesizer.info.speaks:
            return said
        return beside(said, _is_said, lambda event: self._speak(event, synthesizer))

    async def _speak(self, event: Event, synthesizer: Synthesizer) -> Stream[Event]:
        """The sentences that a piece of text completes, spoken."""
        if isinstance(event, TextDelta):
            sentences = self._sentences.push(event.text)
        elif isinstance(event, TextDone):
            sentences = [self._sentences.rest()]
        else:
            return
        options = self._options
        for sentence in sentences:
            if options.voice is None or not sentence.strip():
                continue
            longest = self._samples + SPEAKING_RATE * (_SLOWEST_START + _SLOWEST_CHARACTER * len(sentence))
            speech = synthesizer.synthesize(sentence.strip(), options.target, options.voice, options.speech_rate)
            async with aclosing(resample(self._timed(speech), SPEAKING_RATE)) as chunks:
                async for audio in chunks:
                    start = self._samples / SPEAKING_RATE
                    self._samples += audio.samples
                    if self._samples > longest:
                        raise EngineError("A synthesizer ran away.")
                    yield AudioDelta(event.utterance, Audio(audio.pcm, SPEAKING_RATE, start))
