"""The clients that people use for live translation: the DashScope SDK by its own means, and the types of the OpenAI SDK."""

import asyncio
import base64
import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeTranslationServerEvent
from pydantic import TypeAdapter
from websockets.asyncio.client import connect

from tests.server.live import KEY, Live
from tests.server.test_clients import CLIENTS, OLD_PYTHON, run
from tests.support import hush, tone

DASHSCOPE = OLD_PYTHON.parents[1].glob("lib/*/site-packages/dashscope")


@pytest.mark.skipif(not any(DASHSCOPE), reason="the DashScope SDK is missing: run scripts/setup.sh dev clients")
@pytest.mark.parametrize("generation", ["3", "3.5", "3.8"])
@pytest.mark.parametrize("manual", ["no", "yes"])
def test_the_dashscope_sdk_holds_a_conversation(server: Live, generation: str, manual: str) -> None:
    model = f"qwen{generation}-livetranslate-flash-realtime"
    told = run([str(OLD_PYTHON), str(CLIENTS / "dashscope_realtime.py")], server, MODEL=model, MANUAL=manual)
    assert told["kinds"][0] == "session.created"
    assert told["kinds"][-1] == "session.finished"
    assert "error" not in told["kinds"]
    assert len(told["said"]) == 1
    assert told["said"][0].endswith(".")
    assert told["tokens"] > 0
    assert told["session"].startswith("sess_")
    assert told["response"].startswith("resp_")
    assert told["first_audio"] >= 0


async def test_the_types_of_the_openai_sdk_fit_every_event(server: Live) -> None:
    reader: TypeAdapter[Any] = TypeAdapter(RealtimeTranslationServerEvent)
    address = f"{server.base.replace('http', 'ws')}/v1/realtime/translations?model=gpt-realtime-translate"
    headers = {"Authorization": f"Bearer {KEY}"}
    transcription = {"model": "gpt-realtime-whisper"}
    settings = {"audio": {"input": {"transcription": transcription, "noise_reduction": None}, "output": {"language": "es"}}}
    pcm = hush(0.3, 24_000) + tone(2.0, rate=24_000) + hush(1.5, 24_000)
    kinds: list[str] = []
    async with connect(address, additional_headers=headers, compression=None, proxy=None) as socket:
        await socket.send(json.dumps({"type": "session.update", "session": settings}))
        await socket.send(json.dumps({"type": "no.such.event", "event_id": "mine"}))
        for start in range(0, len(pcm), 9600):
            audio = base64.b64encode(pcm[start : start + 9600]).decode()
            await socket.send(json.dumps({"type": "session.input_audio_buffer.append", "audio": audio}))
        await socket.send(json.dumps({"type": "session.close"}))
        async with asyncio.timeout(20):
            async for frame in socket:
                event = reader.validate_json(frame)
                assert not event.model_extra, f"{event.type} has {sorted(event.model_extra)}, which the SDK does not know"
                kinds.append(event.type)
    assert socket.close_code == 1000
    assert kinds[:3] == ["session.created", "session.updated", "error"]
    assert kinds[-1] == "session.closed"
    for stream in ("input_transcript", "output_transcript", "output_audio"):
        assert f"session.{stream}.delta" in kinds
