"""Terms that must be called what the client says, and pauses made short."""

import random
from itertools import pairwise

import pytest

from livetranslate.live.glossary import enforced, present
from livetranslate.live.pauses import shorten
from livetranslate.media import Audio
from tests.support import collect, hush, in_chunks, play, tone


def test_terms_are_found_as_words_longest_first() -> None:
    pairs = (("cat", "Katze"), ("cat food", "Futter"), ("at", "x"), ("", "y"), ("熊猫", "panda"))
    assert present("The Cat Food is here", pairs) == [("cat food", "Futter"), ("cat", "Katze")]
    assert present("大熊猫来了", pairs) == [("熊猫", "panda")]
    assert present("concatenate", pairs) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("El evangelio es bueno.", "El Gospel es bueno."),
        ("Los evangelios", "Los evangelios"),
        ("El gospel es bueno", "El Gospel es bueno"),
        ("Un GOSPEL", "Un GOSPEL"),
        ("nada", "nada"),
    ],
)
def test_a_term_takes_the_place_of_what_it_is_usually_called(said: str, expected: str) -> None:
    assert enforced(said, "gospel", "Gospel", "evangelio.").casefold() == expected.casefold()
    assert enforced("El evangelio", "gospel", r"\1 $&", "evangelio") == r"El \1 $&"


async def test_long_pauses_become_short_and_the_rest_stays_however_it_is_cut() -> None:
    pcm = tone(0.5) + hush(0.6) + tone(0.3) + hush(0.05) + tone(0.2) + hush(1.0)
    chance = random.Random(2)
    results = set()
    for _ in range(10):
        cuts = sorted(chance.sample(range(1, len(pcm) // 2), 30))
        chunks = [chunk for chunk in await collect(shorten(play(in_chunks(pcm, cuts)))) if isinstance(chunk, Audio)]  # type: ignore[arg-type]
        for before, after in pairwise(chunks):
            assert after.start == pytest.approx(before.end)
        results.add(b"".join(chunk.pcm for chunk in chunks))
    (short,) = results
    assert len(short) / 32_000 == pytest.approx(0.5 + 0.12 + 0.3 + 0.05 + 0.2 + 0.12, abs=0.03)
