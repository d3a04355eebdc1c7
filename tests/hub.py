"""A hub on loopback that speaks the API of the Hugging Face hub: descriptions with sums, a host for large files, ranges."""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000
"""Bytes from which on a file is kept apart, as Git LFS does."""


class FakeHub:
    """Repositories by name, each its files by name. `cut` breaks a file off after so many bytes, once; `lie` changes it."""

    def __init__(self, repositories: dict[str, dict[str, bytes]], licence: str = "mit", gated: bool = False) -> None:
        self.repositories, self.licence, self.gated = repositories, licence, gated
        self.cut: dict[str, int] = {}
        self.lie: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(place)) for place in ("hub", "large")]
        self.url, self.large = (f"http://127.0.0.1:{server.server_address[1]}" for server in self._servers)

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _handler(self, place: str) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                hub.answer(self, place)

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler

    def answer(self, request: BaseHTTPRequestHandler, place: str) -> None:
        """As the hub, or as the host of its large files."""
        path = unquote(request.path)
        if self.gated and request.headers.get("Authorization") != "Bearer right" and place == "hub":
            return _reply(request, 401, b"{}")
        if found := re.fullmatch(r"/api/models/(.+)/revision/([^?]+)\?blobs=true", path):
            if found[1] not in self.repositories:
                return _reply(request, 404, b'{"error":"Repository not found"}')
            return _reply(request, 200, json.dumps(self._described(found[1])).encode())
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        data = self.repositories.get(found[1], {}).get(found[3]) if found else None
        if found is None or data is None or found[2] != COMMIT:
            return _reply(request, 404, b"Entry not found")
        if place == "hub" and len(data) >= LARGE:
            return _reply(request, 302, b"", Location=f"{self.large}{request.path}", X_Linked_Size=str(len(data)))
        self._give(request, found[3], data)

    def _described(self, name: str) -> dict[str, Any]:
        siblings = []
        for file, data in self.repositories[name].items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            lfs = {"lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}}
            siblings.append({"rfilename": file, "size": len(data), "blobId": blob, **(lfs if len(data) >= LARGE else {})})
        return {"id": name, "sha": COMMIT, "siblings": siblings, "cardData": {"license": self.licence}, "tags": []}

    def _give(self, request: BaseHTTPRequestHandler, name: str, data: bytes) -> None:
        if name in self.lie:
            data = data[:-1] + bytes([data[-1] ^ 1])
        ranged = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(ranged[1]) if ranged else 0
        headers = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if ranged else {}
        body, length = data[start:], len(data) - start
        if name in self.cut:
            body = body[: self.cut.pop(name)]
        _reply(request, 206 if ranged else 200, body, length, **headers)


def _reply(request: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)
