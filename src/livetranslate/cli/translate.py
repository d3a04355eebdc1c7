"""The command `translate`: files and URLs to text and speech, in this process, by the same rooms as the server."""

import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from livetranslate.catalog import SPOKEN, VOICES, find_language, find_voice
from livetranslate.cli.doors import Doors
from livetranslate.cli.outputs import Outputs, Wanted, is_url, names
from livetranslate.cli.shell import ExitCode, Sources, Stop, examples, run, settings_with, talk
from livetranslate.cli.tally import Tally
from livetranslate.cli.terminal import PipedView, TerminalView
from livetranslate.cli.views import JsonView, PlainView, Summary, View
from livetranslate.engines import Interpreter, Profile
from livetranslate.errors import BadParameter, InternalError, LivetranslateError, Unsupported
from livetranslate.events import Event, Options
from livetranslate.glossary.files import read_csv
from livetranslate.meter import Meter
from livetranslate.profiles import build
from livetranslate.settings import Settings
from livetranslate.streams import Stream
from livetranslate.subtitles import FORMATS

UNLIMITED = sys.maxsize
"""Tokens, where nobody is billed."""

EPILOG = examples(
    "livetranslate translate talk.mp3 --to es   # speech and text of the talk in Spanish",
    "livetranslate translate talk.mp3 --to fr --voice Ethan -o out",
    "livetranslate translate *.wav --to it --text-only   # several files, no speech",
    "livetranslate translate https://example.com/talk.ogg --to Portuguese",
    "livetranslate translate talk.mp4 --to es --subtitles srt,vtt --bilingual",
    "livetranslate translate talk.mp3 --to es --text-only > talk.txt",
    "livetranslate translate talk.mp3 --to es --json | jq .   # one event a line",
    "livetranslate translate talk.mp4 --to es --glossary terms.csv   # terms and how they must be translated",
    "ffmpeg -i talk.mkv -f wav - | livetranslate translate - --to es",
)


@dataclass(frozen=True, slots=True)
class Job:
    """A source, and the files that it becomes."""

    source: str
    outputs: Outputs


def translate(
    sources: Sources,
    to: Annotated[str, typer.Option("--to", metavar="LANGUAGE", help="Language to translate into: a code or an English name.")],
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANGUAGE", help="Language that is spoken; left out, it is detected.")
    ] = None,
    voice: Annotated[
        str | None, typer.Option(metavar="VOICE", help="Who speaks the translation; left out, one made for the language.")
    ] = None,
    text_only: Annotated[bool, typer.Option("--text-only", help="No speech: neither made nor written.")] = False,
    speech_rate: Annotated[
        float, typer.Option("--speech-rate", min=0.5, max=2.0, help="Pace of the speech; 1 is the voice's own.")
    ] = 1.0,
    subtitles: Annotated[
        str | None, typer.Option(metavar="FORMATS", help="Write subtitles too: srt, vtt, ass, or several with commas between.")
    ] = None,
    bilingual: Annotated[
        bool, typer.Option("--bilingual", help="In the subtitles, put what was said below its translation.")
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the files that are written.")
    ] = Path(),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over files of an earlier run.")] = False,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Which engines do it; livetranslate engines lists them.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Cut the translation after so many tokens, as the API does.")
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option("--glossary", metavar="FILE.csv", help="Terms and how they must be translated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as a JSON object on a line of its own.")] = False,
) -> None:
    """Translate recordings into text and speech.

    The translation appears as it is made. NAME.LANGUAGE.wav (24 kHz), NAME.LANGUAGE.txt and NAME.LANGUAGE.transcript.txt are
    written. In a pipe, standard output carries the translation alone.
    """
    settings = settings_with(profile=profile)
    wanted = Wanted(_formats(subtitles), bilingual)
    options = _options(to, source, voice, text_only, speech_rate, max_tokens)
    options = replace(options, spans=bool(wanted.formats), glossary=read_csv(glossary) if glossary else ())
    chosen = build(settings)
    _check_languages(chosen, options)
    jobs = _jobs(sources, output, options, chosen, wanted)
    _check(jobs, overwrite)
    _give_notice(view := _view(as_json), chosen, options)
    if run(_translate_all(jobs, options, settings, chosen, view)):
        raise typer.Exit(ExitCode.FAILED)


def _jobs(sources: Sequence[str], folder: Path, options: Options, profile: Profile, wanted: Wanted) -> list[Job]:
    """The sources with their files."""
    spoken = _is_spoken(options, profile)
    return [
        Job(name, Outputs(folder, file, options.target, spoken=spoken, subtitles=wanted))
        for name, file in zip(sources, names(sources), strict=True)
    ]


