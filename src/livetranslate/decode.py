"""The one door for decoding: a blob to 16 kHz mono audio and images, by a child process that can be killed and believed nothing.

The child opens the media, decodes up to a minute (of a video some seconds) and counts the rest before `open` returns: what is
broken, empty or too long is refused there. Then it streams, no faster than it is read.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeVar

import msgspec

from livetranslate.blob import Blob
from livetranslate.decoding import frames
from livetranslate.decoding.quarantine import Quarantine
from livetranslate.decoding.refused import told
from livetranslate.decoding.zygote import Child, Crashed, Zygote
from livetranslate.errors import InternalError, LivetranslateError, Overloaded
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Audio, Image, Media
from livetranslate.streams import Stream
from livetranslate.tokens import AUDIO_TOKENS_PER_SECOND, INPUT_LIMIT, MOST_FRAMES, audio_tokens, video_tokens

_log = logging.getLogger(__name__)

_JPEG = b"\xff\xd8\xff"
_BYTES_PER_SECOND = HEARING_RATE * BYTES_PER_SAMPLE
_START_SECONDS = 30.0
_DYING_SECONDS = 1.0
_TELLING_SECONDS = 0.1
"""By when the death of the zygote is known after that of its child."""

Images = Literal["none", "count", "see"]
"""What becomes of a video's pictures: left out, counted for their tokens, or looked at."""


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Bounds of one decoding; sizes in bytes, times in seconds, rates in Hz."""

    max_seconds: float = float(INPUT_LIMIT / AUDIO_TOKENS_PER_SECOND)
    """Of sound, counted."""
    held_seconds: float = 60.0
    """Of sound, decoded before anything streams."""
    memory_bytes: int = 1 << 30
    """Address space of a decode process."""
    stall_seconds: float = 20.0
    """A decode process that is waited for so long is killed. Of CPU time it has 10 s, and 20 s more than twice the sound's length
    once that is known to be good."""
    least_rate: int = 4_000
    most_rate: int = 192_000
    most_channels: int = 8
    most_streams: int = 8
    """Of sound and picture, in one file."""
    most_pixels: int = 4096 * 2304
    """Of a video's frame: 4K, and a little more."""
    most_frames: int = 3_000_000
    """Of a video, counted: a day and a half at 25 a second."""
    track: int = 0
    """Which of several sounds is heard, from 1; 0 is the file's default, as where there are not so many."""
    at_once: int = 32
    """Decode processes at the same time."""
    crashes: int = 2
    """After so many crashes on the same bytes they are refused unseen, for `quarantine_seconds`."""
    quarantine_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What the media is: FFmpeg's names of container and codec, Hz, and counted seconds."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    seconds: float
    images: int = 0
    """That are to be looked at, of this size or turned."""
    width: int = 0
    height: int = 0

    @property
    def tokens(self) -> int:
        """What all of it would be billed as input; `video_tokens`: its pictures."""
        return audio_tokens(round(self.seconds * HEARING_RATE), HEARING_RATE) + self.video_tokens

    @property
    def video_tokens(self) -> int:
        return video_tokens(self.images, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding took: CPU seconds, and the decode process's peak of memory in bytes."""

    cpu_seconds: float
    peak_bytes: int


class Clip:
    """Decoded media: what it is, how long, and its sound and images, once. Whoever opened it closes it."""

    def __init__(self, reading: "_Reading", ready: frames.Ready, held: "deque[bytes | Image]") -> None:
        self._reading = reading
        self._held = held
        self._start = ready.start
        self._taken = False
        self.probe = Probe(**{name: getattr(ready, name) for name in Probe.__slots__})

    @property
    def seconds(self) -> float:
        """How long the sound is: of its samples once all are decoded, before that of its packets."""
        return self.probe.seconds

    @property
    def cost(self) -> Cost | None:
        """What decoding took, once it is over."""
        return self._reading.cost

    async def media(self) -> Stream[Media]:
        """The sound at 16 kHz mono, in chunks of a quarter of a second, and each image before the sound during which it is
        shown; closes the clip at its end.

        `BadMedia` or `TooBig` if the media turns out to be so only now.
        """
        if self._taken:
            raise RuntimeError("a clip is read once")
        self._taken = True
        done = 0
        try:
            while item := self._held.popleft() if self._held else await self._reading.item():
                if isinstance(item, Image):
                    yield item
                    continue
                yield Audio(item, HEARING_RATE, self._start + done / HEARING_RATE)
                done += len(item) // BYTES_PER_SAMPLE
            if self.cost is not None:
                self.probe = replace(self.probe, seconds=done / HEARING_RATE)
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Ends the decoding, if it still runs."""
        self._held.clear()
        await self._reading.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


class Decoder:
    """Decodes for everyone, as an async context manager. `observe` is told what each job took that was not broken off."""

    def __init__(
        self,
        limits: DecodeLimits | None = None,
        *,
        worker: str = "livetranslate.decoding.worker",
        clock: Callable[[], float] = time.monotonic,
        observe: Callable[[Cost], None] | None = None,
    ) -> None:
        self.limits = limits or DecodeLimits()
        self._worker = worker
        self._clock = clock
        self._observe = observe
        self._zygote: Zygote | None = None
        self._starting = asyncio.Lock()
        self._places = asyncio.Semaphore(self.limits.at_once)
        self._quarantine = Quarantine(self.limits.crashes, self.limits.quarantine_seconds)
        self._reviver: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._living()
        self._reviver = asyncio.create_task(self._revive())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._reviver is not None:
            self._reviver.cancel()
            await asyncio.gather(self._reviver, return_exceptions=True)
        if self._zygote is not None:
            await self._zygote.close()
            self._zygote = None

    @property
    def pid(self) -> int | None:
        """The process that forks the decode processes."""
        return None if self._zygote is None else self._zygote.pid

    @property
    def sealed(self) -> bool:
        """Whether the kernel lets the decode processes filter their system calls; if not, resource limits alone hold them."""
        return self._zygote is not None and self._zygote.seccomp

    async def _living(self) -> Zygote:
        """A zygote that lives, as far as one can know."""
        async with self._starting:
            if self._zygote is None or not self._zygote.alive:
                if self._zygote is not None:
                    await self._zygote.close()
                self._zygote = Zygote(self._worker)
                await self._zygote.start(_START_SECONDS)
                if not self._zygote.seccomp:
                    _log.warning("the kernel filters no system calls here: resource limits alone hold the decode processes")
            return self._zygote

    async def _revive(self) -> None:
        """Starts another zygote when one dies, so that the next caller need not wait for it."""
        while True:
            if self._zygote is not None:
                await self._zygote.lost.wait()
            with suppress(InternalError):
                await self._living()
                continue
            await asyncio.sleep(1)

    async def open(self, blob: Blob, video: bool = False, images: Images = "none") -> Clip:
        """The media in the blob, looked into far enough to know that it is good; the blob may be closed afterwards.

        `video` is what it is called where it is refused. `BadMedia` if it is not to be decoded or has no sound, `TooBig` if that
        is too long.
        """
        if blob.size == 0:
            raise self.refusal("empty", video)
        digest = await asyncio.to_thread(lambda: blob.sha256)
        if self._quarantine.holds(digest, self._clock()):
            raise self.refusal("illegal", video)
        try:
            return await self._open(blob, video, images, digest)
        except _ZygoteDied:
            return await self._open(blob, video, images, digest)

    async def _open(self, blob: Blob, video: bool, images: Images, digest: str) -> Clip:
        await self._places.acquire()
        try:
            zygote = await self._living()
            child = await zygote.spawn(self._job(images), blob.fileno())
        except BaseException:
            self._places.release()
            raise
        reading = _Reading(self, zygote, child, digest, video)
        try:
            ready = await reading.ready()
            held: deque[bytes | Image] = deque()
            room = (self.limits.held_seconds + 1) * _BYTES_PER_SECOND
            while ready.whole and (item := await reading.item()):
                held.append(item)
                if isinstance(item, bytes) and (room := room - len(item)) < 0:
                    raise await reading.crash()
        except BaseException:
            await reading.aclose()
            raise
        return Clip(reading, ready, held)

    def _job(self, images: Images) -> frames.Job:
        limits = self.limits
        return frames.Job(
            id=0,
            max_seconds=limits.max_seconds,
            held_seconds=limits.held_seconds,
            memory_bytes=limits.memory_bytes,
            least_rate=limits.least_rate,
            most_rate=limits.most_rate,
            most_channels=limits.most_channels,
            most_streams=limits.most_streams,
            most_pixels=limits.most_pixels,
            most_frames=limits.most_frames,
            images=images,
            track=limits.track,
        )

    def refusal(self, why: str, video: bool) -> LivetranslateError:
        """What to raise for media that is not taken."""
        return told(why, video, self.limits.max_seconds, self.limits.most_pixels)

    def spent(self, cost: frames.Cost) -> Cost:
        """Notes what a job took."""
        took = Cost(cost.cpu_seconds, cost.peak_bytes)
        if self._observe is not None:
            self._observe(took)
        return took

    def crashed(self, digest: str) -> None:
        """Notes that these bytes brought a decode process down."""
        self._quarantine.add(digest, self._clock())

    def freed(self) -> None:
        """A decode process's place is free again."""
        self._places.release()


class _ZygoteDied(InternalError):
    """The process that forks the decode processes died, and took this one along: no fault of the media."""


class _Reading:
    """A running job: what the child says, checked. It ends itself with the last frame, and when anything is wrong."""

    def __init__(self, decoder: Decoder, zygote: Zygote, child: Child, digest: str, video: bool) -> None:
        self._decoder, self._zygote, self._child = decoder, zygote, child
        self._digest, self._video = digest, video
        self._left = decoder.limits.max_seconds * _BYTES_PER_SECOND
        self._images_left = MOST_FRAMES
        self._over = False
        self.cost: Cost | None = None

    async def ready(self) -> frames.Ready:
        """What the media is."""
        kind, body = await self._receive()
        ready = _said(body, frames.Ready) if kind == frames.READY else None
        if ready is None or not math.isfinite(ready.seconds + ready.start):
            raise await self.crash()
        return ready

    async def item(self) -> bytes | Image | None:
        """The next chunk of PCM, or the next image; None at the end, or once closed."""
        if self._over:
            return None
        kind, body = await self._receive()
        if self._over:
            return None
        if kind == frames.END:
            cost = _said(body, frames.Cost)
            if cost is None:
                raise await self.crash()
            self.cost = self._decoder.spent(cost)
            self._end()
            return None
        if kind == frames.IMAGE:
            return await self._image(body)
        self._left -= len(body)
        if kind != frames.AUDIO or not body or len(body) % BYTES_PER_SAMPLE or self._left < 0:
            raise await self.crash()
        return body

    async def _image(self, body: bytes) -> Image:
        self._images_left -= 1
        seen = _said(body, frames.Image)
        if seen is None or self._images_left < 0 or not seen.jpeg.startswith(_JPEG):
            raise await self.crash()
        return Image(seen.jpeg, seen.width, seen.height, seen.at, int.from_bytes(seen.look))

    async def _receive(self) -> tuple[bytes, bytes]:
        """The next frame, of those that are good news; what was closed meanwhile has no more."""
        try:
            kind, body = await self._child.receive(self._decoder.limits.stall_seconds)
        except Crashed:
            if self._over:
                return frames.END, b""
            raise await self.crash() from None
        if kind != frames.REFUSED:
            return kind, body
        refused = _said(body, frames.Refused)
        if refused is None:
            raise await self.crash()
        self._decoder.spent(refused.cost)
        self._end()
        raise self._decoder.refusal(refused.why, self._video)

    async def crash(self) -> LivetranslateError:
        """Ends the child, which broke off or talks nonsense; what to raise for it."""
        await self.aclose()
        if self._child.refused:
            return Overloaded()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TELLING_SECONDS):
                await self._zygote.lost.wait()
                return _ZygoteDied()
        self._decoder.crashed(self._digest)
        return self._decoder.refusal("illegal", self._video)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._child.kill()
            self._decoder.freed()

    async def aclose(self) -> None:
        """Kills the child and waits until it is gone."""
        self._end()
        await self._child.ended(_DYING_SECONDS)


Said = TypeVar("Said", bound=msgspec.Struct)


def _said(body: bytes, kind: type[Said]) -> Said | None:
    """What a frame's body says, if that makes sense."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.MsgspecError:
        return None
