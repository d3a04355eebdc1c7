"""Servers that engines talk to: one HTTP client for each, answers as they come, and our errors for theirs."""

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, Self, TypeVar

import httpx2
import msgspec

from livetranslate import __version__
from livetranslate.engines.upstream.sse import EventReader
from livetranslate.errors import ContentRefused, EngineBusy, EngineError, EngineTimeout
from livetranslate.streams import Stream

T = TypeVar("T")
Read = Callable[[httpx2.Response], Stream[T]]

_DONE = b"[DONE]"
_BUSY = frozenset({429, 502, 503})
_TIMED_OUT = frozenset({408, 504})
_REFUSED_KEY = frozenset({401, 403})
_FILTERED = frozenset({"data_inspection_failed", "content_filter", "content_policy_violation"})
_LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that is not streamed."""
_PAUSES = (0.2, 1.0, 3.0)
_LONGEST_PAUSE = 5.0

for _library in ("httpx2", "httpcore2"):
    logging.getLogger(_library).setLevel(logging.WARNING)  # their debug lines hold headers, and those hold keys


class _Again(Exception):
    """The same request may be answered if it is sent again."""

    def __init__(self, error: EngineError, after: float | None = None) -> None:
        super().__init__()
        self.error, self.after = error, after


class Upstream:
    """A server by its base `url`, such as `http://127.0.0.1:8000/v1`.

    `key`, or the environment variable that `key_env` names, goes out as a bearer token; `headers` are sent as well. `ca` is a
    file of certificates to trust instead of the system's. Proxies are those of the environment, or `proxy`. A connection must
    come about in `connect_seconds`, and an answer go on within `silent_seconds`. A request is sent up to `tries` times, as long
    as no part of an answer has been passed on: where no connection came about, the server was busy or broke off before its
    first word.
    """

    def __init__(
        self, url: str = "", *, key: str = "", key_env: str = "", headers: Mapping[str, str] | None = None, ca: str = "",
        proxy: str = "", connect_seconds: float = 5.0, silent_seconds: float = 60.0, tries: int = 3,
    ) -> None:  # fmt: skip
        self._url = url.rstrip("/") + "/"
        self._key, self._key_env = key, key_env
        self._headers = dict(headers or {})
        self._ca, self._proxy = ca, proxy
        self._timeout = httpx2.Timeout(silent_seconds, connect=connect_seconds, pool=None)
        self._tries = max(1, tries)
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = await asyncio.to_thread(self._make)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._client is not None:
            await self._client.aclose()
        self._client = None

    def _make(self) -> httpx2.AsyncClient:
        headers = {"User-Agent": f"livetranslate/{__version__}", **self._headers}
        if key := self._key or os.environ.get(self._key_env, ""):
            headers["Authorization"] = f"Bearer {key}"
        try:
            return httpx2.AsyncClient(
                base_url=self._url,
                headers=headers,
                timeout=self._timeout,
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
                verify=ssl.create_default_context(cafile=self._ca) if self._ca else True,
                proxy=self._proxy or None,
            )
        except (OSError, ValueError, httpx2.InvalidURL):
            raise EngineError("A server's url, proxy or file of certificates cannot be used.") from None

    async def ask(self, path: str, **request: Any) -> Any:
        """The JSON that the server answers to a POST; `request` as httpx2 takes it: `json`, `data`, `files`."""
        async with aclosing(self._tried(path, _whole, request)) as answers:
            async for body in answers:
                return _json(body)
        raise EngineError

    def events(self, path: str, body: Mapping[str, Any]) -> Stream[dict[str, Any]]:
        """The JSON of each server-sent event that the server answers; what follows `[DONE]` is not read."""
        return self._tried(path, _events, {"json": {**body, "stream": True}})

    def chunks(self, path: str, body: Mapping[str, Any]) -> Stream[bytes]:
        """The bytes that the server answers, as they come."""
        return self._tried(path, _chunks, {"json": body})

    async def _tried(self, path: str, read: Read[T], request: Mapping[str, Any]) -> Stream[T]:
        for tried in range(1, self._tries + 1):
            begun = False
            try:
                async with aclosing(self._once(path, read, request)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except _Again as failure:
                if begun or tried == self._tries:
                    raise failure.error from None
                pause = _PAUSES[min(tried, len(_PAUSES)) - 1] if failure.after is None else failure.after
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))

    async def _once(self, path: str, read: Read[T], request: Mapping[str, Any]) -> Stream[T]:
        """One request and its answer; leaving it closes the connection, which stops the server's work."""
        if self._client is None:
            raise EngineError
        try:
            async with self._client.stream("POST", path, **request) as response:
                if response.status_code != 200:
                    raise _refusal(response, await _start(response))
                async with aclosing(read(response)) as items:
                    async for item in items:
                        yield item
        except httpx2.ConnectTimeout:
            raise _Again(EngineTimeout("An engine's server cannot be reached.")) from None
        except httpx2.TimeoutException:
            raise EngineTimeout from None
        except httpx2.ConnectError:
            raise _Again(EngineError("An engine's server cannot be reached.")) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError):
            raise _Again(EngineError("An engine's server broke off its answer.")) from None


