"""Interpreting by a server that does all of it: media in pieces to requests, answers to events."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from livetranslate.engines import EngineInfo
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.chat import Piece, converse
from livetranslate.errors import EngineError
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, SPEAKING_RATE, Audio, Commit, Image, Media, Writing
from livetranslate.streams import Stream

_FRAME = HEARING_RATE // 50
"""Samples of the 20 ms that are judged at once for how loud they are."""
_SILENT = 120.0
"""Root mean square under which a frame is silence, about -49 dB of full scale."""
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Part:
    """What one request is about: sound and what was on screen meanwhile, or words."""

    index: int
    audio: Audio | None = None
    images: tuple[Image, ...] = ()
    writing: str = ""


class Cutter:
    """Cuts sound into parts of `seconds` to `longest` seconds, at the quietest moment between."""

    def __init__(self, seconds: float, longest: float) -> None:
        self._least, self._most = (round(each * HEARING_RATE) * BYTES_PER_SAMPLE for each in (seconds, max(seconds, longest)))
        self._held = bytearray()
        self._start = 0.0

    def push(self, audio: Audio) -> list[Audio]:
        """The parts that are whole now."""
        if not self._held:
            self._start = audio.start
        self._held += audio.pcm
        parts = []
        while len(self._held) >= self._most:
            parts.append(self._take(self._least + quietest(bytes(self._held[self._least : self._most]))))
        return parts

    def rest(self) -> Audio | None:
        """What is left at the end."""
        return self._take(len(self._held)) if self._held else None

    def _take(self, size: int) -> Audio:
        part = Audio(bytes(self._held[:size]), HEARING_RATE, self._start)
        del self._held[:size]
        self._start = part.end
        return part


def loudness(pcm: bytes) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """The root mean square of each frame of sound."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.asarray(np.sqrt(np.mean(np.square(frames), axis=1)))


def quietest(pcm: bytes) -> int:
    """The byte in the middle of the quietest fifth of a second, the last such."""
    frames = loudness(pcm)
    width = min(10, len(frames))
    if not width:
        return len(pcm)
    quiet = np.convolve(frames, np.ones(width), "valid")[::-1]
    return int(len(quiet) - 1 - quiet.argmin() + width // 2) * _FRAME * BYTES_PER_SAMPLE


def is_silent(audio: Audio) -> bool:
    """Whether there is nothing in it to translate, and nothing that a server would take."""
    return audio.seconds < _LEAST_SECONDS or not (loudness(audio.pcm) > _SILENT).any()


class PassThrough(ABC):
    """An interpreter that passes media on to a server, `part_seconds` at a time, and its answers back.

    Sound is cut at its quietest moment in the quarter after that; silence is not passed on. Parts are asked for one after the
    other, so that what comes is in order.
    """

    info: EngineInfo

    def __init__(self, upstream: Upstream, part_seconds: float) -> None:
        self._upstream = upstream
        self._part_seconds = part_seconds

    async def __aenter__(self) -> Self:
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._upstream.__aexit__(*exc)

    @abstractmethod
    def request(self, part: Part, options: Options) -> Mapping[str, Any]:
        """The body that asks for a part to be translated."""

    async def interpret(self, media: Stream[Media], options: Options) -> Stream[Event]:
        """Media in, events out; closes `media`. Cut by the server's limit of tokens, it ends with that reason."""
        telling = _Telling()
        async with aclosing(self._parts(media)) as parts:
            async for part in parts:
                async with aclosing(converse(self._upstream, self.request(part, options))) as pieces:
                    async for piece in pieces:
                        for event in telling.told(part.index, piece):
                            yield event
                if telling.finish == "length":
                    break
        yield Finished("length" if telling.finish == "length" else "stop")

    async def _parts(self, media: Stream[Media]) -> Stream[Part]:
        cutter, images, index = Cutter(self._part_seconds, 1.25 * self._part_seconds), list[Image](), 0
        async with aclosing(media):
            async for item in media:
                if isinstance(item, Image):
                    images.append(item)
                    continue
                if isinstance(item, Writing):
                    yield Part(index, writing=item.text)
                    index += 1
                    continue
                whole = [each for each in (cutter.rest(),) if each] if isinstance(item, Commit) else cutter.push(item)
                for audio in whole:
                    if not is_silent(audio):
                        yield Part(index, audio, _until(images, audio.end))
                        index += 1
        rest = cutter.rest()
        if rest is not None and not is_silent(rest):
            yield Part(index, rest, tuple(images))


def _until(images: list[Image], end: float) -> tuple[Image, ...]:
    """Takes out the images shown until then."""
    seen = [image for image in images if image.at <= end]
    del images[: len(seen)]
    return tuple(seen)


class _Telling:
    """Pieces of answers as events; speech that comes before its text waits for it."""

    def __init__(self) -> None:
        self.finish = ""
        self._said = ""
        self._early: list[bytes] = []
        self._samples = 0

    def told(self, index: int, piece: Piece) -> list[Event]:
        """The events that a piece makes."""
        events: list[Event] = []
        if piece.text:
            self._said += piece.text
            events.append(TextDelta(index, piece.text))
            early, self._early = self._early, []
            events += [self._audio(index, pcm) for pcm in early]
        if piece.pcm:
            if piece.rate != SPEAKING_RATE:
                raise EngineError("An engine's server speaks at another rate than 24 kHz.")
            if self._said:
                events.append(self._audio(index, piece.pcm))
            else:
                self._early.append(piece.pcm)
        if piece.finish:
            if self._said:
                events.append(TextDone(index, self._said))
            self.finish, self._said, self._early = piece.finish, "", []
        return events

    def _audio(self, index: int, pcm: bytes) -> AudioDelta:
        audio = Audio(pcm, SPEAKING_RATE, self._samples / SPEAKING_RATE)
        self._samples += audio.samples
        return AudioDelta(index, audio)
