"""Looks, key images, the words on screen, and words misheard."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.events import Change
from livetranslate.media import Image, Line
from livetranslate.pictures import Screen, alike, difference, difference_hash, key_images, mend
from livetranslate.pictures.looks import COLUMNS, ROWS, still
from livetranslate.pictures.mending import sound
from livetranslate.pictures.screen import script

SIZE = (COLUMNS + 1) * ROWS


def shown(at: float, look: int | None = 0, jpeg: bytes = b"") -> Image:
    return Image(jpeg, 1152, 640, at, look)


def line(text: str, confidence: float = 1.0) -> Line:
    return Line(text, (0.1, 0.2, 0.3, 0.1), confidence)


# --- looks


def test_a_flat_picture_has_an_empty_hash() -> None:
    assert difference_hash(bytes([200]) * SIZE) == 0


def test_the_first_pixel_is_the_highest_bit() -> None:
    luma = bytearray(SIZE)
    luma[0] = 3
    assert difference_hash(bytes(luma)) == 1 << (COLUMNS * ROWS - 1)
    luma[0] = 2
    assert difference_hash(bytes(luma)) == 0, "a step within the noise is none"


def test_rows_are_not_compared_with_one_another() -> None:
    row = bytes(range(COLUMNS + 1))
    assert difference_hash(row * ROWS) == 0
    assert difference_hash(bytes(reversed(range(0, 3 * (COLUMNS + 1), 3))) * ROWS) == (1 << COLUMNS * ROWS) - 1


def test_noise_does_not_change_a_look_but_a_new_word_does() -> None:
    draw = random.Random(5)
    slide = bytearray([220] * SIZE)
    for word in range(6):  # dark blots where words stand
        for place in range(8):
            slide[(5 + 4 * word) * (COLUMNS + 1) + 6 + place + draw.randrange(3)] = draw.randrange(60, 160)
    noisy = bytes(min(255, level + draw.choice((-1, 0, 1))) for level in slide)
    changed = bytearray(slide)
    for row in (5, 6, 7):
        start = row * (COLUMNS + 1) + 6
        changed[start : start + 12] = bytes(draw.randrange(60, 221) for _ in range(12))
    before, still, after = (shown(0, difference_hash(bytes(luma))) for luma in (slide, noisy, changed))
    assert alike(before, still)
    assert not alike(before, after)


def test_a_hash_is_of_the_right_size_only() -> None:
    with pytest.raises(ValueError, match="instead of"):
        difference_hash(bytes(SIZE - 1))


def test_images_that_nobody_looked_at_differ_unless_they_are_the_same() -> None:
    assert alike(shown(0, None, b"a"), shown(1, None, b"a"))
    assert not alike(shown(0, None, b"a"), shown(1, None, b"b"))
    assert difference(shown(0, None, b"a"), shown(1, 0, b"b")) == COLUMNS * ROWS


# --- key images


def test_still_images_are_one() -> None:
    images = [shown(place / 2, look) for place, look in enumerate([0, 1, 0, 0xFFFF, 0xFFFF, 0, 3])]
    assert [image.at for image in key_images(images)] == [0.0, 1.5, 2.5]


def test_of_many_the_most_different_and_the_last_are_kept() -> None:
    images = [shown(float(place), ((1 << 10) - 1) << 10 * (place // 10)) for place in range(40)]
    # four scenes; in each the images drift within the hash's noise
    assert [image.at for image in key_images(images)] == [0.0, 10.0, 20.0, 30.0]
    busy = [shown(float(place), (1 << 20 * place) - 1) for place in range(30)]
    chosen = key_images(busy)
    assert len(chosen) == 8
    assert chosen[-1] is busy[-1]
    assert [image.at for image in chosen] == sorted(image.at for image in chosen)
    gaps = [after.at - before.at for before, after in pairwise(chosen)]
    assert max(gaps) <= 8


@given(looks=st.lists(st.one_of(st.none(), st.integers(0, (1 << 64) - 1)), max_size=40), most=st.integers(1, 10))
def test_key_images_are_few_and_in_order(looks: list[int | None], most: int) -> None:
    images = [shown(float(place), look, bytes([place])) for place, look in enumerate(looks)]
    chosen = key_images(images, most)
    assert len(chosen) <= most
    assert bool(chosen) == bool(images)
    assert [image.at for image in chosen] == sorted({image.at for image in chosen})


# --- the screen


def test_words_are_told_once_they_were_seen_in_two_frames() -> None:
    screen = Screen()
    first = shown(0.0)
    assert screen.show(first)
    screen.read(first, [line("SURGICAL mask"), line("smudge", 0.3)])
    assert screen.sightings([first]) == ()
    assert screen.words("en") == ()
    second = shown(0.5)
    assert not screen.show(second)
    assert [(word.text, word.at) for word in screen.sightings([first, second])] == [("SURGICAL", 0.0), ("mask", 0.0)]
    assert screen.words("en") == ("SURGICAL", "mask")


def test_words_of_frames_that_differ_add_up() -> None:
    screen = Screen()
    images = [shown(place / 2, random.Random(place).getrandbits(COLUMNS * ROWS)) for place in range(3)]
    texts = ["River Tours 9:00", "Tours River", "Ferry"]
    for image, text in zip(images, texts, strict=True):
        assert screen.show(image)
        screen.read(image, [line(text)])
    assert [word.text for word in screen.sightings(images)] == ["River", "Tours"]
    assert [word.text for word in screen.sightings(images[2:])] == []


LEFT = sum(0xFFFF << COLUMNS * row + COLUMNS - 16 for row in range(ROWS))
"""A look in which the left quarter of every row is bright."""
RIGHT = sum(0xFFFF << COLUMNS * row for row in range(ROWS))


def test_a_picture_is_still_where_nothing_moves() -> None:
    one, other = shown(0.0, LEFT), shown(0.5, LEFT | RIGHT)
    assert not alike(one, other)
    for box, same in (
        ((0.0, 0.1, 0.5, 0.2), True),
        ((0.1, 0.0, 0.64, 1.0), True),
        ((0.7, 0.5, 0.2, 0.2), False),
        ((-0.5, -0.5, 2.0, 2.0), False),
        ((0.5, 0.5, 0.0, 0.0), True),
    ):
        assert still(one, other, box) == same, box
    assert not still(shown(0.0, None), shown(0.5, None), (0.0, 0.0, 0.5, 0.5))


@pytest.mark.parametrize("reads_late", [False, True])
def test_words_beside_what_moves_are_seen_again_without_reading(reads_late: bool) -> None:
    """A caption beside a speaker's face counts in every frame; one that gives way does not, nor does what nobody could see."""
    screen = Screen()
    images = [shown(0.0, LEFT), shown(0.5, LEFT | RIGHT), shown(1.0, LEFT), shown(1.5, RIGHT)]
    caption, clock = Line("Surgical ward", (0.05, 0.2, 0.3, 0.1)), Line("Monday", (0.8, 0.8, 0.2, 0.1))
    for image in images:
        assert screen.show(image)
        if image.at == 0.0 and not reads_late:
            screen.read(image, [caption, clock])
    if reads_late:
        screen.read(images[0], [caption, clock])
    assert screen.words("en") == ("Surgical", "ward")
    assert [word.text for word in screen.sightings(images[1:3])] == ["Surgical", "ward"]
    assert not any(map(screen.keeps_all, images)), "the clock has gone"
    assert screen.sightings(images[3:]) == ()
    screen.read(images[1], [caption])
    assert screen._frames["surgical"] == 3
    assert screen.keeps_all(images[2])
    assert not screen.keeps_all(images[3])


