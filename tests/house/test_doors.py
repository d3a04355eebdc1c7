"""One door for fetching, one door for decoding: no other module reaches for a network client or a media library."""

import ast
import subprocess
import sys

import pytest

from tests.house.rooms import imports, modules, room_of, table

DOORS = {
    "fetch": {
        "httpx2",
        "httpcore2",
        "httpx",
        "httpcore",
        "requests",
        "urllib3",
        "aiohttp",
        "http.client",
        "urllib.request",
        "ftplib",
        "socks",
    },
    "decoding": {
        "av",
        "ffmpeg",
        "pydub",
        "librosa",
        "soundfile",
        "torchaudio",
        "torchcodec",
        "audioread",
        "miniaudio",
        "moviepy",
        "imageio",
        "cv2",
    },
}
# Reads JPEGs alone, within bounds, in a process of its own that may die: images were made by the door of decoding.
APART = {"engines.rapidocr.worker": {"cv2"}}
ROOMS = table()
MODULES = {name: path for name, path in modules().items() if name}


@pytest.mark.parametrize("door", DOORS)
def test_no_other_way_in(door: str) -> None:
    inside = 0
    for name, path in MODULES.items():
        used = {each for each in imports(path) if each in DOORS[door] or each.split(".")[0] in DOORS[door]}
        if room_of(name, ROOMS) == door:
            inside += bool(used)
        else:
            used -= APART.get(name, set())
            assert not used, f"{name} imports {sorted(used)}, which only {door} may"
    assert inside, f"{door} imports none of its libraries: the list here is out of date"


def test_no_program_decodes_beside_the_door() -> None:
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said = node.value if isinstance(node, ast.Constant) else None
            assert said not in ("ffmpeg", "ffprobe", "sox", "curl", "wget"), f"{name} runs {said}"


def test_the_server_never_loads_the_decoder() -> None:
    """The media libraries are loaded in the decode processes alone: importing the door of decoding brings none of them."""
    script = "import sys, livetranslate.decode, livetranslate.fetch; print(sorted({'av', 'soxr', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
