"""The files that a translation leaves: speech as WAV, the translation and the transcript as text."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self, TextIO
from urllib.parse import unquote, urlsplit

from livetranslate.events import AudioDelta, Event, TextDelta, TextDone, TranscriptDone
from livetranslate.media import SPEAKING_RATE, wav_header
from livetranslate.subtitles import Cue, Subtitler, written

_HEADER = 44
_LARGEST = 2**32 - 1 - _HEADER
"""Bytes that a WAV header can tell."""
STDIN = "-"


def is_url(source: str) -> bool:
    """Whether a source is to be fetched rather than opened."""
    return source.lower().startswith(("http://", "https://", "data:"))


def stem(source: str) -> str:
    """The name that the files of a source begin with."""
    if source == STDIN:
        return "stdin"
    if source.lower().startswith("data:"):
        return "data"
    name = unquote(urlsplit(source).path).rstrip("/").rpartition("/")[2] if is_url(source) else Path(source).name
    safe = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in Path(name).stem).strip(". ")
    return safe[:120] or "recording"


def names(sources: Iterable[str]) -> list[str]:
    """A name for each source, told apart by a number where two would be the same."""
    given: list[str] = []
    for source in sources:
        name = wanted = stem(source)
        number = 2
        while name in given:
            name, number = f"{wanted}-{number}", number + 1
        given.append(name)
    return given


@dataclass(frozen=True, slots=True)
class Wanted:
    """The subtitles that are wanted: formats, and whether what was heard stands below its translation."""

    formats: tuple[str, ...] = ()
    both: bool = False


NO_SUBTITLES = Wanted()


class Outputs:
    """The files of one source, filled as events pass: NAME.es.wav, .txt, .transcript.txt, and subtitles if wanted."""

    def __init__(self, folder: Path, name: str, target: str, *, spoken: bool, subtitles: Wanted = NO_SUBTITLES) -> None:
        self._audio_path = folder / f"{name}.{target}.wav" if spoken else None
        self._text_path = folder / f"{name}.{target}.txt"
        self._transcript_path = folder / f"{name}.{target}.transcript.txt"
        self._audio: BinaryIO | None = None
        self._text: TextIO | None = None
        self._transcript: TextIO | None = None
        self._pcm_bytes = 0
        self._subtitle_paths = {form: folder / f"{name}.{target}.{form}" for form in subtitles.formats}
        self._subtitler = Subtitler(target, both=subtitles.both)
        self._cues: list[Cue] = []

    @property
    def paths(self) -> list[Path]:
        """The files, speech first."""
        files = (self._audio_path, self._text_path, self._transcript_path, *self._subtitle_paths.values())
        return [path for path in files if path is not None]

    def in_the_way(self) -> list[Path]:
        """Files that are there already and would be written over."""
        return [path for path in self.paths if path.exists()]

    def __enter__(self) -> Self:
        self._text_path.parent.mkdir(parents=True, exist_ok=True)
        self._text = self._text_path.open("w", encoding="utf-8")
        self._transcript = self._transcript_path.open("w", encoding="utf-8")
        if self._audio_path is not None:
            self._audio = self._audio_path.open("wb")
            self._audio.write(wav_header(0, SPEAKING_RATE))
        return self

    def __exit__(self, *exc: object) -> None:
        """Closes all; the WAV's header tells the length that was reached, the subtitles what was said until then."""
        self._cues.extend(self._subtitler.rest())
        for form, path in self._subtitle_paths.items():
            path.write_text(written(self._cues, form), "utf-8")
        if self._audio is not None:
            self._audio.seek(0, os.SEEK_SET)
            self._audio.write(wav_header(min(self._pcm_bytes, _LARGEST), SPEAKING_RATE))
        for file in (self._audio, self._text, self._transcript):
            if file is not None:
                file.close()

    def write(self, event: Event) -> None:
        """Keeps what an event brings, at once, so that an interrupted run leaves all that was done."""
        if self._subtitle_paths:
            self._cues.extend(self._subtitler.push(event))
        if isinstance(event, AudioDelta) and self._audio is not None:
            self._audio.write(event.audio.pcm)
            self._pcm_bytes += len(event.audio.pcm)
        elif isinstance(event, TextDelta | TextDone) and self._text is not None:
            print(event.text if isinstance(event, TextDelta) else "\n", end="", file=self._text, flush=True)
        elif isinstance(event, TranscriptDone) and self._transcript is not None and event.text.strip():
            print(event.text.strip(), file=self._transcript, flush=True)