def test_frames_shown_before_they_were_read_count() -> None:
    screen = Screen()
    images = [shown(place / 2) for place in range(4)]
    assert [screen.show(image) for image in images] == [True, False, False, False]
    screen.read(images[0], [line("hospital")])
    assert [word.at for word in screen.sightings(images[2:])] == [1.0]


def test_what_is_not_read_says_nothing() -> None:
    screen = Screen()
    images = [shown(0.0), shown(0.5)]
    for image in images:
        screen.show(image)
    assert screen.sightings(images) == ()


def test_words_to_listen_for_are_few_new_and_of_the_script() -> None:
    screen = Screen()
    for place in range(12):
        image = shown(float(place), 0xFFFF << 16 * place)
        screen.show(image)
        screen.show(shown(place + 0.5, 0xFFFF << 16 * place))
        screen.read(image, [line(f"Больница the N95 {'abcdefghijkl'[place] * 5} {'mnopqrstuvwx'[place] * 5}")])
    words = screen.words("en")
    assert len(words) == 20
    assert words[:2] == ("lllll", "xxxxx")
    assert screen.words("ru") == ("Больница",)
    assert screen.words("ko") == ()
    assert "Больница" in screen.words(None)


def test_old_scenes_are_forgotten() -> None:
    screen = Screen()
    for place in range(500):
        image = Image(b"%d" % place, 32, 32, float(place))
        screen.show(image)
        screen.read(image, [line("Forever Young")])
    assert len(screen._scenes) == 64


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("mask", "latin"),
        ("Mệt", "latin"),
        ("маска", "cyrillic"),
        ("病院", "han"),
        ("マスク", "han"),
        ("마스크", "hangul"),
        ("123", ""),
    ],
)
def test_scripts(word: str, name: str) -> None:
    assert script(word) == name


