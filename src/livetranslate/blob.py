"""Bytes behind a file descriptor that has no name: what was fetched or sent, before it is decoded."""

import asyncio
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol, Self, TypeVar, cast

_PIECE = 1 << 20


class Blob:
    """A file's bytes: `fileno()`, `size`, `sha256`. It is closed once, by whoever asked for it."""

    def __init__(self, file: BinaryIO, size: int, sha256: str | None = None) -> None:
        self._file = file
        self._sha256 = sha256
        self.size = size

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The bytes in a file of their own. Blocks for as long as it takes to write them."""
        with BlobWriter() as writer:
            writer.write(data)
            return cls(writer.take(), len(data), writer.sha256)

    @classmethod
    def from_path(cls, path: str | Path) -> Self:
        """A local file, read in place; `OSError` if it is none."""
        # Non-blocking, so that a named pipe is refused instead of waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise OSError("not a regular file")
        return cls(os.fdopen(descriptor, "rb", buffering=0), status.st_size)

    def fileno(self) -> int:
        """The descriptor, for reading at any position; `ValueError` once closed."""
        return self._file.fileno()

    @property
    def sha256(self) -> str:
        """The digest of all bytes in hexadecimal. Of a local file it is computed when first asked for, which blocks."""
        if self._sha256 is None:
            digest, at = hashlib.sha256(), 0
            while piece := os.pread(self.fileno(), _PIECE, at):
                digest.update(piece)
                at += len(piece)
            self._sha256 = digest.hexdigest()
        return self._sha256

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class BlobWriter:
    """Collects the bytes of a blob as they come. Its calls block; its file never has a name and is readable by us alone."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = cast(BinaryIO, tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - `take` hands it on
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Appends; `OSError` if there is no room."""
        if self._file is None:
            raise ValueError("the file is already taken")
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._digest.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def take(self) -> BinaryIO:
        """The file, which from now on belongs to the caller."""
        if self._file is None:
            raise ValueError("the file is already taken")
        file, self._file = self._file, None
        return file

    def blob(self) -> Blob:
        """What was written."""
        return Blob(self.take(), self.size, self.sha256)

    def close(self) -> None:
        """Drops the bytes, if nobody took them."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)


async def made_in_thread(make: Callable[[], C]) -> C:
    """What `make` gives, made in a thread; closed as soon as it is there if its caller was cancelled meanwhile."""
    making = asyncio.ensure_future(asyncio.to_thread(make))

    def drop(made: asyncio.Future[C]) -> None:
        if not made.cancelled() and made.exception() is None:
            made.result().close()

    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        making.add_done_callback(drop)
        raise
