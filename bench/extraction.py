"""(g) Sound and sampled frames of a 2-minute film of 720p H.264, against a script with OpenCV and ffmpeg, and ffmpeg alone."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np

from bench.clips import joined
from livetranslate.blob import Blob
from livetranslate.decode import Decoder
from livetranslate.media import HEARING_RATE, Image
from livetranslate.tokens import frame_count, frame_numbers, frame_size

WIDTH, HEIGHT, RATE, SECONDS = 1280, 720, 25, 120
SCENE_SECONDS = 10
ROUNDS = 5
TARGETS = {"ours / OpenCV and ffmpeg": 0.7}
_COUNT = frame_count(SECONDS * RATE, RATE)
NUMBERS = frame_numbers(SECONDS * RATE, _COUNT)
SIZE = frame_size(WIDTH, HEIGHT, _COUNT)


def extraction(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (g): each way in turn, several times; of the ways with OpenCV the faster one counts."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        film = folder / "film.mp4"
        _write(film)
        say(f"{film.stat().st_size / 1e6:.1f} MB, {len(NUMBERS)} frames of {SIZE[0]}x{SIZE[1]}")
        ways: dict[str, Callable[[], float]] = {
            "ours": lambda: asyncio.run(_ours(film)),
            "ours, counted only": lambda: asyncio.run(_ours(film, see=False)),
            "OpenCV that skips": lambda: _opencv(film, skip=True) + _sound(film),
            "OpenCV that seeks": lambda: _opencv(film, skip=False) + _sound(film),
            "ffmpeg": lambda: _ffmpeg(film, folder),
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, run in ways.items():
                taken[way].append(run())
    seconds = {way: median(times) for way, times in taken.items()}
    for way, took in seconds.items():
        say(f"{way}: {took:.2f} s")
    chain = min(seconds["OpenCV that skips"], seconds["OpenCV that seeks"])
    return {
        "seconds": seconds,
        "ratios": {
            "ours / OpenCV and ffmpeg": seconds["ours"] / chain,
            "ours / ffmpeg alone": seconds["ours"] / seconds["ffmpeg"],
            "counting tokens / ours": seconds["ours, counted only"] / seconds["ours"],
        },
        "targets": TARGETS,
    }


def _scenes() -> Iterator[Any]:
    """Pictures that pan and flicker like a film's, a new scene every ten seconds."""
    for scene in range(SECONDS // SCENE_SECONDS):
        draw = np.random.default_rng(scene)
        coarse = draw.integers(0, 255, (HEIGHT // 40, WIDTH // 20, 3), np.uint8).repeat(40, 0).repeat(40, 1)
        for number in range(SCENE_SECONDS * RATE):
            picture = np.ascontiguousarray(coarse[:, 3 * number : 3 * number + WIDTH])
            picture[::7, ::5] ^= draw.integers(0, 24, (len(picture[::7]), len(picture[0, ::5]), 3), np.uint8)
            yield picture


def _write(path: Path) -> None:
    """The film, by the encoders and defaults that most films are made with."""
    speech = np.frombuffer(joined(float(SECONDS)), "<i2").reshape(1, -1)
    with av.open(path, "w", format="mp4") as writer:
        shown: Any = writer.add_stream("libx264", rate=RATE, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p")
        heard: Any = writer.add_stream("aac", rate=HEARING_RATE, layout="mono")
        for number, picture in enumerate(_scenes()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            writer.mux(shown.encode(frame))
        writer.mux(shown.encode(None))
        sound = av.AudioFrame.from_ndarray(speech, format="s16", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = HEARING_RATE, 0, Fraction(1, HEARING_RATE)
        for part in av.AudioResampler(format="fltp", layout="mono", rate=HEARING_RATE, frame_size=1024).resample(sound):
            writer.mux(heard.encode(part))
        writer.mux(heard.encode(None))


async def _ours(film: Path, *, see: bool = True) -> float:
    async with Decoder() as decoder:
        started = time.perf_counter()
        with Blob.from_path(film) as blob:
            clip = await decoder.open(blob, video=True, images="see" if see else "count")
        async with clip, aclosing(clip.media()) as media:
            images = [item async for item in media if isinstance(item, Image)]
        took = time.perf_counter() - started
    _check([round(image.at * RATE) for image in images] if see else NUMBERS)
    return took


def _opencv(film: Path, *, skip: bool) -> float:
    """As such scripts are written: frames between are grabbed and not converted, or one is sought after the other."""
    import cv2

    started = time.perf_counter()
    reader: Any = cv2.VideoCapture(str(film))
    made, wanted, at = [], iter(NUMBERS), -1
    for number in wanted:
        if skip:
            while at < number:
                reader.grab()
                at += 1
            good, picture = reader.retrieve()
        else:
            reader.set(cv2.CAP_PROP_POS_FRAMES, number)
            good, picture = reader.read()
        if good:
            small = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
            made.append((number, cv2.imencode(".jpg", small)[1].tobytes()))
    took = time.perf_counter() - started
    _check([number for number, _ in made])
    return took


def _sound(film: Path) -> float:
    started = time.perf_counter()
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-vn", "-ac", "1", "-ar", str(HEARING_RATE), "-f", "s16le", "-"]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _ffmpeg(film: Path, folder: Path) -> float:
    chosen = _any_of([f"eq(n\\,{number})" for number in NUMBERS])
    started = time.perf_counter()
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(film)]
    command += ["-map", "0:v", "-vf", f"select={chosen},scale={SIZE[0]}:{SIZE[1]}:flags=area", "-vsync", "0", "-q:v", "3"]
    command += [str(folder / "frame%03d.jpg"), "-map", "0:a", "-ac", "1", "-ar", str(HEARING_RATE), str(folder / "sound.wav")]
    subprocess.run(command, check=True, capture_output=True)
    took = time.perf_counter() - started
    _check(NUMBERS[: len(list(folder.glob("frame*.jpg")))])
    return took


def _any_of(terms: list[str]) -> str:
    """Their sum as a tree, as ffmpeg takes no sum of more than a hundred."""
    middle = len(terms) // 2
    return f"({_any_of(terms[:middle])}+{_any_of(terms[middle:])})" if middle else terms[0]


def _check(numbers: list[int]) -> None:
    if numbers != NUMBERS:
        raise SystemExit(f"other frames were looked at than the rule names: {len(numbers)} of {len(NUMBERS)}")
