"""Moving windows: how much of something a key may use in any stretch of time, counted exactly, on a clock handed in."""

import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Clock = Callable[[], float]

_UNITS: Final = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_FORM = re.compile(r"\s*(\d{1,12})\s*(?:/|\s+per\s+)\s*(\d{0,6})\s*(second|minute|hour|day)s?\s*", re.IGNORECASE)
_MOST_USES = 10_000
"""Uses a window remembers one by one. Where a limit allows more, they are counted in as many steps, each freed at its end."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in any stretch of `seconds`."""

    amount: int
    seconds: float


def parse_limit(text: str | None) -> Limit | None:
    """`100/minute`, `10 per second`, `1000/2 hours`; None for `off`. Raises `ValueError` for anything else."""
    if text is None or text.strip().lower() in ("off", ""):
        return None
    form = _FORM.fullmatch(text)
    if form is None or form[2] == "0":
        raise ValueError("a limit is written like 100/minute, or off")
    return Limit(int(form[1]), int(form[2] or 1) * _UNITS[form[3].lower()])


class MovingWindow:
    """What was used in the last stretch of a limit's length."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._step = limit.seconds / _MOST_USES if limit.amount > _MOST_USES else 0.0
        self._uses: deque[tuple[float, int]] = deque()
        self._used = 0

    @property
    def used(self) -> int:
        """The sum of the last stretch."""
        begin = self._clock() - self._limit.seconds
        while self._uses and self._uses[0][0] <= begin:
            self._used -= self._uses.popleft()[1]
        return self._used

    def wait_for(self, amount: int) -> float | None:
        """Seconds until `amount` more would fit: 0 if they do now; None if they never will."""
        over = self.used + amount - self._limit.amount
        if over <= 0:
            return 0.0
        if amount > self._limit.amount:
            return None
        now = self._clock()
        for time, used in self._uses:
            over -= used
            if over <= 0:
                return time + self._limit.seconds - now
        return self._limit.seconds

    def use(self, amount: int) -> None:
        """Counts a use, be it within the limit or not."""
        time = self._clock()
        if self._step:
            time = math.ceil(time / self._step) * self._step
        before = self._uses.pop()[1] if self._uses and self._uses[-1][0] >= time else 0
        self._uses.append((time, before + amount))
        self._used += amount

    def retry_after(self, amount: int) -> int:
        """Whole seconds after which to try again, at least 1; the window's length where it never fits."""
        wait = self.wait_for(amount)
        return max(1, math.ceil(self._limit.seconds if wait is None else wait))
