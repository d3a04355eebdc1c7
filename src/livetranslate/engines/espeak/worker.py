"""The process that loads libespeak-ng: a request names text and voice, the answers are PCM."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from livetranslate.errors import EngineError
from livetranslate.workers import serve

_SYNCHRONOUS = 2
_NO_EXIT = 0x8000
_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_SLOWEST, _FASTEST = 80, 450
_LOUDEST = 30_000
_HEADROOM = 60
"""Of espeak-ng's own loudness, whose full 100 clips in some voices; the gain makes up for it."""
_SLICE = 22_050 // 5 * 2
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Library:
    """libespeak-ng, set up once; it has one state for the whole process."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p,
            ctypes.c_void_p,
        ]  # fmt: skip
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _NO_EXIT)
        if rate <= 0:
            raise EngineError("espeak-ng could not be set up.")
        self._pcm = bytearray()
        self._callback = _Callback(self._take)  # kept: the library calls it as long as it lives
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _: Any) -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, 2 * count)
        return 0

    def speak(self, request: dict[str, Any]) -> Iterator[bytes]:
        """The text, spoken, in slices of 0.2 s."""
        if self._library.espeak_SetVoiceByName(request["voice"].encode()):
            raise EngineError("espeak-ng lacks a voice.")
        pace = min(_FASTEST, max(_SLOWEST, round(request["words_per_minute"])))
        for parameter, value in ((_RATE, pace), (_VOLUME, _HEADROOM), (_PITCH, request["pitch"]), (_RANGE, request["range"])):
            self._library.espeak_SetParameter(parameter, value, 0)
        text = request["text"].encode() + b"\0"
        self._pcm.clear()
        if self._library.espeak_Synth(text, len(text), 0, 0, 0, _UTF8, None, None):
            raise EngineError("espeak-ng could not speak a text.")
        louder = np.frombuffer(bytes(self._pcm), "<i2") * request["gain"]
        pcm = np.clip(louder, -_LOUDEST, _LOUDEST).astype("<i2").tobytes()
        for start in range(0, len(pcm), _SLICE):
            yield pcm[start : start + _SLICE]


def _prepare() -> Callable[[Any], Iterator[bytes]]:
    return _Library().speak


if __name__ == "__main__":
    serve(_prepare)
