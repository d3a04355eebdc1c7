"""Why media is not taken: in a word within the decode process, and as the error that a client is told."""

from livetranslate.errors import BadMedia, TooBig
from livetranslate.tokens import AUDIO_TOKENS_PER_SECOND


class Refused(Exception):
    """The media is not taken: illegal, silent, empty, long, or of pictures too wide or too large."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def told(why: str, video: bool, max_seconds: float, most_pixels: int) -> BadMedia | TooBig:
    """The error for a client who called it a video, or not."""
    illegal = "Invalid video file." if video else BadMedia.sentence
    if why == "empty":
        return BadMedia("The audio is empty")
    if why == "silent":
        return BadMedia(f"{illegal} It has no audio stream.")
    if why == "wide":
        return BadMedia(f"{illegal} Its pictures are too wide: one side is over 200 times the other.")
    if why == "large":
        return BadMedia(f"{illegal} Its pictures are too large: at most {most_pixels} pixels.")
    if why == "long":
        tokens = int(max_seconds * float(AUDIO_TOKENS_PER_SECOND))
        long = "The video file is too long." if video else "The audio is too long."
        return TooBig(f"{long} Range of input length should be [1, {tokens}]")
    return BadMedia(illegal)
