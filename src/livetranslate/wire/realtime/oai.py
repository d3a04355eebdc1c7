"""The dialect of /v1/realtime/translations: a flat stream of text and speech, without turns, items or usage."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pybase64

from livetranslate.errors import LivetranslateError
from livetranslate.events import AudioDelta, Event, Options, TextDelta, TranscriptDelta
from livetranslate.media import SPEAKING_RATE
from livetranslate.streams import between
from livetranslate.wire.realtime.config import Config, Turns, max_lag
from livetranslate.wire.realtime.facts import VOICES_OF_SEED, Facts
from livetranslate.wire.realtime.refusals import Refused, mapping, shown, text
from livetranslate.wire.realtime.session import ServerEvent, Session, Surroundings

_STEP = 200
"""Milliseconds of sound that the model takes at once."""
_NOISES = ("near_field", "far_field")

FACTS = Facts(
    models=("gpt-realtime-translate",),
    voice="Cherry",
    voices=VOICES_OF_SEED,
    spoken=frozenset(),
    written=frozenset(),
    tokens_in=Fraction(25, 2),
    image_side=32,
    transcriber=None,
    bills_transcript=False,
    silence_ms=800,
    threshold=0.2,
    rates=(SPEAKING_RATE,),
)


class Translations(Session):
    """One session. What is said of one utterance may come before the last one's speech is done; text and speech only grow."""

    appends = "session.input_audio_buffer.append"
    finishes = "session.close"
    facts = FACTS

    def __init__(self, model: str, given: Surroundings) -> None:
        turns = Turns("server_vad", FACTS.threshold, FACTS.silence_ms)
        super().__init__(model, given, Config(turns, FACTS.voice, "pcm", "pcm", None, rate=SPEAKING_RATE))
        self._ends: dict[str, tuple[int, str]] = {}  # by stream: the last utterance, and its last character
        self._elapsed = 0

    def _options(self) -> Options:
        return self._config.options(FACTS, self._given.abilities, tails=False)

    def _session(self) -> dict[str, Any]:
        config = self._config
        listens = {
            "transcription": config.transcriber and {"model": config.transcriber},
            "noise_reduction": config.noise_reduction and {"type": config.noise_reduction},
        }
        told = {
            "id": self.id,
            "type": "translation",
            "model": self._model,
            "expires_at": self._given.expires_at,
            "audio": {"input": listens, "output": {"language": config.target}},
        }
        return told if config.max_lag is None else told | {"max_lag_s": config.max_lag}

    def _update(self, session: dict[str, Any]) -> None:
        config = max_lag(self._config, session)
        audio = mapping(session.get("audio"), "session.audio")
        listens = mapping(audio.get("input"), "session.audio.input")
        if "transcription" in listens:
            config = replace(config, transcriber=_named(listens, "transcription", "model"))
        if "noise_reduction" in listens:
            noise = _named(listens, "noise_reduction", "type")
            if noise is not None and noise not in _NOISES:
                where = "session.audio.input.noise_reduction.type"
                raise Refused(f"Invalid value for '{where}': {shown(noise)}. Supported are 'near_field' and 'far_field'.", where)
            config = replace(config, noise_reduction=noise)
        language = mapping(audio.get("output"), "session.audio.output").get("language")
        if language is not None:
            config = replace(config, target=self._language(language, "session.audio.output.language"))
        self._config = config

    def _language(self, value: Any, where: str) -> str:
        code, known = text(value, where), self._given.abilities.writes
        if code not in known:
            raise Refused(f"Language {shown(code)} is not supported. Supported are {', '.join(sorted(known))}.", where)
        return code

    def _told(self, event: Event) -> list[ServerEvent]:
        config = self._run.config if self._run else self._config
        match event:
            case TranscriptDelta(utterance, more) if more and config.transcriber:
                return [self._words("input", utterance, more)]
            case TextDelta(utterance, more) if more:
                return [self._words("output", utterance, more)]
            case AudioDelta(_, audio) if audio.pcm:
                pcm = {"sample_rate": SPEAKING_RATE, "channels": 1, "format": "pcm16"}
                delta = pybase64.b64encode_as_string(audio.pcm)
                return [self._event("session.output_audio.delta", delta=delta, **pcm, elapsed_ms=self._elapsed_ms())]
        return []

    def _words(self, stream: str, utterance: int, more: str) -> ServerEvent:
        """More words of one stream; where an utterance begins, with what joins it to the one before."""
        number, last = self._ends.get(stream, (utterance, ""))
        if number != utterance:
            more = between(last, more) + more
        self._ends[stream] = utterance, more[-1]
        return self._event(f"session.{stream}_transcript.delta", delta=more, elapsed_ms=self._elapsed_ms())

    def _elapsed_ms(self) -> int:
        self._elapsed = max(self._elapsed, int(1000 * self.seconds) // _STEP * _STEP)
        return self._elapsed

    def _run_ended(self, error: LivetranslateError | None) -> list[ServerEvent]:
        self._ends = {stream: (-1, last) for stream, (_, last) in self._ends.items()}  # the next run counts anew
        return []

    def _last(self) -> list[ServerEvent]:
        self._farewell = (1000, "")
        return [self._event("session.closed")]

    def _refusal(self, refused: Refused, event_id: str | None) -> ServerEvent:
        told = super()._refusal(refused, event_id)
        if event_id is not None:
            told["error"]["event_id"] = event_id
        return told


def _named(listens: Mapping[str, Any], key: str, name: str) -> str | None:
    """The text `name` of an object that may be null."""
    where = f"session.audio.input.{key}"
    asked = mapping(listens[key], where)
    return None if listens[key] is None else text(asked.get(name), f"{where}.{name}")
