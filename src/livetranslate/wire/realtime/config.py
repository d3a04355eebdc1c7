"""A session's settings: what a client may send of them in any generation's layout, merged field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from livetranslate.events import Live, Options
from livetranslate.glossary import Entry
from livetranslate.media import SPEAKING_RATE
from livetranslate.wire.realtime.facts import Abilities, Facts
from livetranslate.wire.realtime.refusals import Refused, flag, mapping, number, shown, text

MOST_PHRASES = 1000
_PHRASE = 200
_FORMATS = ("pcm", "pcm16", "pcm24")
_DETECTIONS = ("server_vad", "speaker_detection")
_FREQUENCIES = ("never", "once", "always")
_CLONED = "default"
_SURE = 0.5
"""What a VAD's certainty must be where the threshold is the generation's default."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How utterances are told apart; `sent` says whether the client chose the silence."""

    kind: str
    threshold: float
    silence_ms: int
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force. `turns` None means that the client commits; `transcriber` None, that no transcript is sent."""

    turns: Turns | None
    voice: str
    input_format: str
    output_format: str
    transcriber: str | None
    target: str = "en"
    source: str | None = None
    spoken: bool = True
    modalities: tuple[str, ...] = ("text", "audio")
    rate: int = 16_000
    phrases: tuple[tuple[str, str], ...] = ()
    skip_text: bool | None = None
    skip_audio: bool | None = None
    clone: bool = False
    clone_frequency: str | None = None
    noise_reduction: str | None = None
    max_lag: float | None = None

    def options(self, facts: Facts, abilities: Abilities, *, tails: bool) -> Options:
        """What an interpreter is asked with these settings."""
        speaks = self.spoken and facts.can_speak(self.target, abilities)
        skips = self.target in ("zh", "en")
        turns = self.turns or Turns("", facts.threshold, facts.silence_ms)
        live = Live(
            silence=turns.silence_ms / 1000,
            threshold=min(0.95, max(0.1, _SURE + (turns.threshold - facts.threshold) / 2)),
            manual=self.turns is None,
            tails=tails,
            skip_text=skips and bool(self.skip_text),
            skip_audio=skips and bool(self.skip_audio),
        )
        return Options(
            target=self.target,
            source=self.source,
            voice=facts.catalog_voice(self.voice, abilities) if speaks else None,
            glossary=tuple(Entry(source, target) for source, target in self.phrases),
            live=live if self.max_lag is None else replace(live, max_lag=self.max_lag),
        )


def merged(config: Config, session: Mapping[str, Any], facts: Facts, abilities: Abilities) -> Config:
    """The settings after an update: each field that it has, in this generation's layout or another's, and no other.

    Unknown fields are ignored. Raises `Refused` for what cannot be.
    """
    for read in (_modalities, _voice, _formats, _transcription, _turns, _translation, _cloning, _lag):
        config = read(config, session, facts)
    _check(config, session, facts, abilities)
    return config


def _nested(session: Mapping[str, Any], *path: str) -> tuple[bool, Any]:
    """Whether there is something under a path, and what."""
    value: Any = session
    for place, name in enumerate(path):
        value = mapping(value, ".".join(("session", *path[:place])))
        if name not in value:
            return False, None
        value = value[name]
    return True, value


def _modalities(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    for key in ("modalities", "output_modalities"):
        if session.get(key) is None:
            continue
        names = session[key]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Refused(f"Invalid type for 'session.{key}': expected an array of strings.", f"session.{key}", "invalid_type")
        if sorted(names) not in (["text"], ["audio", "text"]):
            supported = "Supported combinations are: ['text'] and ['audio', 'text']."
            raise Refused(f"Invalid modalities: {shown(names)}. {supported}", f"session.{key}")
        config = replace(config, modalities=tuple(names), spoken="audio" in names)
    return config


def _voice(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    for path in (("voice",), ("audio", "output", "voice")):
        there, value = _nested(session, *path)
        if not there:
            continue
        where = ".".join(("session", *path))
        name = facts.voice if value is None else text(value, where)
        if name not in facts.voices and name != _CLONED:
            raise Refused(f"Voice {shown(name)} is not supported.", where)
        config = replace(config, voice=name)
    return config


def _formats(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    for path, field in (
        (("input_audio_format",), "input_format"),
        (("audio", "input", "format", "type"), "input_format"),
        (("output_audio_format",), "output_format"),
        (("audio", "output", "format", "type"), "output_format"),
    ):
        _, name = _nested(session, *path)
        where = ".".join(("session", *path))
        if name is None:
            continue
        if text(name, where) not in _FORMATS:
            raise Refused(f"Audio format {shown(name)} is not supported: send raw 16-bit PCM ('pcm').", where)
        config = replace(config, input_format=name) if field == "input_format" else replace(config, output_format=name)
    for path in (("sample_rate",), ("audio", "input", "format", "sample_rate")):
        _, rate = _nested(session, *path)
        if rate is None:
            continue
        if isinstance(rate, bool) or rate not in facts.rates:
            where = ".".join(("session", *path))
            raise Refused(f"Invalid value for '{where}': supported are {', '.join(map(str, facts.rates))}.", where)
        config = replace(config, rate=rate)
    _, rate = _nested(session, "audio", "output", "format", "sample_rate")
    if rate not in (None, SPEAKING_RATE):
        where = "session.audio.output.format.sample_rate"
        raise Refused(f"Invalid value for '{where}': speech leaves at {SPEAKING_RATE}.", where)
    return config


def _transcription(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    where = "session.input_audio_transcription"
    if "input_audio_transcription" not in session:
        return config
    asked = mapping(session["input_audio_transcription"], where)
    if session["input_audio_transcription"] is None:
        config = replace(config, transcriber=None)
    if "model" in asked:
        model = asked["model"]
        config = replace(config, transcriber=None if model is None else text(model, f"{where}.model"))
    if "language" in asked:
        config = replace(config, source=_source(asked["language"], f"{where}.language"))
    return config


def _source(value: Any, where: str) -> str | None:
    name = "auto" if value is None else text(value, where)
    return None if name in ("auto", "") else name


def _turns(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    for path in (("turn_detection",), ("audio", "input", "turn_detection")):
        there, value = _nested(session, *path)
        if there:
            config = replace(config, turns=_detection(config.turns, value, ".".join(("session", *path)), facts))
    return config


def _detection(before: Turns | None, value: Any, where: str, facts: Facts) -> Turns | None:
    if value is None:
        return None
    asked = mapping(value, where)
    turns = before or Turns(facts.detection, facts.threshold, facts.silence_ms)
    if asked.get("type") is not None:
        if text(asked["type"], f"{where}.type") not in _DETECTIONS:
            known = " and ".join(map(repr, _DETECTIONS))
            raise Refused(f"Invalid value for '{where}.type': {shown(asked['type'])}. Supported are {known}.", f"{where}.type")
        turns = replace(turns, kind=asked["type"])
    if asked.get("threshold") is not None:
        turns = replace(turns, threshold=number(asked["threshold"], f"{where}.threshold", -1, 1))
    if asked.get("silence_duration_ms") is not None:
        silence = number(asked["silence_duration_ms"], f"{where}.silence_duration_ms", 200, 6000)
        turns = replace(turns, silence_ms=round(silence), sent=True)
    return turns


def _translation(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    asked = mapping(session.get("translation"), "session.translation")
    if asked.get("language") is not None:
        config = replace(config, target=text(asked["language"], "session.translation.language"))
    if "source_language" in asked:
        config = replace(config, source=_source(asked["source_language"], "session.translation.source_language"))
    if "corpus" in asked:
        corpus = mapping(asked["corpus"], "session.translation.corpus")
        config = replace(config, phrases=_phrases(corpus.get("phrases"), "session.translation.corpus.phrases"))
    if "same_language_skip_options" in asked:
        where = "session.translation.same_language_skip_options"
        skips = mapping(asked["same_language_skip_options"], where)
        config = replace(
            config,
            skip_text=flag(skips["skip_text"], f"{where}.skip_text") if "skip_text" in skips else None,
            skip_audio=flag(skips["skip_audio"], f"{where}.skip_audio") if "skip_audio" in skips else None,
        )
    return config


def _phrases(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    phrases = mapping(value, where)
    if len(phrases) > MOST_PHRASES:
        raise Refused(f"Invalid value for '{where}': at most {MOST_PHRASES} phrases.", where)
    return tuple((text(source, where, _PHRASE), text(target, where, _PHRASE)) for source, target in phrases.items())


def _cloning(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    if "enable_voice_clone" in session:
        config = replace(config, clone=flag(session["enable_voice_clone"], "session.enable_voice_clone"))
    if "voice_clone_options" in session:
        where = "session.voice_clone_options.frequency"
        frequency = mapping(session["voice_clone_options"], "session.voice_clone_options").get("frequency")
        if frequency is not None and text(frequency, where) not in _FREQUENCIES:
            raise Refused(f"Invalid value for '{where}': supported are {', '.join(map(repr, _FREQUENCIES))}.", where)
        config = replace(config, clone_frequency=frequency)
    return config


def _lag(config: Config, session: Mapping[str, Any], facts: Facts) -> Config:
    return max_lag(config, session)


def max_lag(config: Config, session: Mapping[str, Any]) -> Config:
    """Our extension: how many seconds speech may be behind before it catches up."""
    if "max_lag_s" in session:
        value = session["max_lag_s"]
        config = replace(config, max_lag=None if value is None else number(value, "session.max_lag_s", 0.5, 60))
    return config


def _check(config: Config, session: Mapping[str, Any], facts: Facts, abilities: Abilities) -> None:
    """What no field shows alone, as far as the update is about it."""
    where = "session.translation.language"
    if "translation" in session and config.target not in abilities.writes:
        raise Refused(_unable("translates into", config.target, abilities.writes), where)
    hints = session.keys() & {"translation", "input_audio_transcription"}
    if hints and config.source is not None and config.source not in abilities.hears:
        source = "session.input_audio_transcription.language"
        raise Refused(_unable("translates from", config.source, abilities.hears), source)
    asked = session.keys() & {"translation", "modalities", "output_modalities"}
    if asked and config.spoken and not facts.can_speak(config.target, abilities):
        told = f"Language {shown(config.target)} has text but no speech here: ask for the modality ['text'] alone."
        raise Refused(told, where)
    if config.clone and config.clone_frequency in ("once", "always") and config.voice != _CLONED:
        told = f"Voice cloning '{config.clone_frequency}' needs the voice 'default', not {shown(config.voice)}."
        raise Refused(told, "session.voice")


def _unable(does: str, code: str, can: frozenset[str]) -> str:
    return f"Language {shown(code)} is not supported by this server, which {does} {', '.join(sorted(can)) or 'nothing'}."
