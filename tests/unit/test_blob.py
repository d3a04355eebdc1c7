"""Blobs: the bytes, their digest, no name, and no descriptor left."""

import hashlib
import os
import stat
from pathlib import Path

import psutil
import pytest

from livetranslate.blob import Blob, BlobWriter


def content(blob: Blob) -> bytes:
    return os.pread(blob.fileno(), blob.size + 1, 0)


def test_bytes_lie_in_a_file_without_a_name() -> None:
    before = psutil.Process().num_fds()
    with Blob.from_bytes(b"sound") as blob:
        status = os.fstat(blob.fileno())
        assert (content(blob), blob.size, blob.sha256) == (b"sound", 5, hashlib.sha256(b"sound").hexdigest())
        assert status.st_nlink == 0
        assert stat.S_IMODE(status.st_mode) == 0o600
        assert not os.get_inheritable(blob.fileno())
    assert psutil.Process().num_fds() == before
    with pytest.raises(ValueError, match="closed"):
        blob.fileno()


def test_a_local_file_is_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "-clip.wav"
    path.write_bytes(b"sound" * 500_000)
    with Blob.from_path(path) as blob:
        assert (content(blob), blob.size) == (path.read_bytes(), 2_500_000)
        assert blob.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(blob.fileno(), b"x")
    assert path.exists()


def test_only_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = psutil.Process().num_fds()
    for path in (tmp_path, tmp_path / "none", tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(OSError):  # noqa: PT011 - the texts are the system's
            Blob.from_path(path)
    assert psutil.Process().num_fds() == before


def test_a_writer_collects() -> None:
    before = psutil.Process().num_fds()
    with BlobWriter() as writer:
        for piece in (b"a" * 70_000, b"", b"b"):
            writer.write(piece)
        assert writer.size == 70_001
        with writer.blob() as blob:
            assert content(blob) == b"a" * 70_000 + b"b"
            assert blob.sha256 == hashlib.sha256(content(blob)).hexdigest()
            with pytest.raises(ValueError, match="taken"):
                writer.write(b"c")
    with BlobWriter() as writer:
        writer.write(b"dropped")
    assert psutil.Process().num_fds() == before


def test_a_full_disk_is_told() -> None:
    with BlobWriter() as writer, open("/dev/full", "wb", buffering=0) as full:
        os.dup2(full.fileno(), writer._file.fileno())  # type: ignore[union-attr]
        with pytest.raises(OSError, match="No space"):
            writer.write(b"sound")
