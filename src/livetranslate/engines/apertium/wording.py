"""English said another way where Apertium misreads it: times, what lasts, negation, coordination, verbs with a particle."""

import re

from livetranslate.engines.apertium.rules import Rules, apply, listed, pairs, rules, words
from livetranslate.engines.apertium.sentences import Hold
from livetranslate.engines.apertium.verbs import ING, PAST, THIRD, third

_BASES = words(" ".join(PAST))
_THIRDS = words(" ".join(THIRD))
_PASTS = words(" ".join(PAST.values()))
_MODALS = "will|would|can|could|must|should|may|might"
_DETERMINER = "the|a|an|my|your|his|her|our|their|this|that|these|those"

# --- times and years

_HOURS = pairs(
    "one=la una\ntwo =les dues\nthree=les tres\nfour=les quatre\nfive=les cinc\nsix=les sis\nseven=les set\neight=les vuit\n"
    "nine=les nou\nten=les deu\neleven=les onze\ntwelve=les dotze"
)
_CLOCK = re.compile(
    rf"\b(?P<at>at )?(?P<part>half past |(?:a )?quarter past )?(?P<hour>{words(' '.join(_HOURS))})"
    r"(?P<sharp> o'clock)?\b(?P<end>(?=\s*(?:[.,;:!?]|$| and\b| or\b| in\b| on\b| tomorrow\b| today\b| every\b| sharp\b)))?",
    re.IGNORECASE,
)


def clock(sentence: str, hold: Hold) -> str:
    """Times of day: at eight, at eight o'clock, half past nine."""

    def one(found: re.Match[str]) -> str:
        alone = found["at"] and found["end"] is not None
        if not (found["sharp"] or found["part"] or alone):
            return found.group()
        part = (found["part"] or "").lower()
        after = " i mitja" if part.startswith("half") else " i quart" if part else ""
        return hold(("a " if found["at"] else "") + _HOURS[found["hour"].lower()] + after, True)

    return _CLOCK.sub(one, sentence)


