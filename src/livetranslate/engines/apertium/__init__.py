"""Translation among English, Spanish, French, Italian and Portuguese by Apertium's rules, with no model to download."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from livetranslate.engines import Context, EngineInfo
from livetranslate.engines.apertium import casing, pivot, spanish
from livetranslate.engines.apertium.choice import LONG, PRIOR, merit
from livetranslate.engines.apertium.english import rewrite
from livetranslate.engines.apertium.finish import finish
from livetranslate.engines.apertium.paths import CODES, PACKAGE_OF, PATHS
from livetranslate.engines.apertium.paths import Path as Modes
from livetranslate.engines.apertium.pipeline import Pipelines
from livetranslate.engines.apertium.sentences import Aside, cut, protect, safe, tidy
from livetranslate.engines.registry import Need
from livetranslate.events import Options
from livetranslate.streams import Stream

MODES = Path("/usr/share/apertium/modes")
ROUND_TRIP = ("en-es",)
"""Where choosing between two paths measured better; see docs/design/0008-embedded-translation.md."""


class Apertium:
    """Rule-based translation, a sentence at a time, in pipelines that stay open.

    `round_trip` names the directions, such as `en-es`, in which two paths are tried and the better one is kept; `copies` is how
    many pipelines of one mode may run at once; one that was idle for `idle_seconds` ends and gives its memory back.
    `warm` names directions whose pipelines are started with the engine.
    """

    def __init__(
        self, *, round_trip: Iterable[str] = ROUND_TRIP, warm: Iterable[str] = (), copies: int = 1,
        within: float = 10.0, idle_seconds: float = 600.0, modes: str | Path = MODES, words: str | Path = casing.WORDS,
    ) -> None:  # fmt: skip
        self._folder = Path(modes)
        self._words = Path(words)
        self._round_trip = frozenset(round_trip)
        self._spanish: dict[str, str] = {}
        self._warm = tuple(warm)
        self._casing = casing.Casing(frozenset())
        self._pipelines = Pipelines(self._folder, copies=copies, within=within, idle=idle_seconds)
        self.info = EngineInfo(
            name="apertium", reads=frozenset(CODES), writes=frozenset(CODES), licence="GPL-2.0-or-later programs behind pipes"
        )

    @staticmethod
    def needs() -> list[Need]:
        """The Debian packages that are not installed, each with one command for all of them."""
        missing = sorted({package for mode, package in PACKAGE_OF.items() if not (MODES / f"{mode}.mode").exists()})
        command = f"sudo apt-get install --no-install-recommends {' '.join(missing)}"
        return [Need(f"the Debian package {package}", command) for package in missing]

    async def __aenter__(self) -> Self:
        self._casing = await casing.load(self._words)
        for direction in self._warm:
            source, _, target = direction.partition("-")
            await self.prepare(source, target)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._pipelines.aclose()

    async def prepare(self, source: str, target: str) -> None:
        """Starts the pipelines of a direction, if it is one and they do not run."""
        if (source, target) in PATHS:
            paths, backs = self._routes(source, target)
            await self._pipelines.warm({mode for path in (*paths, *backs) for mode in path})

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation, a piece for each sentence."""
        source, target = options.source or "en", options.target
        if source == target:
            if text:
                yield text
            return
        for sentence, gap in cut(text):
            said = await self.sentence(sentence, source, target)
            if said:
                yield said + gap

    async def sentence(self, sentence: str, source: str, target: str) -> str:
        """One sentence, translated by the best path."""
        plain = tidy(sentence)
        if not any(letter.isalnum() for letter in plain):
            return plain
        if source == "en":
            plain = self._casing.restore(plain)
        paths, backs = self._routes(source, target)
        if len(plain.split()) < LONG:
            paths, backs = paths[:1], ()
        await self._pipelines.warm({mode for path in (*paths, *backs) for mode in path})
        tried = await asyncio.gather(*(self._by(path, plain, source, target) for path in paths))
        if len(tried) == 1:
            return tried[0][0]
        merits = [merit(plain, (await self._pipelines.chain(backs[0], safe(tidy(said))))[0], unknown) for said, unknown in tried]
        merits[0] += PRIOR
        return tried[merits.index(max(merits))][0]

    def _routes(self, source: str, target: str) -> tuple[tuple[Modes, ...], tuple[Modes, ...]]:
        """The paths to try, and the path back by which they are compared."""
        paths = PATHS[source, target]
        if f"{source}-{target}" not in self._round_trip:
            return paths[:1], ()
        return paths, PATHS[target, source][:1]

    async def _by(self, path: Modes, plain: str, source: str, target: str) -> tuple[str, int]:
        """The translation by one path, and how many words it did not know."""
        aside = Aside()
        text, added = protect(plain, aside), False
        if source == "en":
            text = self._casing.lower_first(rewrite(text, target, aside.hold))
        if text[-1:].isalnum():  # without a full stop the taggers do worse
            text, added = text + ".", True
        unknown = 0
        for mode in path:
            text, missed = await self._pipelines.chain((mode,), safe(text))
            unknown += missed
            if mode == "eng-cat":
                text = pivot.mend(plain, aside.restore(text, True), target)
            elif mode == "eng-spa":
                await aside.recast(self._in_spanish)
                text = aside.restore(text, True)
            elif mode == "cat-spa" and mode != path[-1]:
                text = safe(spanish.mend(plain, text, False))
        text = aside.restore(text, False)
        if added:
            text = text.removesuffix(".")
        return finish(plain, text, source, target), unknown

    async def _in_spanish(self, catalan: str) -> str:
        """A Catalan phrase that was set aside, for the path that goes through Spanish."""
        if catalan not in self._spanish:
            self._spanish[catalan] = (await self._pipelines.chain(("cat-spa",), catalan))[0]
        return self._spanish[catalan]
