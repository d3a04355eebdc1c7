"""What went in and what came out: counted as it passes, told in tokens when asked, and cut at the limit."""

from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from fractions import Fraction

from livetranslate import tokens
from livetranslate.errors import TooBig
from livetranslate.events import AudioDelta, Event, Finished, TextDelta, TextDone, TranscriptDelta, TranscriptDone, Usage
from livetranslate.media import HEARING_RATE, SPEAKING_RATE, Audio, Image, Media, Writing
from livetranslate.streams import Stream


class Meter:
    """Counts one request. Sound in is at `HEARING_RATE`, sound out at `SPEAKING_RATE`."""

    def __init__(
        self,
        per_second: Fraction = tokens.AUDIO_TOKENS_PER_SECOND,
        input_limit: int = tokens.INPUT_LIMIT,
        per_second_out: Fraction | None = None,
    ) -> None:
        self._per_second = per_second
        self._per_second_out = per_second if per_second_out is None else per_second_out
        self._input_limit = input_limit
        self._samples_in = 0
        self._samples_out = 0
        self._images: Counter[tuple[int, int]] = Counter()
        self._text_in = 0
        self._said: dict[int, str] = {}
        self._heard: dict[int, str] = {}
        self._text_done = 0  # tokens of the utterances whose text is done

    @property
    def seconds_in(self) -> float:
        """Seconds of sound that went in."""
        return self._samples_in / HEARING_RATE

    @property
    def seconds_out(self) -> float:
        """Seconds of speech that came out."""
        return self._samples_out / SPEAKING_RATE

    @property
    def usage(self) -> Usage:
        """What is owed so far."""
        return Usage(
            audio_in=tokens.audio_tokens(self._samples_in, HEARING_RATE, self._per_second),
            video_in=sum(tokens.video_tokens(count, *size) for size, count in self._images.items()),
            text_in=self._text_in,
            audio_out=self._audio_out,
            text_out=self._text_out,
        )

    @property
    def _audio_out(self) -> int:
        return tokens.audio_tokens(self._samples_out, SPEAKING_RATE, self._per_second_out)

    @property
    def _text_out(self) -> int:
        return self._text_done + sum(map(tokens.text_tokens, self._said.values()))

    async def hear(self, media: Stream[Media]) -> Stream[Media]:
        """Passes media on and counts it; raises `TooBig` past the input limit. Closes its source."""
        async with aclosing(media):
            async for item in media:
                if isinstance(item, Audio):
                    self._samples_in += item.samples
                elif isinstance(item, Image):
                    self._images[item.width, item.height] += 1
                elif isinstance(item, Writing):
                    self._text_in += tokens.text_tokens(item.text)
                if self.usage.prompt > self._input_limit:
                    raise TooBig(f"Range of input length should be [1, {self._input_limit}]")
                yield item

    async def see(self, events: Stream[Event], max_tokens: int = tokens.OUTPUT_LIMIT) -> Stream[Event]:
        """Passes events on and counts them. Where text or speech would go over `max_tokens`, it is cut there: what has begun
        is ended with what was said so far, and `Finished("length")` follows. Closes its source.
        """
        async with aclosing(events):
            async for event in events:
                fitting = self._fit(event, max_tokens)
                if fitting is not None:
                    self._count(fitting)
                    yield fitting
                if fitting is not event:
                    for end in self._ends():
                        yield end
                    return

    def _fit(self, event: Event, max_tokens: int) -> Event | None:
        """The event itself if it fits, what fits of it, or None."""
        if isinstance(event, TextDelta):
            return self._fit_text(event, max_tokens)
        if isinstance(event, AudioDelta):
            left = tokens.samples_within(max_tokens - self._text_out, SPEAKING_RATE, self._per_second_out) - self._samples_out
            audio = event.audio
            if audio.samples <= left:
                return event
            part = Audio(audio.pcm[: 2 * max(0, left)], audio.sample_rate, audio.start)
            return AudioDelta(event.utterance, part) if part.pcm else None
        return event

    def _fit_text(self, event: TextDelta, max_tokens: int) -> Event | None:
        said = self._said.get(event.utterance, "")
        left = max_tokens - self._audio_out - self._text_out + tokens.text_tokens(said)
        if tokens.text_tokens(said + event.text) <= left:
            return event
        part = tokens.text_within(said + event.text, left)[len(said) :]
        return TextDelta(event.utterance, part) if part else None

    def _count(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._said[event.utterance] = self._said.get(event.utterance, "") + event.text
        elif isinstance(event, TextDone):
            self._text_done += tokens.text_tokens(self._said.pop(event.utterance, ""))
        elif isinstance(event, AudioDelta):
            self._samples_out += event.audio.samples
        elif isinstance(event, TranscriptDelta):
            self._heard[event.utterance] = self._heard.get(event.utterance, "") + event.text
        elif isinstance(event, TranscriptDone):
            self._heard.pop(event.utterance, None)

    def _ends(self) -> Iterator[Event]:
        for utterance, text in sorted(self._heard.items()):
            yield TranscriptDone(utterance, text, "")
        for utterance, text in sorted(self._said.items()):
            yield TextDone(utterance, text)
        yield Finished("length")
