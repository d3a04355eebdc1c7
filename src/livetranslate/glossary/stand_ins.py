"""Plain nouns that stand in for a term while a text is translated, so that the translator makes articles and adjectives agree.

A stand-in has the gender, the number and the beginning that the term will have in the target language, and one meaning only.
"""

from dataclasses import dataclass
from functools import cache

from livetranslate.glossary.forms import Gender, beginning, plural

_LANGUAGES = ("en", "es", "fr", "it", "pt")

_TABLE = """
m castle | castillo | château | castello | castelo
m museum | museo | musée | museo | museu
m garden | jardín | jardin | giardino | jardim
m elephant | elefante | éléphant | elefante | elefante
m airplane | avión | avion | aereo | avião
m hospital | hospital | hôpital | ospedale | hospital
m mirror | espejo | miroir | specchio | espelho
m uncle | tío | oncle | zio | tio
f church | iglesia | église | chiesa | igreja
f kitchen | cocina | cuisine | cucina | cozinha
f mountain | montaña | montagne | montagna | montanha
f window | ventana | fenêtre | finestra | janela
f island | isla | île | isola | ilha
f university | universidad | université | università | universidade
f shirt | camisa | chemise | camicia | camisa
f star | estrella | étoile | stella | estrela
"""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A noun of the source language, and what it becomes in the target language."""

    source: str
    target: str


@cache
def stand_ins(source: str, target: str, gender: Gender, is_plural: bool, begins: str) -> tuple[StandIn, ...]:
    """The nouns that can stand in for a term of that kind, the best first; none between languages without a table."""
    if source not in _LANGUAGES or target not in _LANGUAGES or source == target:
        return ()
    found = []
    for row in _TABLE.strip().splitlines():
        nouns = dict(zip(_LANGUAGES, (cell.strip() for cell in row[2:].split("|")), strict=True))
        ours, theirs = nouns[source], nouns[target]
        if (target == "en" or row[0] == gender) and beginning(theirs, target) == begins:
            found.append(StandIn(plural(ours, source), plural(theirs, target)) if is_plural else StandIn(ours, theirs))
    return tuple(found)
