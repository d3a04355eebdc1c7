"""Last touches to French from Apertium: elisions, the subjects that Catalan leaves out, the place of short adjectives."""

import re

from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.rules import Rules, apply, like, pairs, rules, words

_WORDS = Repairs(
    r"""
(?<!chief )heads?(?! of) | chef chefs > tête têtes f
seasons? | gare gares > saison saisons f
emergenc(?:y|ies) | émergence émergences > urgence urgences f
villages? | peuple peuples > village villages m
coats? | abri abris > manteau manteaux m
streets? | voie voies > rue rues f
banks? | banc bancs > banque banques f
""",
    masculine="le|un|du|au|ce|mon|ton|tout le|premier",
    feminine="la|une|de la|à la|cette|ma|ta|toute la|première",
    elided={"l'": ("le", "la"), "de l'": ("du", "de la"), "à l'": ("au", "à la"), "d'": ("de", "de")},
)

_DETERMINER = "un|une|le|la|les|des|ce|cette|ces|mon|ma|mes|son|sa|ses|notre|nos|votre|vos|leur|leurs|deux|trois"
_SHORT = "petite?s?|grande?s?|bonne?s?|bons?|beaux?|belles?|vieux|vieille?s?|nouveaux?|nouvelles?|jeunes?|joli?e?s?|meilleure?s?"

_ALWAYS: Rules = rules(
    (r"\b([Ll])[ea] (?=[aeiouàâéèêîôœ])", r"\1'"),
    (r"\bsi (?=ils?\b)", "s'"),
    (r"\b(?<!-)([Qq]u|[Nn]|[Dd]|[Mm]|[Tt]|[Ss]|[Jj])e (?=[aeiouàâéèêîôœ])", r"\1'"),
    (r"\b([Cc]ontinu\w+) (?=\w+(?:er|ir|re)\b)", r"\1 à "),
    (r"\bla plupart de (?=\w)", "la plupart des "),
    (r"\b[Dd]e le\b", "du"),
    (r"\b[Dd]e les\b", "des"),
    (r"\bà le\b", "au"),
    (r"\bà les\b", "aux"),
    (r"\b(?:à|en) maison\b", "à la maison"),
    (r"\btout rectum\b", "tout droit"),
    (r"\brectum\b", "tout droit"),
    (r"\b([Aa])llons à (?=\w+(?:er|ir|re)\b)", r"\1llons "),
    (r"\bheures et demi\b", "heures et demie"),
    (r"(?<=ez)-soi\b", "-vous"),
    (r"\bgares? de train\b", "gare"),
    (r"\bdans (?=\d{4}\b)", "en "),
    (r"\b(?:par |un )(\w+) pour cent\b", r"de \1 pour cent"),
    (rf"\b({_DETERMINER}) (\w+) ({_SHORT})\b", r"\1 \3 \2"),
    (r"\b(a|ai|as|avons|avez|ont|av\w+|aur\w+|eu) de la (faim|soif|peur|raison|chance)\b", r"\1 \2"),
    (r"\bque (je|tu)\b(?=[.,!?]|$)", lambda m: f"que {'moi' if m[1] == 'je' else 'toi'}"),
    (r"\b[Pp]ersonne (?=(?:a|est|ont)\b)", "Personne n'"),
    (
        r"(?P<start>^|, |\b(?:que|quand|si|et|mais|où) )[Yy] (?=a\b|avait\b)",
        lambda m: m["start"] + ("Il y " if not m["start"] else "il y "),
    ),
    (r"(?<![Ii]l )\b[Nn]'[Yy] (?=a\b|avait\b)", "il n'y "),
)

# --- subjects

