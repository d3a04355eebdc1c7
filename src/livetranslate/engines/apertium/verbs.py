"""English verbs, their forms, and how Catalan, the language in the middle, gives a polite command of each."""

from livetranslate.engines.apertium.rules import listed

_IRREGULAR = """
become became|begin began|bite bit|blow blew|break broke|bring brought|build built|buy bought|catch caught|choose chose
come came|cost cost|cut cut|dig dug|do did|draw drew|drink drank|drive drove|eat ate|fall fell|feed fed|feel felt|fight fought
find found|fly flew|forget forgot|forgive forgave|get got|give gave|go went|grow grew|hang hung|have had|hear heard|hide hid
hit hit|hold held|hurt hurt|keep kept|know knew|lead led|leave left|lend lent|let let|lie lay|light lit|lose lost|make made
mean meant|meet met|pay paid|put put|read read|ride rode|ring rang|rise rose|run ran|say said|see saw|sell sold|send sent
set set|shake shook|shine shone|shoot shot|show showed|shut shut|sing sang|sit sat|sleep slept|speak spoke|spend spent
spread spread|stand stood|steal stole|strike struck|swear swore|swim swam|take took|teach taught|tear tore|tell told
think thought|throw threw|understand understood|wake woke|wear wore|win won|write wrote
"""

_REGULAR = """
accept add agree allow answer appear apply argue arrange arrive ask attack avoid behave believe belong borrow breathe brush call
care carry cause change check clean climb close collect compare complain complete consider contain continue control cook copy
correct count cover create cross cry dance decide deliver depend describe destroy die disappear discover discuss divide dress
drop earn end enjoy enter escape exist expect explain fail fill finish fit fix follow happen hate help hope hurry imagine
improve include increase invite join jump kill kiss last laugh learn like listen live look love manage mark marry matter mention
mind miss mix move need notice offer open own paint park pass plan plant play please practice pray prefer prepare press prevent
produce promise protect prove pull push raise reach receive recognize reduce refuse relax remain remember remove rent repair
repeat replace reply require rest return save search seem serve share shop shout sign smile smoke sound start stay stop study
succeed suffer suggest support survive talk taste thank touch train translate travel trust try turn use visit vote wait walk
want warn wash waste watch wish wonder work worry
"""

_COMMANDS = """
add=afegeixi|answer=respongui|ask=pregunti|avoid=eviti|be=sigui|bring=porti|buy=compri|call=truqui|carry=porti|change=canviï
check=comprovi|choose=esculli|clean=netegi|close=tanqui|come=vingui|come in=entri|consider=consideri|continue=continuï
cook=cuini|count=compti|cross=travessi|cut=talli|do=faci|drink=begui|eat=mengi|enjoy=gaudeixi de|enter=entri|excuse=disculpi
explain=expliqui|fill=ompli|find=trobi|finish=acabi|follow=segueixi|forget=oblidi|forgive=perdoni|give=doni|go=vagi
go on=continuï|have=tingui|help=ajudi|hold=agafi|imagine=imagini|join=uneixi's a|keep=mantingui|learn=aprengui|leave=deixi
let=deixi|listen=escolti|listen to=escolti|look=miri|look at=miri|look for=busqui|make=faci|meet=trobi|mix=barregi|move=mogui
open=obri|park=aparqui|pass=passi|pay=pagui|pick up=reculli|play=jugui|prepare=prepari|protect=protegeixi|put=posi|put on=posi's
read=llegeixi|remember=recordi|repeat=repeteixi|rest=descansi|return=torni|run=corri|say=digui|see=vegi|sell=vengui|send=enviï
share=comparteixi|show=mostri|shut=tanqui|sign=signi|sing=canti|sit=assegui's|sit down=assegui's|sleep=dormi|speak=parli
spend=gasti|stand up=aixequi's|start=comenci|stay=quedi's|stop=pari|study=estudiï|switch off=apagui|switch on=encengui
take=agafi|take care of=cuidi|talk=parli|tell=digui|thank=agraeixi|think=pensi|throw=llanci|touch=toqui|translate=tradueixi
travel=viatgi|trust=confiï en|try=provi|turn=giri|turn left=giri a l'esquerra|turn right=giri a la dreta|turn off=apagui
turn on=encengui|use=utilitzi|visit=visiti|wait=esperi|wait for=esperi|walk=camini|wash=renti|watch=miri|worry=es preocupi
write=escrigui
"""

_DOUBLED = frozenset(["drop", "fit", "plan", "shop", "stop"])


def third(base: str) -> str:
    """The form for he, she and it."""
    if base == "have":
        return "has"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + base[-1] + "ed" if base in _DOUBLED else base + "ed"


def _participle(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith("ee"):
        return base[:-1] + "ing"
    doubled = base in _DOUBLED or base in (
        "begin",
        "cut",
        "dig",
        "forget",
        "get",
        "hit",
        "let",
        "put",
        "run",
        "set",
        "shut",
        "sit",
        "swim",
        "win",
    )
    return base + base[-1] + "ing" if doubled else base + "ing"


def _table(text: str, between: str) -> dict[str, str]:
    entries = text.strip().replace("\n", "|").split("|")
    return {key: value for key, value in (entry.split(between) for entry in entries)}


PAST = {base: _regular_past(base) for base in _REGULAR.split()} | _table(_IRREGULAR, " ")
"""The past tense of each verb."""
THIRD = {third(base): base for base in PAST}
"""From the form for he, she and it to the base form."""
ING = {_participle(base): base for base in PAST}
"""From the present participle to the base form."""
COMMANDS = _table(_COMMANDS, "=")
"""The polite command of each verb, in Catalan."""

FIXED_COMMANDS = {
    "open": {"es": "abra", "fr": "ouvrez", "it": "apra", "pt": "abra"},
    "fill": {"es": "llene", "fr": "remplissez", "it": "riempia", "pt": "encha"},
    "stay": {"es": "quédese", "fr": "restez", "it": "rimanga", "pt": "fique"},
    "put on": {"es": "póngase", "fr": "mettez", "it": "si metta", "pt": "vista"},
}
"""Commands whose Catalan form reads like another word, so that they must skip Catalan."""

DETERMINERS = frozenset(
    listed(
        """
    the a an this that these those my your his its our their some any all every each no
    """
    )
)
"""What may stand before a noun."""
