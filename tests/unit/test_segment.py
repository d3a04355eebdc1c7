"""Where speech is cut."""

from livetranslate.events import SpeechStarted, SpeechStopped
from livetranslate.media import HEARING_RATE, Image, Utterance, Writing
from livetranslate.segment import WINDOW, Cut, Cuts, Segmenter, segment
from tests.support import LoudVad, collect, hush, in_chunks, kinds, of_type, play, tone

FRAME = WINDOW / HEARING_RATE


async def cut(pcm: bytes, cuts: Cuts) -> list[Cut]:
    return await collect(segment(play(in_chunks(pcm, [])), LoudVad(), cuts))


async def test_silence_gives_nothing() -> None:
    assert await cut(hush(5), Cuts()) == []


async def test_a_pause_ends_an_utterance_and_keeps_its_padding() -> None:
    cuts = await cut(hush(1) + tone(1) + hush(1) + tone(0.5), Cuts(silence=0.35, pad=0.15))
    assert kinds(cuts) == ["SpeechStarted", "Utterance", "SpeechStopped"] * 2
    first, second = [item for item in cuts if isinstance(item, Utterance)]
    assert abs(first.audio.start - 0.85) <= 2 * FRAME
    assert abs(first.audio.end - 2.15) <= 2 * FRAME
    assert abs(second.audio.start - 2.85) <= 2 * FRAME
    started, stopped = of_type(cuts, SpeechStarted)[0], of_type(cuts, SpeechStopped)[0]
    assert (started.at, stopped.at) == (first.audio.start, first.audio.end)


async def test_half_the_pause_is_enough_once_it_is_long() -> None:
    speech = tone(2) + hush(0.25) + tone(1)
    assert len(of_type(await cut(speech, Cuts(first=1.5, silence=0.4)), Utterance)) == 2
    assert len(of_type(await cut(speech, Cuts(first=4.0, silence=0.4)), Utterance)) == 1


def test_endless_speech_is_cut_at_its_weakest_moment() -> None:
    cuts, weakest = Cuts(soft=2.0, hard=4.0, first=2.0), 2.8
    segmenter, found = Segmenter(cuts), []
    for place in range(round(4.5 / FRAME)):
        dip = 0.4 if abs(place * FRAME - weakest) < 0.1 else 0.9
        found += list(segmenter.push(tone(FRAME), dip))
    utterances = [item for item in found if isinstance(item, Utterance)]
    assert len(utterances) == 1
    assert abs(utterances[0].audio.end - weakest) < 0.15
    assert SpeechStopped not in map(type, found)
    rest = list(segmenter.finish(b""))
    assert isinstance(rest[0], Utterance)
    assert rest[0].audio.start == utterances[0].audio.end


async def test_writing_passes_and_images_go_with_the_speech_they_were_shown_in() -> None:
    image = [Image(b"", 32, 32, at) for at in (0.2, 1.4, 9.0)]
    sound = in_chunks(tone(1) + hush(1) + tone(1), [])
    cuts = await collect(segment(play([Writing("hello"), *image, *sound]), LoudVad(), Cuts()))
    assert cuts[0] == Writing("hello")
    utterances = [item for item in cuts if isinstance(item, Utterance)]
    assert [[shown.at for shown in utterance.images] for utterance in utterances] == [[0.2], [1.4]]


async def test_what_is_on_screen_when_speech_begins_belongs_to_it() -> None:
    image = [Image(b"", 32, 32, at) for at in (0.1, 0.2, 0.7, 2.5)]
    sound = in_chunks(tone(1) + hush(1) + tone(1) + hush(1) + tone(1), [])
    cuts = await collect(segment(play([*image, *sound]), LoudVad(), Cuts()))
    utterances = [item for item in cuts if isinstance(item, Utterance)]
    assert [[shown.at for shown in utterance.images] for utterance in utterances] == [[0.1, 0.2, 0.7], [0.7, 2.5], [2.5]]


async def test_images_of_a_long_silence_are_let_go() -> None:
    images = [Image(b"", 32, 32, place / 100) for place in range(1000)]
    cuts = await collect(segment(play([*images, *in_chunks(hush(10) + tone(1), [])]), LoudVad(), Cuts()))
    (utterance,) = [item for item in cuts if isinstance(item, Utterance)]
    before = [shown.at for shown in utterance.images if shown.at <= utterance.audio.start]
    assert before == [max(image.at for image in images if image.at <= utterance.audio.start)]


async def test_memory_stays_flat_in_silence_and_in_endless_speech() -> None:
    segmenter = Segmenter(Cuts(hard=4.0))
    for probability in (0.0, 0.9):
        for _ in range(20_000):
            list(segmenter.push(bytes(2 * WINDOW), probability))
            assert len(segmenter._windows) <= 4.0 / FRAME + 1
