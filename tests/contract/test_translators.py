"""The translators that are installed, held to their contract; Apertium's pipelines under attack, hung, killed and idle."""

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from time import monotonic

import psutil
import pytest

from livetranslate.engines import Translator
from livetranslate.engines.apertium import Apertium
from livetranslate.engines.apertium.choice import chrf
from livetranslate.engines.apertium.paths import CODES, PACKAGE_OF, PATHS
from livetranslate.engines.apertium.pipeline import Pipelines
from livetranslate.engines.apertium.sentences import safe
from livetranslate.engines.scripted import ScriptedTranslator
from livetranslate.errors import EngineError, EngineTimeout
from tests.contract.translators import TranslatorContract, pieces, said

installed = pytest.mark.skipif(
    bool(Apertium.needs()), reason=f"apertium lacks {', '.join(need.what for need in Apertium.needs())}"
)


class TestScriptedTranslator(TranslatorContract):
    @pytest.fixture
    def made(self) -> Translator:
        return ScriptedTranslator()


@installed
@pytest.mark.embedded
class TestApertium(TranslatorContract):
    @pytest.fixture
    def made(self) -> Translator:
        return Apertium(round_trip=())

    async def test_it_gives_a_piece_for_each_sentence(self, engine: Translator) -> None:
        given = await pieces(engine, "Good morning. My name is Anna.\nWhere is the station? I live here.", "en", "es")
        assert given == ["Buenos días. ", "Me llamo Anna.\n", "¿Dónde está la estación? ", "Vivo aquí."]

    async def test_the_same_language_stays(self, engine: Translator) -> None:
        assert await pieces(engine, "Hola. ¿Qué tal?", "es", "es") == ["Hola. ¿Qué tal?"]
        assert await pieces(engine, "", "es", "es") == []

    async def test_nothing_is_nothing(self, engine: Translator) -> None:
        for text in ("", "  ", "\n\n"):
            assert await said(engine, text, "en", "it") == ""
        assert await said(engine, "...", "en", "it") == "..."

    async def test_a_direction_is_made_ready_once(self, engine: Apertium) -> None:
        before = len(psutil.Process().children())
        await engine.prepare("en", "ja")  # nothing to start: `translate` refuses it
        assert len(psutil.Process().children()) == before
        await engine.prepare("en", "es")
        assert len(psutil.Process().children()) == before + 2  # through Catalan
        assert await said(engine, "Good morning.", "en", "es") == "Buenos días."
        assert len(psutil.Process().children()) == before + 2

    async def test_a_long_text_is_translated_to_its_end(self, engine: Translator) -> None:
        text = " ".join(f"He has {number} books." for number in range(200))
        given = await pieces(engine, text, "en", "pt")
        assert len(given) == 200
        assert "199" in given[-1]

    async def test_there_and_back_again(self, engine: Translator) -> None:
        """All twenty directions keep the sense well enough that the way back shares most letters with the source."""
        sentences = {
            "en": "The city is very beautiful and the people are friendly.",
            "es": "La ciudad es muy bonita y la gente es amable.",
            "fr": "La ville est très belle et les gens sont aimables.",
            "it": "La città è molto bella e la gente è gentile.",
            "pt": "A cidade é muito bonita e as pessoas são amáveis.",
        }
        for source, target in permutations(CODES, 2):
            there = await said(engine, sentences[source], source, target)
            assert chrf(there, sentences[target]) > 0.45, (source, target, there)
            assert chrf(await said(engine, there, target, source), sentences[source]) > 0.45, (source, target, there)

    async def test_words_nobody_knows_and_addresses_pass_unharmed(self, engine: Translator) -> None:
        given = await said(engine, "Write to anna_b@example.com or see https://example.com/a?b=c.", "en", "fr")
        assert "anna_b@example.com" in given
        assert "https://example.com/a?b=c" in given
        given = await said(engine, "The Blorptown gazette is here.", "en", "it")
        assert "Blorptown" in given
        assert not set("*#@^$/[]{}\\").intersection(given)

    async def test_lower_case_speech_gets_its_capitals(self, engine: Translator) -> None:
        assert await said(engine, "i live in london", "en", "es") == "Vivo en Londres"
        assert await said(engine, "where did you learn italian", "en", "es") == "¿Dónde aprendiste italiano?"

    async def test_the_better_of_two_paths_is_kept(self) -> None:
        text = "The minister said that the government had decided to reduce the taxes on oil and gas for the next year."
        async with Apertium(round_trip=("en-es",)) as choosing:
            chosen = await said(choosing, text, "en", "es")
            each = {(await choosing._by(path, text, "en", "es"))[0] for path in PATHS["en", "es"]}
        assert len(each) == 2
        assert chosen in each


