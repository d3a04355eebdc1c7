"""How a running translation stands: what came when, how fast it goes, how long it will take."""

from dataclasses import dataclass
from typing import Literal

from livetranslate.events import AudioDelta, Event, Finished, Reason, SpeechStarted, SpeechStopped, TextDelta
from livetranslate.meter import Meter


@dataclass(slots=True)
class Tally:
    """Of one file: `seconds` long, begun at `started` on the clock that the callers read."""

    seconds: float
    started: float
    meter: Meter
    at: float = 0.0
    """Up to where, in seconds of the file, speech has been dealt with."""
    first_text: float | None = None
    first_audio: float | None = None
    finished: float | None = None
    reason: Reason | Literal["stopped"] = "stopped"
    """How it ended, once it is finished; until then somebody may stop it."""

    def see(self, event: Event, now: float) -> None:
        """Takes note of an event that came at `now`."""
        if isinstance(event, SpeechStarted | SpeechStopped):
            self.at = max(self.at, min(event.at, self.seconds))
        elif isinstance(event, TextDelta) and event.text and self.first_text is None:
            self.first_text = now - self.started
        elif isinstance(event, AudioDelta) and self.first_audio is None:
            self.first_audio = now - self.started
        elif isinstance(event, Finished):
            self.finished, self.reason = now, event.reason
            self.at = self.seconds if event.reason == "stop" else self.at

    def took(self, now: float) -> float:
        """Seconds since it began, or that it took."""
        return max(1e-6, (self.finished if self.finished is not None else now) - self.started)

    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self.at / self.seconds if self.seconds else 1.0

    def speed(self, now: float) -> float:
        """Seconds of the file for each second of work."""
        return self.at / self.took(now)

    def left(self, now: float) -> float | None:
        """Seconds until it will be done, once there is something to reckon with."""
        return (self.seconds - self.at) / self.speed(now) if self.at > 0 else None


def clock_face(seconds: float) -> str:
    """Seconds as people read them: 0:07, 12:30, 1:02:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
