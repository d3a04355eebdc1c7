"""Films made in code: a picture with writing and shapes, and speech by flite, in an MP4 of H.264 and AAC."""

import io
import random
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from contextlib import aclosing
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from livetranslate.blob import Blob
from livetranslate.decode import Decoder
from livetranslate.media import Media

WIDTH, HEIGHT, RATE = 1280, 720, 25
_BEFORE, _AFTER = 0.4, 0.6
"""Seconds of silence around the speech."""
_LEAST_SECONDS = 2.4
_SPEECH_RATE = 16_000


@cache
def speech(text: str, voice: str = "rms") -> bytes:
    """The text spoken by Debian's flite, as 16 kHz PCM with silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True, capture_output=True)
        with wave.open(file.name) as reader:
            if reader.getframerate() != _SPEECH_RATE:
                raise SystemExit(f"flite's voice {voice} does not speak at 16 kHz")
            pcm: bytes = reader.readframes(reader.getnframes())
    after = max(_AFTER, _LEAST_SECONDS - _BEFORE - len(pcm) / 2 / _SPEECH_RATE)
    return bytes(2 * round(_BEFORE * _SPEECH_RATE)) + pcm + bytes(2 * round(after * _SPEECH_RATE))


def ground(lines: Sequence[str], seed: int) -> Any:
    """A picture of shapes with lines of writing on it; the seed picks colours, sizes and places."""
    draw = random.Random(seed)
    dark = draw.random() < 0.4
    level = (20, 90) if dark else (170, 250)
    picture = PilImage.new("RGB", (WIDTH, HEIGHT), tuple(draw.randint(*level) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        left, top = draw.randint(0, WIDTH - 200), draw.randint(HEIGHT // 2, HEIGHT - 60)
        box = (left, top, left + draw.randint(60, 300), top + draw.randint(40, 200))
        (pen.ellipse if draw.random() < 0.5 else pen.rectangle)(box, fill=tuple(draw.randint(*level) for _ in range(3)))
    ink = (240, 240, 230) if dark else (25, 25, 40)
    top = draw.randint(50, 110)
    for number, line in enumerate(lines):
        size = draw.randint(44, 72) if number == 0 else draw.randint(30, 44)
        pen.text((draw.randint(70, 180), top), line, font=ImageFont.load_default(size), fill=ink)
        top += round(1.7 * size)
    return picture


def film(lines: Sequence[str] | None, pcm: bytes, seed: int = 0, *, moving: bool = False, quality: int = 28) -> bytes:
    """An MP4 of H.264 and AAC: the sound, and a picture with those lines (a plain one for None) in which a ball may move."""
    file = io.BytesIO()
    picture = ground(lines or (), seed)
    frames = round(RATE * len(pcm) / 2 / _SPEECH_RATE)
    with av.open(file, "w", format="mp4") as writer:
        video = writer.add_stream("libx264", rate=RATE, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p")
        video.options = {"crf": str(quality), "preset": "veryfast"}
        audio = writer.add_stream("aac", rate=_SPEECH_RATE, layout="mono")
        for number in range(frames):
            shown = picture
            if moving:
                shown = picture.copy()
                left = 40 + number * 9 % (WIDTH - 200)
                ImageDraw.Draw(shown).ellipse((left, 560, left + 120, 680), fill=(200, 60, 50))
            frame = av.VideoFrame.from_ndarray(np.asarray(shown), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            writer.mux(video.encode(frame))
        writer.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = _SPEECH_RATE, 0, Fraction(1, _SPEECH_RATE)
        for part in av.AudioResampler(format="fltp", layout="mono", rate=_SPEECH_RATE, frame_size=1024).resample(sound):
            writer.mux(audio.encode(part))
        writer.mux(audio.encode(None))
    return file.getvalue()


async def items(decoder: Decoder, mp4: bytes) -> list[Media]:
    """What is heard and seen of a film, by the door that the server has."""
    with Blob.from_bytes(mp4) as blob:
        clip = await decoder.open(blob, video=True, images="see")
    async with clip, aclosing(clip.media()) as media:
        return [item async for item in media]
