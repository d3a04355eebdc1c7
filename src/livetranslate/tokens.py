"""The billing rules of the seed as pure functions of numbers."""

import math
import re
from fractions import Fraction

INPUT_LIMIT = 49_152
"""Tokens that may go in (the seed's model page)."""
OUTPUT_LIMIT = 4_096
"""Tokens that may come out (the seed's model page)."""
AUDIO_TOKENS_PER_SECOND = Fraction(25, 2)
"""12.5 tokens a second of speech, in or out (the seed's guide, section on billing)."""

# Runs of letters in scripts that write words without spaces count by character, other words by length.
_PIECES = re.compile(
    r"(?P<dense>[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])|(?P<digit>\d)|(?P<word>[^\W\d_]+)|(?P<sign>[^\w\s]|_)"
)
_LETTERS_PER_TOKEN = 6


def audio_tokens(samples: int, sample_rate: int, per_second: Fraction = AUDIO_TOKENS_PER_SECOND) -> int:
    """Tokens of `samples` at `sample_rate` Hz: 12.5 a second, under a second counts as one, rounded up; none for none.

    Source: the seed's guide ("12.5 tokens per second of audio; less than 1 second is billed as 1 second"). The rounding is ours.
    """
    if samples <= 0:
        return 0
    return math.ceil(max(Fraction(1), Fraction(samples, sample_rate)) * per_second)


def samples_within(tokens: int, sample_rate: int, per_second: Fraction = AUDIO_TOKENS_PER_SECOND) -> int:
    """How many samples at `sample_rate` Hz `audio_tokens` bills with at most `tokens`: its inverse."""
    if tokens < math.ceil(per_second):
        return 0
    return math.floor(Fraction(tokens) / per_second * sample_rate)


def text_tokens(text: str) -> int:
    """An estimate of the seed's text tokens: one a digit, sign or character of Chinese, Japanese, Korean or Thai,
    and one for each six letters begun of any other word.

    The seed's tokenizer is not part of this project. The estimate never falls when text is added, so a running count can be cut.
    """
    count = 0
    for piece in _PIECES.finditer(text):
        count += math.ceil(len(piece[0]) / _LETTERS_PER_TOKEN) if piece.lastgroup == "word" else 1
    return count


def text_within(text: str, tokens: int) -> str:
    """The longest beginning of `text` that `text_tokens` counts with at most `tokens`."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_tokens(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]
