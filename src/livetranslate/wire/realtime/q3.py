"""The dialect of qwen3-livetranslate-flash-realtime, the first generation: it announces no turns."""

from fractions import Fraction

from livetranslate.wire.realtime.facts import SPOKEN_BY_SEED, VOICES_OF_SEED, WRITTEN_BY_SEED, Facts
from livetranslate.wire.realtime.snapshots import Snapshots

FACTS = Facts(
    models=("qwen3-livetranslate-flash-realtime", "qwen3-livetranslate-flash-realtime-2025-09-22"),
    voice="Cherry",
    voices=VOICES_OF_SEED,
    spoken=SPOKEN_BY_SEED,
    written=WRITTEN_BY_SEED,
    tokens_in=Fraction(25, 2),
    image_side=28,
    transcriber=None,
    bills_transcript=True,
    silence_ms=800,
    threshold=0.2,
    input_format="pcm16",
    output_format="pcm24",
)


class Q3(Snapshots):
    """One session."""

    facts = FACTS
    announces = False
