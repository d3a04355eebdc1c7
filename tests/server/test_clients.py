"""The clients that people use: the newest OpenAI SDK here, an older one and the one for Node by their own means, and curl."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.server.live import KEY, SPEECH, Live, live, request

ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).parent / "clients"
BUILT = ROOT / "build" / "clients"
OLD_PYTHON = BUILT / "python" / "bin" / "python"
NODE_MODULES = BUILT / "node" / "node_modules"
TRANSLATION = {"translation_options": {"source_lang": "en", "target_lang": "es"}}
MESSAGES: Any = [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": SPEECH, "format": "wav"}}]}]


@pytest.fixture
def client(server: Live) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url=f"{server.base}/compatible-mode/v1", max_retries=0)


def ask(client: openai.OpenAI, **fields: Any) -> Any:
    return client.chat.completions.create(
        **{"model": "qwen3-livetranslate-flash", "messages": MESSAGES, "extra_body": TRANSLATION, **fields}
    )


def test_the_newest_sdk_streams_text_and_speech(client: openai.OpenAI) -> None:
    completion = ask(
        client,
        modalities=["text", "audio"],
        audio={"voice": "Cherry", "format": "wav"},
        stream=True,
        stream_options={"include_usage": True},
    )
    text, audio, usage = "", "", None
    for chunk in completion:
        if chunk.choices:
            delta = chunk.choices[0].delta
            text += delta.content or ""
            audio += delta.audio.data if getattr(delta, "audio", None) else ""
        else:
            usage = chunk.usage
    assert text.endswith(".")
    assert usage is not None
    seconds = len(base64.b64decode(audio)) / 48_000
    assert seconds > 0.5
    assert abs(usage.completion_tokens_details.audio_tokens - 12.5 * max(1.0, seconds)) <= 1
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_the_newest_sdk_without_streaming(client: openai.OpenAI) -> None:
    answer = ask(client)
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content.endswith(".")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.id == f"chatcmpl-{answer._request_id}"


async def test_the_newest_sdk_asynchronously(server: Live) -> None:
    async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{server.base}/v1", max_retries=0) as client:

        async def one() -> str:
            answer = await client.chat.completions.create(
                model="qwen3-livetranslate-flash", messages=MESSAGES, extra_body=TRANSLATION, stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in answer])

        answers = await asyncio.gather(*(one() for _ in range(4)))
    assert len(set(answers)) == 1
    assert answers[0]


def test_the_sdk_reads_refusals(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, extra_body={"translation_options": {"target_lang": "xx"}})
    assert caught.value.code == "invalid_parameter_error"
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id == caught.value.response.headers["x-request-id"]
    with pytest.raises(openai.NotFoundError):
        ask(client, model="gpt-4o")
    with pytest.raises(openai.AuthenticationError):
        ask(client.with_options(api_key="sk-wrong"))


def test_the_sdk_sees_a_stream_that_fails(tmp_path: Path) -> None:
    fault = {"scripted": {"fault": "fail", "fault_in": "synthesizer"}}
    with live(tmp_path, engines=fault) as server:
        client = openai.OpenAI(api_key=KEY, base_url=f"{server.base}/v1", max_retries=0)
        stream = ask(client, stream=True, modalities=["text", "audio"], audio={"voice": "Cherry", "format": "wav"})
        with pytest.raises(openai.APIError, match="engine failed") as caught:
            list(stream)
        assert caught.value.code == "ModelServingError"


def test_the_sdk_does_not_repeat_what_cannot_succeed(tmp_path: Path) -> None:
    with live(tmp_path, limits={"body_seconds": 0.2}, engines={"scripted": {"fault": "fail"}}) as server:
        client = openai.OpenAI(api_key=KEY, base_url=f"{server.base}/v1", max_retries=2)
        with pytest.raises(openai.BadRequestError):
            ask(client, extra_body={})
        with server.client() as raw:
            told = raw.get("/metrics").text
        assert 'livetranslate_requests_total{route="chat",status="400"} 1.0' in told


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["qwen3-livetranslate-flash", "qwen3-livetranslate-flash-2025-12-01"]
    assert "SCRIPTED" in client.models.retrieve("qwen3-livetranslate-flash").notice  # type: ignore[attr-defined]
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def run(command: list[str], server: Live, **environment: str) -> dict[str, Any]:
    """What a client program prints, given a recording on its standard input."""
    given = {**os.environ, "API_KEY": KEY, "BASE_URL": f"{server.base}/compatible-mode/v1", "NO_PROXY": "*", **environment}
    done = subprocess.run(command, input=SPEECH, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.skipif(not OLD_PYTHON.exists(), reason="the OpenAI SDK before 3.23 is missing: run scripts/setup.sh dev clients")
def test_the_documented_sample_runs_on_the_sdk_it_was_written_for(server: Live) -> None:
    told = run([str(OLD_PYTHON), str(CLIENTS / "python_as_documented.py")], server)
    assert told["text"].endswith(".")
    assert told["bytes"] > 24_000
    assert told["usage"] > 0


@pytest.mark.skipif(
    not NODE_MODULES.exists() or not shutil.which("node"),
    reason="Node or its OpenAI SDK is missing: run scripts/setup.sh dev clients",
)
def test_the_sdk_for_node(server: Live, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    shutil.copy(CLIENTS / "node.mjs", tmp_path)
    told = run(["node", str(tmp_path / "node.mjs")], server)
    assert told["text"].endswith(".")
    assert told["bytes"] > 24_000
    assert told["usage"] > 0


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is missing")
def test_curl(server: Live) -> None:
    done = subprocess.run(
        ["curl", "-sN", f"{server.base}/compatible-mode/v1/chat/completions", "-H", f"Authorization: Bearer {KEY}",
         "-H", "Content-Type: application/json", "--data-binary", "@-", "--noproxy", "*"],
        input=json.dumps(request()), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    events = done.stdout.strip().split("\n\n")
    assert events[-1] == "data: [DONE]"
    assert json.loads(events[-2].removeprefix("data: "))["choices"][0]["finish_reason"] == "stop"
