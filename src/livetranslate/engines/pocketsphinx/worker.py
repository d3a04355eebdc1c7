"""The worker process, which holds a decoder and the global lock with it: utterances in, guesses and transcripts out."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy reads it when it is imported; more workers are better than more threads

from livetranslate.engines.pocketsphinx.restore import Restorer
from livetranslate.engines.pocketsphinx.search import Searcher, Word
from livetranslate.workers import serve


def confidence(words: list[Word]) -> float:
    """How sure the search is of the whole: the mean of the words' posteriors, by their length."""
    seconds = sum(word.end - word.start for word in words)
    return sum(word.chance * (word.end - word.start) for word in words) / seconds if seconds else 0.0


def prepare() -> Callable[[Any], Iterator[Any]]:
    """Loads the decoder. A request is an utterance's PCM and the words to expect, each with its phones; answers are guesses, then
    one (text, confidence, seconds of words).
    """
    settings = msgspec.json.decode(sys.argv[1]) if len(sys.argv) > 1 else {}
    searcher = Searcher(**settings)
    restorer = Restorer(searcher.likelihood)

    def transcribe(request: Any) -> Iterator[Any]:
        pcm, expected = request
        for found in searcher.search(pcm, expected):
            if isinstance(found, str):
                yield found
            else:
                yield restorer.restore(found), confidence(found), sum(word.end - word.start for word in found)

    return transcribe


if __name__ == "__main__":
    serve(prepare)
