"""The recognizer of `bench.clockwork` behind the transcription API that peers speak: the same words after the same time.

    python -m bench.fake_asr PORT

GET /told gives how often it was asked, and for how many seconds of sound, as JSON.
"""

import asyncio
import io
import sys
import wave
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.clockwork import HEAR_RATE, HEAR_SECONDS
from bench.tones import heard


def app() -> Starlette:
    """The API."""
    told = {"calls": 0, "seconds_sent": 0.0}

    async def transcribe(request: Request) -> JSONResponse:
        body = await request.body()
        with wave.open(io.BytesIO(body[body.index(b"RIFF") :])) as sound:
            rate, pcm = sound.getframerate(), sound.readframes(sound.getnframes())
        seconds = len(pcm) / 2 / rate
        told["calls"] += 1
        told["seconds_sent"] += seconds
        await asyncio.sleep(HEAR_SECONDS + HEAR_RATE * seconds)
        return JSONResponse(answer(await asyncio.to_thread(heard, pcm), seconds))

    async def tell(request: Request) -> JSONResponse:
        return JSONResponse(told)

    return Starlette(routes=[Route("/v1/audio/transcriptions", transcribe, methods=["POST"]), Route("/told", tell)])


def answer(words: list[Any], seconds: float) -> dict[str, Any]:
    """The words as `verbose_json` has them; as from the models of that API, there is a space before each."""
    text = "".join(f" {word.text}" for word in words)
    segment = {"id": 0, "start": 0.0, "end": seconds, "text": text, "no_speech_prob": 0.0}
    return {
        "task": "transcribe",
        "language": "english",
        "duration": seconds,
        "text": text,
        "words": [{"word": f" {word.text}", "start": word.start, "end": word.end} for word in words],
        "segments": [segment] if words else [],
    }


if __name__ == "__main__":
    uvicorn.run(app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
