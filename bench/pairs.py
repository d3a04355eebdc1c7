"""Sentences that a picture decides, with two pictures each, and sentences that no picture should change.

The accepted translations were written from dictionaries, not from what the engines say; a word of the other meaning is a failure.
"""

from dataclasses import dataclass

LANGUAGES = ("es", "fr", "it", "pt")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with one of its two pictures, and the words that its translation must have, or must not."""

    noun: str
    sentence: str
    voice: str
    picture: tuple[str, ...]
    right: dict[str, tuple[str, ...]]
    wrong: dict[str, tuple[str, ...]]


# noun | sentence | flite's voice if not rms; then for each meaning: what stands in the picture, by lines | es | fr | it | pt.
# "-" where a language has one word for both.
_TABLE = """
mask | This is a mask.
  SURGERY, Operating room 3 | mascarilla | - | mascherina | -
  Carnival of Venice, Grand Ball | antifaz, máscara, careta | - | maschera | -
bank | We walked to the bank.
  RIVER TOURS, Boats every hour | orilla, ribera, margen | rive, berge, bord | riva, sponda, argine | margem, beira
  Your money is safe, Open an account today | banco | banque | banca | banco
spring | Look at this spring.
  Flowers in April, City Garden | primavera | printemps | primavera | primavera
  Steel and Suspension, Mechanical parts | muelle, resorte | ressort | molla | mola
seal | We took a picture of the seal.
  ARCTIC OCEAN, Life under the ice | foca | phoque | foca | foca
  Royal document, Wax and ribbon | sello | sceau | sigillo | selo
bow | She has a red bow.
  Archery club, Target practice | arco | arc | arco | arco
  Gift wrapping, Ribbons and paper | lazo, moño | nœud, ruban | fiocco | laço
letter | What is this letter?
  POST OFFICE, Mail and stamps | carta | - | - | carta
  The alphabet, Lesson one | letra | - | - | letra
ring | The ring is very small.
  GOLD and DIAMONDS, Jewelry | anillo, sortija | bague, anneau | anello | anel
  Boxing tonight, Twelve rounds | cuadrilátero, ring | ring | ring | ringue
match | The match was very short.
  FOOTBALL, Final score 2 - 1 | partido | match | partita | partida, jogo
  Candles and fire safety | cerilla, fósforo | allumette | fiammifero | fósforo, palito
nail | The broken nail was very long.
  Manicure and beauty salon | uña | ongle | unghia | unha
  Hammer and tools, Workshop | clavo | clou | chiodo | prego
palm | The palm is very large.
  Tropical beach, Coconut island | palmera | palmier | palma | palmeira
  Fortune teller, Reading your hand | palma | paume | palmo | palma
trunk | The trunk is very long.
  ELEPHANTS, Safari in Africa | trompa | trompe | proboscide | tromba
  New cars, Room for your luggage | maletero | coffre | bagagliaio | porta-malas, mala
key | Where is the key?
  Locksmith, Doors and locks | llave | clé, clef | chiave | chave
  Computer course, How to use a keyboard | tecla | touche | tasto | tecla
plant | The plant is very old.
  GARDEN CENTER, Seeds and flowers | planta | plante | pianta | planta
  Nuclear power, Electricity for the region | fábrica, central | usine, centrale | fabbrica, impianto, centrale | fábrica, usina
fan | The fan was very loud.
  Air conditioning, Summer cooling | ventilador | ventilateur | ventilatore | ventilador
  Football stadium, Home team | aficionado, hincha | supporter, supporteur | tifoso | torcedor, fã
file | The file is very old. | slt
  Save the document, Folder: reports | archivo, fichero | fichier, dossier | file | arquivo, ficheiro
  Metal workshop, Tools | lima | lime | lima | lima
jam | There was a jam in the morning.
  STRAWBERRY and sugar, Breakfast | mermelada | confiture | marmellata | geleia
  Traffic news, Highway closed | atasco, embotellamiento | embouteillage, bouchon | ingorgo | engarrafamento
pupil | The pupil is very small.
  The human eye, Iris and retina | pupila | pupille | pupilla | pupila
  School year 2026, Classroom B | alumno, alumna | élève | alunno, allievo | aluno
scale | The scale is very old.
  Weight in kilograms | balanza, báscula | balance | bilancia | balança
  Fish and reptiles, Skin | escama | écaille | squama | escama
straw | Give me the straw.
  Cocktail bar, Cold drinks | pajita, popote | - | cannuccia | canudo
  The farm, Horses and hay | paja | - | paglia | palha
