"""A request body to a `ChatRequest`: every parameter of the contract by its type, default, range and the platform's words."""

from dataclasses import dataclass
from typing import Any

from livetranslate.catalog import SPOKEN, check_model, find_language, find_voice
from livetranslate.errors import BadParameter, BadUrl, TooBig
from livetranslate.events import Options, Sampling
from livetranslate.glossary import parse as parse_glossary
from livetranslate.media import Writing
from livetranslate.tokens import INPUT_LIMIT, OUTPUT_LIMIT
from livetranslate.wire.chat.fields import Fields, Range
from livetranslate.wire.strict_json import read_object

DATA_URL_CHARS = 10_485_760
"""Longest data URL in characters (the platform's limit)."""
_URL_CHARS = 16_384
_DATA_URL_HEAD = 512
_WRITING_CHARS = 12 * INPUT_LIMIT
_TOP_K_OFF = 100
_INPUT_LENGTH = f"Range of input length should be [1, {INPUT_LIMIT}]"
_OPTIONS_MISSING = "The input translation_options is not supported: it must be an object with target_lang."

_MAX_TOKENS = Range(1, OUTPUT_LIMIT, f"Range of max_tokens should be [1, {OUTPUT_LIMIT}]")
_TEMPERATURE = Range(0, 2, "Temperature should be in [0.0, 2.0)", without_high=True)
_TOP_P = Range(0, 1, "Range of top_p should be (0.0, 1.0]", without_low=True)
_TOP_K = Range(0, None, "Parameter top_k be greater than or equal to 0")
_PRESENCE = Range(-2, 2, "Presence_penalty should be in [-2.0, 2.0]")
_REPETITION = Range(0, None, "Repetition_penalty should be greater than 0.0", without_low=True)
_SPEECH_RATE = Range(0.5, 2, "Range of speech_rate should be [0.5, 2.0]")
_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class MediaUrl:
    """Sound, or a video, by URL or data URL."""

    url: str
    video: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What one body asks for."""

    model: str
    source: MediaUrl | Writing
    options: Options
    stream: bool
    include_usage: bool


def parse(body: bytes, *, strict: bool = False, data_url_chars: int = DATA_URL_CHARS) -> ChatRequest:
    """The request that a body makes; `strict` refuses those that do not stream.

    Raises `BadBody`, `BadParameter`, `BadUrl`, `TooBig`, `ModelNotFound` or `ModelNotSupported`, and nothing else. Names that the
    contract does not know are ignored.
    """
    fields = Fields(read_object(body))
    model = fields.text("model")
    if model is None:
        raise BadParameter("you must provide a model parameter.")
    check_model(model)
    stream = fields.flag("stream")
    if strict and not stream:
        raise BadParameter("This model only support stream mode, please enable the stream parameter to access the model. ")
    _refuse_extras(fields)
    spoken = _modalities(fields)
    if spoken and not stream:
        raise BadParameter("'audio' output only support with stream=true")
    include_usage = stream and _include_usage(fields)
    options = _options(fields, spoken)
    return ChatRequest(model, _source(fields, data_url_chars), options, stream, include_usage)


def _refuse_extras(fields: Fields) -> None:
    """What OpenAI clients may send and this model does not do."""
    if fields.integer("n", None) not in (None, 1):
        raise BadParameter("'n' must be 1: the model gives one choice")
    if fields.array("tools"):
        raise BadParameter("The tool call is not supported.")


def _modalities(fields: Fields) -> bool:
    """Whether speech is asked for."""
    wanted = fields.array("modalities")
    if wanted is None:
        return False
    if len(wanted) <= 2 and "text" in wanted and all(item in ("text", "audio") for item in wanted):
        return "audio" in wanted
    raise BadParameter("Input should be ['text'] or ['text', 'audio']: parameters.modalities")


def _include_usage(fields: Fields) -> bool:
    options = fields.object("stream_options")
    return options is not None and options.flag("include_usage")


def _options(fields: Fields, spoken: bool) -> Options:
    languages = fields.object("translation_options", _OPTIONS_MISSING)
    if languages is None:
        raise BadParameter(_OPTIONS_MISSING)
    source = languages.text("source_lang")
    target = languages.text("target_lang")
    if target is None:
        raise BadParameter("The field target_lang is required: translation_options.target_lang")
    target = find_language(target, "translation_options.target_lang")
    if source is not None:
        source = None if source.casefold() == "auto" else find_language(source, "translation_options.source_lang")
    rate = fields.number("speech_rate", 1.0, _SPEECH_RATE)
    voice = None
    if spoken:
        voice, rate = _speech(fields, rate)
    return Options(
        target=target,
        source=source,
        voice=voice if target in SPOKEN else None,
        speech_rate=rate,
        max_tokens=fields.integer("max_tokens", OUTPUT_LIMIT, _MAX_TOKENS),
        sampling=_sampling(fields),
        glossary=parse_glossary(languages.array("glossary") or [], "translation_options.glossary"),
        details=languages.flag("details"),
        spans=languages.flag("utterances"),
    )


def _speech(fields: Fields, rate: float) -> tuple[str, float]:
    """The voice, and the speech rate, which the audio object may also hold and then decides."""
    audio = fields.object("audio", "Input should be a valid object: parameters.audio")
    if audio is None:
        raise BadParameter("Field required when modalities has 'audio': parameters.audio")
    if audio.text("format") not in (None, "wav"):
        raise BadParameter("Input should be 'wav': parameters.audio.format")
    voice = audio.text("voice")
    if voice is None:
        raise BadParameter("Field required: parameters.audio.voice")
    return find_voice(voice).name, audio.number("speech_rate", rate, _SPEECH_RATE)


def _sampling(fields: Fields) -> Sampling:
    default = Sampling()
    top_k = fields.integer("top_k", None, _TOP_K) if fields.has("top_k") else default.top_k
    return Sampling(
        temperature=fields.number("temperature", default.temperature, _TEMPERATURE),
        top_p=fields.number("top_p", default.top_p, _TOP_P),
        top_k=None if top_k is None or top_k > _TOP_K_OFF else top_k,
        presence_penalty=fields.number("presence_penalty", default.presence_penalty, _PRESENCE),
        repetition_penalty=fields.number("repetition_penalty", default.repetition_penalty, _REPETITION),
        seed=_seed(fields),
    )


def _seed(fields: Fields) -> int | None:
    seed = fields.integer("seed", None)
    if seed is not None and seed < 0:
        raise BadParameter(f"{seed if seed > -(10**18) else 'It'} is lesser than the minimum of 0 - 'seed'")
    if seed is not None and seed > _SEED:
        raise BadParameter(f"{seed if seed < 10**18 else 'It'} is greater than the maximum of {_SEED} - 'seed'")
    return seed


def _source(fields: Fields, data_url_chars: int) -> MediaUrl | Writing:
    """The one thing to translate, of the one message."""
    messages = fields.array("messages")
    if messages is None:
        raise BadParameter("'messages' is a required property")
    if not messages:
        raise BadParameter("[] is too short - 'messages'")
    if not all(isinstance(message, dict) for message in messages):
        raise BadParameter("Input should be a valid object: messages[]")
    roles = [message.get("role") for message in messages]
    if any(role not in ("user", "assistant") for role in roles):
        raise BadParameter("Role must be in [user, assistant]: messages[].role")
    if "user" not in roles:
        raise BadParameter("The input messages do not contain elements with the role of user.")
    if len(messages) > 1:
        raise BadParameter("The length of messages exceeded its limit: the model translates exactly one user message.")
    content = messages[0].get("content")
    if isinstance(content, str):
        return _writing([content])
    if isinstance(content, list):
        return _one_part(content, data_url_chars)
    raise BadParameter("The content field is a required field.")


def _one_part(parts: list[Any], data_url_chars: int) -> MediaUrl | Writing:
    if not parts:
        raise BadParameter("The content field is a required field: it has no parts.")
    kinds = [part.get("type") if isinstance(part, dict) else None for part in parts]
    if any(kind not in ("input_audio", "video_url", "text") for kind in kinds):
        raise BadParameter("The provided messages input is invalid: Unexpected item type in content.")
    media = [part for part, kind in zip(parts, kinds, strict=True) if kind != "text"]
    if len(media) > 1:
        raise BadParameter("The content field must have exactly one input_audio or video_url part.")
    if media:
        return _media_url(Fields(media[0], "messages[0].content[]."), data_url_chars)
    texts = [part.get("text") for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise BadParameter("'text' must be String: messages[0].content[].text")
    return _writing(texts)


def _writing(texts: list[str]) -> Writing:
    text = "\n".join(texts).strip()
    if not text or len(text) > _WRITING_CHARS:
        raise TooBig(_INPUT_LENGTH) if text else BadParameter(f"The content field is a required field. {_INPUT_LENGTH}")
    return Writing(text)


def _media_url(part: Fields, data_url_chars: int) -> MediaUrl:
    kind, name = ("input_audio", "data") if part.text("type") == "input_audio" else ("video_url", "url")
    holder = part.object(kind)
    url = None if holder is None else holder.text(name)
    if holder is None or url is None:
        raise BadParameter(f"Field required: messages[0].content[].{kind}.{name}")
    if kind == "input_audio":
        holder.text("format")  # a hint that the bytes make needless
    _check_url(url, data_url_chars)
    return MediaUrl(url, video=kind == "video_url")


def _check_url(url: str, data_url_chars: int) -> None:
    """Raises `BadUrl` for what is plainly no URL of ours, `TooBig` for too long a data URL. The fetcher looks closer."""
    scheme = url[:8].lower()
    if scheme.startswith("data:"):
        comma = url.find(",", 0, _DATA_URL_HEAD)
        if comma < 0 or "base64" not in url[:comma].lower():
            raise BadUrl
        if len(url) > data_url_chars:
            raise TooBig(f"Exceeded limit on max bytes per data-uri item : {data_url_chars}'. Multimodal file size is too large.")
    elif not scheme.startswith(("http://", "https://")) or len(url) > _URL_CHARS:
        raise BadUrl
