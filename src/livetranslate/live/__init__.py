"""Simultaneous translation: media of somebody who is still speaking to events, while they speak."""

from contextlib import aclosing
from dataclasses import replace

from livetranslate.aids import NO_SIGHTS, Aids, Sights
from livetranslate.engines import Recognizer, SpeechTranslator, Synthesizer, Transcript, Translator
from livetranslate.events import Event, Finished, Live, Options
from livetranslate.live.direct import said_at_once
from livetranslate.live.hearing import Ear, agreed, timed
from livetranslate.live.phrases import DEFAULT_PACE, Pace, Phrase
from livetranslate.live.saying import Interpretation, Saying, Voice
from livetranslate.media import Media, Utterance
from livetranslate.segment import Vad
from livetranslate.streams import Stream, beside
from livetranslate.watch import Watch

__all__ = ["DEFAULT_PACE", "Pace", "Simultaneous"]


class Simultaneous:
    """The stages of one live session. Utterances end at pauses, are at most half a minute long, and are done in order."""

    def __init__(
        self, options: Options, vad: Vad, watch: Watch, *,
        sights: Sights = NO_SIGHTS, pace: Pace = DEFAULT_PACE, width: int = 2, engine_seconds: float = 120.0,
    ) -> None:  # fmt: skip
        self._options = options
        self._watch, self._aids = watch, Aids(options, watch, sights)
        self._live = options.live or Live()
        self._vad, self._pace, self._width = vad, pace, width
        self._engine_seconds = engine_seconds

    async def cascade(
        self, media: Stream[Media], recognizer: Recognizer, translator: Translator, synthesizer: Synthesizer
    ) -> Stream[Event]:
        """Media in, events out, as `Interpreter`; closes `media`."""

        def transcribe(phrase: Phrase) -> Stream[Transcript]:
            speech = Utterance(phrase.utterance, phrase.audio, phrase.images)
            answer = recognizer.transcribe(speech, self._options.source, self._aids.hearing(speech))
            return timed(answer, self._engine_seconds)

        interpretation = Interpretation(self._options, self._live, self._aids, self._engine_seconds, recognizer.info.hears)
        heard = Ear(self._live, self._pace, self._vad).heard(self._watch.watching(media), transcribe, self._width)
        steps: Stream[Saying] = agreed(heard, tails=self._live.tails, spans=self._options.spans)
        said = beside(steps, interpretation.wants, lambda step: interpretation.translate(step, translator))
        async with aclosing(self._spoken(said, synthesizer)) as events:
            async for event in events:
                yield event

    async def direct(self, media: Stream[Media], speech_translator: SpeechTranslator, synthesizer: Synthesizer) -> Stream[Event]:
        """The same with one engine from speech to text: no guesses, and of the transcript only what it tells."""

        async def translate_speech(phrase: Phrase) -> Stream[Transcript | str]:
            speech = Utterance(phrase.utterance, phrase.audio, phrase.images)
            context = await self._aids.listening(speech)
            answers = timed(speech_translator.translate_speech(speech, self._options, context), self._engine_seconds)
            async with aclosing(answers):
                async for answer in answers:
                    yield answer

        interpretation = Interpretation(self._options, self._live, self._aids, self._engine_seconds)
        cuts = Ear(self._live, replace(self._pace, resend=1.0), self._vad).cuts(self._watch.watching(media))
        said = said_at_once(cuts, interpretation, translate_speech, self._width, spans=self._options.spans)
        async with aclosing(self._spoken(said, synthesizer)) as events:
            async for event in events:
                yield event

    async def _spoken(self, said: Stream[Saying], synthesizer: Synthesizer) -> Stream[Event]:
        """The events among the steps, and beside them the speech."""
        voice = Voice(self._options, self._live, self._engine_seconds)
        async with aclosing(beside(said, voice.wants, lambda step: voice.speak(step, synthesizer))) as steps:
            async for step in steps:
                if isinstance(step, Event):
                    yield step
        yield Finished()
