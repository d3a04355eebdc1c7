"""Realtime sessions walked at random, 10,000 steps and more: every frame is answered as it must be, and no state is illegal."""

import base64
import json
from collections import deque
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.errors import EngineError
from livetranslate.events import (
    AudioDelta,
    Event,
    Finished,
    Lag,
    SpeechStarted,
    SpeechStopped,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
    UtteranceDone,
)
from livetranslate.media import SPEAKING_RATE, Audio, Commit, Media
from livetranslate.wire.realtime import QWEN, TRANSLATIONS, Abilities, Run, Session, Surroundings, dialect_of
from tests.realtime_client import RealtimeClient

ABILITIES = Abilities(frozenset(LANGUAGES), frozenset(LANGUAGES), SPOKEN, frozenset(VOICES))
MODELS = ("qwen3-livetranslate-flash-realtime", "qwen3.5-livetranslate-flash-realtime", "qwen3.8-livetranslate-flash-realtime")
WORDS = st.sampled_from(["", "one", " two", " three four", "五", " ünï"])
SETTINGS = st.one_of(
    st.sampled_from(
        [{}, {"modalities": ["text"]}, {"output_modalities": ["text", "audio"]}, {"voice": None}, {"voice": "Ethan"}]
    ),
    st.builds(lambda code: {"translation": {"language": code}}, st.sampled_from(["en", "es", "zh", "th", "yue", "xx"])),
    st.sampled_from(
        [
            {"turn_detection": None},
            {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}},
            {"turn_detection": {"threshold": "high"}},
            {"audio": {"input": {"turn_detection": None}}},
            {"input_audio_transcription": {"model": None}},
            {"input_audio_transcription": {"model": "any"}},
            {"modalities": ["audio"]},
            {"translation": 7},
            {"max_lag_s": 3},
            {"audio": {"input": {"transcription": {"model": "m"}}, "output": {"language": "de"}}},
            {"audio": {"input": {"noise_reduction": {"type": "x"}}}},
        ]
    ),
)


class Utterance:
    def __init__(self, number: int, *, speaking: bool) -> None:
        self.number, self.speaking = number, speaking
        self.heard, self.said = "", ""
        self.heard_done = self.said_done = False


