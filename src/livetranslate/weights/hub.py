"""The hub that weights come from: what a repository holds, and its files, resumed where they broke off."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import quote, urljoin, urlsplit

import httpx2

from livetranslate import __version__
from livetranslate.errors import LivetranslateError

ENDPOINT, TOKEN = "HF_ENDPOINT", "HF_TOKEN"
"""Environment variables of the Hugging Face hub, which its own programs read as well."""
_DEFAULT = "https://huggingface.co"
_MOVED = frozenset({301, 302, 303, 307, 308})
_MOST_MOVES = 5
_CHUNK = 1 << 20
_PAUSES = (0.5, 2.0, 5.0, 10.0)
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_REFUSED = frozenset({".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".py", ".sh", ".exe", ".so", ".dll"})

Tell = Callable[[int], None]
"""Is told how many more bytes of a file are there."""


class WeightsError(LivetranslateError):
    """Weights cannot be had or are not what they should be; the message says what to do."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a repository: its sum is the SHA-256 of its bytes, or git's SHA-1 of a small one."""

    name: str
    size: int
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """What the hub says of a repository at one commit."""

    name: str
    commit: str
    licence: str
    files: tuple[File, ...]


class Hub:
    """A hub by the address in HF_ENDPOINT, with the token in HF_TOKEN if there is one; a context manager."""

    def __init__(self, endpoint: str = "", token: str = "", *, pauses: tuple[float, ...] = _PAUSES) -> None:
        self._endpoint = (endpoint or os.environ.get(ENDPOINT) or _DEFAULT).rstrip("/")
        self._token = token or os.environ.get(TOKEN, "")
        self._pauses = pauses
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(30.0, connect=10.0),
            headers={"User-Agent": f"livetranslate/{__version__}"},
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()

    def repository(self, name: str, revision: str) -> Repository:
        """What a repository holds; raises `WeightsError` if it cannot be read."""
        url = f"{self._endpoint}/api/models/{quote(name)}/revision/{quote(revision, safe='')}?blobs=true"
        for pause in (*self._pauses, None):
            try:
                answer = self._client.get(url, headers=self._authority(url))
                break
            except httpx2.HTTPError:
                if pause is None:
                    raise WeightsError("The hub cannot be reached. Is there a network? HF_ENDPOINT names another hub.") from None
                time.sleep(pause)
        if answer.status_code in (401, 403):
            raise WeightsError(f"{name} needs a token of somebody who has accepted its terms: set HF_TOKEN.")
        if answer.status_code != 200:
            raise WeightsError(f"The hub has no {name} at {revision}.")
        return _repository(name, answer)

    def fetch(self, repository: Repository, file: File, target: Path, tell: Tell) -> None:
        """Downloads a file to `target`, going on where an earlier attempt ended; raises `WeightsError` if its sum is wrong."""
        part = target.with_name(f"{target.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        for pause in (*self._pauses, None):
            have = part.stat().st_size if part.exists() else 0
            if have > file.size:
                part.unlink()
                have = 0
            tell(have)
            if have == file.size and part.exists():
                break
            try:
                self._go_on(repository, file, part, have, tell)
                break
            except (httpx2.HTTPError, _BrokenOff):
                if pause is None:
                    raise WeightsError(f"{file.name} broke off again and again. The same command goes on from there.") from None
                time.sleep(pause)
        check(part, file)
        part.replace(target)

    def _go_on(self, repository: Repository, file: File, part: Path, have: int, tell: Tell) -> None:
        url = f"{self._endpoint}/{quote(repository.name)}/resolve/{quote(repository.commit)}/{quote(file.name)}"
        for _ in range(_MOST_MOVES):
            wanted = {"Range": f"bytes={have}-"} if have else {}
            with self._client.stream("GET", url, headers={**wanted, **self._authority(url)}) as answer:
                if answer.status_code in _MOVED:
                    url = urljoin(url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code >= 500 or answer.status_code == 429:
                    raise _BrokenOff
                if answer.status_code not in (200, 206):
                    raise WeightsError(f"The hub does not give {file.name}.")
                go_on = answer.status_code == 206
                self._write(answer, part, file.size - have if go_on else file.size, append=go_on, tell=tell)
                return
        raise WeightsError(f"The hub sends {file.name} in circles.")

    def _write(self, answer: httpx2.Response, part: Path, most: int, *, append: bool, tell: Tell) -> None:
        with part.open("ab" if append else "wb") as out:
            written, before = 0, out.tell() if append else 0
            for piece in answer.iter_bytes():
                if not before and not written and piece.startswith(_PICKLES):
                    raise WeightsError("A file of these weights is a pickle, which can run programs: it is refused.")
                written += len(piece)
                if written > most:
                    raise WeightsError("A file is longer than the hub said.")
                out.write(piece)
                tell(before + written)
        if written < most:
            raise _BrokenOff

    def _authority(self, url: str) -> dict[str, str]:
        """The token, for the hub itself and no host that it leads to."""
        same = urlsplit(url)[:2] == urlsplit(self._endpoint)[:2]
        return {"Authorization": f"Bearer {self._token}"} if self._token and same else {}


class _BrokenOff(Exception):
    """An answer ended before its file did."""


def _repository(name: str, answer: httpx2.Response) -> Repository:
    try:
        told = answer.json()
        files = tuple(_files(told["siblings"]))
        card = told.get("cardData") or {}
        tags = [tag.removeprefix("license:") for tag in told.get("tags", ()) if tag.startswith("license:")]
        return Repository(name, str(told["sha"]), str(card.get("license") or (tags or [""])[0]), files)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WeightsError("The hub answered something that is no description of a repository.") from None


def _files(siblings: list[dict[str, Any]]) -> Iterator[File]:
    for each in siblings:
        name, lfs = str(each["rfilename"]), each.get("lfs") or {}
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise ValueError(name)
        yield File(
            name,
            int(lfs.get("size", each.get("size", 0))),
            str(lfs.get("sha256", "")),
            "" if lfs else str(each.get("blobId", "")),
        )


def refused(name: str) -> bool:
    """Whether a file is of a kind that can run programs, by its name."""
    path = PurePosixPath(name)
    return path.suffix.lower() in _REFUSED or path.name.startswith(("pytorch_model", "training_args", "optimizer"))


def check(path: Path, file: File) -> None:
    """Raises `WeightsError` if a file is not the one that the hub has; a broken one is deleted."""
    if path.stat().st_size == file.size and sums(path, file.size) >= {each for each in (file.sha256, file.git_sha1) if each}:
        with path.open("rb") as opened:
            if not opened.read(4).startswith(_PICKLES):
                return
    path.unlink()
    raise WeightsError(f"{file.name} is not what the hub has: its sum is wrong. It was deleted; run the same command again.")


def sums(path: Path, size: int) -> set[str]:
    """The SHA-256 of a file, and the SHA-1 that git gives it."""
    plain, git = hashlib.sha256(), hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as opened:
        while piece := opened.read(_CHUNK):
            plain.update(piece)
            git.update(piece)
    return {plain.hexdigest(), git.hexdigest()}
