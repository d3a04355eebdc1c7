"""How words sound that no dictionary has: libespeak-ng's phonemes, from a process of its own, as phones of the acoustic model."""

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

from livetranslate.errors import EngineError
from livetranslate.workers import serve

_RETRIEVAL, _DO_NOT_EXIT = 1, 0x8000
_SAMPLE_RATE = 22_050
_UTF8, _IPA = 1, 2
_VOICE = b"en-us"

# IPA as libespeak-ng writes American English, to the 39 phones of the CMU dictionary; the longest that fits comes first.
_TABLE = """
aɪɚ AY ER|aɪə AY AH|ɔːɹ AO R|oːɹ AO R|ɑːɹ AA R|tʃ CH|dʒ JH|eɪ EY|aɪ AY|aʊ AW|oʊ OW|ɔɪ OY|əʊ OW|iə IY AH|iː IY|uː UW|ɑː AA
ɔː AO|oː AO|ɜː ER|əl AH L|n̩ AH N|l̩ AH L|i IY|ɪ IH|ᵻ IH|ɨ IH|e EH|ɛ EH|æ AE|a AA|ɑ AA|ɒ AA|ɔ AO|o OW|u UW|ʊ UH|ʌ AH|ə AH
ɐ AH|ɚ ER|ɝ ER|m̩ AH M|ɜ ER|p P|b B|t T|d D|k K|ɡ G|g G|f F|v V|θ TH|ð DH|s S|z Z|ʃ SH|ʒ ZH|h HH|m M|n N|ŋ NG|l L|ɫ L|ɹ R|r R
ɾ T|ʔ T|j Y|w W|x K|ç HH|ɬ L
"""
_PHONES = {ipa: phones for ipa, _, phones in (pair.partition(" ") for pair in _TABLE.strip().replace("\n", "|").split("|"))}
_SOUND = re.compile("|".join(sorted(map(re.escape, _PHONES), key=len, reverse=True)))


def arpabet(ipa: str) -> str:
    """Phonemes in IPA as phones of the acoustic model; what it has no phone for is left out."""
    bare = re.sub(r"[ˈˌ\u200d\s]", "", ipa)
    return " ".join(_PHONES[sound] for sound in _SOUND.findall(bare))


class Speller:
    """libespeak-ng, loaded; it is under the GPL, so this process holds nothing else."""

    def __init__(self) -> None:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        data = espeakng_loader.get_data_path().encode()
        if library.espeak_Initialize(_RETRIEVAL, 0, data, _DO_NOT_EXIT) != _SAMPLE_RATE or library.espeak_SetVoiceByName(_VOICE):
            raise EngineError("espeak-ng could not be set up.")
        self._library = library

    def spell(self, word: str) -> str:
        """The phones of a word; empty if it has none."""
        text = ctypes.c_char_p(word.encode())
        told: bytes | None = self._library.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, _IPA)
        return arpabet((told or b"").decode("utf-8", "replace"))


def prepare() -> Callable[[Any], Iterator[str]]:
    """Loads the library. A request is a list of words; answers are their phones, one after the other."""
    speller = Speller()
    return lambda words: (speller.spell(word) for word in words)


if __name__ == "__main__":
    serve(prepare)
