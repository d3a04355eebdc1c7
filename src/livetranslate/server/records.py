"""What is remembered of one request while it runs, and told of it at its end: to the log, the metrics and the ledger."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from livetranslate.errors import LivetranslateError
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, Usage
from livetranslate.keys import Ended, Entry, Key
from livetranslate.meter import Meter
from livetranslate.server.logs import REQUESTS, log
from livetranslate.server.metrics import Metrics

_PROBES = frozenset({"health", "ready", "metrics"})
"""Routes that machines ask every few seconds."""
LEFT = 499
"""The status noted for a client that left before any answer."""


@dataclass(slots=True)
class Record:
    """One request. `started` is on the clock `now`, `time` in unix seconds."""

    request_id: str
    time: float
    now: Callable[[], float]
    started: float = 0.0
    route: str = "other"
    key: Key | None = None
    profile: str = ""
    model: str = ""
    options: Options | None = None
    stream: bool = False
    billed: bool = False
    status: int = LEFT
    code: str | None = None
    ended: Ended = "done"
    bytes_in: int = 0
    bytes_out: int = 0
    work_started: float | None = None
    first_text: float | None = None
    first_audio: float | None = None
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self.started = self.now()

    def failed(self, error: LivetranslateError) -> None:
        """Notes what the client is told."""
        self.code, self.ended = error.code, "failed"

    def left(self, code: str) -> None:
        """Notes a client that did not wait for the end."""
        self.code, self.ended = code, "left"

    def sent(self, event: Event) -> None:
        """Notes the first words and sounds, and a cut."""
        if isinstance(event, TextDelta) and event.text and self.first_text is None:
            self.first_text = self.now() - self.started
        elif isinstance(event, AudioDelta) and self.first_audio is None:
            self.first_audio = self.now() - self.started
        elif isinstance(event, Finished) and event.reason == "length":
            self.ended = "cut"

    def entry(self) -> Entry:
        """The ledger's row."""
        options = self.options
        return Entry(
            time=self.time,
            request_id=self.request_id,
            key_id=self.key.id if self.key else "",
            route=self.route,
            model=self.model,
            profile=self.profile,
            source=options.source if options else None,
            target=options.target if options else None,
            voice=options.voice if options else None,
            stream=self.stream,
            status=self.status,
            code=self.code,
            ended=self.ended,
            usage=self.meter.usage,
            seconds_in=self.meter.seconds_in,
            seconds_out=self.meter.seconds_out,
            first_text_ms=_ms(self.first_text),
            first_audio_ms=_ms(self.first_audio),
            total_ms=_ms(self.now() - self.started) or 0.0,
        )

    def tell(self, metrics: Metrics) -> None:
        """Writes the log's line and counts the figures."""
        entry = self.entry()
        log(
            REQUESTS,
            logging.DEBUG if self.route in _PROBES else logging.INFO,
            "request",
            request_id=self.request_id,
            key=self.key.id if self.key else None,
            route=self.route,
            status=self.status,
            code=self.code,
            ended=self.ended,
            ms=entry.total_ms,
            first_text_ms=entry.first_text_ms,
            first_audio_ms=entry.first_audio_ms,
            seconds_in=round(entry.seconds_in, 3),
            seconds_out=round(entry.seconds_out, 3),
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            source=entry.source,
            target=entry.target,
            voice=entry.voice,
            stream=self.stream,
        )
        metrics.requests.labels(self.route, str(self.status)).inc()
        if self.ended == "left":
            metrics.left.inc()
        elif self.code is not None:
            metrics.errors.labels(self.code).inc()
        if self.billed:
            self._tell_work(metrics, entry.usage)

    def _tell_work(self, metrics: Metrics, usage: Usage) -> None:
        metrics.used(usage, self.meter.seconds_in, self.meter.seconds_out)
        if self.first_text is not None:
            metrics.first_text.observe(self.first_text)
        if self.first_audio is not None:
            metrics.first_audio.observe(self.first_audio)
        if self.ended == "done" and self.work_started is not None and self.meter.seconds_in:
            metrics.real_time_factor.observe((self.now() - self.work_started) / self.meter.seconds_in)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
