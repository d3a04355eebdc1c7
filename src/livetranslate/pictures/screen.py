"""What stands on the screen: the scenes of one video, the words read in each, and how often each word was seen."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livetranslate.events import Sighting
from livetranslate.media import Image, Line
from livetranslate.pictures.looks import alike, still

_KEPT = 64
"""Scenes that are remembered."""
_LEAST_CONFIDENCE = 0.6
_LEAST_FRAMES = 2
_MOST_WORDS = 20
_LEAST_LETTERS = 4
_MOST_LETTERS = 30
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

_SCRIPTS = (
    ("latin", "A", "\u024f"), ("latin", "\u1e00", "\u1eff"), ("greek", "\u0370", "\u03ff"), ("cyrillic", "\u0400", "\u04ff"),
    ("arabic", "\u0600", "\u06ff"), ("devanagari", "\u0900", "\u097f"), ("thai", "\u0e00", "\u0e7f"), ("han", "\u3040", "\u30ff"),
    ("han", "\u3400", "\u9fff"), ("hangul", "\uac00", "\ud7af"),
)  # fmt: skip
_SCRIPT_OF = {
    "zh": "han", "yue": "han", "ja": "han", "ko": "hangul", "ru": "cyrillic", "el": "greek", "ar": "arabic", "hi": "devanagari",
    "th": "thai",
}  # fmt: skip


def script_of(language: str) -> str:
    """The script that a language of the catalog is written in; Chinese and Japanese count as one."""
    return _SCRIPT_OF.get(language, "latin")


def script(word: str) -> str:
    """The script of most letters of a word; empty if it has none that is known."""
    counts = Counter(name for letter in word if letter.isalpha() for name, first, last in _SCRIPTS if first <= letter <= last)
    return counts.most_common(1)[0][0] if counts else ""


@dataclass(slots=True)
class _Scene:
    """Images in a row that look alike."""

    image: Image
    frames: int = 1
    last: float = 0.0
    lines: tuple[Line, ...] | None = None
    """What stands on it; None until it is read."""
    kept: tuple[Line, ...] = ()
    """What stood on the scene before, and where nothing has moved since."""

    @property
    def known(self) -> tuple[Line, ...]:
        """What stands on it, as far as that is known without reading."""
        return self.kept if self.lines is None else self.lines


class Screen:
    """Remembers the last scenes of one video. Who reads them is told by `show`, and tells what it read by `read`."""

    def __init__(self) -> None:
        self._scenes: deque[_Scene] = deque(maxlen=_KEPT)
        self._frames: Counter[str] = Counter()

    def show(self, image: Image) -> bool:
        """The next image is on screen; tells whether it is new and should be read."""
        last = self._scenes[-1] if self._scenes else None
        if last is not None and alike(last.image, image):
            last.frames += 1
            last.last = image.at
            self._frames.update(_folded(last.known))
            return False
        self._scenes.append(_Scene(image, last=image.at))
        if last is not None:
            self._keep(last)
        return True

    def read(self, image: Image, lines: Iterable[Line]) -> bool:
        """What stands on an image that was new; tells whether other words stand on it than on the one read before."""
        scene = self._scene(image)
        before = self._before(image)
        if scene is None:
            return True
        self._note(scene, tuple(line for line in lines if line.confidence >= _LEAST_CONFIDENCE))
        return before is None or _folded(before.lines or ()) != _folded(scene.lines or ())

    def keeps_all(self, image: Image) -> bool:
        """Whether all lines of the image read before stand on this one too, as nothing has moved there."""
        scene, before = self._scene(image), self._before(image)
        return scene is not None and before is not None and scene.kept != () and scene.kept == before.lines

    def skip(self, image: Image) -> None:
        """An image that was new is not read: it is taken to say what the one read before it says."""
        scene, before = self._scene(image), self._before(image)
        if scene is not None and before is not None:
            self._note(scene, before.lines or ())

    def _note(self, scene: _Scene, lines: tuple[Line, ...]) -> None:
        before, scene.lines = _folded(scene.known), lines
        self._count(scene, before)
        self._keep(scene)

    def _count(self, scene: _Scene, before: set[str]) -> None:
        """Counts the frames of a scene for the words that are now known to stand on it, but for those counted before."""
        for word in _folded(scene.known) - before:
            self._frames[word] += scene.frames

    def _keep(self, scene: _Scene) -> None:
        """Lines of a scene stand on the ones after it that are not yet read, as long as nothing moves where they stand."""
        lines, before = scene.known, scene
        for after in list(self._scenes)[self._scenes.index(scene) + 1 :]:
            lines = tuple(line for line in lines if still(before.image, after.image, line.box))
            if not lines or after.lines is not None:
                return
            counted, after.kept = _folded(after.known), lines
            self._count(after, counted)
            before = after

    def _scene(self, image: Image) -> _Scene | None:
        return next((scene for scene in self._scenes if scene.image is image), None)

    def _before(self, image: Image) -> _Scene | None:
        """The last scene before an image's that is read."""
        read = (scene for scene in reversed(self._scenes) if scene.lines is not None and scene.image.at < image.at)
        return next(read, None)

    def sightings(self, images: Sequence[Image]) -> tuple[Sighting, ...]:
        """The words that stand on these images and were seen in two frames at least, each once, with the moment and the box of
        its line.
        """
        found: dict[str, Sighting] = {}
        for image in images:
            scene = next((scene for scene in self._scenes if scene.image.at <= image.at <= scene.last), None)
            for line in scene.known if scene is not None else ():
                for word in _words(line):
                    if self._frames[word.casefold()] >= _LEAST_FRAMES:
                        found.setdefault(word.casefold(), Sighting(word, image.at, line.box))
        return tuple(found.values())

    def words(self, language: str | None, most: int = _MOST_WORDS) -> tuple[str, ...]:
        """The words to listen for, at most `most`: those in the language's script, on the last scenes first."""
        wanted = script_of(language) if language is not None else None
        found: dict[str, str] = {}
        for scene in reversed(self._scenes):
            for word in (word for line in scene.known for word in _words(line)):
                if self._frames[word.casefold()] < _LEAST_FRAMES or not _telling(word):
                    continue
                if wanted is None or script(word) == wanted:
                    found.setdefault(word.casefold(), word)
        return tuple(found.values())[:most]


def _words(line: Line) -> list[str]:
    return _WORD.findall(line.text)


def _folded(lines: Sequence[Line]) -> set[str]:
    """The words of an image, each once."""
    return {word.casefold() for line in lines for word in _words(line)}


def _telling(word: str) -> bool:
    """Whether a word is long enough to be told from others by ear; those of dense scripts are words from two characters on."""
    least = _LEAST_LETTERS if script(word) not in ("han", "hangul", "thai") else 2
    return least <= len(word) <= _MOST_LETTERS and not any(letter.isdigit() for letter in word)
