"""What pictures tell beside speech: which of them are new, which words stand on them, and which words were misheard."""

from livetranslate.pictures.looks import alike, difference, difference_hash, key_images
from livetranslate.pictures.mending import mend
from livetranslate.pictures.screen import Screen

__all__ = ["Screen", "alike", "difference", "difference_hash", "key_images", "mend"]
