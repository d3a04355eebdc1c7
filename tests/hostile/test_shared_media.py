"""The kit of real, odd and damaged files beside the project: each plays or is refused as its manifest expects."""

import json
import os
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from livetranslate.blob import Blob
from livetranslate.decode import Clip, Cost, Decoder
from livetranslate.errors import BadMedia, LivetranslateError
from livetranslate.media import HEARING_RATE, Audio, Image
from livetranslate.tokens import frame_size

KIT = Path(__file__).parents[3] / "shared" / "media"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (KIT / "MANIFEST.json").exists(), reason="the media kit is not beside the project (../shared/media)"),
]

BEST_EFFORT = ("best effort", "partial")
"""Of the manifest's expectations: either may happen, but not a crash."""
PLAYS = ("decodes", "decoded seconds billed", "an empty translation, no invented text")
NO_SOUND = ("no_audio",)


def manifest() -> list[dict[str, Any]]:
    path = KIT / "MANIFEST.json"
    files: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["files"] if path.exists() else []
    return files


async def decoded(decoder: Decoder, path: Path) -> tuple[Clip, np.ndarray[Any, np.dtype[np.int16]]] | LivetranslateError:
    with Blob.from_path(path) as blob:
        try:
            clip = await decoder.open(blob)
            async with clip, aclosing(clip.media()) as media:
                pcm = b"".join([chunk.pcm async for chunk in media if isinstance(chunk, Audio)])
        except LivetranslateError as error:
            return error
    return clip, np.frombuffer(pcm, "<i2")


def wanted(entry: dict[str, Any]) -> str:
    """`plays`, `refused`, `silent` or `either`, as the manifest says in words."""
    said = entry.get("expected", "")
    if any(words in said for words in NO_SOUND):
        return "silent"
    if any(words in said for words in BEST_EFFORT):
        return "either"
    if "400" in said:
        return "refused"
    if not said or any(words in said for words in PLAYS):
        return "plays" if entry.get("codec") else "silent" if entry.get("video") else "refused"
    raise AssertionError(f"{entry['path']}: what does {said!r} mean?")


async def test_every_file_plays_or_is_refused() -> None:
    costs: list[Cost] = []
    wrong: dict[str, object] = {}
    told = manifest()
    async with Decoder(observe=costs.append) as decoder:
        for entry in told:
            costs.clear()
            outcome = await decoded(decoder, KIT / entry["path"])
            became = "plays"
            if isinstance(outcome, LivetranslateError):
                became = "silent" if "audio stream" in str(outcome) else "refused" if type(outcome) is BadMedia else repr(outcome)
            hoped = wanted(entry)
            if (
                became != hoped
                and not (hoped == "either" and became in ("plays", "refused"))
                and not (hoped == "refused" and became == "silent")
            ):
                wrong[entry["path"]] = (became, hoped)
            if entry["bytes"] and not costs:
                wrong[entry["path"]] = ("the decode process died", hoped)
            if any(cost.peak_bytes > 64_000_000 for cost in costs):
                wrong[entry["path"]] = (costs[0], "64 MB at most")
    assert wrong == {}
    assert sum(wanted(entry) == "plays" for entry in told) > 90
    assert sum(wanted(entry) == "refused" for entry in told) >= 15


async def test_every_video_is_seen() -> None:
    """In the frames of the rule, in their order; what has no sound, or is damaged, is refused as the manifest says."""
    wrong: dict[str, object] = {}
    count = 0
    async with Decoder() as decoder:
        for entry in manifest():
            path = KIT / entry["path"]
            if not entry.get("video") and entry["kind"] == "speech":
                continue
            with Blob.from_path(path) as blob:
                try:
                    clip = await decoder.open(blob, video=True, images="see")
                    async with clip, aclosing(clip.media()) as media:
                        images = [item async for item in media if isinstance(item, Image)]
                except LivetranslateError as error:
                    if wanted(entry) == "plays" or type(error) is not BadMedia:
                        wrong[entry["path"]] = error
                    continue
            if wanted(entry) in ("refused", "silent") or (bool(images) != bool(entry.get("video")) and wanted(entry) == "plays"):
                wrong[entry["path"]] = (len(images), wanted(entry))
            if wanted(entry) != "plays" or not images:
                continue
            count += 1
            width, height = map(int, entry["video"].split()[1].split("x"))
            seen = (len(images), {(image.width, image.height) for image in images})
            if seen != (clip.probe.images, {frame_size(width, height, len(images))}):
                wrong[entry["path"]] = seen
            assert clip.cost is not None
            if clip.cost.peak_bytes > 100_000_000 or [image.at for image in images] != sorted(image.at for image in images):
                wrong[entry["path"]] = clip.cost
    assert wrong == {}
    assert count >= 14


