"""Voice activity from the Silero network: its ONNX file, out of the package `silero-vad`, on onnxruntime and one thread."""

import asyncio
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np

from livetranslate.engines import EngineInfo
from livetranslate.engines.registry import EngineMissing, Need
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE

WINDOW = 512
"""Samples that the network judges at once at `HEARING_RATE`."""
_CONTEXT = 64  # samples of the window before, which the network wants in front of each window
_STATE = (2, 1, 128)
_PACKAGE = "silero-vad"
_FILE = "silero_vad_16k_op15.onnx"
_FULL_SCALE = np.float32(32768.0)


def _network() -> Path | None:
    """The network's file, found without importing its package, which would import torch."""
    try:
        files = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == _FILE), None)


def _version() -> str:
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


class Silero:
    """Makes detectors that share one network; each has a state of its own."""

    def __init__(self) -> None:
        self._session: Any = None
        self._rate = np.array(HEARING_RATE, np.int64)
        self.info = EngineInfo("silero", _version(), sample_rate=HEARING_RATE, licence="MIT")

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._load)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._session = None

    def _load(self) -> None:
        path = _network()
        if path is None:
            raise EngineMissing("; ".join(f"The VAD lacks {need.what}. Run: {need.command}" for need in self.needs()))
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        lacks = []
        if find_spec("onnxruntime") is None:
            lacks.append(Need("onnxruntime", "pip install onnxruntime"))
        if _network() is None:
            # Its metadata asks for torch, which the file does not need.
            lacks.append(Need(_PACKAGE, f"pip install --no-deps {_PACKAGE}"))
        return lacks

    def __call__(self) -> Callable[[bytes], float]:
        """A detector for one stream: the next `WINDOW` samples of PCM in, the probability of speech out.

        Loads the network if that has not been done.
        """
        if self._session is None:
            self._load()
        session = self._session
        state = np.zeros(_STATE, np.float32)
        sound = np.zeros((1, _CONTEXT + WINDOW), np.float32)

        def detect(window: bytes) -> float:
            nonlocal state
            if len(window) != WINDOW * BYTES_PER_SAMPLE:
                raise ValueError(f"a window of {len(window)} bytes instead of {WINDOW * BYTES_PER_SAMPLE}")
            sound[0, :_CONTEXT] = sound[0, WINDOW:]
            sound[0, _CONTEXT:] = np.frombuffer(window, "<i2") / _FULL_SCALE
            chance, state = session.run(None, {"input": sound, "state": state, "sr": self._rate})
            return float(chance[0, 0])

        return detect
