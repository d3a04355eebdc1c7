"""What the three generations of the Qwen family have in common: items, responses as brackets, turns and commits."""

from abc import abstractmethod
from collections import deque
from typing import Any

import pybase64

from livetranslate.errors import LivetranslateError
from livetranslate.events import (
    AudioDelta,
    Event,
    Lag,
    Options,
    SpeechStarted,
    SpeechStopped,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
    UtteranceDone,
)
from livetranslate.wire.realtime.config import Config, Turns, merged
from livetranslate.wire.realtime.refusals import Refused
from livetranslate.wire.realtime.replies import Counted, Reply
from livetranslate.wire.realtime.session import ServerEvent, Session, Surroundings

HEARD = "conversation.item.input_audio_transcription"


class Qwen(Session):
    """A session of the family. Its generations say how words run, what an item looks like, and which turns are announced."""

    appends = "input_audio_buffer.append"
    finishes = "session.finish"
    tails = True
    announces = True
    source_role = "user"

    def __init__(self, model: str, given: Surroundings) -> None:
        facts = self.facts
        turns = Turns(facts.detection, facts.threshold, facts.silence_ms)
        config = Config(turns, facts.voice, facts.input_format, facts.output_format, facts.transcriber)
        super().__init__(model, given, config)
        self._counted = Counted(facts, given.cumulative)
        self._begun: deque[Reply] = deque()  # of which no event has come yet
        self._replies: deque[Reply] = deque()  # not over yet, in order
        self._of_run: dict[int, Reply] = {}
        self._speaking: Reply | None = None
        self._last_item: str | None = None
        self._conversation = self._id("conv")

    # Settings.

    def _options(self) -> Options:
        return self._config.options(self.facts, self._given.abilities, tails=self.tails)

    def _update(self, session: dict[str, Any]) -> None:
        before = self._config
        self._config = self._normal(merged(before, session, self.facts, self._given.abilities))
        if before.turns is None and self._config.turns is not None and self._buffer:
            self._feed(*self._buffer)
            self._buffer = []

    def _normal(self, config: Config) -> Config:
        """What a generation makes of settings that it does not have."""
        return config

    # What the client says.

    def _more(self, kind: str, event: dict[str, Any]) -> list[ServerEvent] | None:
        if kind == "input_image_buffer.append":
            image = self._image(event)
            self._feed(image)
            self._counted.see(image)
            return []
        if kind == "input_audio_buffer.commit":
            return self._committed()
        if kind == "input_audio_buffer.clear":
            self._buffer = []
            return [self._event("input_audio_buffer.cleared")]
        return None

    def _committed(self) -> list[ServerEvent]:
        if not self._buffer and self._config.turns is None:
            raise Refused("The input audio buffer is empty: there is nothing to commit.", code="input_audio_buffer_commit_empty")
        told = [self._event("input_audio_buffer.committed")]
        if self._config.turns is None:
            start = self._buffer[0].start
            told += self._announced(self._begin(self._config, start, self.seconds, manual=True), "completed")
        self._commit()
        return told

    def _begin(self, config: Config, start: float, end: float, *, manual: bool) -> Reply:
        ids = (self._id("item"), self._id("item"), self._id("resp"), self._conversation)
        reply = Reply(config, *ids, start, end, manual=manual)
        self._begun.append(reply)
        self._replies.append(reply)
        return reply

    def _announced(self, reply: Reply, status: str) -> list[ServerEvent]:
        """The item of what is heard, after the last translation."""
        before = [other.item_id for other in self._replies if other is not reply]
        previous = before[-1] if before else self._last_item
        placed = {"previous_item_id": previous} if previous else {}
        role = "user" if reply.manual else self.source_role
        return [self._event("conversation.item.created", **placed, item=reply.source(role, status))]

    # What the interpreter says.

    def _told(self, event: Event) -> list[ServerEvent]:
        match event:
            case SpeechStarted(at):
                return self._started(at)
            case SpeechStopped(at):
                return self._stopped(at)
            case TranscriptDelta(utterance):
                return self._hears(self._reply(utterance), event)
            case TranscriptDone(utterance):
                return self._heard(self._reply(utterance), event)
            case TextDelta(utterance) | TextDone(utterance) | AudioDelta(utterance) | Lag(utterance) | UtteranceDone(utterance):
                reply = self._reply(utterance)
                reply.waiting.append(event)
                return self._advance()
        return []

    def _reply(self, utterance: int) -> Reply:
        """The utterance of that number in this run: the first one begun of which nothing has come."""
        if utterance not in self._of_run:
            self._of_run[utterance] = self._begun.popleft()
        return self._of_run[utterance]

    def _started(self, at: float) -> list[ServerEvent]:
        reply = self._begin(self._run.config if self._run else self._config, at, at, manual=False)
        self._speaking = reply
        if not self.announces:
            return []
        fields: dict[str, Any] = {"audio_start_ms": round(1000 * at)}
        return [
            self._event("input_audio_buffer.speech_started", **fields, **self._named(reply)),
            *self._announced(reply, "in_progress"),
        ]

    def _stopped(self, at: float) -> list[ServerEvent]:
        reply, self._speaking = self._speaking, None
        if reply is None:
            return []
        reply.end = at
        if not self.announces:
            return []
        item = {key: value for key, value in self._named(reply).items() if key == "item_id"}
        return [self._event("input_audio_buffer.speech_stopped", audio_end_ms=round(1000 * at), **item)]

    def _named(self, reply: Reply) -> dict[str, Any]:
        """What `speech_started` says beside the time."""
        return {}

    def _hears(self, reply: Reply, event: TranscriptDelta) -> list[ServerEvent]:
        reply.heard, reply.heard_tail = reply.heard + event.text, event.tail
        return self._running_transcript(reply, event.text) if reply.config.transcriber else []

    def _heard(self, reply: Reply, event: TranscriptDone) -> list[ServerEvent]:
        reply.heard, reply.heard_tail, reply.language, reply.completed = event.text, "", event.language, True
        if not reply.config.transcriber:
            return []
        fields = {"item_id": reply.source_id, "content_index": 0, "transcript": event.text}
        return [self._event(f"{HEARD}.completed", **fields, **self._tone(reply))]

    def _tone(self, reply: Reply) -> dict[str, Any]:
        """What transcripts say beside the words."""
        return {}

    @abstractmethod
    def _running_transcript(self, reply: Reply, more: str) -> list[ServerEvent]:
        """The words heard so far, of which `more` are new."""

    @abstractmethod
    def _running_text(self, reply: Reply, more: str) -> list[ServerEvent]:
        """The words said so far, of which `more` are new."""

    # Responses, one after the other.

    def _advance(self) -> list[ServerEvent]:
        """What the first reply that is not over can say now, and those after it once it is."""
        told: list[ServerEvent] = []
        while self._replies and (waiting := self._replies[0].waiting):
            reply, self._replies[0].waiting = self._replies[0], []
            for event in waiting:
                told += self._say(reply, event)
            if not reply.over:
                break
            self._replies.popleft()
        return told

    def _say(self, reply: Reply, event: Event) -> list[ServerEvent]:
        told: list[ServerEvent] = []
        match event:
            case TextDelta(_, text, tail) if text or tail != reply.tail:
                told += self._open(reply)
                reply.said, reply.tail = reply.said + text, tail
                told += self._running_text(reply, text)
            case AudioDelta(_, audio) if reply.config.spoken:
                told += self._open(reply)
                told += [self._spoken(reply, pcm) for pcm in reply.spoken_slices(audio.pcm)]
            case TextDone() if reply.opened:
                told += self._words_done(reply)
            case Lag(_, seconds):
                reply.lag = seconds
            case UtteranceDone():
                if reply.manual:
                    told += self._open(reply)
                told += self._close(reply, "completed")
        return told

    def _open(self, reply: Reply) -> list[ServerEvent]:
        if reply.opened:
            return []
        reply.opened, self._last_item = True, reply.item_id
        inside = {"response_id": reply.response_id, "output_index": 0}
        told = [
            self._event("response.created", response=self._response(reply)),
            self._event("response.output_item.added", **inside, item=reply.item("in_progress", [])),
        ]
        if self.announces:
            item = reply.item("in_progress", [])
            told.append(self._event("conversation.item.created", previous_item_id=reply.source_id, item=item))
        return [*told, self._event("response.content_part.added", **reply.place(), part={"type": reply.part, "text": ""})]

    def _response(self, reply: Reply) -> dict[str, Any]:
        config = reply.config
        return {
            "id": reply.response_id,
            "object": "realtime.response",
            "conversation_id": reply.conversation_id,
            "status": "in_progress",
            "modalities": list(config.modalities),
            "voice": config.voice,
            "output_audio_format": config.output_format,
            "output": [],
        }

    def _spoken(self, reply: Reply, pcm: bytes) -> ServerEvent:
        lag = {} if reply.config.max_lag is None else {"lag_ms": round(1000 * reply.lag)}
        return self._event("response.audio.delta", **reply.place(), delta=pybase64.b64encode_as_string(pcm), **lag)

    def _words_done(self, reply: Reply) -> list[ServerEvent]:
        """All words said, once: their speech may go on."""
        if reply.worded:
            return []
        reply.worded, reply.tail = True, ""
        words = "transcript" if reply.config.spoken else "text"
        return [self._event(f"{reply.words}.done", **reply.place(), **{words: reply.said})]

    def _close(self, reply: Reply, status: str) -> list[ServerEvent]:
        reply.over = True
        if not reply.opened:
            return []
        told: list[ServerEvent] = []
        if rest := reply.slices.rest():
            told.append(self._spoken(reply, rest))
        told += self._words_done(reply)
        words = "transcript" if reply.config.spoken else "text"
        if reply.config.spoken:
            told.append(self._event("response.audio.done", **reply.place()))
        part = {"type": reply.part, "text": reply.said}
        told.append(self._event("response.content_part.done", **reply.place(), part=part))
        inside = {"response_id": reply.response_id, "output_index": 0}
        ended = "completed" if status == "completed" else "incomplete"
        told.append(self._event("response.output_item.done", **inside, item=reply.item(ended, [part])))
        output = reply.item(ended, [{"type": reply.part, words: reply.said}])
        lag = {} if reply.config.max_lag is None else {"lag_ms": round(1000 * reply.lag)}
        response = self._response(reply) | {"status": status, "output": [output], "usage": self._counted.usage(reply)} | lag
        return [*told, self._event("response.done", response=response)]

    # Ends.

    def _run_ended(self, error: LivetranslateError | None) -> list[ServerEvent]:
        """Ends what the interpreter left open: all of it if it failed, since what it had taken is lost.

        What was committed by hand while it took turns by itself is for the next one.
        """
        told: list[ServerEvent] = []
        by_hand = self._run is not None and self._run.config.turns is None
        lost = [reply for reply in self._replies if by_hand or not reply.manual]
        for reply in lost if error else [*self._of_run.values()]:
            if not reply.over:
                told += self._broken_off(reply, error)
        self._replies = deque(reply for reply in self._replies if not reply.over)
        self._begun = deque(reply for reply in self._begun if not reply.over)
        self._of_run, self._speaking = {}, None
        return told

    def _broken_off(self, reply: Reply, error: LivetranslateError | None) -> list[ServerEvent]:
        told: list[ServerEvent] = []
        if reply is self._speaking:
            told += self._stopped(self.seconds)
        if not reply.completed and reply.config.transcriber:
            code, message = (error.code, error.message) if error else ("incomplete", "The transcript was cut short.")
            failure = {"code": code, "message": message, "param": None}
            told.append(self._event(f"{HEARD}.failed", item_id=reply.source_id, content_index=0, error=failure))
        for event in reply.waiting:
            told += self._say(reply, event)
        if reply.manual:
            told += self._open(reply)
        return told + (self._close(reply, "failed" if error else "incomplete") if not reply.over else [])

    def _last(self) -> list[ServerEvent]:
        return [self._event("session.finished")]
