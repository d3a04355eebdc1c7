"""The command line's own arithmetic and views; what the commands do as a whole is in tests/cli."""

import io
import json
import time
import wave
from pathlib import Path

import pytest
import typer
from rich.console import Console

from livetranslate.cli.outputs import Outputs, is_url, names, stem
from livetranslate.cli.shell import Commands, ExitCode, Stop, exit_code, hint
from livetranslate.cli.tally import Tally, clock_face
from livetranslate.cli.terminal import TerminalView, progress_line
from livetranslate.cli.translate import voice_for
from livetranslate.cli.usage import moment
from livetranslate.cli.views import JsonView, PlainView, Summary, sentences, shorten, snake, usage_json
from livetranslate.engines.registry import EngineMissing
from livetranslate.errors import BadMedia, BadParameter, BadUrl, EngineError, Unsupported
from livetranslate.events import (
    AudioDelta,
    Event,
    Finished,
    Options,
    SpeechStarted,
    SpeechStopped,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
    Usage,
)
from livetranslate.media import SPEAKING_RATE, Audio
from livetranslate.meter import Meter
from livetranslate.profiles import UnknownProfile
from livetranslate.settings import BadSettings
from tests.support import tone

EVENTS: tuple[Event, ...] = (
    SpeechStarted(1.0),
    TranscriptDelta(0, "", "good mor"),
    TranscriptDone(0, "Good morning.", "en"),
    TextDelta(0, "Buenos"),
    TextDelta(0, " días."),
    TextDone(0, "Buenos días."),
    AudioDelta(0, Audio(tone(0.5, rate=SPEAKING_RATE), SPEAKING_RATE)),
    SpeechStopped(5.0),
    SpeechStarted(6.0),
    TranscriptDone(1, "", "en"),
    SpeechStopped(7.0),
    Finished(),
)


def summary(reason_events: tuple[Event, ...] = EVENTS, files: tuple[Path, ...] = ()) -> Summary:
    tally = Tally(10.0, 100.0, Meter())
    for place, event in enumerate(reason_events):
        tally.see(event, 101.0 + place)
    return Summary("talk.mp3", tally, tally.took(200.0), files)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("a/b/talk.mp3", "talk"),
        ("-", "stdin"),
        ("https://example.com/a%20b/talk%20one.ogg?key=secret#x", "talk one"),
        ("https://example.com/", "recording"),
        ("https://example.com/..%2f..%2fetc%2fpasswd", "passwd"),
        ("data:audio/wav;base64,AAAA", "data"),
        ("DATA:;base64,AAAA", "data"),
        (".wav", "wav"),
        ("été.wav", "été"),
        ("a\nb:c.wav", "a_b_c"),
    ],
)
def test_files_are_named_after_their_source(source: str, name: str) -> None:
    assert stem(source) == name


def test_equal_names_are_told_apart() -> None:
    assert names(["a/talk.mp3", "b/talk.wav", "talk", "other"]) == ["talk", "talk-2", "talk-3", "other"]


def test_what_is_a_url() -> None:
    assert is_url("HTTPS://example.com/x")
    assert not is_url("http.wav")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (3723, "1:02:03")])
def test_clock_face(seconds: float, shown: str) -> None:
    assert clock_face(seconds) == shown


def test_tally_reckons_speed_and_time_left() -> None:
    tally = Tally(100.0, 1000.0, Meter())
    assert tally.left(1001.0) is None
    tally.see(SpeechStopped(20.0), 1002.0)
    tally.see(SpeechStopped(10.0), 1003.0)
    assert tally.share() == pytest.approx(0.2)
    assert tally.speed(1004.0) == pytest.approx(5.0)
    assert tally.left(1004.0) == pytest.approx(16.0)
    tally.see(TextDelta(0, "a"), 1004.5)
    tally.see(TextDelta(0, "b"), 1005.5)
    assert tally.first_text == pytest.approx(4.5)
    tally.see(Finished("stop"), 1010.0)
    assert tally.share() == 1.0
    assert tally.took(2000.0) == pytest.approx(10.0)
    assert tally.reason == "stop"


