"""Chat completions: admit, then stream. Before the first byte anything may refuse with a status; after it, one error event."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from livetranslate.errors import EngineError, Overloaded, TooBig
from livetranslate.events import Event, Finished
from livetranslate.glossary.files import stored
from livetranslate.keys import Key
from livetranslate.media import Media, Writing
from livetranslate.server.exchange import ClientLeft, Exchange, Held
from livetranslate.server.services import Services
from livetranslate.streams import Stream, from_iterable
from livetranslate.tokens import INPUT_LIMIT, text_tokens
from livetranslate.wire.chat import DONE, ChatRequest, Chunk, ChunkEncoder, MediaUrl, as_line, fold, parse

_PARSED_IN_THREAD = 64 * 1024
"""Bytes from which on a body is parsed off the loop."""
_TAKEN = Writing("")
_CUT = "The server is shutting down and ended this request. Please try again."


class Chat:
    """One request for chat completions, from its key to its last byte."""

    def __init__(self, services: Services, exchange: Exchange) -> None:
        self._services = services
        self._exchange = exchange
        self._record = exchange.record
        self._source: MediaUrl | Writing = _TAKEN

    async def serve(self, key: Key) -> None:
        """Answers; raises what the front door tells the client, or `ClientLeft`."""
        services, record = self._services, self._record
        services.check_up()
        services.quotas.admit(key)
        record.profile, record.billed = services.profile.name, True
        services.drain.active += 1
        try:
            with services.bodies.hold() as held:
                request = await self._request(key, held)
                await self._while_there(self._answer(key, request, held))
        finally:
            services.drain.active -= 1
            services.quotas.spend(key, record.meter.usage.completion)

    async def _request(self, key: Key, held: Held) -> ChatRequest:
        """What is asked for; its source, which may be long, is kept apart until it is fetched."""
        settings, record = self._services.settings, self._record
        body = await self._exchange.body(held)

        def read() -> ChatRequest:
            return parse(body, strict=settings.strict, data_url_chars=settings.limits.data_url_chars)

        request = read() if len(body) < _PARSED_IN_THREAD else await self._services.off(read)
        if (terms := key.glossary) is not None:
            key_glossary = await self._services.off(lambda: stored(terms))
            request = replace(request, options=replace(request.options, key_glossary=key_glossary))
        record.model, record.options, record.stream = request.model, request.options, request.stream
        self._services.profile.check(request.options, text_in=isinstance(request.source, Writing))
        self._source = request.source
        return replace(request, source=_TAKEN)

    async def _while_there(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs the work for as long as the client is there and the server may run it; else ends it, and all it opened."""
        running = asyncio.create_task(work)
        left = asyncio.create_task(self._exchange.until_left())
        cut = asyncio.create_task(self._services.drain.cut.wait())
        try:
            await asyncio.wait({running, left, cut}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            finished, gone = running.done(), left.done()
            await _settle(running, left, cut)
        if finished:
            running.result()
        elif gone:
            raise ClientLeft
        else:
            raise Overloaded(_CUT)

    async def _answer(self, key: Key, request: ChatRequest, held: Held) -> None:
        async with self._services.places.place(key), self._media(key, held) as media:
            record = self._record
            record.work_started = record.now()
            heard = record.meter.hear(media)
            told = self._services.profile.interpreter.interpret(heard, request.options)
            async with aclosing(heard), aclosing(record.meter.see(told, request.options.max_tokens)) as events:
                asked = request.options
                encoder = ChunkEncoder(
                    record.request_id, int(record.time), request.model, utterances=asked.spans, details=asked.details
                )
                if request.stream:
                    await self._stream(encoder, events, request.include_usage)
                else:
                    await self._whole(encoder, events)

    @asynccontextmanager
    async def _media(self, key: Key, held: Held) -> AsyncIterator[Stream[Media]]:
        """What is to be heard or read: fetched, opened, and within the limits of the model and the key."""
        source, self._source = self._source, _TAKEN
        async with AsyncExitStack() as opened:
            if isinstance(source, Writing):
                tokens = text_tokens(source.text)
                media: Stream[Media] = from_iterable(iter([source]))
            else:
                blob = await self._services.fetcher.fetch(source.url, video=source.video)
                opened.callback(blob.close)
                clip = await self._services.decoder.open(blob, source.video, "see" if source.video else "none")
                opened.push_async_callback(clip.aclose)
                tokens, media = clip.probe.tokens, clip.media()
            del source
            held.give()
            opened.push_async_callback(media.aclose)
            if tokens > INPUT_LIMIT:
                raise TooBig(f"Range of input length should be [1, {INPUT_LIMIT}]")
            self._services.quotas.reserve(key, tokens)
            yield media

    async def _stream(self, encoder: ChunkEncoder, events: Stream[Event], include_usage: bool) -> None:
        """Waits a moment for the first chunk, which may fail as a status; then sends as it comes."""
        exchange = self._exchange
        async with aclosing(self._chunks(encoder, events)) as chunks:
            first = asyncio.create_task(anext(chunks))
            try:
                await asyncio.wait({first}, timeout=self._services.settings.limits.admit_seconds)
                if first.done():
                    first.result()
                await exchange.stream()
                await exchange.line(as_line(encoder.start()))
                await self._send(await first)
            finally:
                await _settle(first)
            async for chunk in chunks:
                await self._send(chunk)
        if include_usage:
            await exchange.line(as_line(encoder.usage(self._record.meter.usage)))
        await exchange.line(DONE)
        await exchange.end()

    async def _send(self, told: tuple[Event, list[Chunk]]) -> None:
        event, chunks = told
        for chunk in chunks:
            await self._exchange.line(as_line(chunk))
        self._record.sent(event)

    async def _whole(self, encoder: ChunkEncoder, events: Stream[Event]) -> None:
        gathered = [encoder.start()]
        async with aclosing(self._chunks(encoder, events)) as chunks:
            async for event, more in chunks:
                self._record.sent(event)
                gathered += more
        await self._exchange.reply_json(200, fold(gathered, self._record.meter.usage))

    async def _chunks(self, encoder: ChunkEncoder, events: Stream[Event]) -> Stream[tuple[Event, list[Chunk]]]:
        """The events that give chunks, with them, up to the last; an interpreter that ends without a last event has failed."""
        async for event in events:
            if chunks := encoder.event(event):
                yield event, chunks
            if isinstance(event, Finished):
                return
        raise EngineError


async def _settle(*tasks: asyncio.Task[Any]) -> None:
    """Ends the tasks and waits for their ends; what they raised has been looked at, or is no news."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()
