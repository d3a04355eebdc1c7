"""The front door: gives every request its id, checks its framing and address, and tells every failure in the one envelope."""

import ipaddress
import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from livetranslate.errors import BadRequest, InternalError, LivetranslateError
from livetranslate.server.exchange import ClientLeft, Exchange, ReaderStalled
from livetranslate.server.logs import EVENTS, log, whereabouts
from livetranslate.server.records import Record
from livetranslate.server.services import Services

EXCHANGE = "livetranslate.exchange"
"""The name in the scope under which a route finds its exchange."""
_HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?")


class FrontDoor:
    """ASGI middleware around all routes."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request in; whatever happens to it, it is answered, logged and counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        services = self._services
        record = Record(services.new_id(), services.clock(), services.now)
        exchange = Exchange(scope, receive, send, record, services.settings.limits)
        scope[EXCHANGE] = exchange
        try:
            await self._let_in(scope, receive, exchange)
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

    async def _let_in(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        try:
            await self._check(scope, exchange)
            await self._app(scope, receive, exchange.pass_on)
        except LivetranslateError as refusal:
            await exchange.fail(refusal)
        except ClientLeft:
            raise
        except Exception as failure:  # a bug of ours: the client gets the envelope and nothing of its text
            log(EVENTS, logging.ERROR, "bug", request_id=exchange.record.request_id, failure=whereabouts(failure))
            await exchange.fail(InternalError())

    async def _check(self, scope: Scope, exchange: Exchange) -> None:
        """Raises `BadRequest` for framing and names that a proxy before us might read otherwise."""
        coding = exchange.headers("transfer-encoding")
        if coding and (len(coding) > 1 or coding[0].strip().lower() != "chunked"):
            raise BadRequest("The Transfer-Encoding is not supported.")
        await check_names(self._services, exchange.headers, exchange.scope.get("http_version", ""))


async def check_names(services: Services, headers: Callable[[str], list[str]], http_version: str = "1.1") -> None:
    """Raises `BadRequest` for a Host header that names another server, and for a page of another site where no key is needed."""
    hosts = headers("host")
    if len(hosts) != 1 and not (not hosts and http_version == "1.0"):
        raise BadRequest("A request must have exactly one Host header.")
    host = hosts[0] if hosts else ""
    if hosts and not _HOST.fullmatch(host):
        raise BadRequest("The Host header is no host.")
    allowed, open_to_all = services.settings.allowed_hosts, not await services.keys_required()
    if hosts and (open_to_all or allowed) and not _is_allowed(host, allowed):
        raise BadRequest("The Host header names no host of this server. LIVETRANSLATE_ALLOWED_HOSTS lists more.")
    origin = next(iter(headers("origin")), None)
    if open_to_all and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise BadRequest("A page of another site may not use this server as long as it asks for no key.")


def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a Host header names loopback or one of the allowed hosts, whatever the port."""
    name = re.sub(r":[0-9]+$", "", host).lower().rstrip(".")
    if name == "localhost" or name in {other.lower() for other in allowed}:
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
