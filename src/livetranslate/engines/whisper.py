"""Speech to text by Whisper on CTranslate2 (faster-whisper): languages told, many utterances in one batch."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import numpy as np

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.engines.batches import Batches, Job
from livetranslate.engines.registry import Need
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE, Utterance
from livetranslate.streams import Stream

_WINDOW_SECONDS = 30
_WINDOW_BYTES = _WINDOW_SECONDS * HEARING_RATE * BYTES_PER_SAMPLE
_FRAMES = 3000
_MOST_TOKENS = 224
_SILENT = 60.0
"""Root mean square below which nothing was said: about -55 dB of full scale."""
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Window:
    """Up to thirty seconds of speech, the language it is in, if that is known, and words that may come in it."""

    pcm: bytes
    language: str | None
    words: str


@dataclass(frozen=True, slots=True)
class _Heard:
    text: str
    language: str
    confidence: float


class Whisper:
    """Recognizes with a Whisper model that was converted for CTranslate2, in the folder `model`.

    `device` is "cpu", "cuda" or "auto"; `compute_type` how it computes, "int8" on a CPU. Up to `batch` utterances that come
    within `wait` seconds are heard together. `beam` is how many readings are followed. `prompt` and `hotwords` are words that
    the model should expect. What is more likely no speech than `least_speech` allows, and read with less than
    `least_confidence`, is empty.
    """

    def __init__(
        self, *, model: str | Path = "", device: str = "auto", compute_type: str = "default", threads: int = 0, batch: int = 8,
        wait: float = 0.02, beam: int = 1, prompt: str = "", hotwords: str = "", languages: Iterable[str] = (),
        least_speech: float = 0.4, least_confidence: float = 0.35,
    ) -> None:  # fmt: skip
        self._folder = Path(model)
        self._how: dict[str, Any] = {"device": device, "compute_type": compute_type, "cpu_threads": threads}
        self._beam, self._prompt, self._hotwords = beam, prompt, hotwords
        self._least_speech, self._least_confidence = least_speech, least_confidence
        self._model: Any = None
        self._batches: Batches[_Window, _Heard] = Batches(self._hear, batch, wait)
        known = frozenset(languages or LANGUAGES)
        self.info = EngineInfo("whisper", self._folder.name, hears=known, writes=known, sample_rate=HEARING_RATE, licence="MIT")

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("faster_whisper") else [Need("faster-whisper", "pip install 'livetranslate[whisper]'")]

    async def __aenter__(self) -> Self:
        self._model = await asyncio.to_thread(self._load)
        await self._batches.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._batches.__aexit__(*exc)
        self._model = None

    def _load(self) -> Any:
        for needed in ("model.bin", "tokenizer.json"):
            if not (self._folder / needed).is_file():
                raise EngineError(f"The engine 'whisper' has no {needed} in its model folder.")
        from faster_whisper import WhisperModel

        try:
            return WhisperModel(str(self._folder), local_files_only=True, **self._how)
        except Exception:  # the libraries raise their own and plain ones for files that are not what they should be
            raise EngineError("The engine 'whisper' cannot load its model.") from None

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """What was said; a guess follows each half minute of longer speech."""
        if language is not None and language not in self.info.hears:
            raise Unsupported(f"The engine 'whisper' does not hear {language}.")
        pcm, texts, told, sure = speech.audio.pcm, list[str](), language or "", list[float]()
        words = ", ".join(filter(None, (self._hotwords, *context.words)))
        for start in range(0, len(pcm), _WINDOW_BYTES):
            window = pcm[start : start + _WINDOW_BYTES]
            if _is_silent(window):
                continue
            async with aclosing(self._batches.ask(_Window(window, language or told or None, words))) as answers:
                async for heard in answers:
                    texts.append(heard.text)
                    told = told or heard.language
                    sure.append(heard.confidence)
            if start + _WINDOW_BYTES < len(pcm):
                yield Transcript("", told, tail=" ".join(filter(None, texts)))
        yield Transcript(" ".join(filter(None, texts)), told, final=True, confidence=min(sure, default=1.0))

    def _hear(self, jobs: list[Job[_Window, _Heard]]) -> None:
        """One batch, in a thread: features, encoding, languages, then decoding of all prompts of one length together."""
        from faster_whisper.audio import pad_or_trim

        extract = self._model.feature_extractor
        features = [pad_or_trim(extract(_floats(job.item.pcm))[:, :_FRAMES], _FRAMES) for job in jobs]
        encoded = self._model.encode(np.stack(features))
        languages = self._languages(jobs, encoded)
        prompts = [self._prompted(language, job.item.words) for language, job in zip(languages, jobs, strict=True)]
        for size, group in groupby(
            sorted(range(len(jobs)), key=lambda place: len(prompts[place])), lambda place: len(prompts[place])
        ):
            places = list(group)
            part = encoded if len(places) == len(jobs) else self._model.encode(np.stack([features[place] for place in places]))
            results = self._model.model.generate(
                part,
                [prompts[place] for place in places],
                beam_size=self._beam,
                max_length=2 * min(_MOST_TOKENS, self._model.max_length // 2 + size),
                return_scores=True,
                return_no_speech_prob=True,
                suppress_blank=True,
            )
            for place, result in zip(places, results, strict=True):
                jobs[place].put(self._read(result, languages[place]))

    def _languages(self, jobs: list[Job[_Window, _Heard]], encoded: Any) -> list[str]:
        """The language of each: the one asked for, else the likeliest of those that it is used for."""
        asked = [job.item.language for job in jobs]
        if all(asked):
            return [language or "" for language in asked]
        told = self._model.model.detect_language(encoded)
        likely = [next((tag[2:-2] for tag, _ in each if tag[2:-2] in self.info.hears), "en") for each in told]
        return [language or found for language, found in zip(asked, likely, strict=True)]

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language)

    def _prompted(self, language: str, words: str) -> list[int]:
        tokenizer = self._tokenizer(language)
        before = tokenizer.encode(" " + self._prompt) if self._prompt else []
        prompt: list[int] = self._model.get_prompt(tokenizer, before, without_timestamps=True, hotwords=words or None)
        return prompt

    def _read(self, result: Any, language: str) -> _Heard:
        tokenizer = self._tokenizer(language)
        confidence = float(np.exp(min(0.0, result.scores[0])))
        text = tokenizer.decode(result.sequences_ids[0]).strip()
        doubtful = result.no_speech_prob > 1 - self._least_speech and confidence < self._least_confidence
        return _Heard("" if doubtful else text, language, confidence)


def _floats(pcm: bytes) -> "np.ndarray[Any, np.dtype[np.float32]]":
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0


def _is_silent(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    return len(samples) < _LEAST_SECONDS * HEARING_RATE or float(np.sqrt(np.mean(np.square(samples)))) < _SILENT
