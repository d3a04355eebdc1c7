"""Phonemes in IPA as phones of the acoustic model."""

from importlib.util import find_spec

import pytest

from livetranslate.engines.pocketsphinx.phones import Speller, arpabet


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("kˈæt", "K AE T"),
        ("tʃˈɜːtʃ", "CH ER CH"),
        ("kˌuːbɚnˈɛɾiːz", "K UW B ER N EH T IY Z"),
        ("fˈaɪɚ wˈɔːɹ", "F AY ER W AO R"),
        ("ʃˈeɪk‍ə", "SH EY K AH"),
        ("χʘ", ""),
        ("", ""),
    ],
)
def test_arpabet(ipa: str, phones: str) -> None:
    assert arpabet(ipa) == phones


@pytest.mark.embedded
@pytest.mark.skipif(find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed")
def test_words_that_no_dictionary_has_are_spelled_out() -> None:
    speller = Speller()
    assert speller.spell("Brightwave") == "B R AY T W EY V"
    assert speller.spell("quilter") == "K W IH L T ER"
    assert speller.spell("…") == ""
