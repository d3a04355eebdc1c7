"""The server that most tests of this folder ask: scripted engines, one key, nothing else set."""

from collections.abc import Iterator

import pytest

from tests.server.live import Live, live


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("server")) as served:
        yield served
