"""The starter set of ambiguous nouns, enforced around the translators that are installed."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from livetranslate.enforce import Enforced, enforce
from livetranslate.engines import NO_CONTEXT
from livetranslate.engines.apertium import Apertium
from livetranslate.events import Options
from livetranslate.glossary import Entry
from livetranslate.glossary.files import senses
from livetranslate.glossary.forms import plural
from livetranslate.glossary.matching import find, keys

FRAMES = ("This is a {}.", "The {} is very old.", "We looked at the {} for a long time.")
MANY = ("I have two {}.", "She put the {} in the box.")
SENSES = senses()
_LACKS = Apertium.needs()
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(bool(_LACKS), reason=f"apertium lacks {', '.join(need.what for need in _LACKS)}"),
]


@pytest.fixture
async def engine() -> AsyncIterator[Apertium]:
    async with Apertium(round_trip=()) as engine:
        yield engine


async def said(engine: Apertium, text: str, target: str, seen: str, *more: Entry) -> tuple[str, Enforced]:
    layers = [list(more), [entry for entry in SENSES if entry.fits("en", target)]]
    found = find(text, layers, keys([seen]), set(), "en")
    translate = partial(engine.translate, options=Options(target, "en"), context=NO_CONTEXT)
    *texts, became = [answer async for answer in enforce(translate, text, found, "en", target)]
    assert isinstance(became, Enforced)
    return "".join(map(str, texts)), became


@pytest.mark.parametrize("target", ["es", "fr", "it", "pt"])
async def test_every_meaning_of_the_starter_set_appears(engine: Apertium, target: str) -> None:
    meanings = [entry for entry in SENSES if entry.target_language == target]
    for number, entry in enumerate(meanings):
        frame, forms = (FRAMES[number % 3], entry.source) if number % 5 else (MANY[number % 2], plural(entry.source, "en"))
        text, became = await said(engine, frame.format(forms), target, " ".join(entry.when_seen[:2]))
        assert became.misses == (), text
        assert [hit.sense for hit in became.hits if hit.source == entry.source] == [entry.sense], frame.format(forms)
        assert all(hit.target.casefold() in text.casefold() for hit in became.hits)


@pytest.mark.parametrize(
    ("text", "seen", "target", "expected"),
    [
        ("This is a mask.", "SURGICAL MASKS", "es", "Esta es una mascarilla."),
        ("This is a mask.", "Carnival of Venice", "es", "Este es un antifaz."),
        ("The bank is very old.", "River tours", "es", "La orilla es muy vieja."),
        ("The bank is very old.", "River tours", "fr", "La rive est très vieille."),
        ("The bank is very old.", "River tours", "it", "La riva è molto vecchia."),
        ("The bank is very old.", "River tours", "pt", "A margem é muito velha."),
        ("She broke a nail.", "Beauty salon, manicure", "it", "Ha rotto un'unghia."),
        ("He gave me two matches.", "Candles and fire", "fr", "Il m'a donné deux allumettes."),
    ],
)
async def test_articles_and_adjectives_agree(engine: Apertium, text: str, seen: str, target: str, expected: str) -> None:
    assert (await said(engine, text, target, seen))[0] == expected


async def test_a_users_own_terms(engine: Apertium) -> None:
    rate = Entry("heart rate", "frecuencia cardíaca", gender="f")
    text, became = await said(engine, "The heart rate is too high.", "es", "", rate)
    assert "frecuencia cardíaca" in text
    assert became.misses == ()
    brand = Entry("Blue Window", "Blue Window", do_not_translate=True)
    text, became = await said(engine, "We work with Blue Window every day.", "fr", "", brand)
    assert "Blue Window" in text
    assert became.misses == ()
