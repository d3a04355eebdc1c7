"""English speech to text by pocketsphinx and the model in its wheel, in worker processes, with casing and stops restored."""

import os
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from importlib.util import find_spec
from typing import Any, Self

import msgspec

from livetranslate.engines import Context, EngineInfo, Transcript
from livetranslate.engines.registry import Need
from livetranslate.errors import EngineError, Unsupported
from livetranslate.media import HEARING_RATE, Utterance
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker

_LANGUAGE = "en"
_MODULE = "livetranslate.engines.pocketsphinx.worker"
_SPELLER = "livetranslate.engines.pocketsphinx.phones"
_MOST_SPELLED = 1000
"""Words whose phones are remembered."""
_PACKAGES = {"pocketsphinx": "pocketsphinx", "numpy": "numpy"}
_MOST_WORKERS = 2


class PocketSphinx:
    """Recognizes English, an utterance per worker process at a time.

    An utterance in which the words' mean posterior is below `least_confidence` is not English, or cannot be understood: its
    transcript is empty, for invented words would be worse. Where the request says that English is spoken, the bar is
    `least_confidence_told`. `judged_seconds` is how much speech it takes to judge. `decoder` holds settings of the library by
    name. An answer may be silent for `within` seconds. Rare words on screen are made likely; those that no dictionary has are
    spelled out by espeak-ng where it is installed.
    """

    def __init__(
        self, *, workers: int | None = None, least_confidence: float = 0.3, least_confidence_told: float = 0.15,
        judged_seconds: float = 1.0, within: float = 60.0, decoder: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self._least_confidence, self._least_confidence_told = least_confidence, least_confidence_told
        self._judged_seconds = judged_seconds
        self._within = within
        settings = msgspec.json.encode(decoder or {}).decode()
        size = workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
        self._pool = Pool(lambda: Worker(_MODULE, settings), size)
        self._speller = Pool(lambda: Worker(_SPELLER), 1) if find_spec("espeakng_loader") is not None else None
        self._phones: dict[str, str] = {}
        self._loaded = AsyncExitStack()
        self.info = EngineInfo(
            name="pocketsphinx", hears=frozenset({_LANGUAGE}), writes=frozenset({_LANGUAGE}), sample_rate=HEARING_RATE,
            licence="BSD-2-Clause, model BSD-2-Clause",
        )  # fmt: skip

    @staticmethod
    def needs() -> list[Need]:
        """The packages that are not installed."""
        missing = [package for module, package in _PACKAGES.items() if find_spec(module) is None]
        return [Need(package, f"pip install {' '.join(missing)}") for package in missing]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as loading:
            await loading.enter_async_context(self._pool)
            if self._speller is not None:
                await loading.enter_async_context(self._speller)
            self._loaded = loading.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._loaded.aclose()

    async def transcribe(self, speech: Utterance, language: str | None, context: Context) -> Stream[Transcript]:
        """Guesses in lower case while it searches, then the transcript; it is empty where nothing was understood."""
        if language not in (None, _LANGUAGE):
            raise Unsupported(f"pocketsphinx hears English only, not {language}.")
        if speech.audio.sample_rate != HEARING_RATE:
            raise EngineError
        expected = await self._spelled(context.words)
        found = ("", 0.0, 0.0)
        async with aclosing(self._pool.ask([speech.audio.pcm, expected], self._within)) as answers:
            async for answer in answers:
                if isinstance(answer, str):
                    yield Transcript("", _LANGUAGE, tail=answer)
                else:
                    found = answer
        # Only now: readers leave at the final transcript, and a worker that is left in mid-answer is killed and loaded anew.
        yield self._judged(*found, self._least_confidence if language is None else self._least_confidence_told)

    async def _spelled(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Words on screen with their phones; none for those that cannot be spelled out."""
        wanted = [word for word in words if word.isascii() and word.isalpha()]
        if unknown := [word for word in wanted if word not in self._phones]:
            told = ["" for _ in unknown]
            if self._speller is not None:
                with suppress(EngineError):
                    async with aclosing(self._speller.ask(unknown, self._within)) as answers:
                        told = [phones async for phones in answers]
            if len(self._phones) > _MOST_SPELLED:
                self._phones.clear()
            self._phones.update(zip(unknown, told, strict=False))
        return [(word, self._phones.get(word, "")) for word in wanted]

    def _judged(self, text: str, confidence: float, seconds: float, least: float) -> Transcript:
        doubtful = confidence < least and seconds >= self._judged_seconds
        return Transcript("" if doubtful else text, _LANGUAGE, final=True, confidence=confidence)
