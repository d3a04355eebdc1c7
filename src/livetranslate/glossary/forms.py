"""Nouns in the singular and the plural, and their gender, by the regular rules of English and four Romance languages."""

import re
from typing import Literal

Gender = Literal["m", "f"]

_IRREGULAR_NOUNS = {
    "en": """
        man men|woman women|child children|mouse mice|goose geese|foot feet|tooth teeth|leaf leaves|knife knives|life lives
        wife wives|half halves|shelf shelves|loaf loaves|wolf wolves|calf calves|thief thieves|hero heroes|potato potatoes
        tomato tomatoes|echo echoes|person people|ox oxen|glasses glasses|scissors scissors|trousers trousers|fish fish
        sheep sheep
        """,
    "es": """
        examen exámenes|joven jóvenes|imagen imágenes|origen orígenes|régimen regímenes|récord récords|país países|rubí rubíes
        """,
    "fr": """
        œil yeux|bijou bijoux|caillou cailloux|chou choux|genou genoux|hibou hiboux|travail travaux|vitrail vitraux|bal bals
        carnaval carnavals|festival festivals|pneu pneus|bleu bleus|monsieur messieurs
        """,
    "it": """
        uomo uomini|uovo uova|dito dita|braccio braccia|paio paia|mano mani|tempio templi|amico amici|zio zii|re re
        pianeta pianeti|poeta poeti|atleta atleti
        """,
    "pt": """
        mão mãos|irmão irmãos|grão grãos|cidadão cidadãos|pão pães|cão cães|alemão alemães|capitão capitães|fóssil fósseis
        míssil mísseis|projétil projéteis|fácil fáceis|mal males|país países
        """,
}


def _irregular(text: str) -> dict[str, str]:
    pairs = (pair.split() for pair in text.strip().replace("\n", "|").split("|"))
    return {one: many for one, many in pairs}


_IRREGULAR = {language: _irregular(text) for language, text in _IRREGULAR_NOUNS.items()}

# The first ending that fits is replaced; "=" stands for nothing to change.
_ENDINGS = {
    "en": r"([^aeiou])y \1ies|([sxz]|ch|sh)$ \1es| s",
    "es": r"z ces|ión iones|án anes|én enes|ín ines|ón ones|ún unes|és eses|ás ases|ús uses|([aeioáéíóú]) \1s|u us|"
    r"^([^aeiou]*[aeiou]s) \1es|([sx]) =| es",
    "fr": r"([sxz]) =|(eau|au|eu) \1x|al aux| s",
    "it": r"([àèéìòùy']) =|([^aeiou]) =|([^aeiou][cg])ia \1e|([cg])a \1he|(em|om|amm|ist)a \1i|"
    r"a e|(olog)o \1i|([cg])o \1hi|io i|[oe] i| =",
    "pt": r"ão ões|m ns|([rz]) \1es|([au])l \1is|el éis|ol óis|il is|ês eses|ás ases|([sx]) =|n ns| s",
}


def _rules(text: str) -> list[tuple[re.Pattern[str], str | None]]:
    rules = (rule.partition(" ") for rule in re.split(r"(?<!\()\|(?![^()]*\))", text))
    return [(re.compile(ending.rstrip("$") + "$"), None if into == "=" else into) for ending, _, into in rules]


_RULES = {language: _rules(text) for language, text in _ENDINGS.items()}
# Words after which a Romance noun phrase is no longer about its head.
_LINK_WORDS = (
    "de del della dello dei delle di da dal do dos das du des en em a à al alla au aux con com avec para per pour y e et"
)
_LINKS = frozenset(_LINK_WORDS.split())

_FEMININE = {
    "es": re.compile(r"(?:a|ión|dad|tad|tud|umbre|triz)$"),
    "fr": re.compile(r"(?:[st]ion|aison|té|ée|ette|elle|esse|ure|[ae]nce|rie|ise|ude|ade|ace|euse|trice|ine|ille|che|ve|gne)$"),
    "it": re.compile(r"(?:a|[zsg]ione|tà|tù|trice|udine)$"),
    "pt": re.compile(r"(?:a|ção|são|dade|gem|tude|triz)$"),
}
_MASCULINE = {
    "es": re.compile(r"(?:ema|oma|grama|planeta|poeta|atleta|cometa|día|mapa|clima|idioma)$"),
    "fr": re.compile(r"(?:lycée|musée|trophée|été|comité|côté|traité|silence|murmure|espace)$"),
    "it": re.compile(r"(?:ema|oma|amma|pianeta|poeta|atleta|ista)$"),
    "pt": re.compile(r"(?:ema|oma|grama|planeta|poeta|atleta|dia|mapa|clima|ista)$"),
}
_VOWELS = "aeiouyàáâäèéêëìíîïòóôöùúûüœæ"


def plural_word(word: str, language: str) -> str:
    """The regular plural of a noun or adjective in the singular; the word itself in a language without rules here."""
    irregular = _IRREGULAR.get(language, {}).get(word.casefold())
    if irregular is not None:
        return irregular
    for ending, into in _RULES.get(language, ()):
        if ending.search(word.casefold()):
            return word if into is None else ending.sub(into, word, count=1)
    return word


def plural(phrase: str, language: str) -> str:
    """The plural of a noun phrase: of its last word in English, of its head and the adjectives behind it in Romance languages."""
    words = phrase.split(" ")
    if language not in _RULES:
        return phrase
    if language == "en":
        return " ".join([*words[:-1], plural_word(words[-1], language)])
    told: list[str] = []
    for place, word in enumerate(words):
        if word.casefold() in _LINKS or "'" in word:
            return " ".join([*told, *words[place:]])
        told.append(plural_word(word, language))
    return " ".join(told)


def gender(phrase: str, language: str) -> Gender:
    """The gender that a noun phrase most likely has, by the ending of its head."""
    head = phrase.split(" ")[0].casefold()
    if language in _MASCULINE and _MASCULINE[language].search(head):
        return "m"
    return "f" if language in _FEMININE and _FEMININE[language].search(head) else "m"


def beginning(phrase: str, language: str) -> str:
    """How a noun phrase begins as far as the article before it changes: "vowel", "double" (Italian lo, gli) or "consonant"."""
    word = phrase.casefold()
    if not word or language not in ("en", "fr", "it"):
        return "consonant"
    if word[0] in _VOWELS and not (language == "en" and word.startswith(("uni", "use", "eu", "one"))):
        return "vowel"
    if language == "fr" and word[0] == "h":
        return (
            "vowel"
            if not word.startswith(("haut", "hach", "hall", "hamster", "handicap", "haricot", "héros", "hérisson", "hibou"))
            else "consonant"
        )
    if language == "it" and re.match(r"s[^aeiou]|z|gn|ps|pn|x|y", word):
        return "double"
    return "consonant"
