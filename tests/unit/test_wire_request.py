"""Bodies of chat completions: each rule of the contract, kept and broken."""

import json
from typing import Any

import pytest

from livetranslate.catalog import LANGUAGES, MODELS, VOICES
from livetranslate.errors import BadParameter, BadUrl, LivetranslateError, ModelNotFound, ModelNotSupported, TooBig
from livetranslate.events import Options, Sampling
from livetranslate.glossary import Entry
from livetranslate.media import Writing
from livetranslate.wire.chat import ChatRequest, MediaUrl, parse

URL = "https://example.com/a.wav"
ABSENT = object()


def audio_part(data: Any = URL, **more: Any) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav", **more}}


def video_part(url: Any = URL) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": url}}


def body(*parts: Any, **fields: Any) -> bytes:
    """A good body with these parts and fields instead; `ABSENT` takes a field out."""
    request: dict[str, Any] = {
        "model": MODELS[0],
        "messages": [{"role": "user", "content": list(parts) or [audio_part()]}],
        "stream": True,
        "translation_options": {"source_lang": "zh", "target_lang": "en"},
        **fields,
    }
    return json.dumps({name: value for name, value in request.items() if value is not ABSENT}).encode()


def spoken(**audio: Any) -> dict[str, Any]:
    return {"modalities": ["text", "audio"], "audio": {"voice": "Cherry", "format": "wav", **audio}}


def refusal(raw: bytes, **settings: Any) -> LivetranslateError:
    with pytest.raises(LivetranslateError) as caught:
        parse(raw, **settings)
    return caught.value


def test_the_least() -> None:
    assert parse(body(stream=ABSENT, translation_options={"target_lang": "en"})) == ChatRequest(
        model=MODELS[0],
        source=MediaUrl(URL),
        options=Options(target="en", source=None, voice=None, speech_rate=1.0, max_tokens=4096, sampling=Sampling()),
        stream=False,
        include_usage=False,
    )


def test_the_most() -> None:
    request = parse(
        body(
            **spoken(),
            model=MODELS[1],
            stream_options={"include_usage": True},
            speech_rate=1.5,
            max_tokens=10,
            seed=7,
            temperature=1,
            top_p=0.5,
            top_k=50,
            presence_penalty=-2,
            repetition_penalty=2,
        )
    )
    assert request.model == MODELS[1]
    assert request.stream
    assert request.include_usage
    assert request.options == Options("en", "zh", "Cherry", 1.5, 10, Sampling(1.0, 0.5, 50, -2.0, 2.0, 7))


def test_null_counts_as_absent() -> None:
    names = (
        "stream stream_options modalities audio speech_rate max_tokens seed temperature top_p presence_penalty "
        "repetition_penalty n tools"
    )
    assert parse(body(**dict.fromkeys(names.split()), translation_options={"target_lang": "en", "source_lang": None})) == parse(
        body(stream=ABSENT, translation_options={"target_lang": "en"})
    )


def test_unknown_names_are_ignored() -> None:
    unknown = {"user": "u", "metadata": {"a": []}, "asr_options": {}, "stop": ["x"], "logprobs": True, "response_format": 5}
    assert parse(body(**unknown)) == parse(body())


@pytest.mark.parametrize(("given", "meant"), [(None, None), (0, 0), (1, 1), (100, 100), (101, None), (10**6, None)])
def test_top_k(given: int | None, meant: int | None) -> None:
    assert parse(body(top_k=given)).options.sampling.top_k == meant


def test_top_k_absent() -> None:
    assert parse(body()).options.sampling.top_k == 1


