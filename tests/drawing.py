"""Pictures made by tests: lines of writing on a plain ground."""

import io
from collections.abc import Sequence
from typing import Any

from livetranslate.media import Image
from livetranslate.pictures import difference_hash
from livetranslate.pictures.looks import COLUMNS, ROWS

WIDTH, HEIGHT = 1152, 640


def picture(lines: Sequence[str], size: int = 64, font: str | None = None, ground: tuple[int, int, int] = (240, 240, 235)) -> Any:
    """A PIL image with those lines, in the font that comes with Pillow unless another is named."""
    from PIL import Image as Pictures
    from PIL import ImageDraw, ImageFont

    drawn = Pictures.new("RGB", (WIDTH, HEIGHT), ground)
    letters = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    for number, line in enumerate(lines):
        ImageDraw.Draw(drawn).text((90, 70 + 2 * size * number), line, font=letters, fill=(20, 20, 25))
    return drawn


def shot(lines: Sequence[str], at: float = 0.0, **how: Any) -> Image:
    """The picture as a sampled frame."""
    from PIL import Image as Pictures

    drawn = picture(lines, **how)
    jpeg = io.BytesIO()
    drawn.save(jpeg, "JPEG", quality=80)
    small = drawn.convert("L").resize((COLUMNS + 1, ROWS), Pictures.Resampling.BOX)
    return Image(jpeg.getvalue(), WIDTH, HEIGHT, at, difference_hash(small.tobytes()))
