"""Putting a noun in the place of another: the article before it, and what French and Italian make of it before a vowel."""

import re

from livetranslate.glossary.forms import Gender, beginning

# Each row is one article: masculine, feminine, and both in the plural.
# In a cell: before a consonant, a vowel, an Italian double consonant.
_TABLES = {
    "es": """
        el | la | los | las
        un | una | unos | unas
        del | de_la | de_los | de_las
        al | a_la | a_los | a_las
        este | esta | estos | estas
        ese | esa | esos | esas
        aquel | aquella | aquellos | aquellas
        otro | otra | otros | otras
        nuestro | nuestra | nuestros | nuestras
        """,
    "fr": """
        le l' | la l' | les | les
        un | une | des | des
        du de_l' | de_la de_l' | des | des
        au à_l' | à_la à_l' | aux | aux
        ce cet | cette | ces | ces
        mon | ma mon | mes | mes
        ton | ta ton | tes | tes
        son | sa son | ses | ses
        """,
    "it": """
        il l' lo | la l' | i gli gli | le
        un un uno | una un' | dei degli degli | delle
        del dell' dello | della dell' | dei degli degli | delle
        al all' allo | alla all' | ai agli agli | alle
        nel nell' nello | nella nell' | nei negli negli | nelle
        sul sull' sullo | sulla sull' | sui sugli sugli | sulle
        dal dall' dallo | dalla dall' | dai dagli dagli | dalle
        questo quest' questo | questa quest' | questi | queste
        quel quell' quello | quella quell' | quei quegli quegli | quelle
        """,
    "pt": """
        o | a | os | as
        um | uma | uns | umas
        do | da | dos | das
        no | na | nos | nas
        ao | à | aos | às
        pelo | pela | pelos | pelas
        num | numa | nuns | numas
        este | esta | estes | estas
        esse | essa | esses | essas
        meu | minha | meus | minhas
        seu | sua | seus | suas
        outro | outra | outros | outras
        """,
}
_BEGINNINGS = ("consonant", "vowel", "double")


def _cell(cell: str) -> tuple[str, str, str]:
    """The forms of a cell before each beginning."""
    forms = [form.replace("_", " ") for form in cell.split()]
    first, vowel = forms[0], forms[1] if len(forms) > 1 else forms[0]
    return first, vowel, forms[2] if len(forms) > 2 else first


_Row = list[tuple[str, str, str]]


def _forms(table: str) -> list[tuple[str, _Row]]:
    """Every form with its row, the longest first: "de la" is one article, not "de" and "la"."""
    rows = [[_cell(cell) for cell in row.split("|")] for row in table.strip().splitlines()]
    return sorted(((form, row) for row in rows for cell in row for form in set(cell)), key=lambda pair: -len(pair[0]))


_ARTICLES = {language: _forms(table) for language, table in _TABLES.items()}


def put(text: str, start: int, end: int, noun: str, gender: Gender, is_plural: bool, language: str) -> str:
    """The text with `noun` in the place of what stands from `start` to `end`, and the article before it in agreement."""
    before, after = text[:start], text[end:]
    if text[start : start + 1].isupper():
        noun = noun[:1].upper() + noun[1:]
    kind = _BEGINNINGS.index(beginning(noun, language))
    for form, row in _ARTICLES.get(language, ()):
        space = "" if form.endswith("'") else " "
        found = re.search(rf"(?<!\w){re.escape(form + space)}$", before, re.IGNORECASE)
        if found is not None:
            article = row[2 * is_plural + (gender == "f")][kind]
            article = article[:1].upper() + article[1:] if found[0][:1].isupper() else article
            return before[: found.start()] + article + ("" if article.endswith("'") else " ") + noun + after
    return before + noun + after
