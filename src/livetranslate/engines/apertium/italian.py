"""Last touches to Italian from Apertium."""

from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.rules import Rules, apply, pairs, rules

_WORDS = Repairs(
    r"""
seats? | sedevo sedevi > posto posti m
villages? | popolo popoli > villaggio villaggi m
(?<!chief )heads?(?! of) | capo capi > testa teste f
coats? | riparo ripari > cappotto cappotti m
cups? | tasso tassi coppa coppe > tazza tazze tazza tazze f
banks? | banco banchi > banca banche f
""",
    masculine="il|un|del|al|dal|nel|sul|questo|quel|il mio|il tuo|il suo|il nostro|il vostro|primo|i|dei|ai",
    feminine="la|una|della|alla|dalla|nella|sulla|questa|quella|la mia|la tua|la sua|la nostra|la vostra|prima|le|delle|alle",
    elided={"l'": ("il", "la"), "dell'": ("del", "della"), "all'": ("al", "alla"), "un'": ("un", "una")},
)
_TO_THE = pairs("il=al la=alla lo=allo i=ai gli=agli le=alle")


def _no_article(articles: str) -> str:
    return "".join(rf"(?<!\b{article} )" for article in articles.split())


_ALWAYS: Rules = rules(
    # A possessive wants its article, but for one relative.
    (_no_article("i dei ai dai nei sui coi") + r"\b(miei|tuoi|suoi|nostri|vostri)\b(?= \w)", r"i \1"),
    (_no_article("le delle alle dalle nelle sulle") + r"\b(mie|tue|sue|nostre|vostre)\b(?= \w)", r"le \1"),
    # The polite command with its pronoun.
    (r"\b[Cc]he (mi|ti|ci|vi|si|gli|lo|la|li|le) ([A-Z])", lambda m: f"{m[1].capitalize()} {m[2].lower()}"),
    (r"\bQuan\b", "Quando"),
    (r"\bdi dei\b", "di"),
    (r"\bdavanti (il|la|lo|i|gli|le)\b", lambda m: f"davanti {_TO_THE[m[1]]}"),
    # The dictionary from Spanish reads the preposition "para" as a form of giving birth.
    (r"\bpartorisc[ae]\b", "per"),
    (r"\bin (?=\d{4}\b)", "nel "),
    (r"\bstazion([ei]) di treno\b", r"stazion\1 dei treni"),
    (r"\b(?:da |un )(\w+) per cento\b", r"del \1 per cento"),
    (r"\bil mar\b", "il mare"),
    (r"\b[Ss]e vi piace\b", "per favore"),
    (r"\bmeteo\b", "tempo"),
    (r"\bstagion([ei]) di treno\b", r"stazion\1 dei treni"),
    (r"\bmezzo ambiente\b", "ambiente"),
    (r"\bvedut([oaie])\b", r"vist\1"),
    (r"\b(?:che|d') ?io\b(?=[.,!?]|$)", "di me"),
)
_NEAR: Rules = rules(
    (r"\bcirca il (?=\w)", "vicino al "),
    (r"\bcirca la (?=\w)", "vicino alla "),
    (r"\b([Mm])i piacerebbe\b", lambda m: "Vorrei" if m[1] == "M" else "vorrei"),
)


def mend(source: str, text: str, from_english: bool) -> str:
    """The Italian text as it should leave."""
    if from_english:
        text = apply(_NEAR, _WORDS.mend(source, text))
    return apply(_ALWAYS, text)
