"""What the server counts for Prometheus: in a registry of its own, with labels of bounded values."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from livetranslate import __version__
from livetranslate.events import Usage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DELAYS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0)
_FACTORS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """The figures of one app."""

    def __init__(self, profile: str) -> None:
        self._registry = registry = CollectorRegistry()
        prefix = "livetranslate"
        info = Gauge(f"{prefix}_info", "Always 1.", ["version", "profile"], registry=registry)
        info.labels(__version__, profile).set(1)
        self.requests = Counter(f"{prefix}_requests", "Requests by route and status.", ["route", "status"], registry=registry)
        self.errors = Counter(f"{prefix}_errors", "Errors told to clients, by code.", ["code"], registry=registry)
        self.left = Counter(f"{prefix}_left", "Requests whose client left before the end.", registry=registry)
        self.first_text = Histogram(
            f"{prefix}_first_text_seconds", "From the request to the first text.", registry=registry, buckets=_DELAYS
        )
        self.first_audio = Histogram(
            f"{prefix}_first_audio_seconds", "From the request to the first speech.", registry=registry, buckets=_DELAYS
        )
        self.real_time_factor = Histogram(
            f"{prefix}_real_time_factor", "Seconds of work for a second of sound.", registry=registry, buckets=_FACTORS
        )
        self._seconds = Counter(f"{prefix}_audio_seconds", "Seconds of sound, in or out.", ["direction"], registry=registry)
        self._tokens = Counter(f"{prefix}_tokens", "Tokens by kind and direction.", ["kind", "direction"], registry=registry)
        self._gauges = {
            name: Gauge(f"{prefix}_{name}", about, registry=registry)
            for name, about in (("running", "Requests at work."), ("queued", "Requests that wait for a place."))
        }

    def watch(self, running: Callable[[], float], queued: Callable[[], float]) -> None:
        """Where to read what is at work and what waits."""
        self._gauges["running"].set_function(running)
        self._gauges["queued"].set_function(queued)

    def used(self, usage: Usage, seconds_in: float, seconds_out: float) -> None:
        """Counts what a request used."""
        self._seconds.labels("in").inc(seconds_in)
        self._seconds.labels("out").inc(seconds_out)
        for kind, direction, tokens in (
            ("audio", "in", usage.audio_in),
            ("video", "in", usage.video_in),
            ("text", "in", usage.text_in),
            ("audio", "out", usage.audio_out),
            ("text", "out", usage.text_out),
        ):
            self._tokens.labels(kind, direction).inc(tokens)

    def page(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
