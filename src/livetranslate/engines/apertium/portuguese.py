"""Last touches to Portuguese from Apertium, as Brazil speaks it."""

import re

from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.rules import Rules, apply, like, listed, pairs, rules

_WORDS = Repairs(
    r"""
(?<!chief )heads?(?! of) | chefe chefes > cabeça cabeças f
villages? | povo povos > povoado povoados m
child(?:ren)? | menino meninos > criança crianças f
rooms? | habitação habitações > quarto quartos m
oil | azeite > óleo m
coats? | abric abrics > casaco casacos m
(?:cups?|tea|coffee) | copa copas caneca canecas > xícara xícaras xícara xícaras f
girls? | rapariga raparigas > menina meninas f
""",
    masculine="o|os|um|uns|do|dos|ao|aos|no|nos|num|este|estes|esse|aquele|meu|meus|seu|seus|pelo|todo o|o meu|o seu",
    feminine="a|as|uma|umas|da|das|à|às|na|nas|numa|esta|estas|essa|aquela|minha|minhas|sua|suas|pela|toda a|a minha|a sua",
)
_YOUR = pairs("o=seu a=sua os=seus as=suas")
_GERUND = pairs("ar=ando er=endo ir=indo")

_ALWAYS: Rules = rules(
    (r"\bvoss([oa]s?)\b", lambda m: _YOUR[m[1]]),
    (r"\b(?:[Oo]s?|[Aa]s?) (?=(?:meu|minha|teu|tua|seu|sua|nosso|nossa)s?\b)", ""),
    (r"\b(\w+[aei]r)-(me|te|se|nos|lhe|lhes)\b(?!-)", r"\2 \1"),
    (r"\b([Ee]st(?:ou|ás|á|amos|ão|ava|avam)) a (\w+)(ar|er|ir)\b", lambda m: f"{m[1]} {m[2]}{_GERUND[m[3]]}"),
    # Catalan words that read like others: "cap de setmana", "de nou", "mitja", "cent".
    (r"\b(?:chefe|cabe|nenhum) de semana\b", "fim de semana"),
    (r"\bde belo (?:noz|novo)\b", "de novo"),
    (r"\bdantes\b", "antes"),
    (r"\be média\b", "e meia"),
    (r"\b(?:por |um |por um )(\w+) por cem\b", r"\1 por cento"),
    (r"\bcerca (?=d[eoa]s?\b)", "perto "),
    (r"\b([Oo])nde é (?=[oa]s? )", r"\1nde fica "),
)
_SHOULD: Rules = rules(
    (
        r"\b([Tt])er(ia|ias|íamos|iam) (?:de|que)\b",
        lambda m: like(m[1], f"dever{m[2].removesuffix('s') if m[2] == 'ias' else m[2]}"),
    )
)
_THIS: Rules = rules((r"\bIsto é (?=(?:o|um)\b)", "Este é "), (r"\bIsto é (?=(?:a|uma)\b)", "Esta é "))

# In Brazil one says "você", with the verb of the third person.
_YOU = pairs(
    "podes=pode tens=tem queres=quer vais=vai sabes=sabe fazes=faz vens=vem estás=está és=é vives=vive conheces=conhece "
    "gostas=gosta podias=podia poderias=poderia gostarias=gostaria deves=deve precisas=precisa falas=fala "
    "trabalhas=trabalha moras=mora pensas=pensa foste=foi vês=vê dizes=diz eras=era estavas=estava tinhas=tinha "
    "deverias=deveria querias=queria fizeste=fez disseste=disse estiveste=esteve tiveste=teve vieste=veio pudeste=pôde "
    "quiseste=quis soubeste=soube trouxeste=trouxe deste=deu puseste=pôs preferes=prefere aprendes=aprende"
)
_YOU_ENGLISH = re.compile(r"\byour?\b", re.IGNORECASE)
_PAST = re.compile(r"\b(\w+?)(aste|este|iste)\b")
_NO_PAST = frozenset(
    listed(
        """
    este leste oeste teste triste existe insiste assiste resiste consiste celeste veste peste haste baste contraste desastre
    desgaste poste
    """
    )
)
_PAST_ENDS = pairs("aste=ou este=eu iste=iu")
_FUTURE = re.compile(r"\b(\w{2,}r)ás\b")


def _you(text: str) -> str:
    text = re.sub(r"\b\w+\b", lambda m: like(m.group(), _YOU.get(m.group().lower(), m.group())), text)
    text = _PAST.sub(lambda m: m.group() if m.group().lower() in _NO_PAST else m[1] + _PAST_ENDS[m[2]], text)
    return _FUTURE.sub(r"\1á", text)


def mend(source: str, text: str, from_english: bool) -> str:
    """The Portuguese text as it should leave."""
    text = apply(_ALWAYS, _WORDS.mend(source, text) if from_english else text)
    if not from_english:
        return text
    text = apply(_THIS, text)
    if re.search(r"\bshould(?:n't)?\b", source, re.IGNORECASE):
        text = apply(_SHOULD, text)
    return _you(text) if _YOU_ENGLISH.search(source) else text
