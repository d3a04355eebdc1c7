"""Profiles: what may stand in a file, what it becomes, who serves what, and what helps beside the sound."""

from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from livetranslate import profiles
from livetranslate.engines import Profile
from livetranslate.engines.registry import EngineMissing
from livetranslate.errors import BadParameter, Unsupported
from livetranslate.events import Event, Evidence, Options, TextDone, TranscriptDone
from livetranslate.guard import Limited
from livetranslate.media import HEARING_RATE, Audio, Image, Media, Writing
from livetranslate.profiles import build
from livetranslate.profiles.plan import plan
from livetranslate.profiles.text import UnknownProfile, read
from livetranslate.settings import BadSettings, Settings
from tests.support import collect, hush, in_chunks, of_type, play, tone

CASCADE = """
vad = "scripted-vad"
detect_text = false
[[recognizer]]
engine = "scripted-recognizer"
{recognizer}
[[translator]]
engine = "scripted-translator"
{translator}
[[synthesizer]]
engine = "scripted-synthesizer"
{synthesizer}
"""


def written(folder: Path, name: str = "mine", *more: str, **given: str) -> Settings:
    """Settings under which this profile is the user's own."""
    text = CASCADE.format(**{"recognizer": "", "translator": "", "synthesizer": "", **given})
    return saved(folder, "\n".join([text, *more]), name)


def saved(folder: Path, text: str, name: str = "mine", **settings: Any) -> Settings:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / f"{name}.toml").write_text(text, "utf-8")
    return Settings(profile=name, data_dir=folder, **settings)


async def run(profile: Profile, options: Options) -> list[Event]:
    async with profile.interpreter as interpreter:
        pcm = hush(0.3) + tone(1.5) + hush(1.0)
        return await collect(interpreter.interpret(play([Audio(pcm, HEARING_RATE)]), options))


def test_built_in_profiles_are_as_they_were() -> None:
    scripted = profiles.build(Settings(profile="scripted"))
    assert scripted.interpreter.info.name == "scripted-recognizer + scripted-translator + scripted-synthesizer"
    assert isinstance(scripted.interpreter, Limited)
    assert scripted.notice.startswith("SCRIPTED ENGINES")
    assert [engine.info.name for engine in scripted.engines] == [
        "scripted-vad", "scripted-recognizer", "scripted-translator", "scripted-synthesizer",
    ]  # fmt: skip


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_every_built_in_profile_can_be_read_and_planned(name: str, tmp_path: Path) -> None:
    settings = Settings(profile=name, data_dir=tmp_path)
    assert read(name, settings).about
    made = plan(name, settings)
    assert made.directions
    assert made.speech


