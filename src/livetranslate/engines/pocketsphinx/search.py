"""One decoder of pocketsphinx: guesses while it searches an utterance, and at the end the words and their times."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livetranslate.engines.pocketsphinx.expecting import Expecting
from livetranslate.engines.pocketsphinx.front import CEPSTRA, FRAME_RATE, Array, cepstra
from livetranslate.engines.pocketsphinx.voice import Voices

SETTINGS: dict[str, Any] = {"maxhmmpf": 5000, "maxwpf": 20}
"""What differs from the library's defaults: fewer paths are kept alive where sound is noisy; see docs/design."""

_STEP = 50
"""Frames that are searched between two guesses. Below 300, or the library would move its own mean under ours."""
_NO_MEAN = ",".join(["0"] * CEPSTRA)
_VARIANT = re.compile(r"\(\d+\)$")
_FILLERS = "<["


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the dictionary spells it, when it was said (seconds in the utterance), and how sure the search is of it."""

    text: str
    start: float
    end: float
    chance: float


class Searcher:
    """A decoder that forgets each utterance: the answer depends on nothing that was heard before."""

    def __init__(self, **settings: Any) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(loglevel="FATAL", **{**SETTINGS, **settings})
        self._model: Any = self._decoder.get_lm(self._decoder.current_search())
        self._scale: Any = self._decoder.get_logmath()
        self._expecting = Expecting(self._decoder)
        self._voices = Voices(Path(self._decoder.config["hmm"]))

    def likelihood(self, word: str, *before: str) -> float:
        """The language model's log likelihood of a word after up to two others, the nearest first."""
        return float(self._scale.log_to_ln(self._model.prob([word, *before])))

    def search(self, pcm: bytes, expected: Sequence[tuple[str, str]] = ()) -> Iterator[str | list[Word]]:
        """Guesses at what was said so far, each once; at last the words. Those `expected`, with their phones, are likely."""
        self._expecting.expect(expected)
        found = cepstra(pcm)
        if len(found):
            yield from self._searched(self._voices.fit(found))
        else:
            yield []

    def _searched(self, found: Array) -> Iterator[str | list[Word]]:
        decoder, guessed = self._decoder, ""
        rows = found.astype("<f4")
        decoder.reinit_feat()
        decoder.start_utt()
        for start in range(0, len(rows), _STEP):
            # The mean is gone from the cepstra; the library must not take away another.
            decoder.set_cmn(_NO_MEAN)
            decoder.process_cep(np.ascontiguousarray(rows[start : start + _STEP]).tobytes())
            if (guess := self._guess()) != guessed:
                yield (guessed := guess)
        decoder.end_utt()
        yield [self._word(segment) for segment in decoder.seg() or () if segment.word[0] not in _FILLERS]

    def _guess(self) -> str:
        guess = self._decoder.hyp()
        return " ".join(map(self._plain, guess.hypstr.split())) if guess is not None else ""

    def _plain(self, word: str) -> str:
        return self._expecting.plain(_VARIANT.sub("", word))

    def _word(self, segment: Any) -> Word:
        return Word(
            self._plain(segment.word),
            segment.start_frame / FRAME_RATE,
            (segment.end_frame + 1) / FRAME_RATE,
            min(1.0, segment.prob),
        )
