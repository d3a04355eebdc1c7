"""The fields of a JSON object, read by strict types: what is null counts as absent, and a wrong type is named by its field."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, overload

from livetranslate.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`, and what is said of any other; None is no bound, `without` leaves a bound out."""

    low: float
    high: float | None
    refusal: str
    without_low: bool = False
    without_high: bool = False

    def check(self, number: float) -> None:
        """Raises `BadParameter` with the refusal for a number outside."""
        low = self.low < number or (number == self.low and not self.without_low)
        high = self.high is None or number < self.high or (number == self.high and not self.without_high)
        if not (low and high):
            raise BadParameter(self.refusal)


class Fields:
    """One object's fields; `path` is what stands before their names in messages."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def has(self, name: str) -> bool:
        """Whether the field is there, null or not."""
        return name in self._values

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "String")
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "Boolean")
        return bool(value)

    @overload
    def integer(self, name: str, default: int, allowed: Range | None = None) -> int: ...
    @overload
    def integer(self, name: str, default: None, allowed: Range | None = None) -> int | None: ...
    def integer(self, name: str, default: int | None, allowed: Range | None = None) -> int | None:
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "Integer")
        if allowed is not None:
            allowed.check(value)
        return value

    def number(self, name: str, default: float, allowed: Range) -> float:
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name, "Float")
        allowed.check(value)
        if (isinstance(value, int) and value.bit_length() > 64) or not math.isfinite(value):
            raise BadParameter(allowed.refusal)
        return float(value)

    def array(self, name: str) -> list[Any] | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, list):
            raise self._wrong(name, "Array")
        return value

    def object(self, name: str, refusal: str | None = None) -> Self | None:
        """The object of that name; `refusal` is said of anything else that is not null."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise BadParameter(refusal) if refusal else self._wrong(name, "Object")
        return type(self)(value, f"{self._path}{name}.")

    def _wrong(self, name: str, kind: str) -> BadParameter:
        return BadParameter(f"'{self._path}{name}' must be {kind}")
