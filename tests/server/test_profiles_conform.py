"""The conformance kit against servers whose engines are real ones: behind URLs, in the cloud's place, and on made-up models."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from livetranslate.catalog import LANGUAGES, VOICES
from livetranslate.engines.ctranslate import CTranslate
from livetranslate.engines.whisper import Whisper
from tests.checkpoints import make_translator, make_whisper
from tests.contract.test_urls import answer
from tests.server.live import KEY, live
from tests.server.test_conformance import conforms, pytestmark  # noqa: F401
from tests.upstreams import Upstream

NLLB = {
    "en": "eng_Latn", "zh": "zho_Hans", "ru": "rus_Cyrl", "fr": "fra_Latn", "de": "deu_Latn", "pt": "por_Latn", "es": "spa_Latn",
    "it": "ita_Latn", "ko": "kor_Hang", "ja": "jpn_Jpan", "yue": "yue_Hant", "id": "ind_Latn", "vi": "vie_Latn", "th": "tha_Thai",
    "ar": "arb_Arab", "hi": "hin_Deva", "el": "ell_Grek", "tr": "tur_Latn",
}  # fmt: skip
CASCADE = """
vad = "scripted-vad"
detect_text = false
[[recognizer]]
engine = "{recognizer}"
settings = {{ {hears} }}
[[translator]]
engine = "{translator}"
guard = "off"
settings = {{ {translates} }}
[[synthesizer]]
engine = "{synthesizer}"
settings = {{ {speaks} }}
"""


@contextmanager
def behind_urls(folder: Path) -> Iterator[str]:
    """A server of the API of OpenAI in a loop of its own, and the profile that uses it."""
    loop, upstream = asyncio.new_event_loop(), Upstream(answer)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(upstream.__aenter__(), loop).result(10)
    url, voices = f'url = "{upstream.url}"', ", ".join(f'{name} = "{name.lower()}"' for name in VOICES)
    try:
        yield CASCADE.format(
            recognizer="openai-recognizer", hears=url, translator="openai-translator", translates=url,
            synthesizer="openai-synthesizer", speaks=f"{url}, voices = {{ {voices} }}",
        )  # fmt: skip
    finally:
        asyncio.run_coroutine_threadsafe(upstream.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def through_the_cloud(folder: Path) -> Iterator[str]:
    """A scripted server in the cloud's place."""
    (folder / "cloud").mkdir()
    with live(folder / "cloud", limits={"key_running": 64, "key_waiting": 64}) as cloud:
        yield f'[[interpreter]]\nengine = "dashscope"\nsettings = {{ url = "{cloud.base}/v1", key_env = "THEIRS", reads = true }}'


@contextmanager
def on_models(folder: Path) -> Iterator[str]:
    """A Whisper and a translator for all languages, made here."""
    ears = make_whisper(folder / "ears", "Good morning, everyone.")
    phrases = {code: f"{code}one {code}two {code}three" for code in LANGUAGES}
    tongue = make_translator(folder / "tongue", phrases, NLLB)
    how = 'device = "cpu", compute_type = "int8", threads = 1'
    yield CASCADE.format(
        recognizer="whisper", hears=f'model = "{ears}", {how}', translator="ctranslate",
        translates=f'model = "{tongue}", family = "nllb", {how}', synthesizer="scripted-synthesizer", speaks="",
    )  # fmt: skip


@contextmanager
def by_omni(folder: Path) -> Iterator[str]:
    """A speech translator that hears what it can, and behind it a recognizer and a translator for the rest."""
    with behind_urls(folder) as text:
        url = text.partition('url = "')[2].partition('"')[0]
        yield f'{text}\n[[speech_translator]]\nengine = "omni"\nsettings = {{ url = "{url}" }}'


Way = Callable[[Path], AbstractContextManager[str]]


@pytest.mark.slow
@pytest.mark.parametrize("way", [behind_urls, by_omni, through_the_cloud, on_models])
def test_the_file_api_conforms(tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    if way is on_models and (lacks := [*Whisper.needs(), *CTranslate.needs()]):
        pytest.skip(f"open models in this process lack {lacks}")
    monkeypatch.setenv("THEIRS", KEY)
    with way(tmp_path) as text:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "mine.toml").write_text(text, "utf-8")
        conforms(tmp_path, None, PROFILE="mine")
