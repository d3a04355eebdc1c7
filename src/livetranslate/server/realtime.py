"""Realtime sockets: the handshake that may refuse, and two tasks around a session that carry its events and decide nothing."""

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from livetranslate.errors import (
    BadParameter,
    InternalError,
    LivetranslateError,
    ModelNotFound,
    NotFound,
    Overloaded,
    QuotaExceeded,
)
from livetranslate.events import Finished, UtteranceDone
from livetranslate.glossary import Glossary
from livetranslate.glossary.files import stored
from livetranslate.keys import Key
from livetranslate.media import HEARING_RATE
from livetranslate.meter import Meter
from livetranslate.server.door import check_names
from livetranslate.server.exchange import ClientLeft, ReaderStalled
from livetranslate.server.feed import Feed
from livetranslate.server.logs import EVENTS, log, whereabouts
from livetranslate.server.records import Record
from livetranslate.server.services import Services
from livetranslate.server.socket import Socket
from livetranslate.tokens import AUDIO_TOKENS_PER_SECOND, audio_tokens
from livetranslate.wire.realtime import Abilities, Dialect, Dialects, Run, Session, Surroundings, dialect_of

_PLACE_SECONDS = 5.0
"""Seconds that a handshake waits for a place."""
_FAILURES = 3
"""Interpreters that fail one after the other without an utterance between; then the session is closed."""
_LOOK_SECONDS = 1.0
"""How often to look whether a client is still there from which nothing is read."""
_UNBOUNDED = 2**62
_SUBPROTOCOL, _KEY_SUBPROTOCOL = "realtime", "openai-insecure-api-key."
_RESERVED = 10.0
"""Seconds of sound for which tokens are reserved at once."""


