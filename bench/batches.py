"""(e) Several requests through a translator that batches, against the same library used for one after the other."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ctranslate2
from sentencepiece import SentencePieceProcessor

from livetranslate.engines import NO_CONTEXT
from livetranslate.engines.ctranslate import CTranslatePairs
from livetranslate.events import Options
from tests.checkpoints import make_random_translator

SHAPE = {"layers": 6, "width": 512, "heads": 8, "inner": 2048, "vocabulary": 58_101}
"""That of Opus-MT."""
TOKENS = 40
SENTENCE = "the quick brown fox jumps over a lazy dog and runs away " * 2
REQUESTS = (1, 4, 16)
ROUNDS = 3
TARGETS = {"1_requests": 1.15, "4_requests": 0.6, "16_requests": 0.4}


def batches(say: Callable[[str], None]) -> dict[str, Any]:
    """Part (e): CPU seconds of ours divided by those of the library alone, for so many requests at once; random weights."""
    with TemporaryDirectory() as folder:
        model = make_random_translator(Path(folder) / "model", **SHAPE)
        alone, ours = _alone(model), asyncio.run(_ours(model))
    ratios = {f"{count}_requests": ours[count] / (count * alone) for count in REQUESTS}
    for count in REQUESTS:
        say(f"{count:2} requests: {TOKENS * count / ours[count]:.0f} tokens a CPU second, one at a time {TOKENS / alone:.0f}")
    return {"ratios": ratios, "targets": TARGETS, "seconds": {"alone": alone, **{str(count): ours[count] for count in REQUESTS}}}


def _alone(model: Path) -> float:
    """CPU seconds of one sentence by the library's own call, the least of some."""
    translator = ctranslate2.Translator(str(model), device="cpu", compute_type="int8", intra_threads=1, inter_threads=1)
    pieces = SentencePieceProcessor(model_file=str(model / "sentencepiece.bpe.model")).encode(SENTENCE, out_type=str)
    least = float("inf")
    for _ in range(2 * ROUNDS):
        started = time.process_time()
        translator.translate_batch([[*pieces, "</s>"]], beam_size=1, max_decoding_length=TOKENS)
        least = min(least, time.process_time() - started)
    return least


async def _ours(model: Path) -> dict[int, float]:
    """CPU seconds of so many requests at once through the engine, the least of some rounds."""
    found: dict[int, float] = {}

    async def one() -> None:
        async for _ in engine.translate(SENTENCE.strip(), Options("de", "en"), NO_CONTEXT):
            pass

    engine = CTranslatePairs(models={"en-de": model}, device="cpu", compute_type="int8", threads=1, most_tokens=TOKENS)
    async with engine:
        await one()
        for count in REQUESTS:
            for _ in range(ROUNDS):
                started = time.process_time()
                await asyncio.gather(*(one() for _ in range(count)))
                found[count] = min(found.get(count, float("inf")), time.process_time() - started)
    return found
