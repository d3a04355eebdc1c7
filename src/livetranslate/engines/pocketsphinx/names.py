"""English words that are written with a capital wherever they stand, in lower case; and a word list that knows more."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

WORD_LIST = Path("/usr/share/dict/american-english")
"""Of Debian's package `wamerican` (public domain): words that it has only with a capital are added, where it is installed."""

# Names that are also everyday words (May, March, Will, Mark, Bill, Rose, Turkey, Polish) are left out.
_TIMES = """
monday tuesday wednesday thursday friday saturday sunday january february april june july september october november december
christmas easter halloween thanksgiving ramadan hanukkah passover
"""
_PLACES = """
africa america antarctica asia australia europe britain england scotland wales ireland france germany italy spain portugal
switzerland austria belgium netherlands holland luxembourg denmark sweden norway finland iceland poland ukraine russia hungary
romania bulgaria greece croatia serbia slovenia slovakia albania estonia latvia lithuania belarus cyprus malta egypt morocco
algeria tunisia libya sudan ethiopia kenya uganda tanzania nigeria ghana senegal angola mozambique zimbabwe somalia rwanda congo
israel palestine lebanon syria iraq iran kuwait qatar arabia yemen afghanistan pakistan india nepal bangladesh thailand
vietnam cambodia laos malaysia singapore indonesia philippines taiwan japan korea mongolia tibet kazakhstan uzbekistan canada
mexico cuba jamaica haiti guatemala honduras nicaragua panama colombia venezuela ecuador peru bolivia brazil paraguay uruguay
argentina zealand hawaii alaska california oregon nevada arizona colorado texas oklahoma kansas nebraska dakota montana wyoming
idaho utah minnesota wisconsin iowa missouri illinois michigan indiana ohio kentucky tennessee alabama mississippi louisiana
arkansas florida georgia carolina virginia maryland delaware pennsylvania jersey connecticut massachusetts vermont maine
hampshire washington york london paris berlin rome madrid barcelona lisbon vienna zurich geneva brussels amsterdam copenhagen
stockholm oslo helsinki warsaw prague budapest moscow petersburg athens istanbul cairo jerusalem beirut baghdad tehran delhi
mumbai calcutta beijing shanghai tokyo kyoto osaka seoul hanoi saigon bangkok jakarta manila sydney melbourne toronto montreal
vancouver chicago boston philadelphia baltimore atlanta miami dallas houston denver seattle hollywood brooklyn manhattan
detroit cleveland pittsburgh francisco angeles vegas oxford cambridge manchester liverpool birmingham edinburgh glasgow dublin
milan venice florence naples sicily munich hamburg frankfurt cologne marseilles lyon provence normandy bavaria siberia crimea
thames danube rhine nile amazon mediterranean atlantic pacific caribbean himalayas alps balkans scandinavia vatican hiroshima
auschwitz chernobyl wimbledon broadway pentagon kremlin
"""
_PEOPLES = """
african american asian australian european british english scottish welsh irish french german italian spanish portuguese swiss
austrian belgian dutch danish swedish norwegian finnish icelandic russian ukrainian hungarian romanian bulgarian greek croatian
serbian turkish egyptian moroccan ethiopian kenyan nigerian israeli palestinian lebanese syrian iraqi iranian persian arab arabic
afghan pakistani indian tibetan thai vietnamese malaysian indonesian filipino chinese mandarin cantonese taiwanese japanese korean
mongolian canadian mexican cuban jamaican colombian venezuelan peruvian brazilian chilean argentine hawaiian californian texan
americans africans asians australians europeans germans italians russians indians canadians mexicans greeks romans arabs israelis
palestinians frenchman englishman irishman hebrew latin gaelic hindi urdu bengali swahili esperanto jewish christian christians
christianity catholic catholics protestant muslim muslims islam islamic hindu hindus buddhist buddhism judaism jews roman
victorian elizabethan soviet soviets nazi nazis communist republican republicans democrat democrats marxist olympic olympics
"""
_PEOPLE = """
aaron abigail abraham adam albert alex alexander alice alison amanda amy andrea andrew angela anna anne annie anthony antonio
arthur barbara benjamin bernard beth betty bobby brian bruce caroline catherine charles charlie charlotte christine christopher
claire daniel danny david deborah dennis diana donald dorothy edith edward eleanor elizabeth ellen emily emma eric ernest ethan
eugene evelyn florence francis fred frederick gary george gerald gloria gordon gregory hannah harold harriet harry hazel heather
helen henry howard hugh ian isaac isabel jacob james jane janet jason jean jeff jeffrey jennifer jeremy jerry jesse jessica jesus
joan joe joel john johnny jonathan jose joseph joshua judith judy julia julian julie karen karl kate katherine kathleen kathy
keith kelly kenneth kevin larry laura lauren lawrence leonard leslie linda lisa louis louise lucy luke margaret maria marie
marilyn martha martin mary matthew maurice megan melissa michael michelle mike miriam mohammed moses muhammad nancy nathan
nicholas nicole noah norman oliver olivia oscar pamela patricia patrick paul paula peter philip phillip rachel ralph raymond
rebecca richard robert roberta roger ronald rosemary russell ruth samantha samuel sandra sarah scott sharon sheila shirley simon
sophia stanley stephanie stephen steve steven stuart susan sylvia theodore theresa thomas timothy tony tracy ursula valerie
vanessa veronica victor victoria vincent virginia vivian walter wendy wilfred william zachary
anderson austen bach beethoven bernstein bismarck bonaparte byron caesar chaplin chaucer churchill clinton columbus confucius
copernicus cromwell dante darwin dickens disney edison einstein eisenhower faulkner ferdinand freud galileo gandhi goethe
gorbachev hamlet handel hemingway hitler homer jackson jefferson johnson kennedy keats lenin leonardo lincoln luther macbeth
mandela michelangelo milton mozart mussolini napoleon nelson newton nixon obama picasso plato reagan rembrandt robinson
rockefeller roosevelt rousseau schubert shakespeare socrates stalin thatcher thompson tolstoy truman voltaire wagner wellington
wilson williams dashwood
"""
_OTHERS = "god google microsoft facebook twitter youtube wikipedia linux bible koran jupiter saturn neptune uranus"
_ACRONYMS = "tv usa uk eu bbc cnn cia fbi nasa nato dna hiv aids cd dvd pc usb gps atm ceo phd"

_NAMES = {word: word.capitalize() for words in (_TIMES, _PLACES, _PEOPLES, _PEOPLE, _OTHERS) for word in words.split()}
_NAMES |= {word: word.upper() for word in _ACRONYMS.split()}

_SHORTEST = 4
"""Letters of a word taken from the list: its shorter ones are abbreviations that sound like plain words (de, er, com)."""


@cache
def listed(path: Path = WORD_LIST) -> Mapping[str, str]:
    """The words that a word list has only with a capital, by their lower case; none where there is no such list."""
    words: list[str] = []
    with suppress(OSError, UnicodeDecodeError):
        words = path.read_text("utf-8").split()
    plain = {word for word in words if word[:1].islower()}
    names = (word for word in words if word[:1].isupper() and word.isalpha() and len(word) >= _SHORTEST)
    return {name.lower(): name for name in names if name.lower() not in plain}


def name(word: str) -> str | None:
    """How a name is written that comes in lower case; None for other words."""
    return _NAMES.get(word) or listed().get(word)
