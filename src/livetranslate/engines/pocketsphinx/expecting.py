"""Words that are on screen made likely to the search: a language model of its own for them, beside the one that never changes."""

from collections.abc import Sequence
from typing import Any

_WEIGHT = 30.0
"""Of a word in the model, whose own words have 1 each; 300 finds no more of them and hears more that nobody said."""
_RARE = -13.0
"""The log likelihood below which a word is rare. Others are found without help, and a new model takes a fifth of a second."""
_MARK = "~"
"""Behind a word's second name: its first one may be in the model already, where its weight cannot be changed."""
_DEFAULT, _OWN = "_default", "expected"
_MOST_NAMES = 20_000
"""Names that a decoder is taught; then it expects no new ones. Some megabytes."""


class Expecting:
    """The words that one decoder expects now."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._default = decoder.current_search()
        self._model: Any = decoder.get_lm(self._default)
        self._expected: tuple[tuple[str, str], ...] = ()
        self._names: dict[str, str] = {}
        self._written: dict[str, str] = {}

    def expect(self, words: Sequence[tuple[str, str]]) -> None:
        """From now on these, as they are written, with their phones for those that the dictionary lacks; no others."""
        wanted = tuple(sorted((written, phones) for written, phones in words if self._is_rare(written.casefold())))
        if wanted == self._expected:
            return
        if self._expected:
            self._decoder.activate_search(self._default)
            self._decoder.remove_search(_OWN)
        self._expected, self._written = (), {}
        names = {name: written for written, phones in wanted if (name := self._name(written.casefold(), phones))}
        if names:
            self._search_for(names)
            self._written = names
            self._expected = wanted

    def plain(self, word: str) -> str:
        """A word that was found, as it is written; names on screen keep their capital."""
        if not word.endswith(_MARK):
            return word
        written = self._written.get(word, word)
        return written if written[:1].isupper() and not written.isupper() else word.removesuffix(_MARK)

    def _is_rare(self, word: str) -> bool:
        likelihood: float = self._decoder.get_logmath().log_to_ln(self._model.prob([word]))
        return likelihood < _RARE

    def _name(self, word: str, phones: str) -> str:
        """The word's second name, taught to the dictionary if it is new; empty if nobody knows how it sounds."""
        name = word + _MARK
        if name in self._names:
            return name
        sounds = self._decoder.lookup_word(word) or phones
        if not sounds or len(self._names) >= _MOST_NAMES:
            return ""
        self._names[name] = sounds
        return name

    def _search_for(self, names: dict[str, str]) -> None:
        from pocketsphinx import NGramModel

        # A model once changed stays so: this one is read anew.
        model = NGramModel(self._decoder.config, self._decoder.get_logmath(), self._decoder.config["lm"])
        for name in names:
            model.add_word(name, _WEIGHT)
            if self._decoder.lookup_word(name) is None:
                self._decoder.add_word(name, self._names[name], False)
        self._decoder.add_lm(_OWN, model)
        self._decoder.activate_search(_OWN)
