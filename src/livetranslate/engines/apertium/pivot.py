"""The text midway, in Catalan: words that English to Catalan gives wrongly, put right once for every target."""

import re

from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.rules import Rules, apply, like, listed, pairs, rules, words
from livetranslate.engines.apertium.verbs import PAST

# The wrong words were found by translating the 1,200 commonest English nouns and reading the list.
_WORDS = Repairs(
    """
cars? | automobilístic automobilístics carro carros > cotxe cotxes cotxe cotxes m
governments? | governació governacions > govern governs m
! bod(?:y|ies) | ens > cos m
(?:price|barrel|crude|gas|compan\\w+|energy)\\b.*\\boil|oil\\b.*\\b(?:price|barrel|compan\\w+|field) | oli > petroli m
accounts? | relació relacions > compte comptes m
seats? | escó escons > seient seients m
spring | molla > primavera f
chests? | cofre cofres > pit pits m
leagues? | llegua llegües > lliga lligues f
(?:air)?planes? | pla plans > avió avions m
beds? | jaç jaços > llit llits m
walls? | tàpia tàpies > paret parets f
! gifts? | do dons > regal regals m
illness(?:es)? | malura malures > malaltia malalties f
floors? | fons > sòl m
districts? | barriada barriades > districte districtes m
faults? | falla falles > culpa culpes f
! bottles? | pot pots > ampolla ampolles f
! dreams? | son sons > somni somnis m
courts? | tall talls > tribunal tribunals m
match(?:es)? | matx matxs > partit partits m
stor(?:y|ies) | narració narracions > història històries f
events? | succés successos > esdeveniment esdeveniments m
chances? | atzar atzars > oportunitat oportunitats f
evidence | evidència evidències > prova proves f
polic(?:y|ies) | pòlissa pòlisses > política polítiques f
degrees? | títol títols > grau graus m
! speech(?:es)? | parlar parlars > discurs discursos m
trials? | prova proves > judici judicis m
mistakes? | equivocació equivocacions > error errors m
borders? | vora vores > frontera fronteres f
spirits? | esma esmes > esperit esperits m
storms? | temperi temperis > tempesta tempestes f
kni(?:fe|ves) | coltell coltells > ganivet ganivets m
birds? | au aus > ocell ocells m
child(?:ren)?|kids? | nen nens > infant infants m
drinks? | trago tragos > beguda begudes f
shops?|stores? | tenda tendes > botiga botigues f
mountains? | mont monts > muntanya muntanyes f
holes? | clot clots > forat forats m
wi(?:fe|ves) | dona dones > esposa esposes f
cameras? | cambra cambres > càmera càmeres f
fathers? | mossèn mossens > pare pares m
(?:rooms?)(?! for) | espai espais > habitació habitacions f
! faces? | faç façs > cara cares f
guys? | xicot xicots > noi nois m
(?<!capital )letters? | lletra lletres > carta cartes f
keys? | clau claus > clau claus f
bowls? | bola boles > bol bols m
forks? | forca forques > forquilla forquilles f
stars? | astre astres > estrella estrelles f
the police | policia > policia f
boys? | canalla > nois
! backs? | posterior posteriors > esquena esquenes f
coats? | capa capes > abric abrics m
jackets? | funda fundes > jaqueta jaquetes f
blankets? | mantell mantells > manta mantes f
balls? | bola boles > pilota pilotes f
words? | mot mots > paraula paraules f
platforms? | programa programes > plataforma plataformes f
tickets? | tiquet tiquets > bitllet bitllets m
bags? | borsa borses > bossa bosses f
cups?(?= of (?:tea|coffee|chocolate|milk)) | copa copes > tassa tasses f
""",
    masculine="el|els|un|uns|del|dels|al|als|pel|pels|aquest|aquests|aquell|aquells|el meu|els meus|el teu|els teus|"
    "el seu|els seus|el nostre|el vostre|tot el|tots els|primer|segon|nou|vell|bon|petit",
    feminine="la|les|una|unes|de la|de les|a la|a les|per la|per les|aquesta|aquestes|aquella|aquelles|la meva|les meves|la teva|"
    "les teves|la seva|les seves|la nostra|la vostra|tota la|totes les|primera|segona|nova|vella|bona|petita",
    elided={"l'": ("el", "la"), "de l'": ("del", "de la"), "a l'": ("al", "a la"), "d'": ("de", "de")},
)

_DOES = words(f"{' '.join(PAST.values())} can could may might should would will are were have had did")

