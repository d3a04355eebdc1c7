"""Last touches to Spanish from Apertium."""

import re

from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.rules import Rules, apply, like, pairs, rules

_WORDS = Repairs(
    r"""
(?<!chief )heads?(?! of) | jefe jefes jefa > cabeza cabezas cabeza f
hearts? | coro coros > corazón corazones m
diseases?|illness | dolencia dolencias > enfermedad enfermedades f
breakfast | almuerzo almuerzos > desayuno desayunos m
keys? | clave claves > llave llaves f
parents | pares > padres m
oil | óleo > aceite m
flights? | vol vols > vuelo vuelos m
cups? | tasa tasas copa copas > taza tazas taza tazas f
""",
    masculine="el|los|un|unos|del|al|este|estos|ese|esos|aquel|nuestro|todo el|primer",
    feminine="la|las|una|unas|de la|a la|esta|estas|esa|esas|aquella|nuestra|toda la|primera",
)

_RELATED = "padres?|madre|herman[oa]s?|amig[oa]s?|hij[oa]s?|abuel[oa]s?|tí[oa]s?|espos[oa]|marido|médico|profesora?|vecin[oa]s?"
_SHOULD = pairs("tendría=debería tendrías=deberías tendríamos=deberíamos tendrían=deberían")

_FROM_ENGLISH: Rules = rules(
    (r"\bEsto es (?=(?:el|un)\b)", "Este es "),
    (r"\bEsto es (?=(?:la|una)\b)", "Esta es "),
    (r"\b([Tt]endr(?:ía|ías|íamos|ían)) que\b", lambda m: like(m[1], _SHOULD[m[1].lower()])),
    (r"\bparla\b", "habla"),
    (r"\bParla\b", "Habla"),
    # Spanish marks a person as an object.
    (
        r"\b([Vv]isit\w*|vi|vio|vimos|vieron|ver|veo|conocí|conoció|[Ll]lam\w+|[Aa]yud\w+|[Ii]nvit\w+) "
        rf"(?=(?:mis?|tus?|sus?|nuestr\w+) (?:{_RELATED})\b)",
        r"\1 a ",
    ),
    (r"\b([Dd])[oó]nde es (?=(?:el|la|los|las|mi|tu|su)\b)", r"\1ónde está "),
    (r"\bdonde (?=es\b)", "dónde "),
)
_GERUND = pairs("ar=ando er=iendo ir=iendo")
_ALWAYS: Rules = rules(
    (r"\bEL\b", "El"),
    (r"\b([Cc]ontinu\w+) (\w+)(ar|er|ir)\b", lambda m: f"{m[1]} {m[2]}{_GERUND[m[3]]}"),
    (r"\bvuestr[oa]\b(?= \w)", "su"),
    (r"\bvuestr[oa]s\b(?= \w)", "sus"),
    (r"\bl[oa]s mí[oa]s (?=\w)", "mis "),
    (r"\b(?:el mío|la mía) (?=\w)", "mi "),
    (r"\bde el\b", "del"),
    (r"\ba el\b", "al"),
    (r"\b(he|has|ha|hemos|han|había|habían) sido (?=\w+ndo\b)", r"\1 estado "),
    # Catalan's verb for calling, which the dictionary leaves as it is, and its verb for putting, which it reads as posing.
    (r"\btrúqu(?=e)", "llám"),
    (r"\bTrúqu(?=e)", "Llám"),
    (r"\btruqu(?=[eé])|\btruc(?=[aoó])", "llam"),
    (r"\bTruqu(?=[eé])|\bTruc(?=[aoó])", "Llam"),
    (r"\bposar\b", "poner"),
    (r"\bposó\b", "puso"),
    (r"\bposaron\b", "pusieron"),
    (r"\bposé\b", "puse"),
    (r"\bposamos\b", "pusimos"),
    (r"\b([Pp])ose\b", lambda m: like(m[1], "ponga")),
    (r"\btasa(s?) de (?=(?:café|té|leche|chocolate)\b)", r"taza\1 de "),
    (r"\bpor (?:un )?(\w+) por ciento", r"un \1 por ciento"),
)
# Whoever is addressed with a verb in the second person has what is "tu", not "su".
_THOU = re.compile(
    r"\b(?:eres|estás|tienes|puedes|podrías|quieres|sabes|haces|vas|has|debes|deberías|vienes|dices|ves|"
    r"(?!existe|triste|oeste|chiste|insiste|consiste|resiste|asiste|peste|celeste)\w+[aei]ste)\b",
    re.IGNORECASE,
)

_THY: Rules = rules((r"\bvuestr[oa]\b(?= \w)", "tu"), (r"\bvuestr[oa]s\b(?= \w)", "tus"))
_ACCENTS = {
    "que": "qué", "quien": "quién", "como": "cómo", "donde": "dónde", "cuando": "cuándo", "cuanto": "cuánto", "cuanta": "cuánta",
    "cuantos": "cuántos", "cuantas": "cuántas", "cual": "cuál", "cuales": "cuáles", "por que": "por qué",
}  # fmt: skip
_ASKING = re.compile(rf"^((?:y |pero )?)({'|'.join(_ACCENTS)})\b", re.IGNORECASE)


def mend(source: str, text: str, from_english: bool) -> str:
    """The Spanish text as it should leave."""
    if from_english:
        text = apply(_FROM_ENGLISH, _WORDS.mend(source, text))
        if re.search(r"\bwhat\b", source, re.IGNORECASE):
            text = re.sub(r"\b([Ee])l que\b", lambda m: like(m[1], "lo que"), text)
    if _THOU.search(text):
        text = apply(_THY, text)
    text = apply(_ALWAYS, text)
    if text.endswith("?") and "¿" not in text:
        return "¿" + _ASKING.sub(lambda m: m[1] + like(m[2], _ACCENTS[m[2].lower()]), text)
    return "¡" + text if text.endswith("!") and "¡" not in text else text
