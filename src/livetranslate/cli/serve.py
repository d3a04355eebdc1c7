"""The command `serve`: the HTTP server with a profile, until it is told to stop."""

from typing import Annotated

import typer
from rich.text import Text

from livetranslate import __version__
from livetranslate.cli.keys import opened
from livetranslate.cli.shell import ExitCode, Stop, examples, settings_with, talk
from livetranslate.profiles import build

EPILOG = examples(
    "livetranslate serve                                 # http://127.0.0.1:8000/v1, this machine only",
    "livetranslate serve --port 9000 --profile scripted  # made-up answers in all languages, for building clients",
    "livetranslate keys create phone && livetranslate serve --host 0.0.0.0",
    "LIVETRANSLATE_RATE_LIMIT=100/minute livetranslate serve",
    "LIVETRANSLATE_CONFIG=server.toml livetranslate serve",
)


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where to listen; other than loopback only with API keys.  [127.0.0.1]")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes any that is free.  [8000]")] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Which engines serve; livetranslate engines lists them.  [embedded]")
    ] = None,
) -> None:
    """Serve the API of Qwen3-LiveTranslate-Flash, for OpenAI clients.

    All other settings come from the environment and a TOML file: see docs/reference/settings.md. Ctrl-C and SIGTERM let running
    streams finish; a second one cuts them.
    """
    # here, so that the other commands need not load a web server
    from livetranslate.server import CannotServe, create_app
    from livetranslate.server import serve as run_server

    settings = settings_with(host=host, port=port, profile=profile)
    chosen = build(settings)
    with opened() as keys:
        guarded = keys.required

    def announce(address: str) -> None:
        console = talk()
        console.print(Text(f"livetranslate {__version__} serves the profile {chosen.name} on {address}/v1", style="bold"))
        if chosen.notice:
            console.print(Text(chosen.notice, style="bold yellow"))
        if not guarded:
            console.print("No API key is needed, so it serves this machine alone. For others: livetranslate keys create NAME")

    try:
        failed = run_server(create_app(chosen, settings), settings, on_listening=announce)
    except CannotServe as refusal:
        raise Stop(refusal.message, ExitCode.USAGE) from None
    if failed:
        raise typer.Exit(ExitCode.FAILED)