_STATES = (
    "cansa[td]|cansada|cansats|cansades|tancat|tancada|tancats|tancades|obert|oberta|oberts|obertes|trencat|trencada|trencats|trencades|malalt|malalta|"
    "malalts|malaltes|mort|morta|morts|mortes|ocupat|ocupada|ocupats|ocupades|preparat|preparada|casat|casada|casats|casades|content|contenta|contents|"
    "contentes|preocupat|preocupada|preocupats|preocupades|assegut|asseguda|perdut|perduda|perduts|perdudes|buit|buida|ple|plena|plens|plenes|segur|"
    "segura|llest|llesta|llestos|enfadat|enfadada|enfadats|sol|sola|viu|viva|lliure|lliures|sa|despert|desperta|espantat|espantada|equivocat|equivocada"
)
_BEING = {
    "és": "està",
    "són": "estan",
    "sóc": "estic",
    "soc": "estic",
    "ets": "estàs",
    "som": "estem",
    "era": "estava",
    "eren": "estaven",
    "va ser": "estava",
    "vas ser": "estaves",
    "vaig ser": "estava",
    "van ser": "estaven",
}
_STATE = re.compile(
    rf"\b(?P<be>{'|'.join(_BEING)}) (?P<how>(?:molt |massa |tan |ja |sempre )?(?:{_STATES}))\b(?! pe(?:r|l|ls)\b)", re.IGNORECASE
)
_ESTAT = re.compile(r"\best(?:at|ada) (?=\w+nt\b)")


_RULES: Rules = rules(
    (r"\bde bell nou\b", "novament"),
    (r"\b(és|era|va ser|serà|són) per (?=\w+(?:ar|er|re|ir)\b)", r"\1 "),
    (r"\b(apr[eè]n\w*|comen[cç]\w+|ajud\w+|ensenya\w*) per (?=\w+(?:ar|er|re|ir)\b)", r"\1 a "),
    (r"\bper (\w+) per cent\b", r"un \1 per cent"),
    (r"\b(dep[eè]n\w*) en (?:el|els) ", r"\1 del "),
    (r"\b(dep[eè]n\w*) en\b", r"\1 de"),
    (r"\ba poc a poc\b", "lentament"),
    (r"\banar casa\b", "anar a casa"),
    (r"\bNo (Li|Hi|Em|Et|Es|Ens|El|La|Els)\b", lambda m: f"No {m[1].lower()}"),
    # Short adjectives that all the targets put before the noun.
    (r"\b(el|la|els|les|un|una) (\w+) (millors?|pitjors?|grans?)\b(?! que\b)", r"\1 \3 \2"),
    (r"\bl'(\w+) (millor|pitjor|gran)\b(?! que\b)", r"el \2 \1"),
    ignore_case=True,
)
_NEW: Rules = rules(
    (r"\b(?!(?:és|són|era|eren|molt|tan|més|està|estan|un|una|de|les)\b)(\w+) (nou|nova|nous|noves)\b", r"\2 \1"),
)
_UNREAL: Rules = rules(
    (r"\bsi (?:vaig|va) tenir\b", "si tingués"),
    (r"\bsi vam tenir\b", "si tinguéssim"),
    (r"\bsi van tenir\b", "si tinguessin"),
    (r"\bsi (?:era|vaig ser|va ser)\b", "si fos"),
    ignore_case=True,
)

_PARTICIPLES = dict(
    pair.split("=")
    for pair in listed(
        """
    fer=fet dir=dit veure=vist ser=estat estar=estat tenir=tingut venir=vingut poder=pogut voler=volgut saber=sabut
    haver=hagut prendre=pres aprendre=après comprendre=comprès entendre=entès vendre=venut perdre=perdut rebre=rebut
    viure=viscut escriure=escrit llegir=llegit beure=begut caure=caigut creure=cregut seure=segut obrir=obert cobrir=cobert
    descobrir=descobert morir=mort néixer=nascut créixer=crescut conèixer=conegut reconèixer=reconegut aparèixer=aparegut
    desaparèixer=desaparegut córrer=corregut moure=mogut ploure=plogut treure=tret riure=rigut dur=dut portar=portat
    rompre=romput vèncer=vençut batre=batut admetre=admès permetre=permès prometre=promès respondre=respost ofendre=ofès
    pretendre=pretès suspendre=suspès estendre=estès encendre=encès atendre=atès resoldre=resolt valer=valgut oferir=ofert
    sofrir=sofert complir=complert establir=establert omplir=omplert imprimir=imprès mantenir=mantingut obtenir=obtingut
    contenir=contingut convèncer=convençut absorbir=absorbit coure=cuit deure=degut
    """
    )
)
_HAVING = {"vaig": "he", "vas": "has", "va": "ha", "vam": "hem", "vau": "heu", "van": "han"}
_WENT = re.compile(
    r"(?:\b(?P<who>em|et|es|el|la|m'|s') ?)?\b(?P<have>vaig|vas|va|vam|vau|van) (?P<verb>\w+(?:ar|er|re|ir|ur))\b", re.IGNORECASE
)
_ELIDED = {"em": "m'", "et": "t'", "es": "s'", "el": "l'", "la": "l'", "m'": "m'", "s'": "s'"}


