"""Two hours of speech and two of silence through a realtime session, on the media clock: neither memory nor work grows."""

import base64
import json
import time
from contextlib import aclosing
from itertools import count

import psutil
import pytest

from livetranslate import profiles
from livetranslate.catalog import LANGUAGES, SPOKEN, VOICES
from livetranslate.media import HEARING_RATE, Audio, Media
from livetranslate.settings import Settings
from livetranslate.streams import Stream
from livetranslate.wire.realtime import QWEN, Abilities, Run, Surroundings, dialect_of
from tests.support import hush, tone

SECONDS = 2 * 3600
QUARTER = SECONDS // 4


class Soaked:
    """A session that is fed for two hours, without a socket."""

    def __init__(self) -> None:
        numbers = count()
        every = frozenset(LANGUAGES)
        given = Surroundings(Abilities(every, every, SPOKEN, frozenset(VOICES)), lambda: str(next(numbers)))
        dialect = dialect_of(QWEN, "qwen3.5-livetranslate-flash-realtime")
        assert dialect is not None
        self.session = dialect("qwen3.5-livetranslate-flash-realtime", given)
        self.session.start()
        update = {"modalities": ["text"], "translation": {"language": "es"}}
        self.session.client(json.dumps({"type": "session.update", "session": update}))
        self.held: list[int] = []
        self.worked: list[float] = []
        self.count: dict[str, int] = {}
        self.bytes = 0

    async def media(self, pattern: list[bytes]) -> Stream[Media]:
        process, begun = psutil.Process(), time.process_time()
        frames = [json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}) for pcm in pattern]
        for second in range(SECONDS):
            assert self.session.client(frames[second % len(frames)]) == []
            for item in self.session.take_media():
                if isinstance(item, Audio):
                    yield item
            if (second + 1) % QUARTER == 0:
                self.held.append(process.memory_info().rss)
                self.worked.append(time.process_time() - begun)
                begun = time.process_time()

    async def run(self, pattern: list[bytes]) -> None:
        interpreter = profiles.build(Settings(profile="scripted")).interpreter
        self.session.client(json.dumps({"type": "input_audio_buffer.append", "audio": ""}))
        run = Run(self.session._options(), self.session._config)
        self.session.begin(run)
        async with aclosing(interpreter.interpret(self.media(pattern), run.options)) as events:
            async for event in events:
                for told in self.session.engine(event):
                    self.count[told["type"]] = self.count.get(told["type"], 0) + 1
                    self.bytes += len(json.dumps(told))


@pytest.mark.slow
@pytest.mark.may_block
async def test_two_hours_of_live_speech() -> None:
    soaked = Soaked()
    await soaked.run([tone(1.0)] * 4 + [hush(1.0)] * 2 + [tone(1.0)] * 50 + [hush(1.0)])
    assert soaked.session.seconds == SECONDS
    assert soaked.count["response.done"] > 300
    assert soaked.count["response.done"] == soaked.count["input_audio_buffer.speech_started"]
    assert max(soaked.held) - soaked.held[0] < 8_000_000, f"bytes held at each quarter: {soaked.held}"
    assert max(soaked.worked) < 2 * min(soaked.worked), f"seconds of work in each quarter: {soaked.worked}"
    assert soaked.bytes / (SECONDS / 60) < 60_000, "bytes of events a minute"


@pytest.mark.slow
@pytest.mark.may_block
async def test_two_hours_of_live_silence() -> None:
    soaked, before = Soaked(), psutil.Process().memory_info().rss
    await soaked.run([hush(1.0)])
    assert soaked.session.seconds == SECONDS
    assert soaked.count == {}
    assert soaked.held[-1] - before < 8_000_000, f"bytes held before and at the end: {before}, {soaked.held}"
    assert len(hush(1.0)) == 2 * HEARING_RATE
