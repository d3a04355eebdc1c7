"""Translate, never answer: a translator and a speech translator that are watched, asked once more, and then not believed."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Self

from livetranslate.engines import Context, EngineInfo, Preparing, SpeechTranslator, Transcript, Translator
from livetranslate.events import Options
from livetranslate.fidelity.reply import TEMPLATE, translation_in
from livetranslate.fidelity.signs import LEAST_TOLD, asks, expected_length, is_name, judge, loops
from livetranslate.media import Utterance
from livetranslate.streams import Stream

HOLD = 160
"""Characters of a reply that are held back until it is believed; docs/design tells how the number was found."""
FLAGS = ("⟦", "⟧")
"""What stands around words that were passed through as they were heard."""

_KIN = ({"zh", "yue"},)
_WRAPS = "{[`<\"'“‘«„「『*("
_LOG = logging.getLogger("livetranslate.fidelity")

TextLanguage = Callable[[str], str | None]


class _Doubt(Exception):
    """A reply is no translation; the reason is one word."""


class _Watch:
    """What both watched engines do: one reply read, held back while it is doubtful, and told language from language."""

    def __init__(self, text_language: TextLanguage, hold: int) -> None:
        self._text_language = text_language
        self._hold = hold

    async def believed(self, reply: Stream[str], heard: str, options: Options) -> Stream[str]:
        """The translation in a reply, as soon as it is believed; raises `_Doubt` before anything if it is not."""
        source, target = options.source or "", options.target
        most = 3 * expected_length(heard, source, target) + 400 if heard else float("inf")
        text, given = "", 0
        async with aclosing(reply):
            async for piece in reply:
                text += piece
                if not given and (len(text) < self._hold or _must_wait(text, heard, source, target)):
                    if len(text) > most:
                        break
                    continue
                if not given:
                    await self._doubt(heard, text, source, target, whole=False)
                sure, ended = _sure(text, heard)
                if sure > given:
                    yield text[given:sure]
                    given = sure
                if ended:
                    return
        said = text[given:] if given else translation_in(text, heard)
        if not given:
            await self._doubt(heard, said, source, target, whole=True)
        if said:
            yield said

    async def _doubt(self, heard: str, said: str, source: str, target: str, *, whole: bool) -> None:
        reason = judge(heard, said, source, target, whole=whole) or await self._other_language(heard, said, source, target)
        if reason:
            raise _Doubt(reason)

    async def _other_language(self, heard: str, said: str, source: str, target: str) -> str:
        """Whether a longer text is plainly in another language than it should be."""
        if source == target or is_name(said) or sum(map(str.isalpha, said)) < LEAST_TOLD:
            return ""
        told = await asyncio.to_thread(self._text_language, said)
        if told in (None, target) or any({told, target} <= kin for kin in _KIN):
            return ""
        return "language"


def _must_wait(text: str, heard: str, source: str, target: str) -> bool:
    """Whether the end of a reply decides about it: what may be wrapped or announced, an answer to a question, or too long."""
    if heard and len(text) > 1.3 * expected_length(heard, source, target):
        return True
    return asks(heard, source) or text.lstrip()[:1] in _WRAPS or "\n" in text.strip() or ":" in text[:120] or "：" in text[:120]


def _sure(text: str, heard: str) -> tuple[int, bool]:
    """How much of a reply that is believed can be given, and whether what follows is no more of the translation."""
    ends = [found.start() for found in (TEMPLATE.search(text),) if found]
    if "\n" in text and "\n" not in heard.strip():
        ends.append(text.index("\n"))
    if ends:
        return min(ends), True
    opened = text.rfind("<", max(0, len(text) - 40))  # which may become a mark of the template
    return (opened if opened >= 0 and ">" not in text[opened:] else len(text)), loops(text) and not loops(heard)


def _held_back(engine: str, reason: str, options: Options, last: bool) -> None:
    _LOG.warning(
        "%s by %s: %s", "passed through untranslated" if last else "asked once more", engine, reason,
        extra={"reason": reason, "source": options.source, "target": options.target},
    )  # fmt: skip


class Faithful:
    """A translator whose replies are read for the translation in them, and doubted where they are none.

    The first doubtful reply is followed by a second attempt in a sterner form (`Context.strict`), the second by the heard words
    themselves, between the flags. The first `hold` characters of a reply are held back until they are believed; the whole of it
    where a question was asked, or the reply may be wrapped in something.
    """

    def __init__(self, translator: Translator, text_language: TextLanguage, hold: int = HOLD) -> None:
        self._translator = translator
        self._watch = _Watch(text_language, hold)

    @property
    def info(self) -> EngineInfo:
        return self._translator.info

    async def __aenter__(self) -> Self:
        await self._translator.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._translator.__aexit__(*exc)

    async def prepare(self, source: str, target: str) -> None:
        """Lets the translator held get ready, if it does so."""
        if isinstance(self._translator, Preparing):
            await self._translator.prepare(source, target)

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation, or the words as they were heard between the flags."""
        for strict in (False, True):
            reply = self._translator.translate(text, options, replace(context, strict=True) if strict else context)
            try:
                async with aclosing(self._watch.believed(reply, text, options)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except _Doubt as doubt:
                _held_back(self.info.name, str(doubt), options, strict)
        yield text.join(FLAGS)


class FaithfulSpeech:
    """A speech translator that is watched in the same way.

    What was heard is not known while it answers, so less can be told.
    """

    def __init__(self, translator: SpeechTranslator, text_language: TextLanguage, hold: int = HOLD) -> None:
        self._translator = translator
        self._watch = _Watch(text_language, hold)

    @property
    def info(self) -> EngineInfo:
        return self._translator.info

    async def __aenter__(self) -> Self:
        await self._translator.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._translator.__aexit__(*exc)

    async def translate_speech(self, speech: Utterance, options: Options, context: Context) -> Stream[Transcript | str]:
        """The translation, or what was heard between the flags: an ellipsis, where the engine does not tell."""
        heard = list[Transcript]()
        for strict in (False, True):
            asked = replace(context, strict=True) if strict else context
            reply = _said(self._translator.translate_speech(speech, options, asked), heard)
            try:
                async with aclosing(self._watch.believed(reply, "", options)) as pieces:
                    async for piece in pieces:
                        while heard:
                            yield heard.pop()
                        yield piece
                while heard:
                    yield heard.pop()
                return
            except _Doubt as doubt:
                _held_back(self.info.name, str(doubt), options, strict)
        words = heard[0].text if heard else "…"
        while heard:
            yield heard.pop()
        yield words.join(FLAGS)


async def _said(reply: Stream[Transcript | str], heard: list[Transcript]) -> Stream[str]:
    """The text of a reply; its transcripts are put aside."""
    async with aclosing(reply):
        async for item in reply:
            if isinstance(item, str):
                yield item
            elif item.final:
                heard[:] = [item]