async def test_what_plays_is_as_long_as_the_manifest_says() -> None:
    """Counted seconds: but for damaged files, whose headers claim what is not there."""
    wrong: dict[str, object] = {}
    async with Decoder() as decoder:
        for entry in manifest():
            if wanted(entry) != "plays" or entry["kind"] == "bad" or not entry.get("seconds"):
                continue
            outcome = await decoded(decoder, KIT / entry["path"])
            assert not isinstance(outcome, LivetranslateError)
            clip, samples = outcome
            assert clip.seconds == len(samples) / HEARING_RATE
            if entry["path"].endswith("odd_wmav2_8k.asf"):
                continue  # the manifest has the film's length, of which the sound is a second short
            if abs(clip.seconds - entry["seconds"]) > max(0.1, 0.01 * entry["seconds"]):
                wrong[entry["path"]] = (clip.seconds, entry["seconds"])
            if entry.get("channels") not in (None, clip.probe.channels) or entry.get("sample_rate") not in (
                None,
                clip.probe.sample_rate,
            ):
                wrong[entry["path"]] = clip.probe
    assert wrong == {}


async def test_damaged_files_are_as_long_as_what_is_left() -> None:
    async with Decoder() as decoder:
        for name, least, most in (("bad_riff_size_ffffffff.wav", 1.58, 1.6), ("bad_truncated.flac", 2.5, 2.9)):
            outcome = await decoded(decoder, KIT / "public" / name)
            assert not isinstance(outcome, LivetranslateError)
            assert least < outcome[0].seconds < most


async def test_voices_in_odd_channels_are_heard() -> None:
    """5.1 with the voice in the centre, and phase-inverted stereo, are as loud as the plain clips they were made of."""
    async with Decoder() as decoder:

        async def level(name: str) -> float:
            outcome = await decoded(decoder, KIT / "public" / name)
            assert not isinstance(outcome, LivetranslateError)
            return float(np.sqrt(np.mean((outcome[1] / 32768) ** 2)))

        assert await level("odd_jfk_51.m4a") > 0.3 * await level("en_jfk.flac")
        assert await level("odd_lj_phase_inverted.wav") > 0.8 * await level("en_ljspeech_0001.wav")
        assert await level("odd_silence_5s.wav") == 0


async def test_a_long_file_keeps_every_process_small() -> None:
    """An hour made of one of the real clips: neither the server nor the decode process gets large."""
    with Blob.from_path(KIT / "public" / "en_jfk.mp3") as blob:
        clip_bytes = os.pread(blob.fileno(), blob.size, 0)
    at = clip_bytes.rindex(b"\xff\xf3", 0, 1000) if b"\xff\xf3" in clip_bytes[:1000] else 343
    hour = clip_bytes[at:] * 320
    async with Decoder() as decoder:
        before = psutil.Process().memory_info().rss
        most = 0
        with Blob.from_bytes(hour) as blob:
            clip = await decoder.open(blob)
        assert 3400 < clip.seconds < 3600
        async with clip, aclosing(clip.media()) as media:
            async for chunk in media:
                if int(chunk.start) % 300 == 0:  # type: ignore[union-attr]
                    most = max(most, psutil.Process().memory_info().rss)
        assert clip.cost is not None
        assert clip.cost.peak_bytes < 64_000_000
        assert most - before < 16_000_000
