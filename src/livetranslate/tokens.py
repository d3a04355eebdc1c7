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

FRAMES_PER_SECOND = 2
LEAST_FRAMES, MOST_FRAMES = 4, 128
"""Of a video, that are looked at."""
SIDE = 32
"""Pixels: what is looked at is cut into squares of this side, two frames deep, a token each."""
_FRAME_PAIR = 2
_LEAST_PIXELS, _MOST_PIXELS = 128 * SIDE**2, 768 * SIDE**2
_PIXELS_IN_ALL = 16_384 * SIDE**2
_LEAST_ROOM = 1.05
"""The bound from above is at least so many times the bound from below."""
_MOST_RATIO = 200
_MARKS = 2
"""Tokens around a video."""


class TooWide(ValueError):
    """A picture whose longer side is over 200 times its shorter one."""


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


def frame_count(frames: int, rate: float) -> int:
    """How many frames are looked at of a video of `frames` at `rate` a second: 2 a second, 4 to 128, and no more than there are.

    Source: the script on the seed's guide, section on billing, operation by operation, because its rounding decides: the last
    part of a second counts only if it is over a half, and a number may be odd. What the script refuses (under half a second, a
    single frame, no rate) is looked at as far as it goes, 4 frames at most; that is ours.
    """
    seconds = frames / rate if rate > 0 else math.nan
    most = min(MOST_FRAMES, frames) // _FRAME_PAIR * _FRAME_PAIR
    counted = 0
    if math.isfinite(seconds):
        whole = int(seconds)
        counted = math.ceil((seconds if seconds - whole > 1 / FRAMES_PER_SECOND else whole) * rate)
    if not counted:
        return min(max(frames, 0), LEAST_FRAMES)
    wanted = int(min(max(counted / rate * FRAMES_PER_SECOND, LEAST_FRAMES), most, counted))
    return wanted if wanted >= _FRAME_PAIR else min(frames, LEAST_FRAMES)


def frame_numbers(frames: int, count: int) -> list[int]:
    """Which of `frames`, from 0, are the `count` looked at: spread evenly from the first to the last."""
    if count < 2:
        return [0] * min(count, frames)
    return [(2 * place * (frames - 1) + count - 1) // (2 * (count - 1)) for place in range(count)]


def frame_size(width: int, height: int, count: int) -> tuple[int, int]:
    """Width and height at which `count` frames of that size are looked at: multiples of 32, of about the same shape, with as
    many pixels as there is room for. Raises `TooWide` for a ratio over 200.

    Source: the script on the seed's guide, section on billing: at least 128 squares of 32 by 32; at most 768, and all pairs of
    frames together 16,384, but never under 1.05 times the least.
    """
    if max(width, height) > _MOST_RATIO * min(width, height):
        raise TooWide(f"a picture of {width}x{height}")
    most = max(min(_MOST_PIXELS, _PIXELS_IN_ALL / count * _FRAME_PAIR), int(_LEAST_PIXELS * _LEAST_ROOM))
    near = [max(SIDE, round(side / SIDE) * SIDE) for side in (width, height)]
    if near[0] * near[1] > most:
        shrink = math.sqrt(width * height / most)
        near = [math.floor(side / shrink / SIDE) * SIDE for side in (width, height)]
    elif near[0] * near[1] < _LEAST_PIXELS:
        grow = math.sqrt(_LEAST_PIXELS / (width * height))
        near = [math.ceil(side * grow / SIDE) * SIDE for side in (width, height)]
    return near[0], near[1]


def video_tokens(count: int, width: int, height: int) -> int:
    """Tokens of `count` frames looked at in that size: one for each square of 32 by 32 of each pair of frames, and 2 around them;
    none for none.

    Source: the script on the seed's guide, section on billing.
    """
    if count <= 0:
        return 0
    return math.ceil(count / _FRAME_PAIR) * (width // SIDE) * (height // SIDE) + _MARKS
