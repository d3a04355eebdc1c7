"""API keys, their quotas and the usage ledger, in one SQLite file."""

from livetranslate.keys.database import FILE_NAME, MEMORY
from livetranslate.keys.guesses import Guesses
from livetranslate.keys.ledger import Ended, Entry, Group, Ledger, Line
from livetranslate.keys.limits import Limit, parse_limit
from livetranslate.keys.quotas import Quotas
from livetranslate.keys.store import ANYBODY, PREFIX, Key, Keys

__all__ = [
    "ANYBODY",
    "FILE_NAME",
    "MEMORY",
    "PREFIX",
    "Ended",
    "Entry",
    "Group",
    "Guesses",
    "Key",
    "Keys",
    "Ledger",
    "Limit",
    "Line",
    "Quotas",
    "parse_limit",
]