_UNITS = listed(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen
    """
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * value for value, word in enumerate(_TENS, 2)}
_DIGIT = "|".join(_UNITS[1:10])
_YEAR = re.compile(
    rf"\b(?P<century>seventeen|eighteen|nineteen|twenty) "
    rf"(?P<rest>(?:oh|o) (?:{_DIGIT})|(?:{'|'.join(_TENS)})(?:[ -](?:{_DIGIT}))?|{'|'.join(_UNITS[10:])})\b",
    re.IGNORECASE,
)


def _number(spoken: str) -> int:
    return sum(_VALUES.get(word, 0) for word in re.split(r"[ -]", spoken.lower()))


def years(sentence: str) -> str:
    """Years that are spoken in two parts, as numbers: nineteen ninety-eight."""
    return _YEAR.sub(lambda found: str(100 * _number(found["century"]) + _number(found["rest"])), sentence)


# --- what lasts, what was long ago

_LASTING = re.compile(
    r"\b(?P<who>\w+) (?P<have>have|has) been (?P<verb>\w+ing)\b(?=[^.?!]*\bfor (?:\w+ ){1,2}?(?:years|months|weeks|days|hours))"
)
_SINCE = re.compile(r"\bfor (?=(?:\w+ ){1,2}?(?:years|months|weeks|days|hours)\b)", re.IGNORECASE)


def lasting(sentence: str, hold: Hold) -> str:
    """What has been going on for years and still does: the present tense, and since when."""
    found = _LASTING.search(sentence)
    if found is None or found["verb"].lower() not in ING:
        return sentence
    base = ING[found["verb"].lower()]
    form = third(base) if found["have"].lower() == "has" else base
    sentence = f"{sentence[: found.start()]}{found['who']} {form}{sentence[found.end() :]}"
    return _SINCE.sub(lambda _: hold("des de fa", True) + " ", sentence)


# --- words that are set aside as Catalan

_AGO = re.compile(
    rf"\b(?P<span>(?:an?|a few|many|some|several|{'|'.join(_UNITS[1:])}|{'|'.join(_TENS)}|\d+) (?:\w+ )?"
    r"(?:years?|months?|weeks?|days?|hours?|minutes?)) ago\b",
    re.IGNORECASE,
)
_USED = re.compile(r"\b(?P<who>\w+) used to (?=\w)", re.IGNORECASE)
_USED_FORMS = {"i": "solia~", "you": "solies~", "we": "solíem~", "they": "solien~"}
_LIKE = re.compile(
    rf"\b(?P<who>I|you|we|they) (?P<not>do not )?(?:really )?(?:like|love) (?P<to>to (?=\w)|(?=(?:{_DETERMINER})\b|\w+\b))",
    re.IGNORECASE,
)
_LIKE_FORMS = {"i": "m'agrada", "you": "t'agrada", "we": "ens agrada", "they": "els agrada"}
_DRESS = re.compile(rf"\b(?P<who>I|you|he|she|we|they) put on (?=(?:{_DETERMINER})\b)", re.IGNORECASE)
_DRESS_FORMS = {
    "i": "em vaig posar", "you": "et vas posar", "he": "es va posar", "she": "es va posar",
    "we": "ens vam posar", "they": "es van posar",
}  # fmt: skip
_BEFORE = re.compile(
    rf"\bbefore (?:(?P<same>I|you|he|she|we|they) (?P<verb>{_BASES})\b|(?P<clause>(?:I|you|he|she|it|we|they)\b|"
    rf"(?:{_DETERMINER}) (?:\w+ ){{1,3}}?(?:{_BASES}|{_THIRDS}|{_PASTS}|is|are|was|were)\b)?)",
    re.IGNORECASE,
)
_SO = re.compile(r", so (?=(?:I|you|he|she|it|we|they|the|my)\b)")
_SO_FORMS = {"es": "así que", "fr": "alors", "it": "così", "pt": "então"}
_THAN = re.compile(r"\b(?P<than>than|as) (?P<who>me|him|her|us|them)\b(?=[.,;!?]|$)", re.IGNORECASE)
_THAN_FORMS = {"me": "jo", "him": "ell", "her": "ella", "us": "nosaltres", "them": "ells"}
_MORE_THAN = re.compile(
    rf"\b(?P<more>more|less|fewer) than (?=(?:an?|half|{'|'.join(_UNITS[1:])}|{'|'.join(_TENS)}|\d)\b)", re.IGNORECASE
)
_WITH_YOU = re.compile(
    r"\b(?P<how>for|with|about|of|from|to|without) you(?=[.,;!?]|$| (?:and|but|when|because|if|in|on|at)\b)", re.IGNORECASE
)
_WITH_YOU_FORMS = {
    "for": {"es": "para ti", "fr": "pour vous", "it": "per te", "pt": "para você"},
    "with": {"es": "contigo", "fr": "avec vous", "it": "con te", "pt": "com você"},
    "about": {"es": "sobre ti", "fr": "de vous", "it": "di te", "pt": "sobre você"},
    "of": {"es": "de ti", "fr": "de vous", "it": "di te", "pt": "de você"},
    "from": {"es": "de ti", "fr": "de vous", "it": "da te", "pt": "de você"},
    "to": {"es": "a ti", "fr": "à vous", "it": "a te", "pt": "a você"},
    "without": {"es": "sin ti", "fr": "sans vous", "it": "senza di te", "pt": "sem você"},
}
_DOING = re.compile(rf"\b(?P<how>before|after|without|instead of) (?P<verb>{words(' '.join(ING))})\b", re.IGNORECASE)
_DOING_FORMS = pairs("before=abans de~\nafter =després de~\nwithout=sense~\ninstead of=en lloc de~")
_FEELING = re.compile(
    r"\b(?:(?P<pronoun>I|you|he|she|it|we|they)|(?P<noun>\w+)) (?P<be>am|are|is|was|were|will be) (?P<not>not )?(?:very |so )?"
    r"(?P<how>hungry|thirsty|afraid|scared|in a hurry|sleepy|lucky)\b",
    re.IGNORECASE,
)
_FEELINGS = pairs("hungry=gana\nthirsty =set\nafraid=por\nscared=por\nin a hurry=pressa\nsleepy=son\nlucky=sort")
_HAVING = {
    "am": "tinc", "are": "tenen", "is": "té", "was": "tenia", "were": "tenien", "will be": "tindrà",
    "you are": "tens", "we are": "tenim", "you were": "tenies", "we were": "teníem",
    "i will be": "tindré", "you will be": "tindràs", "we will be": "tindrem", "they will be": "tindran",
}  # fmt: skip


def _feeling(found: re.Match[str], hold: Hold) -> str:
    be, who = found["be"].lower(), (found["pronoun"] or "").lower()
    have = _HAVING.get(f"{who} {be}") or _HAVING[be]
    name = hold(f"{'no ' if found['not'] else ''}{have} {_FEELINGS[found['how'].lower()]}", True)
    return f"{found['noun']} {name}" if found["noun"] else name


def aside(sentence: str, target: str, hold: Hold) -> str:
    """Times past, habits, likings, feelings and comparisons, whose words are set aside in Catalan."""

    def before(found: re.Match[str]) -> str:
        if found["same"]:
            return f"{hold('abans de~', True)} to {found['verb']}"
        return f"{hold('abans que' if found['clause'] else 'abans de', True)} {found['clause'] or ''}"

    sentence = _AGO.sub(lambda m: f"{hold('fa', True)} {m['span']}", sentence)
    sentence = _USED.sub(lambda m: f"{m['who']} {hold(_USED_FORMS.get(m['who'].lower(), 'solia~'), True)} to ", sentence)
    sentence = _LIKE.sub(
        lambda m: (
            hold(("no " if m["not"] else "") + _LIKE_FORMS[m["who"].lower()] + ("~" if m["to"] else ""), True) + " " + m["to"]
        ),
        sentence,
    )
    sentence = _DRESS.sub(lambda m: hold(_DRESS_FORMS[m["who"].lower()], True) + " ", sentence)
    sentence = _DOING.sub(lambda m: f"{hold(_DOING_FORMS[m['how'].lower()], True)} to {ING[m['verb'].lower()]}", sentence)
    sentence = _BEFORE.sub(before, sentence)
    sentence = _SO.sub(lambda m: f", {hold(_SO_FORMS[target], False)} ", sentence)
    sentence = _THAN.sub(
        lambda m: hold(f"{'que' if m['than'].lower() == 'than' else 'com'} {_THAN_FORMS[m['who'].lower()]}", True), sentence
    )
    sentence = _MORE_THAN.sub(lambda m: hold("més de" if m["more"].lower() == "more" else "menys de", True) + " ", sentence)
    sentence = _WITH_YOU.sub(lambda m: hold(_WITH_YOU_FORMS[m["how"].lower()][target], False), sentence)
    sentence = re.sub(r"\bof others?\b", lambda _: hold("d'altres", True), sentence)
    return _FEELING.sub(lambda m: _feeling(m, hold), sentence)


# --- words for words

_GOING_AWAY = r"(?= (?:at|for|in|from|on|now|tomorrow|today|soon|early|late|before|after)\b|[.?!,]|$)"
_DELIVER = {None: "deliver", "s": "delivers", "ed": "delivered", "ing": "delivering"}
_BACK = {"come": "return", "comes": "returns", "came": "returned", "coming": "returning"}
_ON = {"carry": "continue", "carries": "continues", "carried": "continued", "went": "continued"}
_ARRIVE = {"am": "arrive", "are": "arrive", "is": "arrives", "was": "arrived", "were": "arrived"}
_SOME = {"thing": "something", "one": "somebody", "body": "somebody", "where": "somewhere"}
_NO = {"thing": "nothing", "one": "nobody", "body": "nobody", "where": "nowhere"}

_PLAIN: Rules = rules(
    # Superlatives, which the path through Catalan reads as "the majority".
    (r"\bthe most (?=[a-z]+)(?!of\b)", "the more "),
    (r"\bin order to\b", "to"),
    (r"\bwhether\b", "if"),
    (
        r"\ball (?!the\b|of\b|these\b|those\b|my\b|your\b|his\b|her\b|our\b|their\b|this\b)(\w{3,}s|children|people|men|women)\b",
        r"all the \1",
    ),
    (r"\bthere (is|was) nothing\b", r"there \1 not nothing"),
    (r"\b(I|you|we|they) have nothing\b", r"\1 do not have nothing"),
    (r"\b(he|she|it) has nothing\b", r"\1 does not have nothing"),
    (r"\b(I|you|he|she|it|we|they) had nothing\b", r"\1 did not have nothing"),
    (r"\b(is|are|was|were|be|been) held\b", r"\1 celebrated"),
    (r"\b(?:ran|run) away\b", "escaped"),
    (r"\bbecause of\b", "due to"),
    (r"\b(over|in|up|down) (there|here)\b", r"\2"),
    (r"\bwould rather\b", "would prefer to"),
    (r"\b(the|this|that|which) (\w+) ones?\b", r"\1 \2"),
    (r"\bwhich one\b", "which"),
    (r"\bstudent(s?)\b", r"pupil\1"),
    (r"\bfloor(?= (?:is|was)\b)", "ground"),
    (r"\b(is|are|was|were|be|am) fine\b", r"\1 good"),
    # Romance languages have no "any": a negation takes "nothing", a question "something".
    (r"\b(not|never|without)\b([^.,;?!]*?) any(thing|one|body|where)\b", lambda m: f"{m[1]}{m[2]} {_NO[m[3].lower()]}"),
    (r"\b(not|never|without)\b([^.,;?!]*?) any\b", r"\1\2"),
    (r"\bany(thing|one|body|where)(?= |[.,?!]|$)(?=.*\?|.*$)", lambda m: _SOME[m[1].lower()]),
    (r"\b(do|does|did|have|has|if|is there|are there)\b([^.,;?!]*?) any(?= \w)", r"\1\2"),
    (r"\b(and|but|with) no (?=\w)(?!one\b)", r"\1 without "),
    (r"\bwith without\b", "without"),
    # "Leave" without an object is to go away.
    (rf"\bleaves{_GOING_AWAY}", "departs"),
    (rf"\b(I|you|we|they|to|will|must|should|can|not|could|would) leave{_GOING_AWAY}", r"\1 depart"),
    (
        r"\b(I|you|he|she|we|they|who|train|bus|plane|ship|boat) left(?= (?:for|early|late|yesterday|at|from)\b|[.,]|$)",
        r"\1 departed",
    ),
    (r"\b(am|are|is|was|were) (?:very |so |always )?late\b", lambda m: f"{_ARRIVE[m[1].lower()]} late"),
    # What is joined by "and" keeps its modal verb or its subject, else the second verb is read as a noun.
    (rf"\b({_MODALS}) (?=(?:{_BASES})\b)([^.,;:?!]*?) and (?=(?:{_BASES})\b)", r"\1 \2 and \1 "),
    (rf"\b(he|she|it|who|that) (.*?)\band (?=(?:{_THIRDS})\b)", r"\1 \2and he "),
    (
        rf"\b((?:{_THIRDS})\b.*?) and (?=(?:{_THIRDS}) (?:at|in|on|to|for|the|an?|his|her|its|by|with|from|well|not|xqz\w+)\b)",
        r"\1 and he ",
    ),
    # Verbs with a particle.
    (r"\bhand(s|ed|ing)? in\b", lambda m: _DELIVER[m[1]]),
    (r"\bfound out\b", "discovered"),
    (r"\bfind out\b", "discover"),
    (r"\b(carry|carries|carried|went) on\b", lambda m: _ON[m[1].lower()]),
    (r"\b(come|comes|came|coming) back\b", lambda m: _BACK[m[1].lower()]),
    (r"\b(grow|grew|grown|growing) up\b", r"\1"),
    (r"\bran out of\b", "finished"),
    (r"\bfill in\b", "fill"),
    (r"\b(children|women|men)'s (\w+)", r"\2 for \1"),
    (r"\bby (?=(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|midnight|noon)\b)", "before "),
    # In an indirect question Catalan puts the verb first.
    (
        r"\b(where|who|what) ((?:the|my|your|his|her|our|their|this|that) (?:\w+ ){1,2}?)"
        r"(is|are|was|were)(?=[,.?!]|$| on\b| in\b| at\b)",
        lambda m: f"{m[1]} {m[3]} {m[2].strip()}",
    ),
    ignore_case=True,
)


def reword(sentence: str) -> str:
    """The sentence in words that are analysed well."""
    return apply(_PLAIN, sentence)
