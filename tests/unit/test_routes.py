"""Several engines as one."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from livetranslate.engines import NO_CONTEXT, Context, EngineInfo
from livetranslate.errors import EngineError, Unsupported
from livetranslate.events import Options
from livetranslate.media import Audio, Utterance
from livetranslate.routes import HearingRoutes, SpeakingRoutes, TranslatingRoutes, Way
from livetranslate.streams import Stream
from tests.support import CountedRecognizer, CountedSynthesizer, CountedTranslator, Gauge, collect, counted

SPEECH = Utterance(0, Audio(bytes(3200), 16_000))


class Named(CountedTranslator):
    """Says its name before each text; notes the directions that it was asked to prepare."""

    def __init__(self, name: str, reads: Iterable[str], writes: Iterable[str], pairs: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(Gauge())
        self.info = EngineInfo(name, reads=frozenset(reads), writes=frozenset(writes), pairs=frozenset(pairs))
        self.prepared: list[tuple[str, str]] = []

    async def prepare(self, source: str, target: str) -> None:
        self.prepared.append((source, target))

    def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        return counted(self.gauge, [f"{self.info.name}:", text])


class Speaker(CountedSynthesizer):
    def __init__(self, speaks: Iterable[str], voices: Iterable[str]) -> None:
        super().__init__()
        self.info = replace(self.info, speaks=frozenset(speaks), voices=frozenset(voices))


async def said(routes: TranslatingRoutes, source: str | None, target: str) -> str:
    return "".join(await collect(routes.translate("x", Options(target, source), NO_CONTEXT)))


async def test_the_first_that_serves_a_direction_translates_it() -> None:
    one = Named("one", ["en", "de"], ["en", "de"])
    two = Named("two", ["en", "de", "fr"], ["en", "de", "fr"])
    routes = TranslatingRoutes([one, two])
    assert [await said(routes, "en", "de"), await said(routes, "en", "fr"), await said(routes, "fr", "de")] == [
        "one:x",
        "two:x",
        "two:x",
    ]
    with pytest.raises(Unsupported, match="el into de"):
        await said(routes, "el", "de")


async def test_pairs_are_kept_to() -> None:
    marian = Named("marian", ["en", "de"], ["en", "de"], [("en", "de")])
    assert marian.info.serves("en", "de")
    assert not marian.info.serves("de", "en")
    routes = TranslatingRoutes([marian, Named("other", ["de"], ["fr"])])
    assert routes.info.directions() == {("en", "de"), ("de", "fr")}
    assert not routes.info.serves("en", "fr")
    with pytest.raises(Unsupported):
        await said(routes, "de", "en")
    assert await said(routes, None, "fr") == "other:x"


async def test_an_engine_is_used_for_no_more_than_its_way_says() -> None:
    wide = Named("wide", ["en", "fr"], ["en", "fr"])
    routes = TranslatingRoutes([Way(wide, replace(wide.info, reads=frozenset({"en"}))), Named("rest", ["fr"], ["en"])])
    assert await said(routes, "fr", "en") == "rest:x"


@pytest.mark.parametrize("good", [0, 1])
async def test_who_fails_before_a_word_is_followed_by_the_next(good: int) -> None:
    class Failing(Named):
        async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
            for _ in range(good):
                yield "begun "
            raise EngineError

    broken = Failing("broken", ["en"], ["de"])
    if good:
        with pytest.raises(EngineError):
            await said(TranslatingRoutes([broken, Named("next", ["en"], ["de"])]), "en", "de")
    else:
        assert await said(TranslatingRoutes([broken, Named("next", ["en"], ["de"])]), "en", "de") == "next:x"
    with pytest.raises(EngineError):
        await said(TranslatingRoutes([broken]), "en", "de")


async def test_the_one_that_will_translate_gets_ready() -> None:
    one, two = Named("one", ["en"], ["de"]), Named("two", ["en"], ["fr"])
    await TranslatingRoutes([one, two]).prepare("en", "fr")
    assert (one.prepared, two.prepared) == ([], [("en", "fr")])


async def test_a_language_is_heard_by_its_recognizer_and_an_unknown_one_by_the_first() -> None:
    english, greek = CountedRecognizer(), CountedRecognizer()
    greek.info = replace(greek.info, hears=frozenset({"el"}))
    routes = HearingRoutes([english, greek])
    assert routes.info.hears == {"en", "el"}
    for language in ("el", None, "en"):
        assert await collect(routes.transcribe(SPEECH, language, NO_CONTEXT))
    assert (english.gauge.started, greek.gauge.started) == (2, 1)
    with pytest.raises(Unsupported):
        routes.transcribe(SPEECH, "th", NO_CONTEXT)


async def test_a_voice_is_spoken_by_who_has_it() -> None:
    many, dialects = Speaker(["zh", "en"], ["Cherry"]), Speaker(["zh", "yue"], ["Sunny", "Kiki"])
    routes = SpeakingRoutes([many, dialects])
    for language, voice in (("zh", "Cherry"), ("zh", "Sunny"), ("yue", "Cherry"), ("en", "Kiki")):
        await collect(routes.synthesize(f"{language} {voice}", language, voice, 1.0))
    assert (many.asked, dialects.asked) == (["zh Cherry", "en Kiki"], ["zh Sunny", "yue Cherry"])
    with pytest.raises(Unsupported):
        routes.synthesize("x", "ja", "Cherry", 1.0)


async def test_shared_routes_are_loaded_once_and_freed_by_the_last() -> None:
    engine = CountedSynthesizer()
    routes = SpeakingRoutes([engine])
    async with routes:
        async with routes:
            assert engine.loaded == 1
        assert engine.loaded == 1
    assert engine.loaded == 0
