"""The weights on this machine: which there are, getting, verifying and removing them. Nothing is downloaded at any other time."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from livetranslate.weights.hub import File, Hub, Repository, WeightsError, check, refused, sums
from livetranslate.weights.hub import Tell as Tell

MANIFEST = "manifest.json"
"""In a folder of weights: where they came from, and the sum of each file."""
_PARTIAL = ".partial"
_NO_COMMERCE = ("-nc", "noncommercial", "non-commercial", "research")

State = Literal["here", "partial", "absent"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Weights that somebody wants: the folder's `name`, where the hub has them, and what is known of their licence."""

    name: str
    repository: str
    revision: str
    files: tuple[str, ...]
    licence: str
    commercial: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What will be downloaded for them, before it is."""

    wanted: Wanted
    repository: Repository
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def licence(self) -> str:
        """The hub's word for it, else the profile's."""
        return self.repository.licence or self.wanted.licence

    @property
    def commercial(self) -> bool:
        return self.wanted.commercial and not any(mark in self.licence.lower() for mark in _NO_COMMERCE)


class Store:
    """A folder of weights, each in a folder of its own that appears when all of it is there and checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self, name: str) -> State:
        """Whether weights are here."""
        if (self.folder / name).is_dir():
            return "here"
        return "partial" if (self.folder / f"{name}{_PARTIAL}").is_dir() else "absent"

    def names(self) -> list[str]:
        """All weights that are here, whole or in part."""
        if not self.folder.is_dir():
            return []
        return sorted({path.name.removesuffix(_PARTIAL) for path in self.folder.iterdir() if path.is_dir()})

    def size(self, name: str) -> int:
        """Bytes that weights take on the disk."""
        places = (self.folder / name, self.folder / f"{name}{_PARTIAL}")
        return sum(path.stat().st_size for place in places for path in place.rglob("*") if path.is_file())

    def offer(self, wanted: Wanted, hub: Hub) -> Offer:
        """What would be downloaded; raises `WeightsError` if it is not there, or of a kind that is not taken."""
        repository = hub.repository(wanted.repository, wanted.revision)
        files = tuple(file for file in repository.files if any(fnmatch(file.name, pattern) for pattern in wanted.files))
        if not files:
            raise WeightsError(f"{wanted.repository} has none of the files that are wanted.")
        if bad := [file.name for file in files if refused(file.name)]:
            raise WeightsError(
                f"{bad[0]} is a file that can run programs: it is refused. Safetensors, ONNX, GGUF, CTranslate2 are taken."
            )
        return Offer(wanted, repository, files)

    def pull(self, offer: Offer, hub: Hub, tell: Callable[[File, int], None]) -> None:
        """Downloads what was offered; `tell` is told how much of each file is there. Broken off, it goes on from there."""
        place = self.folder / f"{offer.wanted.name}{_PARTIAL}"
        place.mkdir(parents=True, exist_ok=True)
        missing = offer.size - self.size(offer.wanted.name)
        if missing > shutil.disk_usage(place).free:
            raise WeightsError(f"The disk has no room for {missing / 1e9:.1f} GB more in {self.folder}.")
        for file in offer.files:
            target = place / file.name
            if target.exists():
                tell(file, file.size)
                continue
            hub.fetch(offer.repository, file, target, lambda size, file=file: tell(file, size))  # type: ignore[misc]
        self._finish(offer.wanted.name, offer.repository.name, offer.repository.commit, offer.licence, offer.files)

    def copy(self, wanted: Wanted, source: Path) -> None:
        """Takes weights from a folder on this machine, which is or holds NAME, or the repository's path."""
        places = (source / wanted.name, source / wanted.repository, source)
        place = next((each for each in places if (each / "config.json").is_file() or any(each.glob("*.onnx"))), None)
        if place is None:
            raise WeightsError(f"There are no weights {wanted.name} in that folder.")
        target = self.folder / f"{wanted.name}{_PARTIAL}"
        shutil.rmtree(target, ignore_errors=True)
        files = []
        for path in sorted(place.rglob("*")):
            name = path.relative_to(place).as_posix()
            if not path.is_file() or name == MANIFEST or not any(fnmatch(name, pattern) for pattern in wanted.files):
                continue
            if refused(name):
                raise WeightsError(f"{name} is a file that can run programs: it is refused.")
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)
            size = path.stat().st_size
            (sha256,) = (each for each in sums(target / name, size) if len(each) == 64)
            files.append(File(name, size, sha256))
            check(target / name, files[-1])
        if not files:
            raise WeightsError(f"There are no weights {wanted.name} in that folder.")
        self._finish(wanted.name, wanted.repository, "copied", wanted.licence, files)

    def _finish(self, name: str, repository: str, commit: str, licence: str, files: Iterable[File]) -> None:
        place = self.folder / f"{name}{_PARTIAL}"
        told = {"repository": repository, "commit": commit, "licence": licence, "files": [asdict(file) for file in files]}
        (place / MANIFEST).write_text(json.dumps(told, indent=1), "utf-8")
        self._drop(self.folder / name)
        place.rename(self.folder / name)

    def verify(self, name: str) -> list[str]:
        """The files of some weights that are missing or changed since they came; raises `WeightsError` if that cannot be told."""
        place = self.folder / name
        try:
            told = json.loads((place / MANIFEST).read_text("utf-8"))
            files = [File(**each) for each in told["files"]]
        except (OSError, ValueError, KeyError, TypeError):
            raise WeightsError(f"The weights {name} have no manifest: remove and pull them anew.") from None
        return [file.name for file in files if not _whole(place / file.name, file)]

    def remove(self, name: str) -> int:
        """Deletes weights; how many bytes that frees. Raises `WeightsError` if there are none."""
        if self.state(name) == "absent":
            raise WeightsError(f"There are no weights {name} here.")
        freed = self.size(name)
        for place in (self.folder / name, self.folder / f"{name}{_PARTIAL}"):
            self._drop(place)
        return freed

    @staticmethod
    def _drop(place: Path) -> None:
        if place.exists():
            shutil.rmtree(place)


def _whole(path: Path, file: File) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return sums(path, file.size) >= {each for each in (file.sha256, file.git_sha1) if each}