_START = r"(?P<start>^|, |\b(?:que|qu'|quand|si|et|mais|où|pourquoi|comme|alors|donc|parce que|lorsque) ?)"
_CLITICS = (
    r"(?P<clitics>(?:ne |n')?(?:me |te |se |nous |vous |le |la |les |lui |leur |l'|m'|t'|s'|y |en )?(?:l'|les |le |la |y |en )?)"
)
_I = (
    "ai|suis|vais|peux|veux|dois|sais|viens|avais|étais|allais|voulais|pouvais|devais|savais|aurai|serai|irai|ferai|pourrai|verrai|"
    "pense|crois|aime"
)
_OURS = _CLITICS.replace("nous |", "")
_WE = re.compile(rf"{_START}{_OURS}(?=(?!allons\b|nous\b)\w{{2,}}ons\b)", re.IGNORECASE)
_YOU = words(
    "as es peux veux dois vas sais viens fais dis avais étais pouvais voulais auras seras pourras pourrais voudrais devrais aimes"
)
_YOURS = re.compile(rf"{_START}{_CLITICS}(?=(?:{_YOU})\b)", re.IGNORECASE)
_ME = re.compile(rf"{_START}{_CLITICS}(?=(?:{_I})\b)", re.IGNORECASE)
_ASKED = {"peut": "Pouvez-vous", "pourrait": "Pourriez-vous"}
_LIKING = {
    "me plairait": "je voudrais", "te plairait": "vous voudriez", "nous plairait": "nous voudrions", "me plaît": "j'aime",
    "te plaît": "vous aimez", "nous plaît": "nous aimons", "me plait": "j'aime",
}  # fmt: skip
_LIKINGS = re.compile(rf"\b(?:{'|'.join(_LIKING)})\b", re.IGNORECASE)
_LIKES = re.compile(r"^(he|she) (?:likes|does not like|doesn't like)\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\bqui (?=(?:nous )?\w{2,}ons\b|(?:j')?ai\b|(?:[mtl]')?as\b)")
_SUBJECTS = pairs("i=je we=nous they=ils")
_BEGINS = re.compile(r"^(?:je|j'|nous|ils|elles|on|il|elle|tu|vous|ce|c'|me|te|xqz\w+)\b", re.IGNORECASE)
_HE = re.compile(r"^(he|she)\b(?! \w+,)", re.IGNORECASE)
_BARE = re.compile(r"^((?:a|avait|[mtsl]'(?:a|est|avait|était)|lui a|leur a|nous a|ne|n'\w+|se \w+|en) )", re.IGNORECASE)
_FIRST = re.compile(r"^(i|we|they|she)\b(?! \w+,)", re.IGNORECASE)


def _put(pronoun: str, found: re.Match[str], text: str) -> str:
    start, clitics = found["start"], found["clitics"]
    following = (clitics + text[found.end() :])[:1].lower()
    word = "j'" if pronoun == "je" and following in "aeiouéèêhy" else pronoun + " "
    begins = not start
    if start.endswith("qu'"):
        start = start[:-1] + "e "
    elif start.lower().endswith("que ") and word[0] in "aeiou":
        start = start[:-2] + "'"
    clitics = clitics[:1].lower() + clitics[1:]
    return start + (word[:1].upper() + word[1:] if begins else word) + clitics


def _subjects(english: str, text: str) -> str:
    """The subjects that Catalan leaves out and French needs, where the English says who they are."""
    text = _LIKINGS.sub(lambda m: like(m.group(), _LIKING[m.group().lower()]), text)
    if re.match(r"(?:can|could) you\b", english, re.IGNORECASE):
        text = re.sub(r"^Il (peut|pourrait)\b", lambda m: _ASKED[m[1]], text)
    if re.match(r"could i\b", english, re.IGNORECASE):
        text = re.sub(r"^Il pourrait\b", "Puis-je", text)
    if liking := _LIKES.match(english):
        subject = {"he": "Il", "she": "Elle"}[liking[1].lower()]
        text = re.sub(r"^(?:Il )?[Ll]ui plaît\b", f"{subject} aime", text)
        text = re.sub(r"^Ne lui plaît pas\b", f"{subject} n'aime pas", text)
    if re.match(r"i\b", english, re.IGNORECASE):
        text = re.sub(r"^Il ((?:le |la |les |l')?\w+)ait\b", r"Je \1ais", text)
    text = _RELATIVE.sub("que ", text)
    if re.search(r"\bwe\b", english, re.IGNORECASE):
        text = _WE.sub(lambda m: _put("nous", m, text), text)
    if re.search(r"\bi\b", english, re.IGNORECASE):
        text = _ME.sub(lambda m: _put("je", m, text), text)
    if re.search(r"\byou\b", english, re.IGNORECASE):
        text = _YOURS.sub(lambda m: _put("tu", m, text), text)
    text = re.sub(r"^(Nous |Je |Tu |J')(\w)", lambda m: m[1] + m[2].lower(), text)
    found = _HE.match(english)
    if found and (bare := _BARE.match(text)):
        return f"{'Il' if found[1].lower() == 'he' else 'Elle'} {bare[1].lower()}{text[bare.end() :]}"
    found = _FIRST.match(english)
    if found is None:
        return text
    if found[1].lower() == "she":
        return re.sub(r"^Il\b(?! (?:y a|est \w+ que)\b)", "Elle", text)
    if _BEGINS.match(text):
        return text
    subject = _SUBJECTS[found[1].lower()]
    text = text[:1].lower() + text[1:]
    return f"J'{text}" if subject == "je" and text[:1] in "aeiouéèêh" else f"{subject.capitalize()} {text}"


def mend(source: str, text: str, from_english: bool) -> str:
    """The French text as it should leave."""
    if from_english:
        text = _subjects(source, apply(_ALWAYS, _WORDS.mend(source, text)))
    text = apply(_ALWAYS, text)
    return re.sub(r"(?<=\w) ?([?!;:])(?=\s|$)", "\u00a0\\1", text)
