"""All settings in one frozen object, from the environment (LIVETRANSLATE_…) and a TOML file."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from livetranslate.errors import LivetranslateError

PREFIX = "LIVETRANSLATE_"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "livetranslate"


def _split(value: Any) -> Any:
    """A comma-separated text as a tuple; lists as they are."""
    return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value


List = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Limits(BaseModel):
    """What one request, one key and the whole server may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_bytes: int = Field(16 * 1024 * 1024, gt=0, description="Largest request body in bytes; above it 413.")
    header_seconds: float = Field(10.0, gt=0, description="Seconds for the request line and headers to arrive.")
    body_seconds: float = Field(60.0, gt=0, description="Seconds for the whole body to arrive; then 408.")
    data_url_chars: int = Field(10_485_760, gt=0, description="Longest data URL in characters (the seed's limit).")
    fetch_bytes: int = Field(100_000_000, gt=0, description="Largest audio file fetched by URL, in bytes.")
    fetch_video_bytes: int = Field(256_000_000, gt=0, description="Largest video file fetched by URL, in bytes.")
    fetch_seconds: float = Field(60.0, gt=0, description="Seconds for a whole fetch.")
    fetch_first_byte_seconds: float = Field(10.0, gt=0, description="Seconds until a fetched server must begin to answer.")
    decode_memory_bytes: int = Field(1 << 30, gt=0, description="Address space of a decode worker, in bytes.")
    header_bytes: int = Field(65_536, gt=0, description="Largest request line and headers in bytes; above it 431.")
    headers: int = Field(100, gt=0, description="Most headers of a request; above it 431.")
    bodies_bytes: int = Field(256 * 1024 * 1024, gt=0, description="Bytes of bodies held at once; a request over it gets 503.")
    connections: int = Field(2048, gt=0, description="Open connections; more get 503 at once.")
    running: int = Field(16, ge=0, description="Requests that run at once on this server; 0: all get 503 (maintenance).")
    waiting: int = Field(64, ge=0, description="Requests that wait for a place; more get 503.")
    waiting_seconds: float = Field(60.0, gt=0, description="Seconds to wait for a place; then 503.")
    key_running: int = Field(4, gt=0, description="Requests of one key that run at once.")
    key_waiting: int = Field(16, ge=0, description="Requests of one key that wait; more get 429.")
    admit_seconds: float = Field(
        1.0, ge=0, description="Seconds to wait for a first word before a stream begins, so that what fails at once is a status."
    )
    stalled_reader_seconds: float = Field(30.0, gt=0, description="Seconds a reader may take no byte; then it is cut off.")
    session_seconds: float = Field(
        7200.0, gt=0, description="Longest realtime session in seconds; then it is finished and closed."
    )
    session_backlog_seconds: float = Field(
        60.0, gt=0, description="Seconds of sound that wait in a realtime session; until there is room, no more is read."
    )
    engine_seconds: float = Field(120.0, gt=0, description="Seconds an engine may be silent before its request fails.")
    drain_seconds: float = Field(300.0, ge=0, description="Seconds that running streams get after SIGTERM.")


class Settings(BaseSettings):
    """Everything an operator can set. Environment beats file; lists are comma-separated in the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="ignore", nested_model_default_partial_update=True
    )

    profile: str = Field(
        "embedded",
        description="Which engines serve: a built-in profile, one of DATA_DIR/profiles, or a path that ends in .toml.",
    )
    api_keys: List = Field((), description="Static API keys, beside those made by `livetranslate keys create`.")
    data_dir: Path = Field(default_factory=_default_data_dir, description="Folder of the key and usage database.")
    host: str = Field("127.0.0.1", description="Address to listen on. Without any key only loopback is allowed.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    allowed_hosts: List = Field(
        (), description="Host names that clients may use, beside loopback; empty: any, once there are keys."
    )
    rate_limit: str = Field("off", description="Requests per key, such as 100/minute; more get 429 limit_requests.")
    burst_limit: str = Field("off", description="Requests per key at once, such as 10/second; more get 429 limit_burst_rate.")
    token_limit: str = Field("off", description="Tokens per key, such as 100000/minute; more get 429 insufficient_quota.")
    cumulative_usage: bool = Field(
        False, description="Let each response of a realtime session count all before it too, as the seed's service does."
    )
    strict: bool = Field(False, description="Refuse non-streaming requests, as the seed's own guide demands.")
    fetch_allow: List = Field((), description="Hosts or networks that URLs may name though private, such as 10.0.0.0/8.")
    fetch_ports: List = Field(("80", "443"), description="Ports that URLs may name (any port on allowed hosts).")
    audio_track: int = Field(
        0,
        ge=0,
        description="Which sound of files with several is heard, from 1. 0: their default one, as where there are not so many.",
    )
    glossary: Path | None = Field(None, description="CSV file of terms for all requests; those of a request come first.")
    picture_patience: float = Field(
        0.04, ge=0, description="Seconds for each second of speech that a text waits for its pictures to be read."
    )
    metrics: bool = Field(True, description="Serve /metrics (Prometheus).")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    limits: Limits = Field(Limits(), description="See the table of limits.")
    engines: dict[str, dict[str, Any]] = Field({}, description="Settings of engines by name: [engines.NAME].")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get(CONFIG_VARIABLE)
        sources = (init_settings, env_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, Path(file))) if file else sources


class BadSettings(LivetranslateError):
    """A setting is wrong; the message names it and never quotes its value, which may be a key."""


def load(**overrides: Any) -> Settings:
    """The settings of this process, `overrides` first; raises `BadSettings` in one sentence for all that is wrong."""
    file = os.environ.get(CONFIG_VARIABLE)
    if file and not Path(file).is_file():
        raise BadSettings(f"{CONFIG_VARIABLE} names a file that is not there.")
    try:
        return Settings(**overrides)
    except ValidationError as wrong:
        told = "; ".join(f"{_shown(error['loc'])}: {error['msg']}" for error in wrong.errors())
        raise BadSettings(f"Wrong settings: {told}.") from None
    except tomllib.TOMLDecodeError:
        raise BadSettings(f"The file that {CONFIG_VARIABLE} names is no valid TOML.") from None
    except SettingsError:
        raise BadSettings("A setting in the environment cannot be read: tables must be JSON.") from None


def _shown(path: tuple[int | str, ...]) -> str:
    """A setting as its environment variable."""
    return PREFIX + "__".join(str(part).upper() for part in path)