def test_a_cut_translation_is_not_shown_as_whole() -> None:
    tally = Tally(100.0, 0.0, Meter())
    tally.see(SpeechStopped(50.0), 1.0)
    tally.see(Finished("length"), 2.0)
    assert tally.share() == pytest.approx(0.5)


def test_a_tally_of_nothing_divides_by_nothing() -> None:
    tally = Tally(0.0, 5.0, Meter())
    assert (tally.share(), tally.speed(5.0), tally.left(5.0)) == (1.0, 0.0, None)


def test_outputs_are_whole_after_each_event(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path / "new", "talk", "es", spoken=True)
    assert outputs.in_the_way() == []
    with outputs:
        for event in EVENTS[:4]:
            outputs.write(event)
        assert (tmp_path / "new" / "talk.es.txt").read_text("utf-8") == "Buenos"
        for event in EVENTS[4:]:
            outputs.write(event)
    assert (tmp_path / "new" / "talk.es.txt").read_text("utf-8") == "Buenos días.\n"
    assert (tmp_path / "new" / "talk.es.transcript.txt").read_text("utf-8") == "Good morning.\n"
    with wave.open(str(tmp_path / "new" / "talk.es.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (24_000, 1, 2)
        assert wav.readframes(wav.getnframes()) == tone(0.5, rate=24_000)
    assert outputs.in_the_way() == outputs.paths


def test_interrupted_outputs_keep_what_was_done(tmp_path: Path) -> None:
    def stopped() -> None:
        with Outputs(tmp_path, "talk", "es", spoken=True) as outputs:
            outputs.write(EVENTS[6])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with wave.open(str(tmp_path / "talk.es.wav")) as wav:
        assert wav.getnframes() == 12_000


def test_text_only_leaves_no_wav(tmp_path: Path) -> None:
    with Outputs(tmp_path, "talk", "hi", spoken=False) as outputs:
        outputs.write(EVENTS[6])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk.hi.transcript.txt", "talk.hi.txt"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadParameter("--to: what"), ExitCode.USAGE),
        (BadSettings("what"), ExitCode.USAGE),
        (BadUrl(), ExitCode.USAGE),
        (UnknownProfile("what"), ExitCode.USAGE),
        (Unsupported("what"), ExitCode.UNABLE),
        (EngineMissing("what"), ExitCode.UNABLE),
        (BadMedia(), ExitCode.FAILED),
        (EngineError(), ExitCode.FAILED),
        (Stop("what", ExitCode.STOPPED), ExitCode.STOPPED),
    ],
)
def test_errors_have_exit_codes(error: Stop, code: ExitCode) -> None:
    assert exit_code(error) is code


def test_some_errors_have_a_hint() -> None:
    assert "WAV" in hint(BadMedia())
    assert hint(Stop("what")) == ""


def test_an_error_of_ours_is_a_line_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer(cls=Commands, rich_markup_mode=None)

    @app.command()
    def fail() -> None:
        raise BadMedia

    @app.command()
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as left:
        app(["fail"])
    assert left.value.code == ExitCode.FAILED
    told = capsys.readouterr().err
    assert "error: The audio format is illegal" in told
    assert "Traceback" not in told
    with pytest.raises(SystemExit) as left:
        app(["interrupt"])
    assert left.value.code == ExitCode.STOPPED


def test_json_lines_tell_every_event() -> None:
    out = io.StringIO()
    view = JsonView(out)
    tally = Tally(10.0, 0.0, Meter())
    view.notice("careful")
    view.begin("talk.mp3", tally, Options("es", voice="Cherry"))
    for event in EVENTS:
        view.show(event)
    view.end(summary(files=(Path("talk.es.wav"),)))
    view.fail("other.mp3", BadMedia())
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "notice",
        "started",
        *(snake(type(event).__name__) for event in EVENTS[:-1]),
        "finished",
        "error",
    ]
    assert lines[1] == {
        "event": "started",
        "source": "talk.mp3",
        "seconds": 10.0,
        "target": "es",
        "language": None,
        "voice": "Cherry",
    }
    assert lines[3] == {"event": "transcript_delta", "utterance": 0, "text": "", "tail": "good mor"}
    assert lines[8] == {"event": "audio_delta", "utterance": 0, "start": 0.0, "seconds": 0.5}
    assert lines[-2]["reason"] == "stop"
    assert lines[-2]["files"] == ["talk.es.wav"]
    assert lines[-1]["code"] == "invalid_parameter_error"


