"""The dialect of qwen3.8-livetranslate-flash-realtime, the third generation: nested settings, and words that only grow."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from livetranslate.media import SPEAKING_RATE
from livetranslate.wire.realtime.config import Config
from livetranslate.wire.realtime.facts import SPOKEN_LATER, VOICES_LATER, WRITTEN_LATER, Facts
from livetranslate.wire.realtime.qwen import HEARD, Qwen
from livetranslate.wire.realtime.replies import Reply
from livetranslate.wire.realtime.session import ServerEvent

_TRANSCRIBER = "always"
_SPEAKERS = "speaker_detection"

FACTS = Facts(
    models=("qwen3.8-livetranslate-flash-realtime",),
    voice="Tina",
    voices=VOICES_LATER,
    spoken=SPOKEN_LATER,
    written=WRITTEN_LATER,
    tokens_in=Fraction(7),
    image_side=32,
    transcriber=_TRANSCRIBER,
    bills_transcript=False,
    silence_ms=2500,
    threshold=0.5,
    detection=_SPEAKERS,
)


class Q38(Qwen):
    """One session. The transcript cannot be turned off; the source language is always detected unless the client tells it."""

    facts = FACTS
    tails = False
    source_role = "assistant"

    def _normal(self, config: Config) -> Config:
        return replace(config, transcriber=_TRANSCRIBER)

    def _session(self) -> dict[str, Any]:
        config = self._config
        translation: dict[str, Any] = {"language": config.target}
        if config.phrases:
            translation["corpus"] = {"phrases": dict(config.phrases)}
        listens: dict[str, Any] = {"format": {"type": config.input_format, "sample_rate": config.rate}}
        if config.turns is not None:
            listens["turn_detection"] = {
                "type": config.turns.kind,
                "threshold": config.turns.threshold,
                "silence_duration_ms": config.turns.silence_ms,
            }
        speaks = {"format": {"type": config.output_format, "sample_rate": SPEAKING_RATE}, "voice": config.voice}
        told: dict[str, Any] = {
            "id": self.id,
            "object": "realtime.session",
            "model": self._model,
            "input_modalities": ["audio"],
            "output_modalities": list(config.modalities),
            "translation": translation,
            "audio": {"input": listens, "output": speaks},
        }
        if config.clone:
            clone = {"enable_voice_clone": True, "voice_clone_options": {"frequency": config.clone_frequency}}
            told |= {"voice": config.voice, **clone}
        return told if config.max_lag is None else told | {"max_lag_s": config.max_lag}

    def _updated(self) -> dict[str, Any]:
        """As `session.created`, with the turn detection a second time at the top, and its silence only if the client set it."""
        told, turns = self._session(), self._config.turns
        if turns is None:
            return told
        detection: dict[str, Any] = {
            "type": turns.kind,
            "threshold": turns.threshold,
            "create_response": True,
            "interrupt_response": True,
        }
        if turns.sent:
            detection["silence_duration_ms"] = turns.silence_ms
        told["audio"]["input"]["turn_detection"] = detection
        return told | {"turn_detection": detection}

    def _named(self, reply: Reply) -> dict[str, Any]:
        turns = reply.config.turns
        speaker = {"speaker_id": 1} if turns is not None and turns.kind == _SPEAKERS else {}
        return {"item_id": reply.source_id, **speaker}

    def _response(self, reply: Reply) -> dict[str, Any]:
        told = super()._response(reply)
        kept = {"id", "conversation_id", "status", "modalities", "output_audio_format", "output"}
        return {key: value for key, value in told.items() if key in kept} | ({} if reply.over else {"conversation_id": ""})

    def _running_transcript(self, reply: Reply, more: str) -> list[ServerEvent]:
        if not more:
            return []
        noise = self._given.new_id()[: 16 - len(more) % 16]
        return [self._event(f"{HEARD}.delta", item_id=reply.source_id, content_index=0, delta=more, obfuscation=noise)]

    def _running_text(self, reply: Reply, more: str) -> list[ServerEvent]:
        return [self._event(f"{reply.words}.delta", **reply.place(), delta=more)] if more else []