class Realtime:
    """The ASGI application of a path: a session for each socket. Without dialects there is nothing at the path."""

    def __init__(self, services: Services, dialects: Dialects) -> None:
        self._services = services
        self._dialects = dialects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services = self._services
        record = Record(services.new_id(), services.clock(), services.now, route="realtime")
        socket = Socket(scope, receive, send, record, services.settings.limits)
        try:
            await self._serve(socket)
        except ReaderStalled:
            record.left("reader_stalled")
        except ClientLeft:
            record.left("client_left")
        except BaseException:
            record.failed(InternalError())
            raise
        finally:
            record.tell(services.metrics)
            if record.billed:
                services.write(record.entry())

    async def _serve(self, socket: Socket) -> None:
        await socket.connect()
        try:
            async with AsyncExitStack() as held:
                talk = await self._admit(socket, held)
                await socket.accept(_SUBPROTOCOL if _SUBPROTOCOL in socket.scope["subprotocols"] else None)
                await talk.run()
        except LivetranslateError as refusal:
            await self._part(socket, refusal)
        except ClientLeft:
            raise
        except Exception as failure:  # a bug of ours: the client gets our words and nothing of its text
            log(EVENTS, logging.ERROR, "bug", request_id=socket.record.request_id, failure=whereabouts(failure))
            await self._part(socket, InternalError())

    async def _part(self, socket: Socket, refusal: LivetranslateError) -> None:
        if socket.open:
            socket.record.failed(refusal)
            codes = {Overloaded: 1012, QuotaExceeded: 1008}
            await socket.close(codes.get(type(refusal), 1011), refusal.message[:120])
        else:
            await socket.refuse(refusal)

    async def _admit(self, socket: Socket, held: AsyncExitStack) -> "_Talk":
        """Everything that may refuse the handshake; what it takes is given back by `held`."""
        services, record = self._services, socket.record
        await check_names(services, socket.headers)
        record.key = key = await self._authenticate(socket)
        dialect, model = self._dialect(socket.scope)
        services.check_up()
        services.quotas.admit(key)
        await self._take_place(key, held)
        services.drain.active += 1
        held.callback(self._leave, key, record)
        facts, limits = dialect.facts, services.settings.limits
        record.profile, record.model, record.billed, record.stream = services.profile.name, model, True, True
        record.meter = Meter(facts.tokens_in, _UNBOUNDED, AUDIO_TOKENS_PER_SECOND)
        info = services.profile.interpreter.info
        abilities = Abilities(info.hears, info.writes, info.speaks, info.voices)
        expires_at = int(services.clock() + limits.session_seconds)
        given = Surroundings(abilities, _fresh_id, expires_at, services.settings.cumulative_usage)
        terms = key.glossary
        glossary = () if terms is None else await services.off(lambda: stored(terms))
        return _Talk(services, socket, dialect(model, given), key, held, glossary)

    async def _authenticate(self, socket: Socket) -> Key:
        """The key of the Authorization header, or of the subprotocol by which browsers send one."""
        offered = [
            name.removeprefix(_KEY_SUBPROTOCOL) for name in socket.scope["subprotocols"] if name.startswith(_KEY_SUBPROTOCOL)
        ]
        headers = socket.headers("authorization") or [f"Bearer {secret}" for secret in offered]
        client = socket.scope.get("client")
        return await self._services.authenticate(headers, client[0] if client else "")

    def _dialect(self, scope: Scope) -> tuple[Dialect, str]:
        if not self._dialects:
            raise NotFound
        models = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("model", [])
        if len(models) != 1:
            raise BadParameter("The URL must name one model: ?model=" + next(iter(self._dialects)))
        dialect = dialect_of(self._dialects, models[0])
        if dialect is None:
            raise ModelNotFound(f"The model {models[0][:64]} does not exist or you do not have access to it.")
        return dialect, models[0]

    async def _take_place(self, key: Key, held: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(_PLACE_SECONDS):
                await held.enter_async_context(self._services.places.place(key))
        except TimeoutError:
            raise Overloaded from None

    def _leave(self, key: Key, record: Record) -> None:
        self._services.drain.active -= 1
        self._services.quotas.spend(key, record.meter.usage.completion)


class _Talk:
    """One session and its socket, from the first event to the last."""

    def __init__(
        self, services: Services, socket: Socket, session: Session, key: Key, held: AsyncExitStack, glossary: Glossary
    ) -> None:
        self._services, self._socket, self._session, self._key = services, socket, session, key
        self._held = held
        self._glossary = glossary
        self._record = socket.record
        self._feed = Feed(services.settings.limits.session_backlog_seconds)
        self._failures = 0
        self._reserved = 0.0

    async def run(self) -> None:
        """Carries events until one side is done; raises `ClientLeft` if the client left before the end."""
        await self._socket.tell(self._session.start())
        reading = asyncio.create_task(self._read())
        # In the order in which they are asked: whoever cuts off a stalled reader knows why, and reading only that it is gone.
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._interpret()),
            asyncio.create_task(self._expire()),
            reading,
            cut := asyncio.create_task(self._services.drain.cut.wait()),
        ]
        try:
            while not reading.done() and not cut.done() and self._session.farewell is None:
                pending = [task for task in tasks if not task.done()]
                await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in filter(asyncio.Task.done, tasks):
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if cut.done() and not cut.cancelled():
            raise await self._last_words(Overloaded("The server is shutting down and ended this session. Please try again."))
        if self._session.farewell is not None:
            await self._socket.close(*self._session.farewell)

    async def _last_words(self, failure: LivetranslateError) -> LivetranslateError:
        """Tells the client what ends the session."""
        await self._socket.tell(self._session.failed(failure))
        return failure

    async def _read(self) -> None:
        """Takes frames as long as there is room for what they bring."""
        while self._session.farewell is None:
            try:
                frame = await self._socket.frame()
            except ClientLeft:
                if self._session.over:
                    return
                raise
            told = self._session.client(frame)
            self._feed.put(self._session.take_media())
            if self._session.ending:
                self._feed.end()
            await self._socket.tell(told)
            await self._reserve()
            while not await self._feed.room(_LOOK_SECONDS):
                self._socket.check()

    async def _reserve(self) -> None:
        """Counts sound against the key's tokens while it comes; raises `QuotaExceeded`."""
        tokens = audio_tokens(round(_RESERVED * HEARING_RATE), HEARING_RATE, self._session.facts.tokens_in)
        while self._session.seconds > self._reserved:
            try:
                self._services.quotas.reserve(self._key, tokens)
            except QuotaExceeded as exceeded:
                raise await self._last_words(exceeded) from None
            self._reserved += _RESERVED

    async def _interpret(self) -> None:
        """One interpreter after the other, each for the media between two changes of settings."""
        while (run := await self._feed.next_run()) is not None:
            self._session.begin(run)
            self._record.options = run.options
            try:
                await self._run(run)
            except LivetranslateError as failure:
                await self._broke(run, failure)
            except ClientLeft:
                raise
            except Exception as failure:  # an engine of any make: it is told as our own error, without its text
                log(EVENTS, logging.ERROR, "engine failed", request_id=self._record.request_id, failure=whereabouts(failure))
                await self._broke(run, InternalError())
        await self._socket.tell(self._session.drained())
        await self._held.aclose()  # a client that does not close now is in nobody's way

    async def _run(self, run: Run) -> None:
        record = self._record
        heard = record.meter.hear(self._feed.media())
        options = replace(run.options, key_glossary=self._glossary)
        told = self._services.profile.interpreter.interpret(heard, options)
        async with aclosing(heard), aclosing(record.meter.see(told, _UNBOUNDED)) as events:
            async for event in events:
                if isinstance(event, UtteranceDone):
                    self._failures = 0
                if not isinstance(event, Finished):
                    record.sent(event)
                await self._socket.tell(self._session.engine(event))

    async def _broke(self, run: Run, failure: LivetranslateError) -> None:
        """Tells that an interpreter failed; the next one may do better, but not for ever."""
        self._failures += 1
        self._record.failed(failure)
        if run.options.live is not None and run.options.live.manual:
            self._feed.drop()
        await self._socket.tell(self._session.broke(failure))
        if self._failures >= _FAILURES:
            raise failure

    async def _expire(self) -> None:
        await asyncio.sleep(self._services.settings.limits.session_seconds)
        told = self._session.expire()
        self._feed.end()
        await self._socket.tell(told)


def _fresh_id() -> str:
    return secrets.token_urlsafe(16)[:21]
