"""The glossary enforced, around translators of every kind: obedient, wilful, deaf, and one that leaves words alone."""

import re
from collections.abc import Callable, Sequence

import pytest

from livetranslate.enforce import Enforced, enforce
from livetranslate.errors import EngineError
from livetranslate.events import Change
from livetranslate.glossary import Entry
from livetranslate.glossary.matching import find
from livetranslate.glossary.stand_ins import stand_ins
from tests.support import Gauge, counted

# A small grammar of Spanish: nouns with their gender, and articles and adjectives that agree.
NOUNS = {
    "mask": "máscara f", "castle": "castillo m", "museum": "museo m", "garden": "jardín m", "church": "iglesia f",
    "kitchen": "cocina f", "mountain": "montaña f", "house": "casa f", "masks": "máscaras f", "castles": "castillos m",
    "churches": "iglesias f", "kitchens": "cocinas f", "mountains": "montañas f", "museums": "museos m", "bat": "murciélago m",
}  # fmt: skip
WORDS = {"is": "es", "are": "son", "and": "y", "near": "cerca de"}
ARTICLES = {"the": ("el", "la"), "a": ("un", "una"), "an": ("un", "una"), "this": ("este", "esta"), "two": ("dos", "dos")}


class Spanish:
    """Translates word by word, articles in agreement with the next noun; remembers what it was asked."""

    def __init__(self, unknown: Sequence[str] = ()) -> None:
        self.asked: list[str] = []
        self.gauge = Gauge()
        self.unknown = unknown

    def __call__(self, text: str):  # type: ignore[no-untyped-def]
        self.asked.append(text)
        told = re.sub(r"\w+", lambda found: self.word(found, text), text)
        return counted(self.gauge, [told[: len(told) // 2], told[len(told) // 2 :]])

    def word(self, found: re.Match[str], text: str) -> str:
        low = found[0].lower()
        if low in ARTICLES:
            following = next((NOUNS[w] for w in re.findall(r"\w+", text[found.end() :].lower()) if w in NOUNS), "casa m")
            said = ARTICLES[low][following.endswith("f")]
        elif low in NOUNS and low not in self.unknown:
            said = NOUNS[low].split()[0]
        else:
            said = WORDS.get(low, found[0])
        return said[:1].upper() + said[1:] if found[0][:1].isupper() else said


async def told(
    translate: Callable[[str], object], text: str, *entries: Entry, seen: Sequence[str] = (), target: str = "es"
) -> tuple[str, Enforced]:
    found = find(text, [entries], set(seen), set(), "en")
    *texts, last = [answer async for answer in enforce(translate, text, found, "en", target)]  # type: ignore[arg-type]
    assert isinstance(last, Enforced)
    return "".join(str(piece) for piece in texts), last


async def test_what_the_translator_says_itself_is_kept() -> None:
    spanish = Spanish()
    said, became = await told(spanish, "This mask.", Entry("mask", "máscara"))
    assert said == "Esta máscara."
    assert (became.hits[0].kept, became.misses, became.changes) == (True, (), ())
    assert spanish.asked == ["This mask."]


async def test_a_noun_of_its_gender_stands_in_so_that_articles_agree() -> None:
    spanish = Spanish()
    said, became = await told(spanish, "This mask is near the mask.", Entry("mask", "antifaz", sense="worn at a ball"))
    assert said == "Este antifaz es cerca de el antifaz."
    assert [hit.sense for hit in became.hits] == ["worn at a ball"] * 2
    assert not became.hits[0].kept
    assert Change("Esta máscara", "Este antifaz") in became.changes
    assert spanish.asked[1:] == ["This castle is near the castle."]


async def test_several_terms_get_nouns_of_their_own() -> None:
    said, became = await told(
        Spanish(), "The mask and the house and two masks.", Entry("mask", "antifaz"), Entry("house", "vivienda")
    )
    assert said == "El antifaz y la vivienda y dos antifaces."
    assert len(became.hits) == 3
    assert became.misses == ()


async def test_a_noun_that_does_not_come_through_gives_way_to_the_next() -> None:
    spanish = Spanish(unknown=("castle", "museum"))
    said, _ = await told(spanish, "A mask.", Entry("mask", "antifaz"))
    assert said == "Un antifaz."
    assert spanish.asked == ["A mask.", "A castle.", "A museum.", "A garden."]


async def test_without_nouns_the_translators_own_word_is_exchanged() -> None:
    spanish = Spanish(unknown=[noun.source for noun in stand_ins("en", "es", "m", False, "consonant")])
    said, became = await told(spanish, "The mask is near.", Entry("mask", "antifaz"))
    assert said == "El antifaz es cerca de."
    assert became.changes == (Change("La máscara", "El antifaz"),)


async def test_what_cannot_be_made_to_appear_is_a_miss_and_the_text_stays() -> None:
    said, became = await told(
        lambda text: counted(Gauge(), ["Otra cosa."]), "This mask is near the house.", Entry("mask", "antifaz")
    )
    assert said == "Otra cosa."
    assert became.hits == ()
    assert [(miss.source, miss.target) for miss in became.misses] == [("mask", "antifaz")]
    assert became.changes == ()


async def test_a_deaf_translator_says_nothing() -> None:
    said, became = await told(lambda text: counted(Gauge(), [""]), "The mask.", Entry("mask", "antifaz"))
    assert said == ""
    assert len(became.misses) == 1


async def test_what_is_not_translated_stays_as_it_was_said() -> None:
    spanish = Spanish()
    said, became = await told(spanish, "The MASK is near.", Entry("mask", "mask", do_not_translate=True))
    assert said == "El MASK es cerca de."
    assert became.hits[0].target == "MASK"
    said, became = await told(spanish, "This Foo is near.", Entry("foo", "foo", do_not_translate=True))
    assert (said, became.hits[0].kept) == ("Este Foo es cerca de.", True)


async def test_names_begin_a_sentence_as_they_are_written() -> None:
    said, _ = await told(Spanish(), "the castle. mask.", Entry("mask", "iPod", do_not_translate=False))
    assert said == "el castillo. IPod."
    said, _ = await told(Spanish(), "iPod.", Entry("iPod", "iPod", do_not_translate=True))
    assert said == "iPod."


async def test_the_plural_of_a_term_is_its_own_or_the_regular_one() -> None:
    said, _ = await told(Spanish(), "The masks.", Entry("mask", "careta"))
    assert said == "La caretas."
    said, _ = await told(Spanish(), "The masks.", Entry("mask", "careta", plural="caretones", gender="m"))
    assert said == "El caretones."


async def test_english_articles_fit_the_noun_that_stands_in() -> None:
    asked: list[str] = []

    def french(text: str):  # type: ignore[no-untyped-def]
        asked.append(text)
        return counted(Gauge(), [text.replace("airplane", "avion").replace("elephant", "éléphant")])

    await told(french, "A mask, an owl.", Entry("mask", "ongle"), Entry("owl", "banque", gender="f"), target="fr")
    assert re.fullmatch(r"An (elephant|airplane), a (church|kitchen)\.", asked[1])


async def test_scripts_without_spaces() -> None:
    def chinese(text: str):  # type: ignore[no-untyped-def]
        return counted(
            Gauge(), [{"This is a mask.": "这是一个面具。", "The mask.": "面具。", "mask.": "面具。"}.get(text, "这是。")]
        )

    said, became = await told(chinese, "This is a mask.", Entry("mask", "口罩"), target="zh")
    assert said == "这是一个口罩。"
    assert became.hits[0].target == "口罩"


async def test_a_translator_that_runs_away_is_stopped() -> None:
    async def endless(text: str):  # type: ignore[no-untyped-def]
        while True:
            yield "máscara " * 1000

    with pytest.raises(EngineError):
        await told(endless, "The mask.", Entry("mask", "antifaz"))


async def test_every_stream_is_closed() -> None:
    spanish = Spanish()
    await told(spanish, "The mask and the masks.", Entry("mask", "antifaz"))
    assert spanish.gauge.open == 0
    assert spanish.gauge.started == len(spanish.asked)
