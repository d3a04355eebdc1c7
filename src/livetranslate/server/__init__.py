"""The HTTP server: routes, keys, admission, streaming, metrics, and a graceful end."""

from livetranslate.server.app import create_app
from livetranslate.server.run import CannotServe, serve

__all__ = ["CannotServe", "create_app", "serve"]
