"""The process that holds libespeak-ng: text in, PCM out, straight from the synthesis callback.

The library keeps state from one text to the next, so the same text would not sound the same twice. So each request is spoken by
a fork of the process as it was after loading, which costs a few milliseconds; and a crash ends that fork alone.
"""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from livetranslate.errors import EngineError
from livetranslate.workers import die_with_parent, serve

_SYNCHRONOUS, _DO_NOT_EXIT = 2, 0x8000
_UTF8 = 1
_BUFFER_MS = 60
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_CONTINUE, _ABORT = 0, 1
_SAMPLE_RATE = 22_050
_FIRST, _CHUNK = 2 * _SAMPLE_RATE * _BUFFER_MS // 1000, 16_384
"""Bytes of the first chunk and of those after it."""

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Library:
    """libespeak-ng, loaded."""

    def __init__(self) -> None:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        data = espeakng_loader.get_data_path().encode()
        if library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _DO_NOT_EXIT) != _SAMPLE_RATE:
            raise EngineError("espeak-ng could not be set up.")
        self._library = library

    def speak(self, request: Any, write: Callable[[bytes], object]) -> None:
        """Says the pieces of a request one after the other, with silence after each; stops where `write` fails."""
        failed = False

        def take(samples: int, count: int, _: int) -> int:
            nonlocal failed
            if samples and count > 0 and not failed:
                try:
                    write(ctypes.string_at(samples, 2 * count))
                except OSError:  # the reader has gone
                    failed = True
            return _ABORT if failed else _CONTINUE

        library, callback = self._library, _Callback(take)
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(request["voice"].encode()):
            raise EngineError("espeak-ng lacks a voice.")
        for parameter, name in ((_RATE, "rate"), (_VOLUME, "volume"), (_PITCH, "pitch"), (_RANGE, "range")):
            library.espeak_SetParameter(parameter, request[name], 0)
        for text, pause in request["pieces"]:
            spoken = text.encode() + b"\0"
            library.espeak_Synth(spoken, len(spoken), 0, 0, 0, _UTF8, None, None)
            if failed:
                return
            write(bytes(2 * round(pause * _SAMPLE_RATE)))


def _child(library: Library, request: Any, pipe: int) -> None:
    """The fork's whole life."""
    status = 1
    with suppress(BaseException):
        die_with_parent()
        with os.fdopen(pipe, "wb", buffering=0) as out:
            library.speak(request, out.write)
        status = 0
    os._exit(status)


def _chunks(reading: int) -> Iterator[bytes]:
    """What comes through a pipe until it is closed: a first block of the library's, then longer ones."""
    size = _FIRST
    with os.fdopen(reading, "rb") as pcm:
        while chunk := pcm.read(size):
            yield chunk
            size = _CHUNK


def prepare() -> Callable[[Any], Iterator[bytes]]:
    """Loads the library. A request is what `speak` takes; answers are PCM, as it comes."""
    library = Library()

    def answer(request: Any) -> Iterator[bytes]:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _child(library, request, writing)
        os.close(writing)
        yield from _chunks(reading)
        _, status = os.waitpid(child, 0)
        if status:
            raise EngineError

    return answer


if __name__ == "__main__":
    serve(prepare)
