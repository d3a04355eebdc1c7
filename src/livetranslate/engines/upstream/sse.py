"""Server-sent events and Base64 as they come over a connection: in pieces cut anywhere, within bounds."""

import pybase64

from livetranslate.errors import EngineError

_LONGEST = 16 * 1024 * 1024
"""Bytes of one event; a server that sends more runs away."""


class EventReader:
    """Takes bytes as they come and gives the data of whole events; other fields and comments are passed over.

    Lines end at LF, CR LF or CR and at nothing else, so that a line separator inside a JSON text cuts nothing.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._data: list[bytes] = []
        self._size = 0

    def push(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        self._held += data
        if len(self._held) + self._size > _LONGEST:
            raise EngineError("An engine's server sent an event without end.")
        ends = len(self._held) - self._held.endswith(b"\r")  # which may be half of a CR LF
        lines = bytes(self._held[:ends]).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._held = bytearray(lines.pop()) + self._held[ends:]
        return [event for line in lines if (event := self._line(line)) is not None]

    def rest(self) -> list[bytes]:
        """What is left when the connection ends: some servers leave out the last empty line."""
        return self.push(b"\n\n")

    def _line(self, line: bytes) -> bytes | None:
        """The event that a line ends, if it ends one."""
        if not line:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            return data or None
        name, _, value = line.partition(b":")
        if name in (b"data", b"error"):  # llama-server names the field of a failure `error`
            value = value.removeprefix(b" ")
            self._data.append(value if name == b"data" else b'{"error":' + value + b"}")
            self._size += len(value)
        return None


class Base64Reader:
    """Base64 that comes in texts cut anywhere to bytes; where each text is encoded on its own, padding ends it."""

    def __init__(self) -> None:
        self._held = ""

    def push(self, text: str) -> bytes:
        """The bytes that can be told so far."""
        self._held += text
        whole = len(self._held) // 4 * 4
        ready, self._held = self._held[:whole], self._held[whole:]
        try:
            return pybase64.b64decode(ready, validate=True)
        except ValueError:
            raise EngineError("An engine's server sent sound that is no Base64.") from None


class PcmReader:
    """Sound that comes as raw samples or as WAV, cut anywhere, to whole samples of 16 bits.

    A WAV header is recognized wherever a piece of sound `begins`: some servers send one with every piece.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._held = b""

    def push(self, data: bytes, *, begins: bool) -> bytes:
        """The samples in these bytes, whole ones."""
        data = self._held + data
        self._held = b""
        if begins and data[:4] == b"RIFF"[: len(data)]:
            start = self._past_header(data)
            if start is None:
                self._held = data
                return b""
            data = data[start:]
        whole = len(data) // 2 * 2
        self._held = data[whole:]
        return data[:whole]

    @property
    def waits(self) -> bool:
        """Whether a header is not yet whole, so that what comes next still belongs to the beginning."""
        return self._held[:4] == b"RIFF"[: len(self._held)] and bool(self._held)

    def _past_header(self, data: bytes) -> int | None:
        """Where the samples begin; None if that cannot be told yet. Raises `EngineError` for what is not 16-bit mono."""
        at = 12
        while len(data) >= at + 8:
            name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
            if name == b"data":
                return at + 8
            if name == b"fmt " and len(data) >= at + 24:
                channels, bits = data[at + 10] + 256 * data[at + 11], data[at + 22]
                if (channels, bits) != (1, 16):
                    raise EngineError("An engine's server sent sound that is not 16-bit mono.")
                self.rate = int.from_bytes(data[at + 12 : at + 16], "little")
            at += 8 + size + size % 2
        return None
