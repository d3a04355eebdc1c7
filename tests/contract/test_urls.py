"""The engines behind URLs, held to the contracts; the server behind them answers by the scripted engines."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.engines import NO_CONTEXT, Recognizer, Synthesizer, Translator
from livetranslate.engines.openai import OpenAIRecognizer, OpenAISynthesizer, OpenAITranslator
from livetranslate.engines.scripted import ScriptedRecognizer, ScriptedSynthesizer, ScriptedTranslator
from livetranslate.engines.scripted.phrases import PHRASES
from livetranslate.events import Options
from livetranslate.media import HEARING_RATE, Audio, Utterance
from tests.contract.recognizers import RecognizerContract
from tests.contract.synthesizers import SynthesizerContract
from tests.contract.translators import TranslatorContract
from tests.support import collect
from tests.upstreams import Call, Upstream

CODES = {language.name: code for code, language in LANGUAGES.items()}


async def answer(call: Call) -> None:
    """What a good server answers."""
    if call.path.endswith("audio/speech"):
        return await speak(call)
    if call.path.endswith("audio/transcriptions"):
        return await write_down(call)
    speech = call.body["messages"][-1]["content"]
    if isinstance(speech, list) and any(part["type"] == "input_audio" for part in speech):
        return await translate_speech(call)
    target = re.search(r"into (\w+), sentence", call.body["messages"][0]["content"])
    assert target is not None
    pieces = await collect(ScriptedTranslator().translate(call.text, Options(CODES[target[1]]), NO_CONTEXT))
    await call.say(*pieces)


async def translate_speech(call: Call) -> None:
    """As Qwen3-Omni: speech to text in another language, here that of the first scripted sentence."""
    target = re.search(r"translation in (\w+) text", call.text)
    assert target is not None
    await call.say(*PHRASES[CODES[target[1]]][0].partition(" "))


async def write_down(call: Call) -> None:
    pcm = call.raw[call.raw.index(b"RIFF") + 44 : call.raw.rindex(b"\r\n--")]
    asked = re.search(rb'name="language"\r\n\r\n(\w+)', call.raw)
    language = asked[1].decode() if asked else "en"
    heard = await collect(ScriptedRecognizer().transcribe(Utterance(0, Audio(pcm, HEARING_RATE)), language, NO_CONTEXT))
    await call.reply({"text": heard[-1].text if any(pcm) else "", "language": LANGUAGES[language].name.lower()})


async def speak(call: Call) -> None:
    await call.head(kind="audio/pcm")
    body = call.body
    voice = next(name for name in VOICES if name.lower() == body["voice"])
    chunks = ScriptedSynthesizer().synthesize(body["input"], CODES[body["language"]], voice, body.get("speed", 1.0))
    async for chunk in chunks:
        await call.send(chunk.pcm)
        await asyncio.sleep(0)


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with Upstream(answer) as upstream:
        yield upstream


class TestTranslator(TranslatorContract):
    @pytest.fixture
    def made(self, server: Upstream) -> Translator:
        return OpenAITranslator(url=server.url)


class TestRecognizer(RecognizerContract):
    listens = False  # the server behind it makes its answers up

    @pytest.fixture
    async def engine(self, server: Upstream) -> AsyncIterator[Recognizer]:
        async with OpenAIRecognizer(url=server.url) as engine:
            yield engine


class TestSynthesizer(SynthesizerContract):
    @pytest.fixture
    def made(self, server: Upstream) -> Synthesizer:
        return OpenAISynthesizer(url=server.url, voices={name: name.lower() for name in VOICES})
