"""Realtime sessions over any of the four dialects, as state machines without a socket."""

import re
from collections.abc import Mapping

from livetranslate.wire.realtime.facts import Abilities
from livetranslate.wire.realtime.oai import Translations
from livetranslate.wire.realtime.q3 import Q3
from livetranslate.wire.realtime.q35 import Q35
from livetranslate.wire.realtime.q38 import Q38
from livetranslate.wire.realtime.qwen import Qwen
from livetranslate.wire.realtime.session import Run, ServerEvent, Session, Surroundings

__all__ = [
    "QWEN",
    "TRANSLATIONS",
    "Abilities",
    "Dialect",
    "Dialects",
    "Run",
    "ServerEvent",
    "Session",
    "Surroundings",
    "dialect_of",
]

Dialect = type[Qwen] | type[Translations]
Dialects = Mapping[str, Dialect]
QWEN: Dialects = {model: dialect for dialect in (Q3, Q35, Q38) for model in dialect.facts.models}
"""The dialects of /api-ws/v1/realtime by the model's name."""
TRANSLATIONS: Dialects = {model: Translations for model in Translations.facts.models}
"""Those of /v1/realtime/translations."""
_DATED = re.compile(r"-20\d\d-\d\d-\d\d$")


def dialect_of(dialects: Dialects, model: str) -> Dialect | None:
    """The dialect of a model, dated or not; None if none of these has it."""
    return dialects.get(model) or dialects.get(_DATED.sub("", model))