@pytest.mark.parametrize("name", ["en", "EN", "En", "english", "English", "ENGLISH"])
def test_languages_by_code_and_name(name: str) -> None:
    options = parse(body(translation_options={"source_lang": name, "target_lang": name})).options
    assert (options.source, options.target) == ("en", "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language(code: str) -> None:
    options = parse(body(**spoken(), translation_options={"source_lang": LANGUAGES[code].name, "target_lang": code})).options
    assert (options.source, options.target) == (code, code)
    assert options.voice == ("Cherry" if LANGUAGES[code].spoken else None)


@pytest.mark.parametrize("source", [None, "auto", "AUTO"])
def test_no_source_is_detected(source: str | None) -> None:
    assert parse(body(translation_options={"source_lang": source, "target_lang": "en"})).options.source is None


@pytest.mark.parametrize("name", ["xx", "", "auto", "fi", "en\n", " en", "en-US", "İngilizce", "ıd", "x" * 10_000])
def test_other_targets(name: str) -> None:
    told = refusal(body(translation_options={"source_lang": "zh", "target_lang": name}))
    assert isinstance(told, BadParameter)
    assert "translation_options.target_lang" in told.message
    assert len(told.message) < 300


@pytest.mark.parametrize("name", ["xx", "", "automatic"])
def test_other_sources(name: str) -> None:
    assert (
        "translation_options.source_lang" in refusal(body(translation_options={"source_lang": name, "target_lang": "en"})).message
    )


@pytest.mark.parametrize("voice", [name for voice in VOICES.values() for name in (voice.name, voice.long_name)])
def test_every_voice(voice: str) -> None:
    assert parse(body(**spoken(voice=voice))).options.voice in (voice, voice.rpartition("-")[2])


@pytest.mark.parametrize(
    "voice", ["", "cherry", "Tina", "../x", "Cherry\x00", "Cherry\r\nX: y", "__proto__", "x" * 10**6, "Sichuan-Cherry"]
)
def test_other_voices(voice: str) -> None:
    told = refusal(body(**spoken(voice=voice)))
    assert told.message.endswith(": parameters.audio.voice")
    assert len(told.message) < 200


@pytest.mark.parametrize("modalities", [["text", "audio"], ["audio", "text"]])
def test_modalities_in_any_order(modalities: list[str]) -> None:
    assert parse(body(**{**spoken(), "modalities": modalities})).options.voice == "Cherry"


def test_audio_is_ignored_without_its_modality() -> None:
    assert parse(body(audio={"voice": 5, "format": "flac"})) == parse(body())


@pytest.mark.parametrize("rate", [0.5, 1, 2.0])
def test_speech_rate_in_both_places(rate: float) -> None:
    assert parse(body(**spoken(), speech_rate=rate)).options.speech_rate == rate
    assert parse(body(**spoken(speech_rate=rate), speech_rate=1.7)).options.speech_rate == rate


def test_audio_format_may_be_absent() -> None:
    assert parse(body(modalities=["text", "audio"], audio={"voice": "Kiki"})).options.voice == "Kiki"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"model": ABSENT}, "you must provide a model parameter."),
        ({"model": 3}, "'model' must be String"),
        ({"translation_options": ABSENT}, "The input translation_options is not supported"),
        ({"translation_options": None}, "The input translation_options is not supported"),
        ({"translation_options": "en"}, "The input translation_options is not supported"),
        ({"translation_options": {}}, "translation_options.target_lang"),
        ({"translation_options": {"target_lang": None}}, "translation_options.target_lang"),
        ({"translation_options": {"target_lang": 7}}, "'translation_options.target_lang' must be String"),
        (
            {"translation_options": {"target_lang": "en", "source_lang": ["zh"]}},
            "'translation_options.source_lang' must be String",
        ),
        (
            {"translation_options": {"target_lang": "en", "utterances": "yes"}},
            "'translation_options.utterances' must be Boolean",
        ),
        ({"stream": "true"}, "'stream' must be Boolean"),
        ({"stream": 1}, "'stream' must be Boolean"),
        ({"stream_options": []}, "'stream_options' must be Object"),
        ({"stream_options": {"include_usage": 1}}, "'stream_options.include_usage' must be Boolean"),
        ({"modalities": "text"}, "'modalities' must be Array"),
        ({"modalities": []}, "parameters.modalities"),
        ({"modalities": ["audio"]}, "parameters.modalities"),
        ({"modalities": ["text", "video"]}, "parameters.modalities"),
        ({"modalities": ["text", {"a": 1}]}, "parameters.modalities"),
        ({"modalities": ["text"] * 5000}, "parameters.modalities"),
        ({"modalities": ["text", "audio"]}, "parameters.audio"),
        ({"modalities": ["text", "audio"], "audio": "Cherry"}, "Input should be a valid object: parameters.audio"),
        ({"modalities": ["text", "audio"], "audio": {}}, "Field required: parameters.audio.voice"),
        (spoken(voice=5), "'audio.voice' must be String"),
        (spoken(format="mp3"), "Input should be 'wav': parameters.audio.format"),
        (spoken(format=1), "'audio.format' must be String"),
        ({**spoken(), "stream": False}, "'audio' output only support with stream=true"),
        ({**spoken(), "stream": ABSENT}, "'audio' output only support with stream=true"),
        ({"speech_rate": 0.49}, "Range of speech_rate should be [0.5, 2.0]"),
        ({"speech_rate": 2.01}, "Range of speech_rate should be [0.5, 2.0]"),
        (spoken(speech_rate=3), "Range of speech_rate should be [0.5, 2.0]"),
        (spoken(speech_rate="fast"), "'audio.speech_rate' must be Float"),
        ({"max_tokens": 0}, "Range of max_tokens should be [1, 4096]"),
        ({"max_tokens": 4097}, "Range of max_tokens should be [1, 4096]"),
        ({"max_tokens": 2**63}, "Range of max_tokens should be [1, 4096]"),
        ({"max_tokens": 10.5}, "'max_tokens' must be Integer"),
        ({"max_tokens": True}, "'max_tokens' must be Integer"),
        ({"seed": -1}, "-1 is lesser than the minimum of 0 - 'seed'"),
        ({"seed": -(10**300)}, "It is lesser than the minimum of 0 - 'seed'"),
        ({"seed": 2**31}, "2147483648 is greater than the maximum of 2147483647 - 'seed'"),
        ({"seed": 10**300}, "It is greater than the maximum of 2147483647 - 'seed'"),
        ({"seed": 1.5}, "'seed' must be Integer"),
        ({"seed": "seven"}, "'seed' must be Integer"),
        ({"temperature": 2}, "Temperature should be in [0.0, 2.0)"),
        ({"temperature": -0.1}, "Temperature should be in [0.0, 2.0)"),
        ({"temperature": 10**300}, "Temperature should be in [0.0, 2.0)"),
        ({"temperature": "hot"}, "'temperature' must be Float"),
        ({"temperature": False}, "'temperature' must be Float"),
        ({"top_p": 0}, "Range of top_p should be (0.0, 1.0]"),
        ({"top_p": 1.01}, "Range of top_p should be (0.0, 1.0]"),
        ({"top_p": "most"}, "'top_p' must be Float"),
        ({"top_k": -1}, "Parameter top_k be greater than or equal to 0"),
        ({"top_k": 1.0}, "'top_k' must be Integer"),
        ({"presence_penalty": 2.1}, "Presence_penalty should be in [-2.0, 2.0]"),
        ({"presence_penalty": -2.1}, "Presence_penalty should be in [-2.0, 2.0]"),
        ({"repetition_penalty": 0}, "Repetition_penalty should be greater than 0.0"),
        ({"repetition_penalty": 10**300}, "Repetition_penalty should be greater than 0.0"),
        ({"n": 2}, "'n' must be 1"),
        ({"n": 0}, "'n' must be 1"),
        ({"n": 1.0}, "'n' must be Integer"),
        ({"tools": [{}]}, "The tool call is not supported."),
        ({"tools": "hammer"}, "'tools' must be Array"),
        ({"messages": ABSENT}, "'messages' is a required property"),
        ({"messages": "hi"}, "'messages' must be Array"),
        ({"messages": []}, "[] is too short - 'messages'"),
        ({"messages": ["hello"]}, "messages[]"),
        ({"messages": [{"role": "system", "content": "x"}]}, "Role must be in [user, assistant]"),
        ({"messages": [{"content": "x"}]}, "Role must be in [user, assistant]"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "Role must be in [user, assistant]"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "do not contain elements with the role of user"),
        ({"messages": [{"role": "user", "content": "x"}] * 2}, "length of messages exceeded its limit"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "x"}]}, "Role must be in"),
        ({"messages": [{"role": "user"}]}, "The content field is a required field."),
        ({"messages": [{"role": "user", "content": None}]}, "The content field is a required field."),
        ({"messages": [{"role": "user", "content": []}]}, "The content field is a required field"),
        ({"messages": [{"role": "user", "content": " \n"}]}, "The content field is a required field"),
        ({"messages": [{"role": "user", "content": {"type": "text"}}]}, "The content field is a required field."),
    ],
    ids=lambda value: json.dumps(value, default=lambda _: "absent")[:60],
)
def test_parameters(fields: dict[str, Any], told: str) -> None:
    error = refusal(body(**fields))
    assert isinstance(error, BadParameter)
    assert told in error.message
    assert error.code == "invalid_parameter_error"
    assert error.status == 400


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["x"], "Unexpected item type in content."),
        ([{}], "Unexpected item type in content."),
        ([{"type": "image_url", "image_url": {"url": URL}}], "Unexpected item type in content."),
        ([{"type": "video", "video": [URL]}], "Unexpected item type in content."),
        ([{"type": ["input_audio"]}], "Unexpected item type in content."),
        ([audio_part(), audio_part()], "content field must have exactly one"),
        ([audio_part(), video_part()], "content field must have exactly one"),
        ([{"type": "input_audio"}], "input_audio.data"),
        ([{"type": "input_audio", "input_audio": URL}], "input_audio' must be Object"),
        ([{"type": "input_audio", "input_audio": {"format": "wav"}}], "input_audio.data"),
        ([audio_part(None)], "input_audio.data"),
        ([audio_part(5)], "input_audio.data' must be String"),
        ([audio_part(format=5)], "input_audio.format' must be String"),
        ([{"type": "video_url"}], "video_url.url"),
        ([video_part(None)], "video_url.url"),
        ([video_part([URL])], "video_url.url' must be String"),
        ([{"type": "text"}], "content[].text"),
        ([{"type": "text", "text": 5}], "content[].text"),
        ([{"type": "text", "text": ""}], "The content field is a required field."),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_parts(parts: list[Any], told: str) -> None:
    error = refusal(body(*parts))
    assert isinstance(error, BadParameter)
    assert told in error.message


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "a.wav",
        "UklGRiQAAABXQVZF",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://example.com/a.wav",
        "oss://bucket/a.wav",
        "concat:/etc/hostname",
        "data:audio/wav,abc",
        "data:audio/wav;base64",
        "data:" + "x" * 3_000_000 + ";base64,AAAA",
        "https://example.com/" + "a" * 100_000,
        "http:/example.com/a.wav",
        "//example.com/a.wav",
        "javascript:alert(1)",
    ],
    ids=lambda url: url[:30],
)
@pytest.mark.parametrize("part", [audio_part, video_part])
def test_urls_that_are_none(part: Any, url: str) -> None:
    error = refusal(body(part(url)))
    assert isinstance(error, BadUrl)
    assert "does not appear to be valid" in error.message


