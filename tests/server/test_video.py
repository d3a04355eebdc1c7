"""Videos through a running server: what is billed, what is refused before an engine runs, whose glossary holds."""

from pathlib import Path
from typing import Any

import pytest

from livetranslate.keys import FILE_NAME, Entry, Keys
from livetranslate.tokens import INPUT_LIMIT, audio_tokens, frame_size, video_tokens
from tests.clips import repeated, talking_film, wav
from tests.server.live import Live, data_url, live, request, wait_until
from tests.support import hush, tone

SECONDS = 9.0
FILM = data_url(talking_film(hush(0.5) + tone(3.0) + hush(1.5) + tone(3.0) + hush(1.0), (640, 360)), "video/x-matroska")


def video(url: str = FILM, **fields: Any) -> dict[str, Any]:
    return request(
        messages=[{"role": "user", "content": [{"type": "video_url", "video_url": {"url": url}}]}], stream=False, **fields
    )


def only_entry(server: Live) -> Entry:
    ledger = server.services._keys.ledger
    wait_until(ledger.entries, 5)
    (entry,) = ledger.entries()
    return entry


def test_what_was_decoded_is_billed(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        usage = server.ask(video()).json()["usage"]
        entry = only_entry(server)
    frames = video_tokens(18, *frame_size(640, 360, 18))
    sound = audio_tokens(round(SECONDS * 16_000), 16_000)
    assert usage["prompt_tokens_details"] == {"audio_tokens": sound, "text_tokens": 0, "video_tokens": frames}
    assert usage["prompt_tokens"] == sound + frames
    assert (entry.usage.video_in, entry.usage.audio_in) == (frames, sound)


def test_sound_alone_is_billed_where_a_video_is_sent_as_sound(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        usage = server.ask(request(FILM, stream=False)).json()["usage"]
    assert "video_tokens" not in usage["prompt_tokens_details"]


def test_a_video_without_pictures_is_its_sound(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        answer = server.ask(video(data_url(wav(hush(0.5) + tone(1.5) + hush(0.5))))).json()
    assert answer["choices"][0]["message"]["content"]
    assert "video_tokens" not in answer["usage"]["prompt_tokens_details"]


def test_too_many_tokens_are_refused_before_an_engine_runs(tmp_path: Path) -> None:
    """Three quarters of an hour of sound are let in alone, and refused with their pictures."""
    long = repeated(talking_film(bytes(32_000 * 20), (1280, 720), rate=1), 20, 135)
    assert audio_tokens(2700, 1) < INPUT_LIMIT < audio_tokens(2700, 1) + video_tokens(128, *frame_size(1280, 720, 128))
    with live(tmp_path) as server:
        answer = server.ask(video(data_url(long, "video/x-matroska")))
        entry = only_entry(server)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"Range of input length should be [1, {INPUT_LIMIT}]"
    assert (entry.usage.total, entry.seconds_in) == (0, 0)


def asked(server: Live, secret: str, **options: Any) -> dict[str, Any]:
    body = request(stream=False, translation_options={"source_lang": "en", "target_lang": "es", "details": True, **options})
    told: dict[str, Any] = server.ask(body, secret).json()
    return told


def test_a_key_has_terms_of_its_own(tmp_path: Path) -> None:
    """They come after those of the request, and before those of the server; one key does not see another's."""
    keys = Keys(tmp_path / FILE_NAME)
    given, secret = keys.create("one", glossary="source,target\neveryone,todo el mundo\nplease,haga el favor\n")
    _, other = keys.create("other")
    terms = tmp_path / "terms.csv"
    terms.write_text("source,target\neveryone,cada uno\n", "utf-8")
    with live(tmp_path, glossary=terms) as server:
        plain, own = asked(server, other), asked(server, secret)
        asked_for = asked(server, secret, glossary=[{"source": "everyone", "target": "el público"}])
        assert keys.give_glossary(given.id, None)
        taken = asked(server, secret)
    keys.close()

    def targets(answer: dict[str, Any]) -> list[str]:
        told = answer["details"]["utterances"][0]["glossary"]
        return sorted(term["target"] for term in [*told["hits"], *told["misses"]] if term["source"] == "everyone")

    assert [targets(answer) for answer in (plain, own, asked_for, taken)] == [
        ["cada uno"], ["todo el mundo"], ["el público"], ["cada uno"],
    ]  # fmt: skip


@pytest.mark.parametrize("sees", [False, True])
def test_a_translator_that_sees_is_shown_the_images_of_its_utterance(tmp_path: Path, sees: bool) -> None:
    """The scripted seer names the moments of the images it was given: the frames of each utterance, those alike left out."""
    with live(tmp_path, engines={"scripted": {"sees": sees, "words": ["SURGICAL"]}}) as server:
        answer = server.ask(video(translation_options={"source_lang": "en", "target_lang": "es", "details": True})).json()
    told = answer["details"]["utterances"]
    assert [utterance["index"] for utterance in told] == [0, 1]
    assert all(1 <= len(utterance["frames"]) <= 8 for utterance in told)
    assert told[0]["frames"][-1] < 4.0 <= told[1]["frames"][-1]
    assert any(word["text"] == "SURGICAL" for utterance in told for word in utterance["words"])
    text = answer["choices"][0]["message"]["content"]
    for utterance in told:
        assert (f"[{' '.join(f'{at:.2f}' for at in utterance['frames'])}]" in text) == sees