def test_the_example_of_the_docs_is_a_profile(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text("utf-8")
    text = page.partition("```toml\n")[2].partition("```")[0]
    assert plan("mine", saved(tmp_path, text)).directions.keys() == {("en", "en"), ("en", "es")}


async def test_a_profile_of_ones_own_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    settings = written(tmp_path)
    assert profiles.names(settings) == [*profiles.PROFILES, "mine"]
    by_path = Settings(profile=str(tmp_path / "profiles" / "mine.toml"), data_dir=tmp_path / "elsewhere")
    for each in (settings, by_path):
        profile = profiles.build(each)
        assert profile.name == "mine"
        assert of_type(await run(profile, Options("es", "en")), TextDone)


async def test_languages_are_routed_to_the_engines_named_for_them(tmp_path: Path) -> None:
    greek = '[[recognizer]]\nengine = "scripted-recognizer"\nname = "greek"\nlanguages = ["el"]'
    chinese = '[[translator]]\nengine = "scripted-translator"\nname = "chinese"\ninto = ["zh"]'
    translates = 'languages = ["en", "el"]\ninto = ["es", "de"]'
    settings = written(tmp_path, "mine", greek, chinese, recognizer='languages = ["en", "fr"]', translator=translates)
    profile = profiles.build(settings)
    info = profile.interpreter.info
    assert info.hears == {"en", "fr", "el"}
    profile.check(Options("zh", "fr"))
    with pytest.raises(Unsupported, match=r"Spanish \(es\) is not supported .* French into zh"):
        profile.check(Options("es", "fr"))
    assert of_type(await run(profile, Options("de", "el")), TranscriptDone)[0].language == "el"
    made = plan("mine", settings)
    assert made.directions["en", "es"].engines == ("scripted-recognizer", "scripted-translator")
    assert made.directions["el", "de"].engines == ("greek", "scripted-translator")
    assert made.directions["fr", "zh"].engines == ("scripted-recognizer", "chinese")
    assert made.directions["fr", "fr"].engines == ("scripted-recognizer",)
    assert ("fr", "es") not in made.directions
    assert ("ja", "zh") not in made.directions


async def test_settings_of_an_engine_are_given_by_its_name_in_the_profile(tmp_path: Path) -> None:
    other = '[[synthesizer]]\nengine = "scripted-synthesizer"'
    text = CASCADE.format(recognizer='settings = {seed = 1}\nname = "ears"', translator="", synthesizer="") + other
    heard = []
    for engines in ({}, {"ears": {"seed": 2}}, {"scripted-recognizer": {"seed": 2}}):
        profile = profiles.build(saved(tmp_path, text, engines=engines))
        heard.append(of_type(await run(profile, Options("en")), TranscriptDone)[0].text)
    assert heard[0] != heard[1] == heard[2]


async def test_what_one_profile_cannot_do_its_fallback_does(tmp_path: Path) -> None:
    written(tmp_path, "rest")
    settings = saved(
        tmp_path, 'fallback = "rest"\n' + CASCADE.format(recognizer='languages = ["en"]', translator="", synthesizer="")
    )
    profile = profiles.build(settings)
    assert profile.interpreter.info.hears >= {"en", "el"}
    assert of_type(await run(profile, Options("es", "el")), TextDone)
    assert plan("mine", settings).directions["el", "es"].ready


def test_profiles_that_fall_back_on_each_other_are_refused(tmp_path: Path) -> None:
    saved(tmp_path, 'fallback = "mine"\n' + CASCADE.format(recognizer="", translator="", synthesizer=""), "rest")
    settings = saved(tmp_path, 'fallback = "rest"\n' + CASCADE.format(recognizer="", translator="", synthesizer=""))
    for wrong in (lambda: profiles.build(settings), lambda: plan("mine", settings)):
        with pytest.raises(BadSettings, match="falls back on itself"):
            wrong()


def test_weights_that_are_not_there_are_named_with_the_line_to_run(tmp_path: Path) -> None:
    weights = '[weights.tiny]\nrepository = "a/b"\nlicence = "MIT"\n'
    text = CASCADE.format(recognizer="", translator='settings = {modes = "weights:tiny"}', synthesizer="") + weights
    settings = saved(tmp_path, text.replace("scripted-translator", "apertium"))
    made = plan("mine", settings)
    told = [(lack.engine, lack.need.what, lack.need.command) for lack in made.lacks]
    assert ("apertium", "the weights tiny", "livetranslate models pull mine") in told
    assert not made.directions["en", "es"].ready
    with pytest.raises(EngineMissing, match=r"weights tiny.*livetranslate models pull mine"):
        profiles.build(settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speaker = 1", "speaker: Extra inputs are not permitted"),
        ("[[recognizer]]\nengine = 'x'", "a recognizer and a translator are needed together"),
        ("about = 'nothing'", "names neither"),
        ("[[translator]]\nengine = 3", r"translator\[1\].engine"),
        ("[[recognizer]]\nengine = 'x'\nlanguages = ['xx']", "no languages of the catalog: xx"),
        ("[[recognizer]]\nengine = 'x'\nsettings = {key = 'sk-hidden'}", "key_env"),
        ("= 3", "no valid TOML"),
        (CASCADE.format(recognizer="settings = {noise = 1}", translator="", synthesizer=""), "does not take the settings"),
        (CASCADE.format(recognizer="settings = {x = 'weights:none'}", translator="", synthesizer=""), "not listed: none"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=told) as refusal:
        profiles.build(saved(tmp_path, text))
    assert "\n" not in refusal.value.message
    assert "sk-hidden" not in refusal.value.message


def test_an_unknown_profile_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownProfile, match="mine"):
        profiles.build(written(tmp_path).model_copy(update={"profile": "other"}))
    with pytest.raises(UnknownProfile):
        profiles.build(Settings(profile=str(tmp_path / "none.toml")))


def test_an_unknown_engine_is_in_the_plan_but_cannot_be_built(tmp_path: Path) -> None:
    settings = saved(
        tmp_path, CASCADE.format(recognizer="", translator="", synthesizer="").replace("scripted-translator", "none")
    )
    assert "none" in {lack.engine for lack in plan("mine", settings).lacks}
    with pytest.raises(EngineMissing):
        profiles.build(settings)


async def test_text_without_a_language_goes_to_a_profile_that_reads(tmp_path: Path) -> None:
    profile = profiles.build(written(tmp_path))
    async with profile.interpreter as interpreter:
        events = await collect(interpreter.interpret(play([Writing("hello")]), Options("es")))
    assert of_type(events, TextDone)


SOUND = hush(0.3) + tone(1.5) + hush(1.0)


def scripted(**script: Any) -> Settings:
    return Settings(profile="scripted", engines={"scripted": script}, picture_patience=10.0)


def video() -> list[Media]:
    images = [Image(b"%d" % place, 640, 352, place / 2, 0xFFFFFF << 100 * (place // 2)) for place in range(6)]
    items: list[Media] = [*in_chunks(SOUND, range(1600, len(SOUND) // 2, 1600)), *images]
    return sorted(items, key=lambda item: item.start if isinstance(item, Audio) else item.at if isinstance(item, Image) else 0.0)


async def interpreted(chosen: Settings, media: list[Media], options: Options) -> list[Event]:
    profile = build(chosen)
    async with profile.interpreter as interpreter, aclosing(interpreter.interpret(play(media), options)) as events:
        return await collect(events)


def test_a_servers_glossary_that_is_not_in_order_is_told_at_the_start(tmp_path: Path) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\nmask\n", "utf-8")
    with pytest.raises(BadParameter, match="line 2"):
        build(Settings(profile="scripted", glossary=terms))


async def test_a_translator_that_sees_is_shown_the_key_images() -> None:
    options = Options("es", "en", details=True)
    (blind,) = of_type(await interpreted(scripted(), video(), options), TextDone)
    (seeing,) = of_type(await interpreted(scripted(sees=True), video(), options), TextDone)
    assert seeing.text == f"{blind.text} [0.00 1.00]"
    (alone,) = of_type(
        await interpreted(scripted(sees=True), [item for item in video() if isinstance(item, Audio)], options), TextDone
    )
    assert alone.text == blind.text


async def test_the_scripted_reader_reads_what_it_is_told() -> None:
    events = await interpreted(scripted(words=["SURGICAL", "Ward"]), video(), Options("es", "en", details=True))
    (evidence,) = of_type(events, Evidence)
    assert [word.text for word in evidence.words] == ["SURGICAL", "Ward"]
    assert evidence.images == (0.0, 1.0)
