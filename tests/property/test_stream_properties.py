"""However the input is cut, the output is the same: every stream function of the core."""

import asyncio
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from livetranslate.media import HEARING_RATE, SPEAKING_RATE, Utterance
from livetranslate.resample import Resampler, resample
from livetranslate.segment import WINDOW, Cut, Cuts, segment
from livetranslate.streams import PcmCutter, SentenceCutter
from tests.support import LoudVad, collect, hush, in_chunks, play, tone

texts = st.text(alphabet=st.sampled_from("ab .!?…。！」\"')\n M r3你"), max_size=60)


@given(text=texts, cuts=st.lists(st.integers(0, 60)))
def test_sentences_do_not_depend_on_the_pieces(text: str, cuts: list[int]) -> None:
    whole, pieces = SentenceCutter(), SentenceCutter()
    expected = [*whole.push(text), whole.rest()]
    borders = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    found = [sentence for begin, end in pairwise(borders) for sentence in pieces.push(text[begin:end])]
    assert [*found, pieces.rest()] == expected
    assert "".join(expected) == text


@given(sizes=st.lists(st.integers(0, 200), max_size=30))
def test_pcm_slices_hold_every_byte(sizes: list[int]) -> None:
    pcm = bytes(np.random.default_rng(1).integers(0, 256, sum(sizes), np.uint8))
    cutter, out, at = PcmCutter(least=24, most=60, unit=6), [], 0
    for size in sizes:
        out += cutter.push(pcm[at : at + size])
        at += size
    assert all(24 <= len(piece) <= 60 and len(piece) % 6 == 0 for piece in out)
    assert b"".join(out) + cutter.rest() == pcm


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 16_000), max_size=12), rate=st.sampled_from([8_000, 22_050, 44_100, 48_000]))
def test_resampling_does_not_depend_on_the_chunks(cuts: list[int], rate: int) -> None:
    pcm = tone(0.4, 700, rate)
    whole = Resampler(rate, SPEAKING_RATE)
    expected = whole.push(pcm) + whole.push(b"", last=True)
    chunks = asyncio.run(collect(resample(_audio(pcm, cuts, rate), SPEAKING_RATE)))
    assert b"".join(chunk.pcm for chunk in chunks) == expected
    assert abs(len(expected) / 2 - 0.4 * SPEAKING_RATE) <= 2
    for before, after in pairwise(chunks):
        assert abs(before.end - after.start) < 1e-9


async def _audio(pcm: bytes, cuts: list[int], rate: int):  # type: ignore[no-untyped-def]
    for chunk in in_chunks(pcm, cuts, rate):
        yield chunk


sounds = st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.6, 2.0, 5.0]), st.booleans()), max_size=8)
SHORT = Cuts(silence=0.3, pad=0.1, first=1.0, soft=1.5, hard=3.0)


def _cut(pcm: bytes, cuts: list[int], rules: Cuts = SHORT) -> list[Cut]:
    return asyncio.run(collect(segment(play(in_chunks(pcm, cuts)), LoudVad(), rules)))


@settings(max_examples=60, deadline=None)
@given(parts=sounds, cuts=st.lists(st.integers(0, 200_000), max_size=10))
def test_utterances_do_not_depend_on_the_chunks(parts: list[tuple[float, bool]], cuts: list[int]) -> None:
    pcm = b"".join(tone(seconds) if loud else hush(seconds) for seconds, loud in parts)
    assert _cut(pcm, cuts) == _cut(pcm, [])


@settings(max_examples=60, deadline=None)
@given(parts=sounds)
def test_no_speech_is_lost_or_doubled(parts: list[tuple[float, bool]]) -> None:
    pcm = b"".join(tone(seconds, 440 + 7 * place) if loud else hush(seconds) for place, (seconds, loud) in enumerate(parts))
    utterances = [cut for cut in _cut(pcm, []) if isinstance(cut, Utterance)]
    kept = bytearray(len(pcm))
    end = 0
    for number, utterance in enumerate(utterances):
        assert utterance.index == number
        begin = round(utterance.audio.start * HEARING_RATE) * 2
        assert begin >= end
        end = begin + len(utterance.audio.pcm)
        kept[begin:end] = utterance.audio.pcm
        assert utterance.audio.seconds <= SHORT.hard + WINDOW / HEARING_RATE
    assert bytes(kept) == pcm  # silence is zeros, so only speech shows
