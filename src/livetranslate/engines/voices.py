"""Voice maps: which speaker of an engine stands for which voice of the catalog, in which language."""

from collections.abc import Mapping

from livetranslate.catalog import VOICES

ANY = "*"
"""Stands for every voice, or every language, that is not named."""

Speakers = Mapping[str, str | Mapping[str, str]]


class VoiceMap:
    """From a voice of the catalog to an engine's speaker: `{Cherry = "vivian", Dylan = {zh = "dylan", "*" = "ryan"}}`.

    `*` stands for what is not named. A voice that only `*` covers is spoken, but not listed as one that the engine has.
    """

    def __init__(self, speakers: Speakers | None = None) -> None:
        self._speakers = dict(speakers or {})
        if strangers := self._speakers.keys() - VOICES.keys() - {ANY}:
            raise ValueError(f"no voices of the catalog: {', '.join(sorted(strangers))}")

    @property
    def voices(self) -> frozenset[str]:
        """The voices that have a speaker of their own."""
        return frozenset(self._speakers.keys() & VOICES.keys())

    def speaker(self, voice: str, language: str) -> str | None:
        """Who speaks as that voice in that language; None if nobody is named."""
        for named in (voice, ANY):
            speaker = self._speakers.get(named)
            if isinstance(speaker, str):
                return speaker
            if speaker is not None and (found := speaker.get(language) or speaker.get(ANY)):
                return found
        return None
