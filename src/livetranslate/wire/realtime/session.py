"""One realtime session without a socket or a clock: client events and an interpreter's events in, server events out."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pybase64

from livetranslate.errors import BadBody, LivetranslateError
from livetranslate.events import Event, Finished, Options
from livetranslate.media import BYTES_PER_SAMPLE, Audio, Commit, Image, Media
from livetranslate.wire.realtime.config import Config
from livetranslate.wire.realtime.facts import Abilities, Facts
from livetranslate.wire.realtime.picture import jpeg_size
from livetranslate.wire.realtime.refusals import Refused, shown
from livetranslate.wire.strict_json import read_object

ServerEvent = dict[str, Any]
SECONDS_HELD = 60.0
"""Seconds of sound in one event, and in a buffer that waits to be committed."""
IMAGE_BYTES = 500_000
SESSION_SECONDS = 120 * 60
_MOST_REFUSALS = 1000
_TICKS = 48
"""Ticks of the media clock in a millisecond: a whole number of them is a sample at 8, 16 and 24 kHz."""


@dataclass(frozen=True, slots=True)
class Run:
    """An interpreter's work between two changes of settings: what it is asked, and the settings that its events are told by."""

    options: Options
    config: Config


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session gets from outside: fresh ids of 21 characters, when it ends in unix seconds, what the engines can do.

    With `cumulative` usage each response counts all that came before it in the session too.
    """

    abilities: Abilities
    new_id: Callable[[], str]
    expires_at: int = 0
    cumulative: bool = False


class Session(ABC):
    """What all dialects have in common.

    After each frame of the client, `take_media` has what came for an interpreter: a `Run` says that what follows it is for the
    next one. Whoever runs it says so with `begin`, hands on its events with `engine`, and tells when nothing is left to do with
    `drained`.
    """

    appends: str
    finishes: str
    facts: Facts

    def __init__(self, model: str, given: Surroundings, config: Config) -> None:
        self._model = model
        self._given = given
        self._config = config
        self._run: Run | None = None
        self._next_run: Run | None = None
        self.id = self._id("sess")
        self._farewell: tuple[int, str] | None = None
        self._ticks = 0  # all the sound that came
        self._media: list[Media | Run] = []
        self._buffer: list[Audio] = []  # not committed yet
        self._ending = False
        self._over = False
        self._refusals = 0

    # What the shell asks.

    def start(self) -> list[ServerEvent]:
        """The first events, before anything has come."""
        return [self._event("session.created", session=self._session())]

    def client(self, frame: str | bytes) -> list[ServerEvent]:
        """What a frame from the client brings; nothing once the session is finishing."""
        if self._ending:
            return []
        try:
            return self._obey(self._read(frame))
        except Refused as refused:
            return [self._refusal(refused, None)]

    def take_media(self) -> list[Media | Run]:
        """What has come for interpreters since the last time."""
        media, self._media = self._media, []
        return media

    def begin(self, run: Run) -> None:
        """An interpreter begins; the events from now on are its own."""
        self._run = run

    @property
    def ending(self) -> bool:
        """Whether no more media comes."""
        return self._ending

    @property
    def over(self) -> bool:
        """Whether the last event has been told."""
        return self._over

    @property
    def seconds(self) -> float:
        """Seconds of sound that came."""
        return self._ticks / _TICKS / 1000

    def engine(self, event: Event) -> list[ServerEvent]:
        """What an interpreter's event brings."""
        if self._over:
            return []
        if isinstance(event, Finished):
            return self._run_ended(None)
        return self._told(event)

    def broke(self, error: LivetranslateError) -> list[ServerEvent]:
        """What it brings that the interpreter failed; the next one may succeed."""
        if self._over:
            return []
        return [*self._run_ended(error), *self.failed(error)]

    def failed(self, error: LivetranslateError) -> list[ServerEvent]:
        """An error that the client has not brought about."""
        return [self._error("server_error", error.code, error.message)]

    def drained(self) -> list[ServerEvent]:
        """The last events: the session is ending, and what came is interpreted."""
        if not self._ending or self._over:
            return []
        self._over = True
        return self._last()

    def expire(self) -> list[ServerEvent]:
        """The session has lasted as long as it may: it finishes as if the client had asked for it, and is then closed."""
        self._farewell = self._farewell or (1000, "session expired")
        if self._ending:
            return []
        self._finish()
        return [self._error("invalid_request_error", "session_expired", "The session has reached its longest duration.")]

    @property
    def farewell(self) -> tuple[int, str] | None:
        """The code and reason to close the socket with, once it is to be closed."""
        return self._farewell if self._over or self._refusals > _MOST_REFUSALS else None

    # What dialects fill in.

    @abstractmethod
    def _session(self) -> dict[str, Any]:
        """The settings in force, as the client is told."""

    @abstractmethod
    def _update(self, session: dict[str, Any]) -> None:
        """Takes new settings; raises `Refused` and then has changed nothing."""

    @abstractmethod
    def _options(self) -> Options:
        """What the settings ask of an interpreter."""

    @abstractmethod
    def _told(self, event: Event) -> list[ServerEvent]:
        """Any event but the last."""

    @abstractmethod
    def _run_ended(self, error: LivetranslateError | None) -> list[ServerEvent]:
        """An interpreter is done, or failed in the midst."""

    @abstractmethod
    def _last(self) -> list[ServerEvent]:
        """The session's last events."""

    def _more(self, kind: str, event: dict[str, Any]) -> list[ServerEvent] | None:
        """A client event that only this dialect has; None if it has not."""
        return None

    # Reading.

    def _read(self, frame: str | bytes) -> dict[str, Any]:
        if isinstance(frame, bytes):
            raise Refused("Binary frames are not supported: send JSON as text.", code="invalid_frame")
        try:
            event = read_object(frame.encode("utf-8", "surrogatepass"))
        except BadBody:
            raise Refused("The event is no valid JSON object.", code="invalid_json") from None
        if not isinstance(event.get("type"), str):
            raise Refused("Missing required parameter: 'type'.", "type", "missing_required_parameter")
        return event

    def _obey(self, event: dict[str, Any]) -> list[ServerEvent]:
        name = event.get("event_id")
        try:
            return self._dispatch(event["type"], event)
        except Refused as refused:
            return [self._refusal(refused, name if isinstance(name, str) and len(name) <= 512 else None)]

    def _dispatch(self, kind: str, event: dict[str, Any]) -> list[ServerEvent]:
        if kind == self.appends:
            self._append(event)
            return []
        if kind == "session.update":
            session = event.get("session")
            if not isinstance(session, dict):
                raise Refused("Invalid type for 'session': expected an object.", "session", "invalid_type")
            self._update(session)
            return [self._event("session.updated", session=self._updated())]
        if kind == self.finishes:
            self._finish()
            return []
        told = self._more(kind, event)
        if told is None:
            raise Refused(f"Invalid value: {shown(kind)} is no event that this session takes.", "type")
        return told

    def _updated(self) -> dict[str, Any]:
        return self._session()

    def _append(self, event: dict[str, Any]) -> None:
        pcm = self._base64(event, "audio", SECONDS_HELD * self._config.rate * BYTES_PER_SAMPLE)
        if len(pcm) % BYTES_PER_SAMPLE:
            raise Refused("Invalid value for 'audio': half a sample at its end; send 16-bit PCM.", "audio")
        audio = Audio(pcm, self._config.rate, self.seconds)
        if self._config.turns is None:
            if sum(held.seconds for held in self._buffer) + audio.seconds > SECONDS_HELD:
                raise Refused(f"The buffer is full: commit at the latest after {SECONDS_HELD:g} seconds.", "audio", "buffer_full")
            self._buffer.append(audio)
        elif pcm:
            self._feed(audio)
        self._ticks += audio.samples * 1000 * _TICKS // audio.sample_rate

    def _base64(self, event: dict[str, Any], name: str, most: float) -> bytes:
        value = event.get(name)
        if not isinstance(value, str):
            raise Refused(f"Missing or invalid parameter: '{name}' must be a Base64 string.", name, "invalid_type")
        if len(value) > most * 4 / 3 + 4:
            raise Refused(f"Invalid value for '{name}': at most {most:.0f} bytes before Base64.", name)
        try:
            return pybase64.b64decode(value.encode("ascii"), validate=True)
        except ValueError:  # a UnicodeEncodeError is one too
            raise Refused(f"Invalid value for '{name}': it is no Base64.", name) from None

    def _image(self, event: dict[str, Any]) -> Image:
        jpeg = self._base64(event, "image", IMAGE_BYTES)
        size = jpeg_size(jpeg)
        if size is None:
            raise Refused("Invalid value for 'image': it is no JPEG.", "image")
        return Image(jpeg, *size, self.seconds)

    def _feed(self, *media: Media) -> None:
        if self._next_run is None or self._next_run.config != self._config:
            self._next_run = Run(self._options(), self._config)
            self._media.append(self._next_run)
        self._media += media

    def _commit(self) -> None:
        """Hands on what waits in the buffer, and that it ends there."""
        self._feed(*self._buffer, Commit())
        self._buffer = []

    def _finish(self) -> None:
        self._ending = True
        self._buffer = []

    # Telling.

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._given.new_id()}"

    def _event(self, kind: str, **fields: Any) -> ServerEvent:
        return {"event_id": self._id("event"), "type": kind, **fields}

    def _error(self, kind: str, code: str, message: str, param: str | None = None) -> ServerEvent:
        return self._event("error", error={"type": kind, "code": code, "message": message, "param": param})

    def _refusal(self, refused: Refused, event_id: str | None) -> ServerEvent:
        self._refusals += 1
        if self._refusals > _MOST_REFUSALS:
            self._farewell = (1008, "too many invalid events")
        return self._error("invalid_request_error", refused.code, refused.message, refused.param)