def _perfect(found: re.Match[str]) -> str:
    """Catalan's narrating past as its perfect."""
    verb = found["verb"].lower()
    participle = _PARTICIPLES.get(verb) or (verb[:-2] + {"ar": "at", "ir": "it"}[verb[-2:]] if verb[-2:] in ("ar", "ir") else "")
    if not participle:
        return found.group()
    who = _ELIDED[found["who"].lower()] if found["who"] else ""
    return like(found.group(), f"{who}{_HAVING[found['have'].lower()]} {participle}")


_SEEN = re.compile(
    r"\b(?:saw|seen|knew|known|hate[sd]?|love[sd]?|take[ns]?|took|met|found|"
    r"(?:see|know|help|call|meet|find|watch|visit|kill|need|remember)(?:s|ed)?) "
    r"(?P<who>him|her)\b",
    re.IGNORECASE,
)
# After "what", "that", "when" and their like, "you" is taken for an object of what it is the subject of.
_YOUR_DOING = re.compile(
    rf"\b(?:what|that|when|because|if|where|how|why|which|while|who|think|know|hope) you (?:(?:{_DOES})\b)", re.IGNORECASE
)
_YOUR_FORMS = pairs(
    "va=vas pot=pots podria=podries podia=podies vol=vols volia=volies té=tens tenia=tenies fa=fas diu=dius ha=has havia=havies "
    "hauria=hauries està=estàs estava=estaves és=ets era=eres serà=seràs deu=deus necessita=necessites"
)
_THEE = re.compile(
    rf"\b(?:et |t'|te'(?P<more>l|m|n|ls|ns) )(?P<verb>{'|'.join(_YOUR_FORMS)})\b",
    re.IGNORECASE,
)
_MORE = pairs("l=el m=em n=en ls=els ns=ens")


def _thou(found: re.Match[str]) -> str:
    more = f"{_MORE[found['more'].lower()]} " if found["more"] else ""
    return more + _YOUR_FORMS[found["verb"].lower()]


_SINCE = re.compile(
    r"\bsince\b|\bfrom\b.*\b(?:to|until|till)\b|\bfor\b.*\b(?:years?|months?|weeks?|days?|hours?)\b", re.IGNORECASE
)
_FROM = re.compile(r"\bdes d(?=(?:e|el|els|')\b|')")
_CALLING = re.compile(r"\btru(?:c(?=[aoà])|qu(?=[eiï]))")
_TO_HIM = re.compile(r"\bli (?=(?:h[ea]\w*|\w+) )", re.IGNORECASE)


def mend(english: str, catalan: str, target: str) -> str:
    """The Catalan text with the words that the English calls for, and with the verb that states of things want.

    For Italian, whose speech tells the past in the perfect, the past becomes one.
    """
    catalan = _WORDS.mend(english, catalan)
    if seen := _SEEN.search(english):
        catalan = _TO_HIM.sub("la " if seen["who"].lower() == "her" else "el ", catalan)
    catalan = apply(_RULES, catalan)
    if _YOUR_DOING.search(english):
        catalan = _THEE.sub(_thou, catalan)
    if re.search(r"\bnew\b", english, re.IGNORECASE):
        catalan = apply(_NEW, catalan)
    if re.search(r"\b(?:would|could)\b|'d\b", english, re.IGNORECASE):
        catalan = apply(_UNREAL, catalan)
    catalan = _STATE.sub(lambda found: f"{like(found['be'], _BEING[found['be'].lower()])} {found['how']}", catalan)
    if not _SINCE.search(english):
        catalan = _FROM.sub("d", catalan)
    if target == "pt":
        catalan = _CALLING.sub("telefon", catalan)
    return _WENT.sub(_perfect, catalan) if target == "it" else catalan
