"""The docs name everything there is, from events to voices, and their links lead somewhere."""

import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from livetranslate import errors, events, media
from livetranslate.catalog import LANGUAGES, MODELS, VOICES
from livetranslate.cli import app
from livetranslate.engines.registry import names
from livetranslate.errors import LivetranslateError
from livetranslate.profiles import PROFILES
from livetranslate.settings import CONFIG_VARIABLE, PREFIX, Limits, Settings
from tests.house.rooms import ROOT, modules, table

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def lacking(text: str, wanted: typing.Iterable[str]) -> list[str]:
    return [name for name in wanted if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def test_every_event_is_told() -> None:
    kinds = [kind.__name__ for kind in (*typing.get_args(events.Event), *typing.get_args(media.Media))]
    assert lacking(page("reference/events.md"), kinds) == []
    assert lacking(page("design/architecture.md"), kinds) == []


def test_every_error_is_told() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LivetranslateError)]
    kinds.remove(LivetranslateError)
    told = page("reference/errors.md")
    assert lacking(told, [kind.__name__ for kind in kinds]) == []
    assert lacking(told, [kind.code for kind in kinds]) == []
    assert lacking(told, [str(kind.status) for kind in kinds]) == []


def test_every_setting_is_told() -> None:
    names = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields if name != "limits"]
    names += [f"{PREFIX}LIMITS__{name.upper()}" for name in Limits.model_fields]
    assert lacking(page("reference/settings.md"), [*names, CONFIG_VARIABLE]) == []
    fields = {**Settings.model_fields, **Limits.model_fields}
    assert [name for name, field in fields.items() if not field.description] == []


def test_every_engine_language_voice_and_model_is_told() -> None:
    assert lacking(page("reference/engines.md"), names()) == []
    told = page("reference/languages-and-voices.md")
    assert lacking(told, [*LANGUAGES, *(language.name for language in LANGUAGES.values())]) == []
    assert lacking(told, [*VOICES, *(voice.long_name for voice in VOICES.values()), *MODELS]) == []


def test_every_profile_is_told() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert lacking(readme, PROFILES) == []


def test_every_command_is_told() -> None:
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert lacking(page("reference/cli.md"), [f"livetranslate {name}" for name in commands]) == []
    assert lacking((ROOT / "README.md").read_text("utf-8"), ["translate", "serve", "engines", "keys", "usage"]) == []


def test_reference_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_design_notes_are_numbered_and_in_the_index() -> None:
    notes = sorted(path.name for path in (DOCS / "design").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in notes] == list(range(1, len(notes) + 1)), f"not numbered from 0001 without gap: {notes}"
    index = page("design/README.md")
    assert [name for name in notes if f"({name})" not in index] == []


def test_the_glossary_has_the_words_of_the_code() -> None:
    words = [
        "media",
        "audio",
        "image",
        "writing",
        "utterance",
        "transcript",
        "delta",
        "tail",
        "done",
        "voice",
        "engine",
        "profile",
    ]
    words += ["recognizer", "translator", "speech translator", "synthesizer", "interpreter", "usage, tokens", "worker", "ledger"]
    glossary = page("glossary.md")
    assert [word for word in words if f"| {word} |" not in glossary] == []


def test_contributing_names_the_rooms() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    tops = {name.split("/")[0] for name in table()} | {name.split(".")[0] for name in modules() if name}
    assert lacking(told, tops - {"engines"}) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}, which is not there"


def test_the_version_is_in_the_changelog_when_released() -> None:
    told = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", told, re.MULTILINE)
    assert "## [Unreleased]" in told
    assert released == sorted(released, key=lambda version: [int(part) for part in version.split(".")], reverse=True)
