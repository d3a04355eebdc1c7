"""The billing of video against an oracle: the published rule as columns of a table, worked out by NumPy for all rows at once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.tokens import TooWide, frame_count, frame_numbers, frame_size, video_tokens

ROWS = 20_000
RATES = [0.5, 1, 5, 8.3333, 12, 15, 23.976, 24_000 / 1001, 24, 25, 29.97, 30_000 / 1001, 30, 50, 60_000 / 1001, 60, 120]
SHAPES = [(1280, 720), (640, 360), (1920, 1080), (270, 480), (720, 576), (3840, 2160), (2560, 1080)]

Column = np.ndarray[tuple[int], np.dtype[np.float64]]


def rows(seed: int) -> tuple[Column, Column, Column, Column]:
    """Width, height, frames and rate: usual videos, odd ones, and those whose length is a multiple of half a second or nearly."""
    draw = np.random.default_rng(seed)
    shape = np.array(SHAPES)[draw.integers(0, len(SHAPES), ROWS)]
    odd, narrow = draw.integers(1, 4097, (ROWS, 2)), np.stack([draw.integers(1, 31, ROWS), draw.integers(1, 6000, ROWS)], 1)
    kind = draw.integers(0, 4, (ROWS, 1))
    sides = np.where(kind == 0, shape, np.where(kind == 1, narrow, odd))
    rate = np.where(draw.random(ROWS) < 0.7, np.array(RATES)[draw.integers(0, len(RATES), ROWS)], draw.uniform(0.2, 240, ROWS))
    halves = np.maximum(1, np.rint(draw.integers(0, 400, ROWS) / 2 * rate) + draw.integers(-1, 2, ROWS))
    frames = np.where(draw.random(ROWS) < 0.5, halves, draw.integers(1, 20_000, ROWS))
    return sides[:, 0].astype(float), sides[:, 1].astype(float), frames, rate


def oracle(width: Column, height: Column, frames: Column, rate: Column) -> tuple[Column, Column, Column, Column]:
    """Frames looked at, their width and height, and the tokens; not-a-number where the published rule refuses the video."""
    length = frames / rate
    kept = np.ceil(np.where(np.modf(length)[0] > 0.5, length, np.trunc(length)) * rate)
    looked = np.trunc(np.minimum.reduce([np.maximum(kept / rate * 2, 4), np.minimum(128, frames) // 2 * 2, kept]))
    looked[(looked < 2) | (np.maximum(width, height) / np.minimum(width, height) > 200)] = np.nan
    room = np.maximum(np.minimum(768 * 1024, 16_384 * 1024 / looked * 2), np.trunc(128 * 1024 * 1.05))
    sides = np.stack([width, height])
    squares = np.maximum(1, np.rint(sides / 32)) * 32
    area = squares[0] * squares[1]
    smaller = np.floor(sides / np.sqrt(width * height / room) / 32) * 32
    larger = np.ceil(sides * np.sqrt(128 * 1024 / (width * height)) / 32) * 32
    fitted = np.where(area > room, smaller, np.where(area < 128 * 1024, larger, squares))
    return looked, fitted[0], fitted[1], np.ceil(looked / 2) * fitted[0] / 32 * fitted[1] / 32 + 2


def test_every_row_is_the_oracles() -> None:
    table = rows(2025)
    expected = np.stack(oracle(*table), 1)
    refused = 0
    for width, height, frames, rate, row in zip(*(column.tolist() for column in table), expected.tolist(), strict=True):
        count = frame_count(int(frames), rate)
        assert 1 <= count <= min(128, frames)
        if row[0] == row[0]:
            size = frame_size(int(width), int(height), count)
            assert [count, *size, video_tokens(count, *size)] == row, (width, height, frames, rate)
        else:
            refused += 1
            assert count <= 4 or max(width, height) > 200 * min(width, height), (width, height, frames, rate)
    assert ROWS - refused >= 10_000
    assert refused > 100


@pytest.mark.parametrize(
    ("width", "height", "seconds", "rate", "tokens"),
    [
        (1280, 720, 10, 25, 7202),
        (640, 360, 3, 30, 662),
        (1920, 1080, 120, 25, 16_130),
        (1280, 720, 1, 25, 1442),
        (270, 480, 5, 12, 722),
        (480, 270, 5, 12, 722),
    ],
)
def test_reference_values(width: int, height: int, seconds: int, rate: int, tokens: int) -> None:
    count = frame_count(seconds * rate, rate)
    assert video_tokens(count, *frame_size(width, height, count)) == tokens


def test_ratio() -> None:
    assert frame_size(200 * 31, 31, 4) == (6208, 32)
    for sides in ((6201, 31), (31, 6201), (5, 0)):
        with pytest.raises(TooWide):
            frame_size(*sides, 4)


@pytest.mark.parametrize(
    ("frames", "rate", "count"),
    [
        (0, 25.0, 0),
        (1, 25.0, 1),
        (12, 25.0, 4),
        (3, 30.0, 3),
        (100, 0.0, 4),
        (100, float("nan"), 4),
        (100, 1e-320, 4),
        (7, 1e9, 4),
    ],
)
def test_what_the_published_rule_refuses_is_looked_at_a_little(frames: int, rate: float, count: int) -> None:
    assert frame_count(frames, rate) == count


def test_no_frames_cost_nothing() -> None:
    assert video_tokens(0, 640, 360) == 0


@given(frames=st.integers(1, 300_000), count=st.integers(1, 128))
def test_frames_are_spread_from_the_first_to_the_last(frames: int, count: int) -> None:
    count = min(count, frames)
    numbers = frame_numbers(frames, count)
    assert len(set(numbers)) == count
    assert numbers[0] == 0
    if count > 1:
        assert numbers[-1] == frames - 1
        gaps = [after - before for before, after in pairwise(numbers)]
        assert max(gaps) - min(gaps) <= 1