async def _whole(response: httpx2.Response) -> Stream[bytes]:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _LARGEST:
            raise EngineError("An engine's server sent an answer without end.")
    yield bytes(body)


async def _chunks(response: httpx2.Response) -> Stream[bytes]:
    await _refuse_json(response)
    async for piece in response.aiter_bytes():
        if piece:
            yield piece


async def _refuse_json(response: httpx2.Response) -> None:
    """Raises what a body tells that is one JSON where a stream was asked for."""
    if "json" in response.headers.get("Content-Type", ""):
        raise failure_of(_json(await _start(response)))


async def _events(response: httpx2.Response) -> Stream[dict[str, Any]]:
    await _refuse_json(response)
    reader, begun = EventReader(), False
    async for piece in response.aiter_bytes():
        for data in reader.push(piece):
            if data == _DONE:
                return
            begun = True
            yield _event(data)
    rest = [data for data in reader.rest() if data != _DONE]
    if not begun and not rest:
        raise _Again(EngineError("An engine's server broke off its answer."))
    for data in rest:
        yield _event(data)


def _event(data: bytes) -> dict[str, Any]:
    event = _json(data)
    if not isinstance(event, dict):
        raise EngineError("An engine's server answered rubbish.")
    if event.get("error"):
        raise failure_of(event)
    return event


def _json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        raise EngineError("An engine's server answered rubbish.") from None


async def _start(response: httpx2.Response) -> bytes:
    """The beginning of a body that is not what was asked for."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _LARGEST:
            break
    return bytes(body)


def _refusal(response: httpx2.Response, body: bytes) -> Exception:
    """What a status that is not 200 means."""
    status = response.status_code
    try:
        error = failure_of(_json(body.removeprefix(b"data:").strip()))
    except EngineError:
        error = EngineError()
    if isinstance(error, ContentRefused):
        return error
    if status in _BUSY:
        return _Again(EngineBusy(), _after(response.headers.get("Retry-After", "")))
    if status in _TIMED_OUT:
        return EngineTimeout()
    if status in _REFUSED_KEY:
        return EngineError("An engine's server refused the key that this server gave it.")
    if status == 404:
        return EngineError("An engine's server does not know the path or the model that it was asked for.")
    return EngineError("An engine's server refused the request." if status < 500 else "An engine's server failed.")


def failure_of(event: Any) -> EngineError | ContentRefused:
    """The error that a server tells in a body or an event: `{"error": {"code": …}}`."""
    told = event.get("error") if isinstance(event, dict) else None
    code = told.get("code") if isinstance(told, dict) else None
    if code in _FILTERED:
        return ContentRefused()
    if code in (429, 503, "limit_requests", "limit_burst_rate", "insufficient_quota", "ModelUnavailable"):
        return EngineBusy()
    if code in (408, 504, "RequestTimeOut"):
        return EngineTimeout()
    return EngineError("An engine's server failed.")


def _after(header: str) -> float | None:
    """Seconds to wait, as a Retry-After tells."""
    return float(header) if header.isascii() and header.isdigit() else None
