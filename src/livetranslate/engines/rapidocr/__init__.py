"""Reads the words on images with RapidOCR (PP-OCRv6 in its wheel), and with Tesseract in scripts that its model lacks."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from livetranslate.engines import EngineInfo
from livetranslate.engines.rapidocr.scripts import OWN, TESSERACT
from livetranslate.engines.registry import Need
from livetranslate.errors import EngineError
from livetranslate.media import Image, Line
from livetranslate.streams import Stream
from livetranslate.workers import Pool, Worker

_log = logging.getLogger(__name__)
_LIBRARIES = {"rapidocr": "rapidocr", "onnxruntime": "onnxruntime", "cv2": "opencv-python-headless"}
_LISTING_SECONDS = 10.0


def _tesseract_languages() -> frozenset[str]:
    """The language data that Debian's Tesseract has on this machine, by its own names."""
    program = shutil.which("tesseract")
    if program is None:
        return frozenset()
    try:
        listing = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=_LISTING_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(listing.stdout.split("\n")[1:])


class RapidOcr:
    """Words on screen: Chinese, Japanese and languages in Latin letters; other scripts where Debian's Tesseract is installed.

    `workers` processes read at once, each with one thread, and `nice`, so that recognition goes first; `side` is the longest side
    in pixels at which lines are looked for; a worker that takes over `seconds` for an image is replaced.
    """

    def __init__(self, workers: int = 1, side: int = 640, nice: int = 5, seconds: float = 20.0) -> None:
        self._seconds = seconds
        self._pool = Pool(lambda: Worker("livetranslate.engines.rapidocr.worker", str(side), str(nice)), workers)
        self._starting: asyncio.Task[Pool] | None = None
        self._reading: set[asyncio.Task[list[Line]]] = set()
        self._tesseract: frozenset[str] = frozenset()
        self._told: set[str] = set()

    info = EngineInfo("rapidocr", writes=frozenset({*OWN, *TESSERACT}), sees_images=True, licence="Apache-2.0")

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [
            Need(package, "pip install 'livetranslate[ocr]'")
            for module, package in _LIBRARIES.items()
            if find_spec(module) is None
        ]

    async def __aenter__(self) -> Self:
        self._tesseract = await asyncio.to_thread(_tesseract_languages)
        # Loading takes seconds, and nobody needs it before the first image.
        self._starting = asyncio.create_task(self._pool.__aenter__())
        return self

    async def __aexit__(self, *exc: object) -> None:
        tasks = [*self._reading, *([self._starting] if self._starting is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.__aexit__(*exc)

    async def read(self, image: Image, language: str | None) -> Stream[Line]:
        """The lines on an image; none where the language's script cannot be read on this machine, which is told once."""
        name = TESSERACT.get(language or "", "")
        if name and name not in self._tesseract:
            self._tell(str(language), name)
            name = ""
        if self._starting is None:
            raise EngineError
        await asyncio.shield(self._starting)
        # A worker that is left in mid-answer is replaced, which takes longer than the answer: so it may finish.
        reading = asyncio.create_task(self._ask([image.jpeg, name]))
        self._reading.add(reading)
        reading.add_done_callback(self._settle)
        for line in await asyncio.shield(reading):
            yield line

    async def _ask(self, request: list[Any]) -> list[Line]:
        async with aclosing(self._pool.ask(request, self._seconds)) as answers:
            return [_line(*answer) async for answer in answers]

    def _settle(self, reading: asyncio.Task[list[Line]]) -> None:
        self._reading.discard(reading)
        if not reading.cancelled():
            reading.exception()  # the caller who would have seen it may be gone

    def _tell(self, language: str, name: str) -> None:
        if language not in self._told:
            self._told.add(language)
            package = f"tesseract-ocr-{name.replace('_', '-')}"
            _log.warning("Words on screen in %s are not read. Run: apt-get install tesseract-ocr %s", language, package)


def _line(text: Any, box: Any, confidence: Any) -> Line:
    if not isinstance(text, str) or not isinstance(box, Iterable):
        raise EngineError
    left, top, width, height = (min(1.0, max(0.0, float(side))) for side in box)
    return Line(text, (left, top, width, height), float(confidence))


def models() -> dict[str, str]:
    """The paths of the two networks in RapidOCR's own wheel: nothing is ever downloaded."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineError("RapidOCR is not installed.")
    folder = Path(os.path.dirname(spec.origin)) / "models"
    found = {name: next(iter(sorted(folder.glob(f"*_{name.casefold()}_*.onnx"))), None) for name in ("Det", "Rec")}
    if None in found.values():
        raise EngineError("RapidOCR's wheel holds no models.")
    return {name: str(path) for name, path in found.items()}
