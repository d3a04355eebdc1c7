"""The size of a JPEG, read from its markers without decoding it (ITU-T T.81, annex B)."""

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers that begin a frame, by their second byte."""
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers that stand alone."""


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None if it is no JPEG."""
    if data[:3] != b"\xff\xd8\xff":
        return None
    place = 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _BARE:
            place += 2
        elif marker in _FRAMES:
            height, width = (int.from_bytes(data[place + at : place + at + 2]) for at in (5, 7))
            return (width, height) if width and height and place + 9 <= len(data) else None
        else:
            place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4]))
    return None
