"""Headless Chromium for the playground, with a microphone that hears a file; and a page that fails the test on any complaint."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from livetranslate.media import HEARING_RATE, wav_header
from tests.server.live import KEY, Live, live
from tests.support import hush, tone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SPEECH = hush(0.6) + tone(2.0) + hush(1.2) + tone(2.0) + hush(4.0)
"""Two utterances."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
]
ALLOWED = "--use-fake-ui-for-media-stream"
"""Pages may use the microphone without asking."""


class Browse(Protocol):
    """Starts a browser whose microphone hears this sound once, if pages are allowed to use it."""

    def __call__(self, heard: bytes = ..., *, allowed: bool = ...) -> Browser: ...


@pytest.fixture(autouse=True)
def _no_task_is_left() -> None:
    """In place of the fixture for all tests, which needs a loop: here the driver of the browser runs one."""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: on Debian, apt-get install chromium")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def browse(playwright: Playwright, tmp_path: Path) -> Iterator[Browse]:
    started: list[Browser] = []

    def start(heard: bytes = SPEECH, *, allowed: bool = True) -> Browser:
        clip = tmp_path / "microphone.wav"
        clip.write_bytes(wav_header(len(heard), HEARING_RATE) + heard)
        arguments = [*ARGUMENTS, f"--use-file-for-fake-audio-capture={clip}%noloop", *([ALLOWED] if allowed else [])]
        started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=arguments))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("server"), api_keys=()) as served:
        yield served


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that wants a key."""
    with live(tmp_path_factory.mktemp("guarded"), api_keys=(KEY,)) as served:
        yield served


@dataclass
class Visit:
    """A page, what it asked for, and what it complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def wait(self, true: Callable[[], Any], seconds: float = 20.0) -> Any:
        """What is true at last. The page's policy forbids to let the page itself look."""
        by = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < by, f"it never came true; the page says {self.text('#state')!r}: {self.text('#error')!r}"
            self.page.wait_for_timeout(50)
        return found

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector) if self.page.is_visible(selector) else ""

    def state(self, *words: str, seconds: float = 20.0) -> None:
        self.wait(lambda: self.text("#state") in words, seconds)

    def rows(self) -> list[dict[str, str]]:
        """The utterances, by what is shown of each."""
        return [
            {name: row.locator(f".{name}").inner_text() for name in ("when", "heard", "said", "times")}
            for row in self.page.locator("#talk li").all()
        ]

    def download(self, button: str) -> bytes:
        with self.page.expect_download() as download:
            self.page.click(button)
        return Path(download.value.path()).read_bytes()


@contextmanager
def visit(browser: Browser, base: str, **context: Any) -> Iterator[Visit]:
    """A visit during which the page speaks to its own server alone, and complains of nothing."""
    with browser.new_context(**context) as opened:
        page = opened.new_page()
        seen = Visit(page)
        page.on("request", lambda request: seen.asked.append(request.url))
        page.on("console", lambda told: seen.complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda failure: seen.complaints.append(str(failure)))
        page.goto(base + "/")
        yield seen
        strange = [url for url in seen.asked if not url.startswith((base, base.replace("http", "ws"), "blob:", "data:"))]
        assert not strange, f"asked other hosts: {strange}"
