"""Subtitles of recordings, and captions of what is being said, on the command line."""

import wave
from pathlib import Path

import pysubs2
import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.may_block


def test_translate_writes_subtitles_in_the_formats_that_are_wanted(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "es", "--text-only", "--subtitles", "srt,vtt,ass")
    assert done.returncode == 0, done.stderr
    said = talk.with_suffix(".es.txt").read_text("utf-8").split()
    for form in ("srt", "vtt", "ass"):
        file = pysubs2.load(str(talk.with_suffix(f".es.{form}")))
        assert " ".join(event.plaintext for event in file).split() == said
        starts = [event.start / 1000 for event in file]
        assert starts == pytest.approx([0.0, 4.0, 8.0], abs=0.3)
        assert all(0 < event.end - event.start <= 7000 for event in file)
    assert "wrote talk.es.srt" in done.stderr


def test_subtitles_in_both_languages(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "zh", "--text-only", "--subtitles", "srt", "--bilingual")
    assert done.returncode == 0, done.stderr
    file = pysubs2.load(str(talk.with_suffix(".zh.srt")))
    below = " ".join(event.plaintext.splitlines()[-1] for event in file)
    assert below.split() == talk.with_suffix(".zh.transcript.txt").read_text("utf-8").split()
    assert all(len(event.plaintext.splitlines()) == 2 for event in file)


def test_another_format_of_subtitles_is_refused_before_anything_is_done(run: Run, talk: Path) -> None:
    done = run("translate", "talk.wav", "--to", "es", "--subtitles", "srt,docx")
    assert done.returncode == 2
    assert "docx is no format of subtitles. There are srt, vtt, ass." in done.stderr
    assert not talk.with_suffix(".es.srt").exists()


def test_captions_of_what_is_being_said(run: Run, talk: Path) -> None:
    with wave.open(str(talk)) as sound:
        pcm = sound.readframes(sound.getnframes())
    done = run("live", "-", "--to", "es", "--subtitles", "said.srt", given=pcm)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.strip() == line and line.endswith(".") for line in lines)
    file = pysubs2.load(str(talk.with_name("said.srt")))
    assert " ".join(event.plaintext for event in file).split() == done.stdout.split()
    assert file[1].start / 1000 == pytest.approx(4.0, abs=0.3)


def test_what_live_cannot_do_is_told_in_a_sentence(run: Run, talk: Path) -> None:
    assert "livetranslate translate FILE" in run("live", "talk.wav", "--to", "es").stderr
    assert "must be named .srt" in run("live", "-", "--to", "es", "--subtitles", "x.doc").stderr
    assert run("live", "-", "--to", "xx").returncode == 2
    done = run("live", "--to", "es", "--device", "no such microphone")
    assert done.returncode == 3, "no microphone, or no library for it: either way it is said"
    assert "microphone" in done.stderr
