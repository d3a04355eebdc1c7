"""Voice activity from WebRTC's detector: small and quick, but it takes much noise for speech; for want of Silero."""

from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from typing import Self

from livetranslate.engines import EngineInfo
from livetranslate.engines.registry import EngineMissing, Need
from livetranslate.media import BYTES_PER_SAMPLE, HEARING_RATE

_PACKAGE = "webrtcvad-wheels"
WINDOW = 512
"""Samples that are judged at once, as other detectors do it."""
_FRAME = HEARING_RATE * 10 // 1000  # samples; the detector takes frames of 10, 20 or 30 ms
_MEMORY = 12  # frames that the probability is the share of


class WebRtc:
    """Makes detectors. `aggressiveness` from 0 to 3 says how readily sound is called noise."""

    def __init__(self, aggressiveness: int = 2) -> None:
        self._aggressiveness = aggressiveness
        version = metadata.version(_PACKAGE) if not self.needs() else ""
        self.info = EngineInfo("webrtc", version, sample_rate=HEARING_RATE, licence="BSD-3-Clause")

    async def __aenter__(self) -> Self:
        if self.needs():
            raise EngineMissing("; ".join(f"The VAD lacks {need.what}. Run: {need.command}" for need in self.needs()))
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    @staticmethod
    def needs() -> list[Need]:
        """What this machine lacks for it."""
        return [] if find_spec("webrtcvad") is not None else [Need(_PACKAGE, f"pip install {_PACKAGE}")]

    def __call__(self) -> Callable[[bytes], float]:
        """A detector for one stream: the next `WINDOW` samples of PCM in, the share of the last frames that were speech out."""
        import webrtcvad

        vad = webrtcvad.Vad(self._aggressiveness)
        held = bytearray()
        said: list[bool] = []
        frame = _FRAME * BYTES_PER_SAMPLE

        def detect(window: bytes) -> float:
            if len(window) != WINDOW * BYTES_PER_SAMPLE:
                raise ValueError(f"a window of {len(window)} bytes instead of {WINDOW * BYTES_PER_SAMPLE}")
            held.extend(window)
            while len(held) >= frame:
                said.append(vad.is_speech(bytes(held[:frame]), HEARING_RATE))
                del held[:frame]
            del said[:-_MEMORY]
            return sum(said) / _MEMORY

        return detect