def test_usage_has_the_keys_of_the_api() -> None:
    told = usage_json(Usage(audio_in=10, text_in=1, audio_out=7, text_out=3))
    assert told == {
        "prompt_tokens": 11,
        "completion_tokens": 10,
        "total_tokens": 21,
        "prompt_tokens_details": {"audio_tokens": 10, "text_tokens": 1},
        "completion_tokens_details": {"audio_tokens": 7, "text_tokens": 3},
    }
    with_video = usage_json(Usage(audio_in=10, video_in=5))["prompt_tokens_details"]
    assert with_video == {"audio_tokens": 10, "text_tokens": 0, "video_tokens": 5}


def test_the_plain_view_gives_the_translation_alone() -> None:
    out = io.StringIO()
    view = PlainView(out)
    view.begin("talk.mp3", Tally(10.0, 0.0, Meter()), Options("es"))
    for event in EVENTS:
        view.show(event)
    view.end(summary())
    assert out.getvalue() == "Buenos días.\n"


def test_the_terminal_shows_what_grows_and_what_is_done() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    view = TerminalView(console)
    view.begin("talk.mp3", Tally(10.0, time.monotonic(), Meter()), Options("es"))
    for event in EVENTS:
        view.show(event)
    view.end(summary(files=(Path("talk.es.wav"),)))
    shown = screen.getvalue()
    assert shown.count("Good morning.") >= 1
    assert "0:01 Good morning." in shown
    assert "Buenos días." in shown
    assert "wrote talk.es.wav" in shown
    assert shown.rindex("Buenos días.") < shown.rindex("wrote")


def test_an_interrupted_terminal_keeps_what_was_growing() -> None:
    screen = io.StringIO()
    view = TerminalView(Console(file=screen, force_terminal=True, width=100, color_system=None))
    view.begin("talk.mp3", Tally(10.0, time.monotonic(), Meter()), Options("es"))
    for event in EVENTS[:5]:
        view.show(event)
    view.end(summary(EVENTS[:5]))
    shown = screen.getvalue()
    assert "Buenos días." in shown[shown.rindex("0:01 Good morning.") :]
    assert "stopped at 0:01" in shown


def test_the_bar_tells_share_speed_and_time_left() -> None:
    tally = Tally(100.0, 0.0, Meter())
    tally.see(SpeechStopped(25.0), 5.0)
    screen = io.StringIO()
    Console(file=screen, width=120).print(progress_line(tally, 5.0))
    assert "25%" in screen.getvalue()
    assert "5.0 × real time" in screen.getvalue()
    assert "0:15 left" in screen.getvalue()


def test_a_summary_tells_delays_usage_and_the_cut() -> None:
    told = "\n".join(sentences(summary()))
    assert "first text after 4.00 s, first speech after 7.00 s" in told
    assert "cut at the limit" in "\n".join(sentences(summary((TextDelta(0, "a"), Finished("length")))))
    assert "first text" not in "\n".join(sentences(summary((Finished(),))))
    assert "nothing was understood" in "\n".join(sentences(summary((Finished(),))))
    assert "nothing was understood" not in told


def test_a_data_url_is_not_shown_whole() -> None:
    assert len(shorten("data:;base64," + "A" * 10_000)) < 60


def test_voices_fit_their_language() -> None:
    assert voice_for("yue") == "Kiki"
    assert voice_for("es") == "Cherry"
    assert voice_for("hi") == "Cherry"


def test_moments() -> None:
    assert moment("2026-11-01") == 1793491200.0
    assert moment("2026-11-01T01:00+01:00") == 1793491200.0
    assert time.time() - moment("7d") == pytest.approx(7 * 86_400, abs=5)
    assert time.time() - moment("90 m") == pytest.approx(5400, abs=5)
    with pytest.raises(Stop):
        moment("yesterday")
