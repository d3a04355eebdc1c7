"""Which scale of frequency suits a speaker: the one on which the acoustic model finds the utterance most like speech.

A short vocal tract shifts what is said upwards; the model has heard many speakers and fits the middle of them. Its Gaussians of
all phones, taken together, are a model of speech that needs no transcript, so one pass of the search is enough.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from livetranslate.engines.pocketsphinx.front import CEPSTRA, SCALES, Array

_EVERY = 4
"""Frames that are judged: one out of so many."""
_MOST_FRAMES = 400
_RELUCTANCE = 0.5
"""Log likelihood of a frame that a scale must gain for each unit that it is away from 1."""
_LEAST_VARIANCE = 1e-4


class Voices:
    """The static cepstra of the acoustic model in `folder`, as one mixture."""

    def __init__(self, folder: Path) -> None:
        means = _gaussians(folder / "means")
        precisions = 1.0 / np.maximum(_gaussians(folder / "variances"), _LEAST_VARIANCE)
        self._linear = (means * precisions).T.astype(np.float32)
        self._square = (-0.5 * precisions).T.astype(np.float32)
        self._constant = (0.5 * (np.log(precisions) - means * means * precisions).sum(axis=1)).astype(np.float32)

    def fit(self, found: Array) -> Array:
        """The cepstra by frame, on the scale that suits the speaker, of cepstra by frame and scale."""
        every = max(_EVERY, len(found) // _MOST_FRAMES)
        scores = [
            self._likelihood(found[::every, place].astype(np.float32)) - _RELUCTANCE * abs(scale - 1.0)
            for place, scale in enumerate(SCALES)
        ]
        return np.asarray(found[:, int(np.argmax(scores))])

    def _likelihood(self, frames: npt.NDArray[np.float32]) -> float:
        """The mean log likelihood of a frame, but for a constant."""
        scores = self._constant + frames @ self._linear + (frames * frames) @ self._square
        best = scores.max(axis=1)
        return float((best + np.log(np.exp(scores - best[:, None]).sum(axis=1))).mean())


_HEADER_END = b"endhdr\n"
_ORDER = 0x11223344
"""How the library's files tell the order of their bytes."""


def _gaussians(path: Path) -> Array:
    """The parameters of the first stream's Gaussians of all phones, a row for each.

    The file has a header in words, a mark of the byte order, then the numbers of phones, streams and Gaussians, the streams'
    lengths, the number of values, the values, and a checksum.
    """
    data = path.read_bytes()
    start = data.index(_HEADER_END) + len(_HEADER_END)
    order = "<" if int.from_bytes(data[start : start + 4], "little") == _ORDER else ">"
    phones, streams, gaussians = np.frombuffer(data, f"{order}i4", 3, start + 4)
    values = np.frombuffer(data, f"{order}f4", phones * streams * gaussians * CEPSTRA, start + 20 + 4 * streams)
    return values.reshape(phones, streams, gaussians, CEPSTRA)[:, 0].reshape(-1, CEPSTRA).astype(np.float64)
