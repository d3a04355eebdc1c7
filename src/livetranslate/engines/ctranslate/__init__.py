"""Text to text by encoder-decoder models on CTranslate2: one model for many languages, or a model for each pair."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self, get_args

from livetranslate.engines import Context, EngineInfo
from livetranslate.engines.batches import Batches
from livetranslate.engines.ctranslate.families import LICENCES, SPEAKS, Asked, Family
from livetranslate.engines.ctranslate.model import Model
from livetranslate.engines.registry import Need
from livetranslate.errors import Unsupported
from livetranslate.events import Options
from livetranslate.streams import SentenceCutter, Stream

_PACKAGES = {"ctranslate2": "ctranslate2", "sentencepiece": "sentencepiece"}
_PIVOT = "en"


def _needs() -> list[Need]:
    missing = [package for module, package in _PACKAGES.items() if find_spec(module) is None]
    return [Need(package, "pip install 'livetranslate[ctranslate]'") for package in missing]


def _sentences(text: str) -> list[tuple[str, str]]:
    """The sentences of a text, each with the white space after it."""
    cutter = SentenceCutter()
    found = [*cutter.push(text), cutter.rest()]
    return [(sentence.strip(), sentence[len(sentence.rstrip()) :]) for sentence in found if sentence.strip()]


class _Loaded:
    """A model with its batches."""

    def __init__(self, model: Model, batch: int, wait: float) -> None:
        self.model = model
        self.batches: Batches[Asked, str] = Batches(model.translate, batch, wait)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.model.load)
        await self.batches.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.batches.__aexit__(*exc)
        self.model.free()

    async def translate(self, sentence: str, source: str, target: str) -> Stream[str]:
        async with aclosing(self.batches.ask(self.model.asked(sentence, source, target))) as pieces:
            async for piece in pieces:
                yield piece


class CTranslate:
    """Translates with one model for many languages, converted for CTranslate2, in the folder `model`.

    `family` is "madlad" (MADLAD-400), "m2m100" or "nllb". `device`, `compute_type` and `threads` are the library's. Up to `batch`
    sentences that come within `wait` seconds are translated together. With a `beam` of 1 words come as they are decided.
    """

    def __init__(
        self, *, model: str | Path = "", family: Family = "madlad", device: str = "auto", compute_type: str = "default",
        threads: int = 0, batch: int = 16, wait: float = 0.01, beam: int = 1, most_tokens: int = 256,
        languages: Iterable[str] = (),
    ) -> None:  # fmt: skip
        if family not in get_args(Family) or family == "marian":
            raise ValueError(family)
        how = {"device": device, "compute_type": compute_type, "intra_threads": threads}
        self._loaded = _Loaded(Model(Path(model), family, beam=beam, most_tokens=most_tokens, how=how), batch, wait)
        known = frozenset(languages or SPEAKS[family])
        self.info = EngineInfo("ctranslate", Path(model).name, reads=known, writes=known, licence=LICENCES[family])

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return _needs()

    async def __aenter__(self) -> Self:
        await self._loaded.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._loaded.__aexit__(*exc)

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation, sentence by sentence, in words."""
        source, target = options.source or _PIVOT, options.target
        if not self.info.serves(source, target):
            raise Unsupported(f"The engine 'ctranslate' does not translate {source} into {target}.")
        for sentence, gap in _sentences(text):
            async with aclosing(self._loaded.translate(sentence, source, target)) as pieces:
                async for piece in pieces:
                    yield piece
            if gap:
                yield gap


class CTranslatePairs:
    """Translates with a Marian model for each pair of languages, such as Opus-MT's, through English where there is none.

    `models` names their folders by direction: `{"en-de" = "…", "de-en" = "…"}`. All else as for `ctranslate`.
    """

    def __init__(
        self, *, models: Mapping[str, str | Path] | None = None, device: str = "auto", compute_type: str = "default",
        threads: int = 0, batch: int = 16, wait: float = 0.01, beam: int = 1, most_tokens: int = 256,
    ) -> None:  # fmt: skip
        how: dict[str, Any] = {"device": device, "compute_type": compute_type, "intra_threads": threads}
        self._models = {
            _direction(name): _Loaded(Model(Path(folder), "marian", beam=beam, most_tokens=most_tokens, how=how), batch, wait)
            for name, folder in (models or {}).items()
        }
        self._stack = AsyncExitStack()
        pairs = frozenset(self._models) | _through_pivot(frozenset(self._models))
        self.info = EngineInfo(
            "ctranslate-pairs", reads=frozenset(source for source, _ in pairs), writes=frozenset(target for _, target in pairs),
            pairs=pairs, licence=LICENCES["marian"],
        )  # fmt: skip

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return _needs()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for model in self._models.values():
                await stack.enter_async_context(model)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation, sentence by sentence; through English the words come when the English sentence is whole."""
        source, target = options.source or _PIVOT, options.target
        path = [(source, target)] if (source, target) in self._models else [(source, _PIVOT), (_PIVOT, target)]
        if not all(step in self._models for step in path):
            raise Unsupported(f"The engine 'ctranslate-pairs' does not translate {source} into {target}.")
        for sentence, gap in _sentences(text):
            said = sentence
            for step in path[:-1]:
                said = "".join([piece async for piece in self._models[step].translate(said, *step)])
            async with aclosing(self._models[path[-1]].translate(said, *path[-1])) as pieces:
                async for piece in pieces:
                    yield piece
            if gap:
                yield gap


def _direction(name: str) -> tuple[str, str]:
    source, dash, target = name.partition("-")
    if not (source and dash and target):
        raise ValueError(name)
    return source, target


def _through_pivot(pairs: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The directions that two models make together."""
    into = {source for source, target in pairs if target == _PIVOT}
    out = {target for source, target in pairs if source == _PIVOT}
    return frozenset((source, target) for source in into for target in out if source != target)
