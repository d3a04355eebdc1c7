"""The commands: translate, live, serve, engines, models, tokens, keys, usage, version."""

from typing import Annotated

import typer

from livetranslate import __version__
from livetranslate.cli import engines, keys, live, models, serve, tokens, translate, usage
from livetranslate.cli.shell import MEANINGS, Commands, block, examples

EPILOG = examples(
    "livetranslate translate talk.mp3 --to es",
    "livetranslate serve",
    "livetranslate engines",
    "livetranslate translate --help",
)

app = typer.Typer(
    name="livetranslate",
    cls=Commands,
    help="Speech in, translated text and speech out: on the command line, or as a server that OpenAI clients can use.",
    epilog=f"{EPILOG}\n\n{block('Exit status:', (f'{code.value:<4} {meaning}' for code, meaning in MEANINGS.items()))}",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def livetranslate(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=lambda asked: _show_version(asked), help="Print the version.")
    ] = False,
) -> None:
    """What holds for all commands."""


def _show_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


def version() -> None:
    """Print the version."""
    print(__version__)


app.command(epilog=translate.EPILOG)(translate.translate)
app.command(epilog=live.EPILOG)(live.live)
app.command(epilog=serve.EPILOG)(serve.serve)
app.command(epilog=engines.EPILOG)(engines.engines)
app.command(epilog=tokens.EPILOG)(tokens.tokens)
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.command(epilog=usage.EPILOG)(usage.usage)
app.command()(version)


def main() -> None:
    """The program `livetranslate`."""
    app()
