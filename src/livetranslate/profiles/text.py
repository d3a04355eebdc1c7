"""A profile as it is written: TOML files, built in and users' own, and what may stand in them."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from livetranslate.catalog import LANGUAGES
from livetranslate.errors import LivetranslateError
from livetranslate.fidelity import HOLD
from livetranslate.settings import BadSettings, Settings

HERE = Path(__file__).parent
BUILT_IN = ("embedded", "local", "omni", "dashscope", "scripted")
"""The profiles that come with the project, in the order in which they are shown."""
OWN = "profiles"
"""The folder of users' own profiles, in the data folder."""
SECRETS = frozenset({"key", "api_key", "password", "token"})

Roles = Literal["recognizer", "translator", "speech_translator", "synthesizer", "interpreter", "reader"]


class UnknownProfile(LivetranslateError):
    """No profile of that name; the message lists those there are."""


def _known(codes: tuple[str, ...]) -> tuple[str, ...]:
    if strangers := [code for code in codes if code not in LANGUAGES]:
        raise ValueError(f"no languages of the catalog: {', '.join(strangers)}")
    return codes


def _no_secrets(settings: dict[str, Any]) -> dict[str, Any]:
    if found := SECRETS & settings.keys():
        raise ValueError(f"{', '.join(sorted(found))} does not belong in a profile: name an environment variable in key_env")
    return settings


Codes = Annotated[tuple[str, ...], AfterValidator(_known)]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class _Text(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Entry(_Text):
    """An engine in a profile. Entries of a role stand in order of preference: the first that can do it does it."""

    engine: str = Field(description="The engine's name, as `livetranslate engines` lists it.")
    name: str = Field("", description="What `[engines.NAME]` in the settings calls it; the engine's name if left out.")
    languages: Codes = Field((), description="Use it for these languages only: heard, spoken, or translated from.")
    into: Codes = Field((), description="Use it for translations into these languages only.")
    when: str = Field("", description="Use it only where its settings have this one, and it is not false or empty.")
    unless: str = Field("", description="Use it only where its settings do not have this one, or it is false or empty.")
    optional: bool = Field(False, description="Go without it where it is not installed.")
    guard: Literal["answers", "loops", "off"] = Field(
        "answers", description="What a translator is watched for: answers instead of translations, endless repetition, nothing."
    )
    hold: int = Field(HOLD, ge=0, description="Characters of a translation that are held back until it is believed.")
    run: str = Field("", description="The line that starts the server it talks to, shown by `livetranslate engines`.")
    settings: Annotated[dict[str, Any], AfterValidator(_no_secrets)] = Field(
        {}, description="What the engine takes. `weights:NAME` stands for the folder of those weights."
    )

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or self.engine


class Weights(_Text):
    """Weights that a profile needs, as a hub has them."""

    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="Who/what on the hub.")
    revision: str = Field("main", description="A commit or branch.")
    files: tuple[str, ...] = Field(("*",), description="Patterns of the files that are needed.")
    licence: str = Field(description="The licence of the weights.")
    commercial: bool = Field(True, description="Whether that licence allows commercial use.")
    megabytes: int = Field(0, ge=0, description="About how much is downloaded.")


class Text(_Text):
    """All that a profile's file may hold."""

    about: str = Field("", description="One sentence: whom it is for.")
    notice: str = Field("", description="What people are told at every start.")
    vad: Names = Field(("silero", "webrtc"), description="Engines that tell speech from silence: the first installed is used.")
    pace: Literal["usual", "light"] = Field(
        "usual", description="How live speech is cut: light for a recognizer that works almost as long as people speak."
    )
    detect_text: bool = Field(True, description="Tell the language of text that comes in without one.")
    recognizer: tuple[Entry, ...] = ()
    translator: tuple[Entry, ...] = ()
    speech_translator: tuple[Entry, ...] = ()
    synthesizer: tuple[Entry, ...] = ()
    interpreter: tuple[Entry, ...] = ()
    reader: tuple[Entry, ...] = Field((), description="Who reads the words on images: the first that is installed.")
    fallback: Names = Field((), description="Profiles that take over what this one cannot do, or failed before its first word.")
    weights: dict[str, Weights] = Field({}, description="Weights by the name of their folder.")

    def entries(self) -> list[tuple[Roles, Entry]]:
        """Every engine with its role."""
        roles: tuple[Roles, ...] = ("interpreter", "speech_translator", "recognizer", "translator", "synthesizer", "reader")
        return [(role, entry) for role in roles for entry in getattr(self, role)]


def names(settings: Settings) -> list[str]:
    """The profiles there are, the user's own last."""
    own = sorted(path.stem for path in (settings.data_dir / OWN).glob("*.toml"))
    return [*BUILT_IN, *(name for name in own if name not in BUILT_IN)]


def find(name: str, settings: Settings) -> Path:
    """The file of a profile: a path that ends in .toml, one of the user's own, or one that is built in."""
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise UnknownProfile("There is no such profile file.")
        return path
    if name in BUILT_IN:
        return HERE / f"{name}.toml"
    if name in names(settings):
        return settings.data_dir / OWN / f"{name}.toml"
    raise UnknownProfile(f"There is no profile called {name!r}. Profiles: {', '.join(names(settings))}.")


def read(name: str, settings: Settings) -> Text:
    """The profile of that name; raises `UnknownProfile`, or `BadSettings` in one sentence for what is wrong in the file."""
    path = find(name, settings)
    try:
        text = Text.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as wrong:
        told = "; ".join(f"{_place(error['loc'])}: {error['msg']}" for error in wrong.errors())
        raise BadSettings(f"Wrong profile {path.name}: {told}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadSettings(f"The profile {path.name} is no valid TOML.") from None
    except OSError:
        raise UnknownProfile(f"The profile file {path.name} cannot be read.") from None
    _check_whole(path.name, text)
    return text


def _place(path: tuple[int | str, ...]) -> str:
    """Where in the file: `translator[2].engine`."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _check_whole(file: str, text: Text) -> None:
    """Raises `BadSettings` if the engines named do not make an interpreter."""
    cascade = bool(text.recognizer or text.translator)
    if cascade and not (text.recognizer and text.translator):
        raise BadSettings(f"Wrong profile {file}: a recognizer and a translator are needed together.")
    if not (cascade or text.speech_translator or text.interpreter):
        raise BadSettings(
            f"Wrong profile {file}: it names neither recognizer and translator, nor speech_translator, nor interpreter."
        )
    if (cascade or text.speech_translator) and not text.synthesizer:
        raise BadSettings(f"Wrong profile {file}: it names no synthesizer.")
