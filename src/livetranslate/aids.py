"""What an utterance gets beside its sound: images, words on screen, terms of glossaries; and the evidence of what they did."""

from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field

from livetranslate.enforce import Enforced, enforce
from livetranslate.engines import Context, Reader, Translator
from livetranslate.events import Change, Evidence, Options
from livetranslate.glossary import Glossary
from livetranslate.glossary.matching import Found, find, keys
from livetranslate.media import Image, Utterance
from livetranslate.pictures import key_images, mend
from livetranslate.streams import Stream
from livetranslate.watch import Watch

_HISTORY = 3
"""(heard, said) pairs that an engine gets as context."""
PATIENCE = 0.04
"""Seconds for each second of speech that a text waits for what is on screen: about a tenth of what recognizing it takes."""


@dataclass(frozen=True, slots=True)
class Sights:
    """What a server has that helps beside the sound: who reads the words on images, its glossaries in order of precedence, and
    how many seconds for each second of speech a text waits for what is on screen.
    """

    reader: Reader | None = None
    glossaries: tuple[Glossary, ...] = ()
    patience: float = PATIENCE


NO_SIGHTS = Sights()


@dataclass(slots=True)
class _Seen:
    """An utterance's images, and what became of its words."""

    images: tuple[Image, ...] = ()
    seconds: float = 0.0
    corrections: tuple[Change, ...] = ()
    enforced: Enforced = field(default_factory=Enforced)


class Aids:
    """Of one request, whose own glossary comes before that of its key, and this before those of the server."""

    def __init__(self, options: Options, watch: Watch, sights: Sights = NO_SIGHTS) -> None:
        self._options = options
        self._watch = watch
        self._glossaries = (options.glossary, options.key_glossary, *sights.glossaries)
        self._patience = sights.patience
        self._layers: dict[str, list[Glossary]] = {}
        self._seen: dict[int, _Seen] = {}
        self._history: deque[tuple[str, str]] = deque(maxlen=_HISTORY)

    def hearing(self, speech: Utterance) -> Context:
        """For a recognizer that begins now: it waits for nothing."""
        self._seen[speech.index] = _Seen(speech.images, speech.audio.seconds)
        return Context(key_images(speech.images), words=self._watch.words())

    async def listening(self, speech: Utterance) -> Context:
        """For an engine that hears and translates at once: with the terms that the screen calls for, whatever is said."""
        seen = self._seen[speech.index] = _Seen(speech.images, speech.audio.seconds)
        await self._settle(seen)
        shown = self._shown(seen)
        terms = [
            entry
            for layer in self._layer(self._options.source or "")
            for entry in layer
            if not entry.conditional or any(keys([cue]) <= shown for cue in entry.when_seen)
        ]
        return Context(key_images(speech.images), tuple(self._history), self._watch.words(), tuple(terms))

    async def mended(self, speech: Utterance, text: str, language: str) -> str:
        """What was heard, with misheard words mended by those on screen."""
        seen = self._seen.get(speech.index)
        if seen is None or not seen.images:
            return text
        await self._settle(seen)
        told, seen.corrections = mend(text, self._watch.words(), language)
        return told

    async def translate(
        self, translator: Translator, utterance: int, text: str, options: Options, images: tuple[Image, ...] | None = None
    ) -> Stream[str]:
        """The translation of what was heard, with the terms that hold for it; of a part of an utterance, with its images."""
        seen = self._seen.setdefault(utterance, _Seen())
        if images is not None:
            seen.images = images
        found = self._find(seen, text, options.source or "")
        terms = tuple(dict.fromkeys(term.entry for term in found)) if translator.info.takes_glossary else ()
        words = self._watch.words() if seen.images else ()
        context = Context(key_images(seen.images), tuple(self._history), words, terms)
        if not found:
            async with aclosing(translator.translate(text, options, context)) as pieces:
                async for piece in pieces:
                    yield piece
            return

        def once(source: str) -> Stream[str]:
            return translator.translate(source, options, context)

        async with aclosing(enforce(once, text, found, options.source or "", options.target)) as answers:
            async for answer in answers:
                if isinstance(answer, Enforced):
                    seen.enforced = answer
                else:
                    yield answer

    def said(self, utterance: int, heard: str, said: str) -> Evidence | None:
        """Notes what was said, and tells the evidence if it was asked for."""
        self._history.append((heard, said))
        seen = self._seen.pop(utterance, _Seen())
        if not self._options.details:
            return None
        enforced = seen.enforced
        return Evidence(
            utterance,
            tuple(image.at for image in key_images(seen.images)),
            self._watch.sightings(seen.images),
            seen.corrections,
            enforced.hits,
            enforced.misses,
            enforced.changes,
        )

    def nothing_said(self, utterance: int) -> None:
        """Nothing came of an utterance."""
        self._seen.pop(utterance, None)

    async def _settle(self, seen: _Seen) -> None:
        await self._watch.settled(seen.images, self._patience * seen.seconds)

    def _shown(self, seen: _Seen) -> set[str]:
        return keys(sighting.text for sighting in self._watch.sightings(seen.images))

    def _find(self, seen: _Seen, text: str, source: str) -> list[Found]:
        layers = self._layer(source)
        if not any(layers):
            return []
        said = keys(heard for heard, _ in self._history)
        return find(text, layers, self._shown(seen), said, source)

    def _layer(self, source: str) -> list[Glossary]:
        """The entries of each glossary that are for this request's languages."""
        if source not in self._layers:
            target = self._options.target
            self._layers[source] = [
                tuple(entry for entry in glossary if entry.fits(source, target)) for glossary in self._glossaries
            ]
        return self._layers[source]
