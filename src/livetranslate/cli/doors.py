"""How a source named on the command line becomes a clip: fetched or opened, then decoded, by the same doors as the server's."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Self

from livetranslate.blob import Blob
from livetranslate.cli.outputs import STDIN, is_url
from livetranslate.cli.shell import Stop
from livetranslate.decode import Clip, Images
from livetranslate.doors import make_decoder, make_fetcher
from livetranslate.settings import Settings

MOST_SECONDS = 24 * 3600.0
"""Of sound in one file: a person at the terminal is not held to the API's limit of tokens."""


class Doors:
    """Fetches and decodes, with the settings' limits."""

    def __init__(self, settings: Settings) -> None:
        self._fetcher = make_fetcher(settings)
        self._decoder = make_decoder(settings, MOST_SECONDS)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._fetcher)
            await opening.enter_async_context(self._decoder)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._open.aclose()

    @asynccontextmanager
    async def clip(self, source: str, images: Images = "see") -> AsyncGenerator[Clip, None]:
        """The sound of a file, URL or standard input, and its images if it is a video."""
        with await self._blob(source) as blob:
            async with aclosing(await self._decoder.open(blob, images=images)) as clip:
                yield clip

    async def _blob(self, source: str) -> Blob:
        if is_url(source):
            return await self._fetcher.fetch(source, video=True)
        if source == STDIN:
            return await asyncio.to_thread(lambda: Blob.from_bytes(sys.stdin.buffer.read()))
        try:
            return await asyncio.to_thread(Blob.from_path, source)
        except OSError:
            raise Stop(f"The file {source} cannot be read.") from None
