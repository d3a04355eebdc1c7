"""What the first two generations have in common: a flat session object, and running words as snapshots with a tail."""

from typing import Any

from livetranslate.wire.realtime.config import Turns
from livetranslate.wire.realtime.qwen import HEARD, Qwen
from livetranslate.wire.realtime.replies import Reply
from livetranslate.wire.realtime.session import ServerEvent


class Snapshots(Qwen):
    """Running words are told from the utterance's beginning: `text` stays, `stash` is a guess."""

    def _running_transcript(self, reply: Reply, more: str) -> list[ServerEvent]:
        words = {"item_id": reply.source_id, "content_index": 0, "text": reply.heard, "stash": reply.heard_tail}
        return [self._event(f"{HEARD}.text", **words, **self._tone(reply))]

    def _running_text(self, reply: Reply, more: str) -> list[ServerEvent]:
        return [self._event(f"{reply.words}.text", **reply.place(), text=reply.said, stash=reply.tail)]

    def _tone(self, reply: Reply) -> dict[str, Any]:
        return {"language": reply.language or reply.config.source or None, "emotion": None}

    def _session(self) -> dict[str, Any]:
        config = self._config
        told: dict[str, Any] = {
            "id": self.id,
            "object": "realtime.session",
            "model": self._model,
            "modalities": list(config.modalities),
            "voice": config.voice,
            "input_audio_format": config.input_format,
            "output_audio_format": config.output_format,
            **self._own_fields(),
            "translation": self._translation(),
        }
        if config.transcriber is not None:
            told["input_audio_transcription"] = {"model": config.transcriber, "language": config.source}
        if config.turns is not None:
            told["turn_detection"] = detection(config.turns)
        if config.clone:
            told |= {"enable_voice_clone": True, "voice_clone_options": {"frequency": config.clone_frequency}}
        return told if config.max_lag is None else told | {"max_lag_s": config.max_lag}

    def _own_fields(self) -> dict[str, Any]:
        """What one generation's session object has beside."""
        return {}

    def _translation(self) -> dict[str, Any]:
        config = self._config
        told: dict[str, Any] = {"language": config.target}
        if config.phrases:
            told["corpus"] = {"phrases": dict(config.phrases)}
        skips = {"skip_text": config.skip_text, "skip_audio": config.skip_audio}
        if any(skip is not None for skip in skips.values()):
            told["same_language_skip_options"] = {name: skip for name, skip in skips.items() if skip is not None}
        return told


def detection(turns: Turns) -> dict[str, Any]:
    """Turn detection as it is echoed."""
    return {
        "type": turns.kind,
        "threshold": turns.threshold,
        "silence_duration_ms": turns.silence_ms,
        "create_response": True,
        "interrupt_response": True,
    }
