"""Speech translation by Qwen3-Omni: what it is asked, and its own voice."""

from contextlib import aclosing
from typing import Any

from livetranslate.cascade import Direct
from livetranslate.engines import NO_CONTEXT, Context
from livetranslate.engines.omni import Omni, OmniInterpreter
from livetranslate.events import AudioDelta, Event, Finished, Options, TextDelta, TextDone
from livetranslate.media import HEARING_RATE, SPEAKING_RATE, Audio, Image, Utterance
from tests.support import CountedSynthesizer, LoudVad, collect, hush, in_chunks, of_type, play, tone
from tests.upstreams import Call, Upstream, base64

SPEECH = Utterance(0, Audio(tone(1.0), HEARING_RATE))
VOICE = tone(0.5, rate=SPEAKING_RATE)


async def test_sound_and_pictures_come_before_the_task() -> None:
    images = tuple(Image(b"jpeg", 8, 8, at) for at in range(6))
    context = Context(images, (("Hello.", "Hola."),))
    async with Upstream(lambda call: call.say("Una", " mascarilla")) as upstream, Omni(url=upstream.url, images=2) as engine:
        pieces = await collect(engine.translate_speech(SPEECH, Options("es"), context))
        await collect(engine.translate_speech(SPEECH, Options("es", "zh"), NO_CONTEXT))
    assert pieces == ["Una", " mascarilla"]
    system, user = upstream.calls[0].body["messages"]
    assert system["role"] == "system"
    assert [part["type"] for part in user["content"]] == ["image_url", "image_url", "input_audio", "text"]
    task = user["content"][-1]["text"]
    assert task.startswith("Listen to the provided speech and produce a translation in Spanish text. Use the images only")
    assert "Hola." in task
    assert upstream.calls[0].body["modalities"] == ["text"]
    assert "provided Chinese speech" in upstream.calls[1].text


async def test_any_synthesizer_speaks_what_it_says() -> None:
    async with Upstream(lambda call: call.say("Hola.")) as upstream, Omni(url=upstream.url) as engine:
        direct = Direct(LoudVad(), engine, CountedSynthesizer())
        media = play(in_chunks(tone(0.5) + hush(1.0), []))
        async with aclosing(direct.interpret(media, Options("es", "zh", "Cherry"))) as events:
            told = await collect(events)
    assert [event.text for event in of_type(told, TextDone)] == ["Hola."]
    assert of_type(told, AudioDelta)


async def own_voice(call: Call) -> None:
    """As vLLM-Omni does where the talker is quicker than the text: sound first."""
    await call.head()
    await call.delta(base64(VOICE[:2400]), modality="audio")
    await call.delta("Hola.", modality="text")
    await call.delta(base64(VOICE[2400:]), modality="audio", audio_metadata={"format": "pcm", "sample_rate_hz": 24000})
    await call.delta("", "stop", modality="audio")
    await call.send(b"data: [DONE]\n\n")


async def interpreted(upstream: Upstream, options: Options, **given: Any) -> list[Event]:
    async with OmniInterpreter(url=upstream.url, **given) as engine:
        return await collect(engine.interpret(play(in_chunks(tone(1.0), range(1600, 16_000, 1600))), options))


async def test_its_own_voice_follows_its_text() -> None:
    async with Upstream(own_voice) as upstream:
        events = await interpreted(upstream, Options("es", "zh", "Cherry"))
        await interpreted(upstream, Options("yue", "zh", "Kiki"))
    assert isinstance(events[0], TextDelta)
    assert isinstance(events[-1], Finished)
    spoken = of_type(events, AudioDelta)
    assert b"".join(event.audio.pcm for event in spoken) == VOICE
    assert [event.audio.start for event in spoken] == [0.0, 1200 / SPEAKING_RATE]
    body = upstream.calls[0].body
    assert (body["modalities"], body["voice"], body["audio"]) == (["text", "audio"], "chelsie", {"format": "pcm"})
    assert "voice" not in upstream.calls[1].body  # its talker knows no Cantonese
