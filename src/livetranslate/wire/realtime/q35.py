"""The dialect of qwen3.5-livetranslate-flash-realtime, the second generation."""

from fractions import Fraction
from typing import Any

from livetranslate.wire.realtime.facts import SPOKEN_LATER, VOICES_LATER, WRITTEN_LATER, Facts
from livetranslate.wire.realtime.snapshots import Snapshots

FACTS = Facts(
    models=("qwen3.5-livetranslate-flash-realtime", "qwen3.5-livetranslate-flash-realtime-2026-05-19"),
    voice="Tina",
    voices=VOICES_LATER,
    spoken=SPOKEN_LATER,
    written=WRITTEN_LATER,
    tokens_in=Fraction(7),
    image_side=32,
    transcriber="qwen3-asr-flash-realtime",
    bills_transcript=False,
    silence_ms=1000,
    threshold=0.2,
)


class Q35(Snapshots):
    """One session."""

    facts = FACTS

    def _own_fields(self) -> dict[str, Any]:
        return {"sample_rate": self._config.rate}
