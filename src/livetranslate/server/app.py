"""The app: its routes under both prefixes, and the playground."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from livetranslate import __version__
from livetranslate.catalog import LANGUAGES, MODELS, VOICES, check_model
from livetranslate.engines import Profile
from livetranslate.errors import BadRequest, LivetranslateError, MethodNotAllowed, NotFound
from livetranslate.server.chat import Chat
from livetranslate.server.door import EXCHANGE, FrontDoor
from livetranslate.server.exchange import Exchange
from livetranslate.server.logs import log_stray
from livetranslate.server.metrics import CONTENT_TYPE
from livetranslate.server.pages import Playground
from livetranslate.server.realtime import Realtime
from livetranslate.server.schema import CHAT, HEALTH, METRICS, MODEL, MODEL_LIST, READY, SECURITY
from livetranslate.server.services import Services
from livetranslate.settings import Settings
from livetranslate.wire.realtime import QWEN, TRANSLATIONS

PREFIXES = ("/compatible-mode/v1", "/v1")
_CREATED = 1_764_547_200
"""2025-12-01, the day of the model's snapshot."""

Handler = Callable[[Services, Exchange], Awaitable[None]]


def create_app(profile: Profile, settings: Settings, **given: Any) -> FastAPI:
    """The app for a profile that is not yet loaded: it loads in the background as soon as the app starts.

    `given` are `Services`' clocks and maker of ids. The services are `app.state.services`.
    """
    services = Services(profile, settings, **given)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(log_stray)
        async with services:
            yield

    app = _App(
        title="livetranslate",
        version=__version__,
        description="Speech and video translation over the wire of Qwen3-LiveTranslate-Flash.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.add_middleware(FrontDoor, services=services)
    app.add_exception_handler(HTTPException, _refuse)
    for prefix in PREFIXES:
        _add(app, "POST", f"{prefix}/chat/completions", _chat, "chat", services, **CHAT)
        _add(app, "GET", f"{prefix}/models", _models, "models", services, **MODEL_LIST)
        _add(app, "GET", f"{prefix}/models/{{model}}", _model, "models", services, **MODEL)
    for path in ("/api-ws/v1/realtime", "/{prefix:path}/api-ws/v1/realtime"):
        app.router.routes.append(WebSocketRoute(path, Realtime(services, QWEN)))
    app.router.routes.append(WebSocketRoute("/v1/realtime/translations", Realtime(services, TRANSLATIONS)))
    app.router.routes.append(WebSocketRoute("/{path:path}", Realtime(services, {})))
    _add(app, "GET", "/healthz", _health, "health", services, **HEALTH)
    _add(app, "GET", "/readyz", _ready, "ready", services, **READY)
    for path, handler, route in (("/healthz", _health, "health"), ("/readyz", _ready, "ready")):
        _add(app, "HEAD", path, handler, route, services, include_in_schema=False)
    _add_playground(app, services)
    if settings.metrics:
        _add(app, "GET", "/metrics", _metrics, "metrics", services, **METRICS)
    return app


def _add_playground(app: FastAPI, services: Services) -> None:
    playground = Playground()

    async def page(_: Services, exchange: Exchange) -> None:
        await playground.send(exchange, "index.html")

    async def part(_: Services, exchange: Exchange) -> None:
        await playground.send(exchange, str(exchange.scope["path_params"]["name"]))

    _add(app, "GET", "/", page, "page", services, include_in_schema=False)
    _add(app, "GET", "/playground/{name}", part, "page", services, include_in_schema=False)


class _App(FastAPI):
    """FastAPI, whose page of the API says how keys are sent."""

    def openapi(self) -> dict[str, Any]:
        page = super().openapi()
        page.setdefault("components", {})["securitySchemes"] = SECURITY
        return page


class _Answer(Response):
    """What a route gives: the answer is made while it is sent, through the request's exchange."""

    def __init__(self, handler: Handler, services: Services, route: str) -> None:
        super().__init__()
        self._handler, self._services, self._route = handler, services, route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        exchange.record.route = self._route
        await self._handler(self._services, exchange)


def _add(app: FastAPI, method: str, path: str, handler: Handler, route: str, services: Services, **documented: Any) -> None:
    async def endpoint(request: Request) -> Response:
        return _Answer(handler, services, route)

    name = f"{method.lower()}{path.replace('/', '_').replace('{', '').replace('}', '').replace('-', '_')}"
    app.add_api_route(path, endpoint, methods=[method], name=name, operation_id=name, response_model=None, **documented)


class _Refusal(Response):
    """What the router refuses, in our envelope."""

    def __init__(self, refusal: LivetranslateError, names: Mapping[str, str] | None) -> None:
        super().__init__()
        self._refusal, self._names = refusal, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        await exchange.fail(self._refusal, {name.lower(): value for name, value in (self._names or {}).items()})


async def _refuse(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    if failure.status_code == NotFound.status:
        return _Refusal(NotFound(), failure.headers)
    if failure.status_code == MethodNotAllowed.status:
        return _Refusal(MethodNotAllowed(f"Request method '{request.method[:16]}' is not supported."), failure.headers)
    return _Refusal(BadRequest(), failure.headers)


async def _authenticate(services: Services, exchange: Exchange) -> None:
    client = exchange.scope.get("client")
    exchange.record.key = await services.authenticate(exchange.headers("authorization"), client[0] if client else "")


async def _chat(services: Services, exchange: Exchange) -> None:
    await _authenticate(services, exchange)
    assert exchange.record.key is not None
    await Chat(services, exchange).serve(exchange.record.key)


async def _models(services: Services, exchange: Exchange) -> None:
    await _authenticate(services, exchange)
    await exchange.reply_json(200, {"object": "list", "data": [_model_fields(services, model) for model in MODELS]})


async def _model(services: Services, exchange: Exchange) -> None:
    await _authenticate(services, exchange)
    model = str(exchange.scope["path_params"]["model"])
    check_model(model)
    await exchange.reply_json(200, _model_fields(services, model))


def _model_fields(services: Services, model: str) -> dict[str, Any]:
    profile, info = services.profile, services.profile.interpreter.info

    def listed(codes: frozenset[str]) -> list[str]:
        return [code for code in (*LANGUAGES, *VOICES) if code in codes]

    return {
        "id": model,
        "object": "model",
        "created": _CREATED,
        "owned_by": "livetranslate",
        "profile": profile.name,
        "notice": profile.notice or None,
        "source_languages": listed(info.hears),
        "target_languages": listed(info.writes),
        "spoken_languages": listed(info.speaks),
        "voices": listed(info.voices),
        "engines": [
            {"name": engine.info.name, "version": engine.info.version, "licence": engine.info.licence}
            for engine in profile.engines
        ],
    }


async def _health(services: Services, exchange: Exchange) -> None:
    await exchange.reply_json(200, {"status": "ok"})


async def _ready(services: Services, exchange: Exchange) -> None:
    state = "draining" if services.drain.draining else "ready" if services.loaded else "loading"
    await exchange.reply_json(200 if state == "ready" else 503, {"status": state})


async def _metrics(services: Services, exchange: Exchange) -> None:
    await _authenticate(services, exchange)
    await exchange.reply(200, services.metrics.page(), CONTENT_TYPE)
