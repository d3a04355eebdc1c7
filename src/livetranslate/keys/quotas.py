"""What each key may use in a while: requests, bursts and tokens, each in a moving window of its own."""

import time
from dataclasses import dataclass

from livetranslate.errors import BurstLimited, LivetranslateError, QuotaExceeded, RateLimited
from livetranslate.keys.limits import Clock, Limit, MovingWindow, parse_limit
from livetranslate.keys.store import Key


@dataclass(frozen=True, slots=True)
class _Windows:
    requests: MovingWindow | None
    burst: MovingWindow | None
    tokens: MovingWindow | None


class Quotas:
    """The windows of all keys, in memory. Limits are written as in the settings; a key's own take their place."""

    def __init__(self, rate: str = "off", burst: str = "off", tokens: str = "off", clock: Clock = time.monotonic) -> None:
        self._rate, self._burst, self._tokens = parse_limit(rate), parse_limit(burst), parse_limit(tokens)
        self._clock = clock
        self._windows: dict[str, _Windows] = {}

    def admit(self, key: Key) -> None:
        """Counts a request of the key.

        Raises `RateLimited`, `BurstLimited` or `QuotaExceeded` and then counts nothing: knocking on does not lengthen the wait.
        """
        windows = self._of(key)
        _require(windows.requests, 1, RateLimited)
        _require(windows.burst, 1, BurstLimited)
        _require(windows.tokens, 1, QuotaExceeded)
        _use(windows.requests, 1)
        _use(windows.burst, 1)

    def reserve(self, key: Key, tokens: int) -> None:
        """Counts tokens that go in; raises `QuotaExceeded` if they are more than is left."""
        window = self._of(key).tokens
        _require(window, tokens, QuotaExceeded)
        _use(window, tokens)

    def spend(self, key: Key, tokens: int) -> None:
        """Counts tokens that came out, be they over the limit or not."""
        _use(self._of(key).tokens, tokens)

    def _of(self, key: Key) -> _Windows:
        windows = self._windows.get(key.id)
        if windows is None:
            windows = self._windows[key.id] = _Windows(
                self._window(parse_limit(key.rate_limit) if key.rate_limit else self._rate),
                self._window(self._burst),
                self._window(parse_limit(key.token_limit) if key.token_limit else self._tokens),
            )
        return windows

    def _window(self, limit: Limit | None) -> MovingWindow | None:
        return MovingWindow(limit, self._clock) if limit else None


def _require(window: MovingWindow | None, amount: int, refusal: type[LivetranslateError]) -> None:
    if window is not None and window.wait_for(amount) != 0:
        raise refusal(retry_after=window.retry_after(amount))


def _use(window: MovingWindow | None, amount: int) -> None:
    if window is not None and amount:
        window.use(amount)
