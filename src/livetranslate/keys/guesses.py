"""Who guesses keys: failures by address in a bounded table, and how long the next wrong answer keeps them waiting."""

import ipaddress
import time
from collections import OrderedDict

from livetranslate.keys.limits import Clock

_FREE = 20
"""Failures in a minute that cost nothing: typing mistakes."""
_MINUTE = 60.0
_ADDRESSES = 4096
_FIRST_DELAY, _LONGEST_DELAY = 0.25, 2.0


class Guesses:
    """Counts failures by address, IPv6 by its /64, from a minute's first on. A right key is never delayed."""

    def __init__(self, clock: Clock = time.monotonic, addresses: int = _ADDRESSES) -> None:
        self._clock = clock
        self._most = addresses
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def failed(self, address: str) -> float:
        """Counts a failure; the seconds by which to delay its answer."""
        name, now = _network(address), self._clock()
        begin, count = self._failures.pop(name, (now, 0))
        if now - begin >= _MINUTE:
            begin, count = now, 0
        self._failures[name] = (begin, count + 1)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)
        over = count + 1 - _FREE
        return min(_FIRST_DELAY * 2.0 ** min(over - 1, 8), _LONGEST_DELAY) if over > 0 else 0.0


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