@pytest.mark.parametrize(
    "url", [URL, "http://x/", "HTTPS://X/a", "data:audio/wav;base64,AAAA", "data:;base64,AAAA", "DATA:;BASE64,AA"]
)
def test_urls(url: str) -> None:
    assert parse(body(audio_part(url))).source == MediaUrl(url)
    assert parse(body(video_part(url))).source == MediaUrl(url, video=True)


def test_length_of_data_urls() -> None:
    longest = "data:audio/wav;base64,".ljust(1000, "A")
    assert parse(body(audio_part(longest)), data_url_chars=1000).source == MediaUrl(longest)
    error = refusal(body(audio_part(longest + "A")), data_url_chars=1000)
    assert isinstance(error, TooBig)
    assert "Exceeded limit on max bytes per data-uri item : 1000'" in error.message


def test_hints_do_not_matter() -> None:
    assert parse(body({"type": "input_audio", "input_audio": {"data": URL}})) == parse(body(audio_part(format="pcm")))


def test_text_beside_sound_is_ignored() -> None:
    assert parse(body({"type": "text", "text": 5}, audio_part())).source == MediaUrl(URL)


def test_text_alone() -> None:
    text = {"type": "text", "text": "Good morning."}
    assert parse(body(text)).source == Writing("Good morning.")
    assert parse(body(messages=[{"role": "user", "content": " Good morning.\n"}])).source == Writing("Good morning.")
    assert parse(body(text, {"type": "text", "text": "Hello."})).source == Writing("Good morning.\nHello.")