class Interpreter:
    """Gives, from among all that an interpreter could tell next, what chance picks."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.manual = run.options.live is not None and run.options.live.manual
        self.utterances: list[Utterance] = []
        self.numbers = count()
        self.at = 0.0

    def take(self, item: Media) -> None:
        if isinstance(item, Audio):
            self.at = item.end
        elif isinstance(item, Commit) and self.manual:
            self.utterances.append(Utterance(next(self.numbers), speaking=False))

    def next(self, chance: int, words: str, *, ended: bool) -> Event | None:
        able = self.able(words, ended=ended)
        return able[chance % len(able)] if able else None

    def able(self, words: str, *, ended: bool) -> list[Event]:
        told: list[Event] = []
        speaking = any(utterance.speaking for utterance in self.utterances)
        if speaking:
            told.append(SpeechStopped(self.at + 0.1))
        elif not self.manual and not ended:
            told.append(SpeechStarted(self.at))
        hearing = next((one for one in self.utterances if not one.heard_done), None)
        if hearing:
            told.append(TranscriptDelta(hearing.number, words, "?"))
            if not hearing.speaking:
                told.append(TranscriptDone(hearing.number, hearing.heard, "en"))
        saying = next((one for one in self.utterances if not one.said_done), None)
        if saying:
            told.append(TextDelta(saying.number, words, "" if len(words) % 2 else "..."))
            if saying.heard_done:
                told.append(TextDone(saying.number, saying.said))
        if self.utterances:
            first = self.utterances[0]
            if first.said and self.run.options.voice:
                speech = Audio(bytes(2400 + 2 * len(words)), SPEAKING_RATE)
                told += [AudioDelta(first.number, speech), Lag(first.number, 0.5)]
            if first.said_done:
                told += [UtteranceDone(first.number)] * 2
        elif ended:
            told.append(Finished())
        return told

    def note(self, event: Event) -> None:
        number = getattr(event, "utterance", None)
        one = next((each for each in self.utterances if each.number == number), None)
        match event:
            case SpeechStarted():
                self.utterances.append(Utterance(next(self.numbers), speaking=True))
            case SpeechStopped():
                for each in self.utterances:
                    each.speaking = False
            case TranscriptDelta(_, text) if one:
                one.heard += text
            case TranscriptDone() if one:
                one.heard_done = True
            case TextDelta(_, text) if one:
                one.said += text
            case TextDone() if one:
                one.said_done = True
            case UtteranceDone() if one:
                self.utterances.remove(one)


class Walk(RuleBasedStateMachine):
    """A client, an interpreter and the shell between them, each doing whatever it may."""

    model = ""

    @initialize()
    def open(self) -> None:
        numbers = count(1)
        dialect = dialect_of({**QWEN, **TRANSLATIONS}, self.model)
        assert dialect is not None
        given = Surroundings(ABILITIES, lambda: f"{next(numbers):021d}", 1_800_000_000)
        self.session: Session = dialect(self.model, given)
        self.client = RealtimeClient(self.model)
        self.feed: deque[Media | Run] = deque()
        self.interpreter: Interpreter | None = None
        self.drained = False
        self.client.see(self.session.start())
        assert self.client.kinds == ["session.created"]

    def send(self, event: Any, **answers: int) -> None:
        """Sends a frame; of the kinds given, one must be answered, once."""
        frame = event if isinstance(event, str | bytes) else json.dumps(event)
        ignored = self.session.ending
        told = self.session.client(frame)
        kinds = [one["type"] for one in told]
        if ignored:
            assert kinds == []
        elif answers:
            assert sum(kinds.count(kind.replace("__", ".")) for kind in answers) == 1, (event, kinds)
        else:
            assert kinds == []
        self.client.see(told)
        self.feed.extend(self.session.take_media())

    # The client.

    @rule(settings=SETTINGS)
    def update(self, settings: dict[str, Any]) -> None:
        self.send({"type": "session.update", "session": settings}, session__updated=1, error=1)

    @rule(samples=st.integers(0, 4000))
    def append(self, samples: int) -> None:
        audio = base64.b64encode(bytes(2 * samples)).decode()
        full = sum(one.seconds for one in self.session._buffer) > 58
        if not full:
            self.send({"type": self.session.appends, "audio": audio})

    @rule()
    def commit(self) -> None:
        self.send({"type": "input_audio_buffer.commit"}, input_audio_buffer__committed=1, error=1)

    @rule()
    def clear(self) -> None:
        self.send({"type": "input_audio_buffer.clear"}, input_audio_buffer__cleared=1, error=1)

    @rule(frame=st.sampled_from(["", "null", '{"type":3}', '{"type":"response.create"}', b"\0", '{"type":"session.update"}']))
    def nonsense(self, frame: str | bytes) -> None:
        self.send(frame, error=1)

    @rule(audio=st.sampled_from(["AAA", "AAAA", "*", 5, None]))
    def bad_append(self, audio: Any) -> None:
        self.send({"type": self.session.appends, "audio": audio}, error=1)

    # The shell and the interpreter.

    def begin(self) -> None:
        """As the shell does: a run begins with its first media."""
        while self.interpreter is None and self.feed:
            if isinstance(self.feed[0], Run):
                self.run = self.feed.popleft()
            else:
                assert isinstance(self.run, Run)
                self.session.begin(self.run)
                self.interpreter = Interpreter(self.run)

    @rule(events=st.lists(st.tuples(st.integers(0, 30), WORDS), min_size=1, max_size=12))
    def interpret(self, events: list[tuple[int, str]]) -> None:
        for chance, words in events:
            self.begin()
            if self.interpreter is None:
                break
            while self.feed and not isinstance(self.feed[0], Run):
                self.interpreter.take(self.feed.popleft())  # type: ignore[arg-type]
            event = self.interpreter.next(chance, words, ended=bool(self.feed) or self.session.ending)
            if event is None:
                break
            self.interpreter.note(event)
            self.client.see(self.session.engine(event))
            if isinstance(event, Finished):
                self.interpreter = None
        self.drain()

    def drain(self) -> None:
        if self.session.ending and self.interpreter is None and not any(not isinstance(item, Run) for item in self.feed):
            told = self.session.drained()
            self.client.see(told)
            assert [one["type"] for one in told] == ([] if self.drained else [self.client.last])
            self.drained = True

    @precondition(lambda self: self.interpreter is not None)
    @rule()
    def die(self) -> None:
        assert self.interpreter is not None
        if self.interpreter.manual:
            self.feed = deque(item for item in self.feed if isinstance(item, Run))
        told = self.session.broke(EngineError())
        assert told[-1]["type"] == "error"
        self.client.see(told)
        self.interpreter = None

    @precondition(lambda self: len(self.client.kinds) > 60)
    @rule()
    def finish(self) -> None:
        self.send({"type": self.session.finishes})
        self.drain()

    @precondition(lambda self: len(self.client.kinds) > 100)
    @rule()
    def expire(self) -> None:
        self.client.see(self.session.expire())
        self.drain()

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        self.send({"type": self.session.finishes})
        for chance in range(10_000):
            if self.drained:
                break
            self.interpret([(chance, "x")])
        assert self.drained, "the session never finishes"
        self.client.closed()
        self.send({"type": "session.update", "session": {}})


@pytest.mark.parametrize("model", [*MODELS, "gpt-realtime-translate"])
def test_a_session_walked_at_random(model: str) -> None:
    machine = type("WalkOf", (Walk,), {"model": model})
    walks = settings(max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=walks)
