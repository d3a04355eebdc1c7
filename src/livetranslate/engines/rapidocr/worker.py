"""The process that reads: a JPEG and the name of Tesseract's language data (or none) in, lines of writing out."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from livetranslate.engines.rapidocr import models
from livetranslate.workers import serve

_JPEG = b"\xff\xd8\xff"
_MOST_PIXELS = 1 << 24
_MOST_LINES = 40
_MOST_TESSERACT_LINES = 10
_TESSERACT_SECONDS = 3.0
_LEAST_SIDE = 8
_LEAST_CONFIDENCE = 0.5
_TESSERACT_CONFIDENCE = 0.8
"""Tesseract tells none for a plain answer; what it reads as nothing is left out."""
_MARGIN = 4
"""Pixels around a line that Tesseract is shown."""

Answer = tuple[str, tuple[float, float, float, float], float]


class Reading:
    """The networks, loaded; `side` is the longest side in pixels at which lines are looked for."""

    def __init__(self, side: int) -> None:
        os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(_MOST_PIXELS)
        os.environ["OMP_THREAD_LIMIT"] = "1"
        import cv2
        import numpy as np
        from rapidocr import RapidOCR

        self._cv2, self._numpy = cv2, np
        cv2.setNumThreads(1)
        self._reader: Any = RapidOCR(
            params={
                **{f"{name}.model_path": path for name, path in models().items()},
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Det.limit_type": "max",
                "Det.limit_side_len": side,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self._warm_up()

    def _warm_up(self) -> None:
        """Reads a first image, which takes longer than later ones."""
        ground = self._numpy.full((320, 640, 3), 255, self._numpy.uint8)
        self._cv2.putText(ground, "WARM UP", (100, 180), self._cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        for _ in self(self._cv2.imencode(".jpg", ground)[1].tobytes(), ""):
            pass

    def __call__(self, jpeg: bytes, language: str) -> Iterator[Answer]:
        """The lines; with a `language` each is read by Tesseract."""
        # JPEG and nothing else: of all the formats that the library knows, this is the one that images come in.
        if not jpeg.startswith(_JPEG):
            return
        picture = self._cv2.imdecode(self._numpy.frombuffer(jpeg, self._numpy.uint8), self._cv2.IMREAD_COLOR)
        if picture is None or min(picture.shape[:2]) < _LEAST_SIDE:
            return
        # RapidOCR judges lines by its own reading, which says nothing about scripts that it lacks.
        found = self._reader(picture, use_cls=False, text_score=0.0 if language else _LEAST_CONFIDENCE)
        if found.boxes is None or found.txts is None:
            return
        height, width = picture.shape[:2]
        for number, (corners, text, confidence) in enumerate(zip(found.boxes, found.txts, found.scores, strict=True)):
            if number >= (_MOST_TESSERACT_LINES if language else _MOST_LINES):
                return
            (left, top), (right, bottom) = corners.min(0).tolist(), corners.max(0).tolist()
            if language:
                line = picture[_around(top, bottom), _around(left, right)]
                text, confidence = _tesseract(self._png(line), language), _TESSERACT_CONFIDENCE
            if text.strip():
                yield text, (left / width, top / height, (right - left) / width, (bottom - top) / height), float(confidence)

    def _png(self, crop: Any) -> bytes:
        png: bytes = self._cv2.imencode(".png", crop)[1].tobytes()
        return png


def _around(first: float, last: float) -> slice:
    return slice(max(0, int(first) - _MARGIN), int(last) + _MARGIN)


def _tesseract(png: bytes, language: str) -> str:
    """One line, read by Debian's program; nothing if it fails or takes too long."""
    command = ["tesseract", "stdin", "stdout", "--psm", "7", "-l", language]
    try:
        told = subprocess.run(command, input=png, capture_output=True, timeout=_TESSERACT_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(told.stdout.decode("utf-8", "replace").split())


if __name__ == "__main__":
    os.nice(int(sys.argv[2]))

    def prepare() -> Any:
        reading = Reading(int(sys.argv[1]))
        return lambda request: reading(*request)

    serve(prepare)