tank | The tank is very big.
  ARMY museum, The war years | tanque | char, tank | carro armato | tanque
  Aquarium shop, Tropical fish | acuario, pecera | aquarium | acquario | aquário
tie | The tie was very good.
  Fashion for men, Suits and shirts | corbata | cravate | cravatta | gravata
  Football league, Final score | empate | match nul, égalité | pareggio | empate
coach | The coach was late.
  Basketball training, Team meeting | entrenador | entraîneur | allenatore | treinador
  Bus station, Tickets and travel | autocar, autobús | autocar, autobus, car | autocar, pullman, autobus | ônibus, autocarro
crane | The crane is very big.
  Construction site, Steel and concrete | grúa | - | - | guindaste
  Birds of the wetlands | grulla | - | - | grou
temple | The temple is very small.
  Ancient Greece, Gods and heroes | templo | temple | tempio | templo
  Headache, Massage of face and neck | sien | tempe | tempia | têmpora
record | The record is very old.
  Vinyl shop, Jazz and soul music | disco | disque | disco | disco
  Olympic Games, World athletics | récord, marca | record | record, primato | recorde
drill | The drill was very loud.
  Tools for your workshop | taladro | perceuse | trapano | furadeira, broca
  Fire safety, Emergency exit | simulacro, ejercicio | exercice | esercitazione, esercizio | simulado, exercício, treino
deck | The deck is very old.
  Cruise ship, Captain's table | cubierta | pont | ponte | convés
  Poker and card tricks, The magician | baraja, mazo | jeu de cartes | mazzo | baralho
mouse | The mouse is very small.
  Computer shop, Wireless keyboard | - | - | mouse | mouse
  Cheese traps, Pests in the house | - | - | topo | rato
"""

CONTROLS = """
The train leaves at nine.|My brother lives in London.|We need two more chairs.|Please open the window.
The weather is very nice today.|I bought some bread and milk.|She is reading a book.|They will come next week.
The children are playing in the park.|He works in a small office.|What time is it now?|The soup is too hot.
I would like a cup of tea.|Our flight was cancelled.|The doctor will see you now.|This road goes to the village.
She wrote three long novels.|The meeting begins in five minutes.|I have lost my umbrella.|The museum is closed on Monday.
He drives a blue car.|We sang all night.|The answer is very simple.|My mother makes good coffee.|There is nobody at home.
The old man was tired.|You should call your sister.|The movie was not very good.|Is this seat free?|The river is deep here.
I cannot find my glasses.|The bank opens at ten.|He lost the key to his house.|The match begins at eight.
She sent me a long letter.|The bark of this tree is thick.|A bat flew over the house.|The plant needs water.
The coach talked to the team.|Put the file on my desk.|The ring is made of gold.|He hit the nail with a hammer.
The crane lifted the heavy box.|I like strawberry jam.|The mouse ate the cheese.|The judge left the court.
The tank is full of water.|She gave him a silk tie.|Spring is my favorite season.|The trunk of the tree is broken.
"""

IRRELEVANT = """
Quarterly results, Sales overview|Chapter four, Introduction|Welcome, Agenda for today|Questions and answers
Version 2.4 release notes|Chairman's address, Annual general meeting|Photography contest, Winners
Library opening hours
Contact us, www.example.com|Table of contents, Page 3|Thank you for your attention|Recipe of the week, Potato salad
Department of Statistics, Population|Wi-Fi password, Guest network|Episode seven, Previously
"""


def cases() -> list[Case]:
    """All cases: each sentence twice, once with each picture."""
    found: list[Case] = []
    noun = sentence = voice = ""
    held: list[tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = []
    for line in _TABLE.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith(" "):
            noun, sentence, voice = (*cells, "rms")[:3]
            held = []
            continue
        words = {lang: _list(cell) for lang, cell in zip(LANGUAGES, cells[1:], strict=True) if cell != "-"}
        held.append((_list(cells[0]), words))
        if len(held) == 2:
            (one, ours), (other, theirs) = held
            found += [Case(noun, sentence, voice, one, ours, theirs), Case(noun, sentence, voice, other, theirs, ours)]
    return found


def controls() -> list[str]:
    return [sentence.strip() for sentence in CONTROLS.strip().replace("\n", "|").split("|")]


def irrelevant() -> list[tuple[str, ...]]:
    return [_list(lines) for lines in IRRELEVANT.strip().replace("\n", "|").split("|")]


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(","))
