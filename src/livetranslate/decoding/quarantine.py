"""Bytes that crashed the decoder again and again, remembered by their digest for a while."""

from collections import OrderedDict

_MOST = 1024


class Quarantine:
    """After `crashes` within `seconds` a digest is held for as long; the table is bounded, the oldest go first."""

    def __init__(self, crashes: int, seconds: float) -> None:
        self._crashes, self._seconds = crashes, seconds
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def add(self, digest: str, now: float) -> None:
        """Notes a crash."""
        count, since = self._seen.pop(digest, (0, now))
        self._seen[digest] = (1, now) if now - since > self._seconds else (count + 1, now)
        while len(self._seen) > _MOST:
            self._seen.popitem(last=False)

    def holds(self, digest: str, now: float) -> bool:
        """Whether these bytes are to be refused unseen."""
        count, since = self._seen.get(digest, (0, now))
        return count >= self._crashes and now - since <= self._seconds
