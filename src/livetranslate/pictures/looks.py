"""How images look at a glance: a difference hash by which still frames are told, and the choice of a few key images."""

import math
from collections.abc import Sequence

from livetranslate.media import Image

COLUMNS, ROWS = 64, 36
"""Of the hash. A coarser grid does not see that a word on a slide has changed (docs/design tells what was measured)."""
_STEP = 2
"""Levels of grey of 256 that a cell must be brighter than the next, so that noise on a flat ground is no difference."""
_STILL = 5
"""Bits of the hash that compression and noise change where nothing else does."""
_STRANGERS = COLUMNS * ROWS
"""The difference of images that nobody has looked at."""

MOST_KEY_IMAGES = 8


def difference_hash(luma: bytes) -> int:
    """The hash of a picture scaled down to `COLUMNS` + 1 by `ROWS` pixels of grey, a byte each, row by row: a bit for each pixel
    that is brighter than the next.
    """
    if len(luma) != (COLUMNS + 1) * ROWS:
        raise ValueError(f"a picture of {len(luma)} bytes instead of {COLUMNS + 1} by {ROWS}")
    bits = 0
    for start in range(0, len(luma), COLUMNS + 1):
        for place in range(start, start + COLUMNS):
            bits = bits << 1 | (luma[place] > luma[place + 1] + _STEP)
    return bits


def difference(one: Image, other: Image) -> int:
    """How many bits two looks differ in; images that nobody has looked at differ wholly unless they are the same bytes."""
    if one.look is None or other.look is None:
        return 0 if one.jpeg == other.jpeg else _STRANGERS
    return (one.look ^ other.look).bit_count()


def alike(one: Image, other: Image) -> bool:
    """Whether two images show the same, as the frames of a still slide do."""
    return difference(one, other) <= _STILL


def still(one: Image, other: Image, box: tuple[float, float, float, float]) -> bool:
    """Whether two images look alike within a box of shares, whatever moves around it; not so where nobody has looked."""
    if one.look is None or other.look is None:
        return False
    left, top, width, height = box
    first, last = math.floor(left * COLUMNS), min(COLUMNS, math.ceil((left + width) * COLUMNS))
    rows = range(max(0, math.floor(top * ROWS)), min(ROWS, math.ceil((top + height) * ROWS)))
    cells = (1 << max(0, last - max(0, first))) - 1
    within = sum(cells << COLUMNS * (ROWS - row) - last for row in rows)
    return ((one.look ^ other.look) & within).bit_count() <= _STILL


def key_images(images: Sequence[Image], most: int = MOST_KEY_IMAGES) -> tuple[Image, ...]:
    """At most `most` of the images, in their order: one of each that look alike in a row, then those that differ most.

    The last one is always among them: it is on screen when the utterance ends.
    """
    news = [image for place, image in enumerate(images) if not place or not alike(image, images[place - 1])]
    if len(news) <= most:
        return tuple(news)
    chosen = [len(news) - 1]
    nearest = [difference(image, news[-1]) for image in news]
    while len(chosen) < most:
        # of equal ones the one furthest from those chosen in time, so that strangers are spread evenly
        farthest = max(
            (place for place in range(len(news)) if place not in chosen),
            key=lambda place: (nearest[place], min(abs(place - other) for other in chosen), -place),
        )
        chosen.append(farthest)
        nearest = [min(near, difference(image, news[farthest])) for near, image in zip(nearest, news, strict=True)]
    return tuple(news[place] for place in sorted(chosen))