@pytest.fixture
async def pipelines() -> AsyncIterator[Pipelines]:
    opened = Pipelines(Path("/usr/share/apertium/modes"), copies=1, within=10.0, idle=60.0)
    yield opened
    await opened.aclose()


_ALPHABET = "^$@/[]{}<>\\*#+~_=|&%\"'`´¨·¿?¡!.,;:-–— \t\n\x00\x01\x7f\u200b\u202e0123456789abcdefzABCñçàéŁßø€£日本語🎉()"


@installed
@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_no_text_hangs_a_mode(pipelines: Pipelines) -> None:
    """Six hundred random strings through every mode in use."""
    chance = random.Random(20)
    strings = ["".join(chance.choices(_ALPHABET, k=chance.randint(0, 60))) for _ in range(600)]

    async def all_through(mode: str) -> None:
        for string in strings:
            await pipelines.ask(mode, safe(string))
        assert await pipelines.ask(mode, "1") == "1"

    modes = sorted({mode for paths in PATHS.values() for path in paths for mode in path})
    assert set(modes) <= PACKAGE_OF.keys()
    for at in range(0, len(modes), 4):
        await asyncio.gather(*(all_through(mode) for mode in modes[at : at + 4]))


def mode(folder: Path, name: str, script: str) -> None:
    """A mode of one program, which is a shell script."""
    program = folder / f"{name}.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    (folder / f"{name}.mode").write_text(f"'{program}' $1 $2\n")


async def test_a_mode_that_hangs_is_killed_in_time_and_starts_anew(tmp_path: Path) -> None:
    mode(tmp_path, "odd", "exec cat")
    opened = Pipelines(tmp_path, copies=1, within=0.3, idle=60.0)
    try:
        assert await opened.ask("odd", "one") == "one"
        for child in psutil.Process().children(recursive=True):
            child.suspend()
        started = monotonic()
        with pytest.raises(EngineTimeout):
            await opened.ask("odd", "two")
        assert monotonic() - started < 5
        assert await opened.ask("odd", "three") == "three"
    finally:
        await opened.aclose()
    assert not psutil.Process().children(recursive=True)


async def test_a_mode_that_died_is_started_again_once(tmp_path: Path) -> None:
    mode(tmp_path, "mortal", "exec cat")
    opened = Pipelines(tmp_path, copies=1, within=5.0, idle=60.0)
    try:
        assert await opened.ask("mortal", "one") == "one"
        for child in psutil.Process().children(recursive=True):
            child.kill()
        assert await opened.ask("mortal", "two") == "two"
        mode(tmp_path, "mortal", "exit 1")
        for child in psutil.Process().children(recursive=True):
            child.kill()
        with pytest.raises(EngineError):
            await opened.ask("mortal", "three")
    finally:
        await opened.aclose()


async def test_an_idle_mode_ends_and_comes_back(tmp_path: Path) -> None:
    mode(tmp_path, "rare", "exec cat")
    opened = Pipelines(tmp_path, copies=1, within=5.0, idle=0.1)
    try:
        assert await opened.ask("rare", "one") == "one"
        assert opened.running == {"rare"}
        async with asyncio.timeout(5):
            while psutil.Process().children(recursive=True):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert opened.running == frozenset()
        assert await opened.ask("rare", "two") == "two"
    finally:
        await opened.aclose()


async def test_copies_work_side_by_side(tmp_path: Path) -> None:
    mode(tmp_path, "slow", 'exec python3 -u -c "import sys,time\nfor c in iter(lambda: sys.stdin.buffer.read(1), b\'\'):\n'
         ' if c == bytes(1): time.sleep(0.3)\n sys.stdout.buffer.write(c)\n sys.stdout.buffer.flush()"')  # fmt: skip
    opened = Pipelines(tmp_path, copies=2, within=10.0, idle=60.0)
    try:
        await asyncio.gather(opened.ask("slow", "a"), opened.ask("slow", "b"))
        started = monotonic()
        assert list(await asyncio.gather(opened.ask("slow", "a"), opened.ask("slow", "b"))) == ["a", "b"]
        assert monotonic() - started < 0.55
    finally:
        await opened.aclose()


async def test_a_missing_mode_is_an_engine_error(tmp_path: Path) -> None:
    opened = Pipelines(tmp_path, copies=1, within=5.0, idle=60.0)
    with pytest.raises(EngineError):
        await opened.ask("absent", "one")
    await opened.aclose()


def test_what_is_missing_comes_with_one_command() -> None:
    needs = Apertium.needs()
    assert len({need.command for need in needs}) == min(1, len(needs))
    assert all(need.command.startswith("sudo apt-get install") for need in needs)
