"""Weights: what is taken, what is refused, resuming, sums, licences, folders without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livetranslate.weights import MANIFEST, Offer, Store, Wanted
from livetranslate.weights.hub import Hub, WeightsError, refused
from tests.hub import COMMIT, FakeHub

MODEL = bytes(range(256)) * 400
FILES = {"config.json": b'{"a": 1}', "model.bin": MODEL, "sub/vocabulary.json": b"[]" * 800, "README.md": b"read me"}
WANTED = Wanted("tiny", "who/tiny", "main", ("*.json", "model.bin"), "MIT", True)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub({"who/tiny": dict(FILES)}) as hub:
        yield hub


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "weights")


def client(hub: FakeHub, token: str = "", tries: int = 2) -> Hub:
    return Hub(hub.url, token, pauses=(0.0,) * (tries - 1))


def pull(store: Store, hub: FakeHub, wanted: Wanted = WANTED, token: str = "", tries: int = 2) -> list[tuple[str, int]]:
    told: list[tuple[str, int]] = []
    with client(hub, token, tries) as opened:
        store.pull(store.offer(wanted, opened), opened, lambda file, size: told.append((file.name, size)))
    return told


def test_what_is_wanted_is_there_whole_and_nothing_else(store: Store, hub: FakeHub) -> None:
    told = pull(store, hub)
    here = {path.relative_to(store.folder / "tiny").as_posix() for path in (store.folder / "tiny").rglob("*") if path.is_file()}
    assert here == {"config.json", "model.bin", "sub/vocabulary.json", MANIFEST}
    assert (store.folder / "tiny" / "model.bin").read_bytes() == MODEL
    assert ("model.bin", len(MODEL)) in told
    assert store.state("tiny") == "here"
    assert store.verify("tiny") == []
    assert all(f"/resolve/{COMMIT}/" in path for path, _ in hub.asked if "/api/" not in path)


def test_a_download_goes_on_where_it_broke_off(store: Store, hub: FakeHub) -> None:
    hub.cut["model.bin"] = 50_000
    with pytest.raises(WeightsError, match="broke off"):
        pull(store, hub, tries=1)
    assert store.state("tiny") == "partial"
    assert (store.folder / "tiny.partial" / "model.bin.part").stat().st_size == 50_000
    told = pull(store, hub)
    assert ("model.bin", 50_000) in told
    assert [headers["range"] for path, headers in hub.asked if "model.bin" in path and "range" in headers][-1] == "bytes=50000-"
    assert (store.folder / "tiny" / "model.bin").read_bytes() == MODEL


def test_a_file_that_breaks_off_is_tried_again_at_once(store: Store, hub: FakeHub) -> None:
    hub.cut["model.bin"] = 10
    pull(store, hub)
    assert store.verify("tiny") == []


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_wrong_sum_is_refused_and_deleted(store: Store, hub: FakeHub, name: str) -> None:
    hub.lie.add(name)
    with pytest.raises(WeightsError, match="its sum is wrong"):
        pull(store, hub)
    assert not list((store.folder / "tiny.partial").rglob(f"{name}*"))
    hub.lie.clear()
    pull(store, hub)
    assert store.verify("tiny") == []


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x80\x02}q", b"\x80\x04\x95"])
def test_pickles_are_refused_by_their_bytes(store: Store, hub: FakeHub, start: bytes) -> None:
    hub.repositories["who/tiny"]["model.bin"] = start + MODEL
    with pytest.raises(WeightsError, match="pickle"):
        pull(store, hub)


@pytest.mark.parametrize(
    "name", ["model.pt", "pytorch_model.bin", "pytorch_model-00001-of-2.bin", "a/b.pkl", "setup.py", "x.ckpt"]
)
def test_files_that_run_programs_are_refused_by_their_names(store: Store, hub: FakeHub, name: str) -> None:
    assert refused(name)
    hub.repositories["who/tiny"][name] = b"x"
    with pytest.raises(WeightsError, match="run programs"):
        pull(store, hub, Wanted("tiny", "who/tiny", "main", ("*",), "MIT", True))
    assert not refused("model.bin")
    assert not refused("model.safetensors")


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil.json", "a\\..\\evil.json"])
def test_names_that_lead_elsewhere_are_refused(store: Store, hub: FakeHub, name: str) -> None:
    hub.repositories["who/tiny"][name] = b"x"
    with pytest.raises(WeightsError, match="no description"):
        pull(store, hub)


def test_a_token_goes_to_the_hub_and_nowhere_else(store: Store) -> None:
    with FakeHub({"who/tiny": dict(FILES)}, gated=True) as hub:
        with pytest.raises(WeightsError, match="HF_TOKEN"):
            pull(store, hub)
        pull(store, hub, token="right")
        port = hub.large.rpartition(":")[2]
        large = [headers for path, headers in hub.asked if headers["host"].endswith(port)]
        assert large
        assert not any("authorization" in headers for headers in large)


def test_what_the_hub_does_not_have(store: Store, hub: FakeHub) -> None:
    with pytest.raises(WeightsError, match="has no who/none"):
        pull(store, hub, Wanted("x", "who/none", "main", ("*",), "MIT", True))
    with pytest.raises(WeightsError, match="none of the files"):
        pull(store, hub, Wanted("x", "who/tiny", "main", ("*.onnx",), "MIT", True))
    with Hub("http://127.0.0.1:9", pauses=()) as nobody, pytest.raises(WeightsError, match="cannot be reached"):
        nobody.repository("who/tiny", "main")


def offered(licence: str, commercial: bool = True) -> Offer:
    with FakeHub({"who/tiny": dict(FILES)}, licence=licence) as hub, client(hub) as opened:
        return Store(Path()).offer(Wanted("tiny", "who/tiny", "main", ("*.json",), "MIT", commercial), opened)


def test_licences() -> None:
    assert (offered("mit").licence, offered("mit").commercial) == ("mit", True)
    assert not offered("cc-by-nc-4.0").commercial
    assert not offered("mit", commercial=False).commercial
    assert offered("").licence == "MIT"


def test_what_changed_since_is_told(store: Store, hub: FakeHub) -> None:
    pull(store, hub)
    (store.folder / "tiny" / "model.bin").write_bytes(MODEL[:-1] + b"x")
    (store.folder / "tiny" / "config.json").unlink()
    assert store.verify("tiny") == ["config.json", "model.bin"]
    assert store.remove("tiny") > 0
    for impossible in (store.verify, store.remove):
        with pytest.raises(WeightsError):
            impossible("tiny")


@pytest.mark.parametrize("place", [lambda root: root / "tiny", lambda root: root / "who" / "tiny", lambda root: root])
def test_a_folder_serves_where_there_is_no_network(store: Store, tmp_path: Path, place: Callable[[Path], Path]) -> None:
    folder = place(tmp_path / "usb")
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    store.copy(WANTED, tmp_path / "usb")
    assert store.state("tiny") == "here"
    assert store.verify("tiny") == []
    assert not (store.folder / "tiny" / "README.md").exists()
    with pytest.raises(WeightsError):
        store.copy(WANTED, tmp_path / "nothing")


def test_a_folders_pickles_are_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "config.json").write_bytes(b"{}")
    (tmp_path / "tiny" / "model.bin").write_bytes(b"PK\x03\x04")
    with pytest.raises(WeightsError):
        store.copy(WANTED, tmp_path)
    assert store.state("tiny") == "partial"
