"""English questions put as statements: Catalan asks by tone and by its question word, and statements are analysed well."""

import re

from livetranslate.engines.apertium.rules import words
from livetranslate.engines.apertium.sentences import Hold, split_mark
from livetranslate.engines.apertium.verbs import DETERMINERS, PAST, THIRD, third

_ASKING = {
    "what time": "a quina hora", "at what time": "a quina hora", "what": "què", "where": "on", "when": "quan", "why": "per què",
    "how": "com", "who": "qui", "how often": "amb quina freqüència", "how much": "quant", "how long": "quant temps",
    "how far": "a quina distància",
}  # fmt: skip
_PRONOUNS = ("i", "you", "he", "she", "it", "we", "they", "there")
_DO = ("do", "does", "did")
_BE = ("is", "are", "was", "were")
_AUXILIARY = "do|does|did|is|are|was|were|am|have|has|had|can|could|will|would|should|must|may|might|shall"
_SUBJECT = r"(?:i|you|he|she|it|we|they|there|the|this|that|these|those|my|your|his|her|our|their)"

_WORDS = "|".join(sorted(_ASKING, key=len, reverse=True))
_QUESTION = re.compile(
    r"^(?P<head>(?:(?:and|but|so|well|xqz\w+),? )*)"
    rf"(?:(?P<ask>(?:what|which|how many|how much|whose) [\w'-]+(?: [\w'-]+)?|{_WORDS}) )??"
    rf"(?P<aux>{_AUXILIARY})(?P<not> not)? (?P<rest>.+)$",
    re.IGNORECASE,
)
_UNMARKED = re.compile(
    r"^(?:(?:and|but|so|well) )?(?:(?:what time|what|where|when|why|who|how(?: (?:much|many|long|old|far|often))?) )?"
    rf"(?:{_AUXILIARY})(?: not)? {_SUBJECT}\b",
    re.IGNORECASE,
)
"""A question as a recognizer gives it, without its mark."""
_HAD = re.compile(r"^had (?P<who>I|you|he|she|it|we|they) (?=\w)", re.IGNORECASE)
"""No question without its mark, but a condition."""
_AGE = re.compile(r"^how old (?P<be>is|are|was|were) (?P<who>.+)$", re.IGNORECASE)
_OF_SUBJECT = re.compile(
    rf"^(?P<ask>who|what) (?=(?:{words(' '.join([*PAST.values(), *THIRD]))}|will|would|can|could)\b)", re.IGNORECASE
)


def questions(sentence: str, hold: Hold) -> str:
    """The question as a statement behind its question word; what is no question stays as it is."""
    core, mark = split_mark(sentence)
    if "?" not in mark:
        if unreal := _HAD.match(core):
            return f"if {unreal['who']} had {core[unreal.end() :]}{mark}"
        if "!" in mark or not _UNMARKED.match(core):
            return sentence
        mark = "?"
    if age := _AGE.match(core):
        return _how_old(age, hold) + mark
    if not _QUESTION.match(core):
        return _OF_SUBJECT.sub(lambda found: hold(_ASKING[found["ask"].lower()], True) + " ", core) + mark
    found = _QUESTION.match(core)
    assert found is not None
    asked, auxiliary = (found["ask"] or "").lower(), found["aux"].lower()
    subject, rest = _subject(found["rest"], auxiliary)
    if not subject and auxiliary not in _BE:
        return core + mark
    if subject.lower() == "you" and auxiliary in ("can", "could") and not asked:
        return core + mark  # understood as it stands, and politely
    asking = hold(_ASKING[asked], True) if asked in _ASKING else found["ask"] or ""
    clause = _statement(subject, auxiliary, bool(found["not"]), rest) if subject else f"{found['aux']} {rest}"
    return " ".join(f"{found['head']}{asking} {clause}".split()) + mark


def _how_old(age: re.Match[str], hold: Hold) -> str:
    who = age["who"].lower()
    past = age["be"].lower() in ("was", "were")
    plural = who in ("they", "we") or (age["be"].lower() in ("are", "were") and who != "you")
    form = {(False, False): "té", (True, False): "tenia", (False, True): "tenen", (True, True): "tenien"}[past, plural]
    return hold(f"quants anys {form}", True) + ("" if who in _PRONOUNS else f" {age['who']}")


def _subject(rest: str, auxiliary: str) -> tuple[str, str]:
    """What stands before the verb, and the verb with all after it; no subject if that cannot be told."""
    parts = rest.split()
    if parts[0].lower() in _PRONOUNS:
        return parts[0], " ".join(parts[1:])
    if auxiliary not in _DO:
        return "", rest
    start = 2 if parts[0].lower() in DETERMINERS else 1
    for at in range(start, len(parts)):
        if parts[at].lower().strip(",") in PAST and parts[at - 1].lower() not in DETERMINERS:
            return " ".join(parts[:at]), " ".join(parts[at:])
    return "", rest


def _statement(subject: str, auxiliary: str, negated: bool, rest: str) -> str:
    if auxiliary not in _DO or negated:
        return f"{subject} {auxiliary}{' not' if negated else ''} {rest}"
    verb, _, more = rest.partition(" ")
    form = {"did": PAST.get(verb.lower(), verb), "does": third(verb.lower()), "do": verb}[auxiliary]
    return f"{subject} {form} {more}".strip()
