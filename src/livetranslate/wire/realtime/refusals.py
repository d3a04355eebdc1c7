"""A client event that cannot be obeyed: what an error event says of it."""

from typing import Any


class Refused(Exception):
    """One client event is refused; the session goes on as it was."""

    def __init__(self, message: str, param: str | None = None, code: str = "invalid_value") -> None:
        super().__init__(message)
        self.message, self.param, self.code = message, param, code


def shown(value: Any) -> str:
    """A client's value in a message, cut short."""
    text = repr(value)
    return text if len(text) <= 64 else f"{text[:60]}...'"


def mapping(value: Any, where: str) -> dict[str, Any]:
    """An object, or an empty one for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(f"Invalid type for '{where}': expected an object.", where, "invalid_type")
    return value


def text(value: Any, where: str, most: int = 256) -> str:
    """A text of some length."""
    if not isinstance(value, str):
        raise Refused(f"Invalid type for '{where}': expected a string.", where, "invalid_type")
    if len(value) > most:
        raise Refused(f"Invalid value for '{where}': at most {most} characters.", where)
    return value


def number(value: Any, where: str, least: float, most: float) -> float:
    """A number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"Invalid type for '{where}': expected a number.", where, "invalid_type")
    if not least <= value <= most:
        raise Refused(f"Invalid value for '{where}': expected a number from {least:g} to {most:g}.", where)
    return value


def flag(value: Any, where: str) -> bool:
    """True or false; null is false."""
    if value is not None and not isinstance(value, bool):
        raise Refused(f"Invalid type for '{where}': expected a boolean.", where, "invalid_type")
    return bool(value)