def _is_spoken(options: Options, profile: Profile) -> bool:
    return options.voice is not None and options.target in SPOKEN & profile.interpreter.info.speaks


def _give_notice(view: View, profile: Profile, options: Options) -> None:
    if profile.notice:
        view.notice(profile.notice)
    if options.voice is not None and not _is_spoken(options, profile):
        view.notice(f"{options.target} cannot be spoken by the profile {profile.name}: text only.")


def _options(to: str, source: str | None, voice: str | None, text_only: bool, rate: float, max_tokens: int | None) -> Options:
    """The options by their names on the command line."""
    target = find_language(to, "--to")
    heard = find_language(source, "--from") if source is not None else None
    speaker = None if text_only else find_voice(voice).name if voice is not None else voice_for(target)
    return Options(target, heard, speaker, rate, UNLIMITED if max_tokens is None else max_tokens)


def _formats(subtitles: str | None) -> tuple[str, ...]:
    """The formats of subtitles by their names; raises `BadParameter` for another."""
    names = [name.strip().lower() for name in (subtitles or "").split(",") if name.strip()]
    if unknown := [name for name in names if name not in FORMATS]:
        raise BadParameter(f"--subtitles: {unknown[0][:20]} is no format of subtitles. There are {', '.join(FORMATS)}.")
    return tuple(dict.fromkeys(names))


def voice_for(language: str) -> str:
    """The first voice that is made for a language, else the first of all."""
    return next((voice.name for voice in VOICES.values() if language in voice.languages), next(iter(VOICES)))


def _check_languages(profile: Profile, options: Options) -> None:
    """As `Profile.check`, in the words of the command line."""
    try:
        profile.check(options)
    except Unsupported as refusal:
        told = refusal.message.replace("translation_options.target_lang", "--to")
        raise Unsupported(told.replace("translation_options.source_lang", "--from")) from None


def _check(jobs: Sequence[Job], overwrite: bool) -> None:
    """Raises `Stop` before anything is begun if a file is not there, or one that is would be written over."""
    for job in jobs:
        if job.source != "-" and not is_url(job.source) and not Path(job.source).is_file():
            raise Stop(f"There is no file {job.source}", ExitCode.USAGE)
    if not overwrite and (taken := [str(path) for job in jobs for path in job.outputs.in_the_way()]):
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise Stop(f"{taken[0]}{more} would be written over. Add --overwrite, or -o DIR for another folder.", ExitCode.USAGE)


def _view(as_json: bool) -> View:
    """The view that fits where the output goes."""
    console = talk()
    if as_json:
        return JsonView()
    if not console.is_terminal:
        return PlainView()
    return TerminalView(console) if sys.stdout.isatty() else PipedView(console)


async def _translate_all(jobs: Sequence[Job], options: Options, settings: Settings, profile: Profile, view: View) -> int:
    """Translates one after the other; returns how many failed."""
    failed = 0
    async with AsyncExitStack() as stack:
        doors = await stack.enter_async_context(Doors(settings))
        interpreter = await stack.enter_async_context(profile.interpreter)
        for job in jobs:
            try:
                await _translate_one(job, options, doors, interpreter, view)
            except LivetranslateError as error:
                view.fail(job.source, error)
                failed += 1
    return failed


async def _translate_one(job: Job, options: Options, doors: Doors, interpreter: Interpreter, view: View) -> None:
    """Opens a source, translates it, shows and writes what comes; tells the summary also when it is stopped half-way."""
    meter = Meter(input_limit=UNLIMITED)
    async with doors.clip(job.source) as clip:
        tally = Tally(clip.seconds, time.monotonic(), meter)
        view.begin(job.source, tally, options)
        events = meter.see(interpreter.interpret(meter.hear(clip.media()), options), options.max_tokens)
        try:
            with job.outputs as outputs:
                await _follow(events, tally, outputs, view)
        except LivetranslateError:
            raise
        except Exception as bug:  # a shell: a bug of one file must not lose the others, and its text is not for people
            raise InternalError from bug
        finally:
            view.end(Summary(job.source, tally, tally.took(time.monotonic()), tuple(job.outputs.paths)))


async def _follow(events: Stream[Event], tally: Tally, outputs: Outputs, view: View) -> None:
    async with aclosing(events):
        async for event in events:
            tally.see(event, time.monotonic())
            outputs.write(event)
            view.show(event)