# --- words misheard


@pytest.mark.parametrize(
    ("heard", "word", "mended"),
    [
        ("we met knock a mirror", "Nakamura", "we met Nakamura"),
        ("ask the quilt or.", "Quilter", "ask the Quilter."),
        ("we run cooper nettie's here", "Kubernetes", "we run Kubernetes here"),
        ("the principle, she said", "Principal", "the Principal, she said"),
    ],
)
def test_what_sounds_like_a_word_on_screen_becomes_it(heard: str, word: str, mended: str) -> None:
    told, changes = mend(heard, ["Agenda", word], "en")
    assert told == mended
    assert [change.after for change in changes] == [word]


@pytest.mark.parametrize(
    ("heard", "word"),
    [
        ("climb the ladders", "LETTERS"),
        ("there is no table here", "NOTABLE"),
        ("two masks", "MASK"),
        ("a cat", "COT"),
        ("the station", "STATIONED"),
        ("our patience", "PATIENTS"),
        ("the pupil left", "Nakamura"),
    ],
)
def test_what_sounds_otherwise_stays(heard: str, word: str) -> None:
    assert mend(heard, [word], "en") == (heard, ())


def test_what_is_on_screen_itself_stays() -> None:
    assert mend("the principle", ["Principal", "Principle"], "en") == ("the principle", ())


def test_only_english_is_mended() -> None:
    assert mend("the principle", ["Principal"], "fr") == ("the principle", ())
    assert mend("the principle", [], "en") == ("the principle", ())


def test_the_rest_of_the_text_is_untouched() -> None:
    told, changes = mend("  A principle,\tor —two— principles!", ["Principal"], "en")
    assert told == "  A Principal,\tor —two— principles!"
    assert changes == (Change("principle", "Principal"),)


@given(text=st.text(max_size=40), word=st.text(alphabet="abcdefghijk'é", max_size=12))
def test_mending_never_fails(text: str, word: str) -> None:
    told, changes = mend(text, [word], "en")
    assert (told == text) or changes
    assert sound(word) == sound(word.upper())


def test_images_that_are_skipped_say_what_the_one_before_said() -> None:
    screen = Screen()
    images = [shown(place / 2, 0xFFFF << 16 * place) for place in range(3)]
    for image in images:
        screen.show(image)
    assert screen.read(images[0], [line("River Tours")])
    screen.skip(images[1])
    assert [word.at for word in screen.sightings(images[1:])] == [0.5, 0.5]
    assert not screen.read(images[2], [line("Tours River")]), "the same words are no news"
    assert screen.read(images[2], [line("Ferry")])
