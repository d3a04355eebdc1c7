"""The playground: three files that a browser is given with a policy under which it may speak to this server alone."""

import asyncio
from importlib.resources import files

from livetranslate.errors import NotFound
from livetranslate.server.exchange import Exchange

_FILES = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "media-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}


class Playground:
    """Holds the files in memory once they are asked for; they need no key, since they hold nothing that a key protects."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def send(self, exchange: Exchange, name: str) -> None:
        """One of the files; raises `NotFound` for another name."""
        if name not in _FILES:
            raise NotFound
        if name not in self._bodies:
            file = files("livetranslate.server") / "playground" / name
            self._bodies[name] = await asyncio.to_thread(file.read_bytes)
        await exchange.reply(200, self._bodies[name], _FILES[name], _HEADERS)