def test_too_much_text() -> None:
    error = refusal(body(messages=[{"role": "user", "content": "a" * 600_000}]))
    assert isinstance(error, TooBig)
    assert error.message == "Range of input length should be [1, 49152]"


@pytest.mark.parametrize("model", ["", "gpt-4o", "qwen3-livetranslate-flash-2026-01-01", "x" * 5000, "a\r\nb"])
def test_unknown_models(model: str) -> None:
    error = refusal(body(model=model))
    assert isinstance(error, ModelNotFound)
    assert "does not exist or you do not have access to it." in error.message
    assert len(error.message) < 150


@pytest.mark.parametrize("model", ["qwen3-livetranslate-flash-realtime", "qwen3.8-livetranslate-flash-realtime"])
def test_realtime_models(model: str) -> None:
    assert isinstance(refusal(body(model=model)), ModelNotSupported)


def test_strict() -> None:
    assert parse(body(), strict=True).stream
    assert "only support stream mode" in refusal(body(stream=False), strict=True).message


def test_utterances_are_told_where_it_is_asked_for() -> None:
    assert not parse(body()).options.spans
    assert parse(body(translation_options={"target_lang": "en", "utterances": True})).options.spans


def test_our_extensions_are_off_unless_asked_for() -> None:
    options = parse(body()).options
    assert (options.glossary, options.details) == ((), False)
    languages = {"target_lang": "es", "glossary": None, "details": None}
    assert parse(body(translation_options=languages)).options == parse(body(translation_options={"target_lang": "es"})).options


def test_a_glossary_and_details() -> None:
    entries = [{"source": "mask", "target": "mascarilla", "when_seen": ["surgery"]}, {"source": "Acme", "do_not_translate": True}]
    options = parse(body(translation_options={"target_lang": "es", "glossary": entries, "details": True})).options
    assert options.glossary == (
        Entry("mask", "mascarilla", when_seen=("surgery",)),
        Entry("Acme", "Acme", do_not_translate=True),
    )
    assert options.details


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"glossary": {}}, "translation_options.glossary"),
        ({"glossary": "mask"}, "translation_options.glossary"),
        ({"glossary": [1]}, "translation_options.glossary[0]"),
        ({"glossary": [{"source": "a", "target": "b"}, {"source": "a"}]}, "translation_options.glossary[1].target"),
        ({"glossary": [{"source": "a", "traget": "b"}]}, "traget"),
        ({"details": "yes"}, "translation_options.details"),
        ({"details": 1}, "translation_options.details"),
    ],
)
def test_wrong_extensions_are_named(more: dict[str, Any], named: str) -> None:
    wrong = refusal(body(translation_options={"target_lang": "es", **more}))
    assert isinstance(wrong, BadParameter)
    assert named in wrong.message
