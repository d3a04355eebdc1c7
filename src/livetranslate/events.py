"""What an interpreter is asked for (`Options`), what it gives (`Event`), and what that costs (`Usage`)."""

from dataclasses import dataclass, field
from typing import Literal

from livetranslate.glossary import Glossary
from livetranslate.media import Audio


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak, `at` seconds on the media clock."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Somebody fell silent, `at` seconds on the media clock."""

    at: float


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """More of what was heard: `text` stays, `tail` is a guess that the next delta replaces."""

    utterance: int
    text: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptDone:
    """All that was heard in an utterance, and the language it was in."""

    utterance: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the translation: `text` stays, `tail` is a guess that the next delta replaces."""

    utterance: int
    text: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class TextDone:
    """The whole translation of an utterance: its deltas' `text`s joined."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """More of the translation, spoken: 24 kHz, `audio.start` on the clock of the speech that leaves."""

    utterance: int
    audio: Audio


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an utterance were spoken from `start` to `end`, in seconds on the media clock; told if `Options.spans` asks."""

    utterance: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Lag:
    """How many seconds the speech of an utterance starts after the words that it translates; live only."""

    utterance: int
    seconds: float


@dataclass(frozen=True, slots=True)
class UtteranceDone:
    """All of an utterance is heard, said and spoken; live only."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A word on an image shown at that second; `box` is its line's left, top, width and height as shares of the image."""

    text: str
    at: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Change:
    """Words that stood there before, and the words that took their place."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the glossary that was heard, and the words that the text must have for it; `kept` where the translator had them
    by itself. `sense` and `cues` tell which meaning was chosen, and by which words.
    """

    source: str
    target: str
    kept: bool = False
    sense: str = ""
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was used for the text of an utterance beside its sound; only where it was asked for (`Options.details`).

    `images` are the moments of those looked at; `corrections` what words on screen changed in what was heard; `hits` the terms
    that the text has as it must, `misses` those it has not, `changes` what they changed in the text.
    """

    utterance: int
    images: tuple[float, ...] = ()
    words: tuple[Sighting, ...] = ()
    corrections: tuple[Change, ...] = ()
    hits: tuple[Term, ...] = ()
    misses: tuple[Term, ...] = ()
    changes: tuple[Change, ...] = ()


Reason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: all is said ("stop"), or the token limit cut it ("length")."""

    reason: Reason = "stop"


Event = (
    SpeechStarted
    | SpeechStopped
    | TranscriptDelta
    | TranscriptDone
    | TextDelta
    | TextDone
    | AudioDelta
    | Evidence
    | Span
    | Lag
    | UtteranceDone
    | Finished
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a generating engine chooses words; engines without a choice ignore it. Ranges: the contract's request table."""

    temperature: float = 0.000001
    top_p: float = 0.8
    top_k: int | None = 1
    presence_penalty: float = 0.0
    repetition_penalty: float = 1.05
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """How an interpreter is to listen to somebody who is still speaking.

    Speech begins where the VAD is surer than `threshold`; `silence` seconds of quiet end an utterance. With `manual`, only a
    `Commit` ends one. `tails` asks for guesses of the translation too. Where the words are in the target language already,
    `skip_text` leaves them out and `skip_audio` their speech. From `max_lag` seconds on, speech that leaves catches up.
    """

    silence: float = 0.8
    threshold: float = 0.5
    manual: bool = False
    tails: bool = False
    skip_text: bool = False
    skip_audio: bool = False
    max_lag: float = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """What one request asks of an interpreter. Languages are codes of the catalog; `source` None means detect.

    `voice` None means text only; `speech_rate` 1.0 is the voice's own pace, 2.0 twice as fast. `glossary` comes before those of
    the key that asks (`key_glossary`), and these before those of the server; `details` asks for `Evidence`, `spans` to be told
    when words were spoken. `live` None means that the media is a whole recording.
    """

    target: str
    source: str | None = None
    voice: str | None = None
    speech_rate: float = 1.0
    max_tokens: int = 4096
    sampling: Sampling = field(default_factory=Sampling)
    glossary: Glossary = ()
    key_glossary: Glossary = ()
    details: bool = False
    live: Live | None = None
    spans: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by kind and direction."""

    audio_in: int = 0
    video_in: int = 0
    text_in: int = 0
    audio_out: int = 0
    text_out: int = 0

    @property
    def prompt(self) -> int:
        return self.audio_in + self.video_in + self.text_in

    @property
    def completion(self) -> int:
        return self.audio_out + self.text_out

    @property
    def total(self) -> int:
        return self.prompt + self.completion
