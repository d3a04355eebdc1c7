"""What is done to a text before, between and after Apertium's modes."""

import pytest

from livetranslate.engines.apertium import pivot
from livetranslate.engines.apertium.casing import Casing, load
from livetranslate.engines.apertium.choice import chrf, merit
from livetranslate.engines.apertium.english import expand, rewrite
from livetranslate.engines.apertium.finish import finish
from livetranslate.engines.apertium.phrases import PHRASES, TARGETS
from livetranslate.engines.apertium.pipeline import command
from livetranslate.engines.apertium.repair import Repairs
from livetranslate.engines.apertium.sentences import Aside, cut, protect, safe, tidy
from livetranslate.engines.apertium.verbs import COMMANDS, FIXED_COMMANDS, ING, PAST, THIRD


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Mr. Quilter met Dr. No at 3.15 p.m. sharp.", ["Mr. Quilter met Dr. No at 3.15 p.m. sharp."]),
        ("J. F. Kennedy spoke. He left…", ["J. F. Kennedy spoke.", "He left…"]),
        ("El Sr. López llegó. ¿Y usted?", ["El Sr. López llegó.", "¿Y usted?"]),
        ('"Stop." He said no more.', ['"Stop."', "He said no more."]),
        ("One\n\ntwo\n", ["One", "two"]),
        ("etc. and so on", ["etc. and so on"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, sentences: list[str]) -> None:
    assert [sentence for sentence, _ in cut(text)] == sentences


def test_sentences_keep_what_is_between_them() -> None:
    assert cut("One.  Two.\n\nThree.") == [("One.", " "), ("Two.", "\n"), ("Three.", "")]
    long = "word, " * 300
    assert all(len(sentence) <= 600 for sentence, _ in cut(long))
    assert "".join(sentence + gap for sentence, gap in cut(long)).split() == long.split()
    assert "".join(sentence + gap for sentence, gap in cut("x" * 1500)) == "x" * 1500


@pytest.mark.parametrize(
    ("sentence", "tidied"),
    [
        ("It’s “fine” – really…", 'It\'s "fine", really...'),
        ("<b>Bold</b> and a < b", "Bold and a < b"),
        ("Tab\tnul\x00 soft\u00adhyphen zero\u200bwidth", "Tab nul softhyphen zerowidth"),
        ("twenty–five", "twenty-five"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_sentence_is_tidied(sentence: str, tidied: str) -> None:
    assert tidy(sentence) == tidied


@pytest.mark.parametrize("sign", list("^$@/[]{}<>\\*#+~_=|\x00`"))
def test_no_sign_of_the_stream_format_gets_through(sign: str) -> None:
    assert sign == "+" or sign not in safe(f"a{sign}b {sign}")


def test_addresses_are_set_aside_and_put_back() -> None:
    aside = Aside()
    text = protect("See https://a.b/c?d=e, mail x_y@z.org (#1); 50% of a/b.", aside)
    assert safe(text) == text
    assert "://" not in text
    assert "@" not in text
    assert aside.restore(text, False) == "See https://a.b/c?d=e, mail x_y@z.org (#1); 50% of a/b."


def test_what_is_set_aside_comes_back_in_its_place_only() -> None:
    aside = Aside()
    midway, final = aside.hold("solia~", True), aside.hold("por favor", False)
    text = f"Ella {midway} per treballar, {final.lower()} de"
    assert aside.restore(text, True) == f"Ella solia treballar, {final.lower()} de"
    assert aside.restore(aside.restore(text, True), False) == "Ella solia treballar, por favor de"
    assert Aside().restore("Xqzjbb xqzkzz", False) == "Xqzjbb xqzkzz"


def test_there_is_an_end_to_what_can_be_set_aside() -> None:
    aside = Aside()
    names = [aside.hold(str(number), False) for number in range(450)]
    assert names[-1] == "449"
    assert aside.restore(" ".join(names), False) == " ".join(map(str, range(450)))


def put(sentence: str, target: str = "es") -> str:
    """The rewritten sentence, with what was set aside in its place."""
    aside = Aside()
    text = rewrite(sentence, target, aside.hold)
    return aside.restore(aside.restore(text, True), False)


@pytest.mark.parametrize(
    ("contracted", "expanded"),
    [
        ("I don't know", "I do not know"),
        ("He's been there", "He has been there"),
        ("it's late and they're gone", "it is late and they are gone"),
        ("You can't, I won't, let's go", "You cannot, I will not, let us go"),
        ("John's car", "John's car"),
        ("I'd go", "I would go"),
        ("i think i am", "I think I am"),
    ],
)
def test_contractions_are_written_out(contracted: str, expanded: str) -> None:
    assert expand(contracted) == expanded


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        # set phrases and politeness
        ("Thank you very much for the book.", "muchas gracias for the book."),
        ("Can you help me, please?", "Can you help me, por favor?"),
        ("Please sit.", "assegui's, por favor."),
        ("I don't know.", "no lo sé."),
        ("I don't know him.", "I do not know him."),
        ("We met last night on Monday.", "We met anoche el lunes."),
        # commands
        ("Open the door.", "abra the door."),
        ("Give me the book.", "doni'm the book."),
        ("Tell him the truth and close the window.", "digui-li the truth and tanqui the window."),
        ("Don't touch it.", "no el toqui."),
        ("If you are alone, call me.", "If you are alone, truqui'm."),
        ("Change is good.", "Change is good."),
        ("Help is coming.", "Help is coming."),
        ("Let me see the letter.", "deixi'm to see the letter."),
        ("Let's eat something.", "anem a to eat something."),
        ("Let's go home.", "anem home."),
        # questions
        ("Where did you learn it?", "on you learned it?"),
        ("Why didn't they come?", "per què they did not come?"),
        ("What does the man want?", "què the man wants?"),
        ("Is he coming?", "he is coming?"),
        ("Where is the station?", "on is the station?"),
        ("where do you live", "on you live?"),
        ("How old is the bridge?", "quants anys té the bridge?"),
        ("Who told you that?", "qui told you that?"),
        ("Can you swim?", "Can you swim?"),
        ("Had he known it, he would go.", "if he had known it, he would go."),
        ("When he comes, we go.", "When he comes, we go."),
        # times
        ("We eat at eight.", "We eat a les vuit."),
        ("We eat at eight o'clock.", "We eat a les vuit."),
        ("It is half past one.", "It is la una i mitja."),
        ("I looked at eight houses.", "I looked at eight houses."),
        ("It began in nineteen forty-five.", "It began in 1945."),
        ("In twenty oh three it ended.", "In 2003 it ended."),
        ("She has been working here for ten years.", "She works here des de fa ten years."),
        ("He came two years ago.", "He came fa two years."),
        # wording
        ("The most important thing is love.", "The more important thing is love."),
        ("I like music.", "m'agrada music."),
        ("We used to sing.", "We solíem to sing."),
        ("He works and sleeps.", "He works and he sleeps."),
        ("We will stay and watch.", "We will stay and will watch."),
        ("The train leaves at noon.", "The train departs at noon."),
        ("He left the house.", "He left the house."),
        ("I have no money and no friends.", "I have no money and without friends."),
        ("He did not see anything.", "He did not see nothing."),
        ("Do you have any questions?", "you have questions?"),
        ("I am very hungry.", "tinc gana."),
        ("The boys were not afraid.", "The boys no tenien por."),
        ("She is older than me.", "She is older que jo."),
    ],
)
def test_english_is_put_so_that_it_is_understood(sentence: str, said: str) -> None:
    assert put(sentence).lower() == said.lower()


def test_phrases_come_in_the_target_language() -> None:
    assert put("Good morning.", "fr") == "bonjour."
    assert put("Good morning.", "it") == "buongiorno."
    assert put("Stay here.", "pt") == "fique here."
    assert all(set(forms) == set(TARGETS) and all(forms.values()) for forms in PHRASES.values())


def test_verbs_have_their_forms() -> None:
    assert (PAST["stop"], PAST["study"], PAST["live"], PAST["go"], PAST["open"]) == (
        "stopped",
        "studied",
        "lived",
        "went",
        "opened",
    )
    assert (THIRD["goes"], THIRD["studies"], THIRD["has"], THIRD["lives"]) == ("go", "study", "have", "live")
    assert (ING["lying"], ING["living"], ING["running"], ING["seeing"]) == ("lie", "live", "run", "see")
    assert FIXED_COMMANDS.keys() <= COMMANDS.keys()
    assert all("=" not in form and form for form in COMMANDS.values())


_REPAIRS = Repairs(
    "cars? | carro carros > cotxe cotxes m\nwalls? | tàpia tàpies > mur murs m\n! chance | atzar > oportunitat f",
    masculine="el|els|un|del",
    feminine="la|les|una|de la",
    elided={"l'": ("el", "la"), "de l'": ("del", "de la")},
)


@pytest.mark.parametrize(
    ("english", "catalan", "mended"),
    [
        ("my car", "el carro", "el cotxe"),
        ("a cart", "el carro", "el carro"),
        ("The Walls", "Les tàpies de la tàpia", "Els murs del mur"),
        ("the chance", "l'atzar", "l'oportunitat"),
        ("a chance", "un atzar", "una oportunitat"),
        ("a chance", "per atzar", "per atzar"),
        ("cars", "carrosses", "carrosses"),
    ],
)
def test_words_are_put_right_with_their_articles(english: str, catalan: str, mended: str) -> None:
    assert _REPAIRS.mend(english, catalan) == mended


@pytest.mark.parametrize(
    ("english", "catalan", "target", "mended"),
    [
        ("The door is closed.", "La porta és tancada.", "es", "La porta està tancada."),
        ("It was broken by him.", "Va ser trencada per ell.", "es", "Va ser trencada per ell."),
        ("We went.", "Vam anar al mercat.", "it", "Hem anat al mercat."),
        ("We went.", "Vam anar al mercat.", "es", "Vam anar al mercat."),
        ("He saw her.", "li va veure ahir.", "es", "la va veure ahir."),
        ("If I had it, I would go.", "Si vaig tenir temps", "es", "si tingués temps"),
        ("the new car", "el carro nou", "fr", "el nou cotxe"),
        ("what you can do", "el que et pot fer", "es", "el que pots fer"),
        ("the book that you gave me", "el llibre que te'm va donar", "es", "el llibre que em vas donar"),
        ("I can see you", "et pot veure", "es", "et pot veure"),
        ("nine cars", "cotxes nou", "fr", "cotxes nou"),
        ("He differs from us.", "Difereix des de nosaltres.", "es", "Difereix de nosaltres."),
        ("He lives here since May.", "Viu aquí des de maig.", "es", "Viu aquí des de maig."),
    ],
)
def test_the_text_midway_is_mended(english: str, catalan: str, target: str, mended: str) -> None:
    assert pivot.mend(english, catalan, target) == mended


@pytest.mark.parametrize(
    ("source", "text", "target", "finished"),
    [
        ("Where is it?", "donde es la casa?", "es", "¿Dónde está la casa?"),
        ("Good!", "muy bien!", "es", "¡Muy bien!"),
        ("Visit my father.", "Visita mi padre.", "es", "Visita a mi padre."),
        ("He called me.", "me trucó ayer.", "es", "Me llamó ayer."),
        ("My head is big.", "Mi jefe es grande.", "es", "Mi cabeza es grande."),
        ("The head of state.", "El jefe de estado.", "es", "El jefe de estado."),
        ("Is it?", "il est beau?", "fr", "Il est beau\u00a0?"),
        ("I would like tea.", "Me plairait thé.", "fr", "Je voudrais thé."),
        ("We stay.", "restons ici.", "fr", "Nous restons ici."),
        ("She is here.", "Il est ici.", "fr", "Elle est ici."),
        ("Can you come?", "Il peut venir?", "fr", "Pouvez-vous venir\u00a0?"),
        ("I know what you did.", "Je sais ce qu'as fait", "fr", "Je sais ce que tu as fait"),
        ("She likes tea.", "Il lui plaît le thé", "fr", "Elle aime le thé"),
        ("I was there.", "Il était là", "fr", "J'étais là"),
        ("Ask what it is.", "Pregunta el que es", "es", "Pregunta lo que es"),
        ("The house.", "le eau de le homme", "fr", "L'eau du homme"),
        ("There is bread.", "Y a du pain.", "fr", "Il y a du pain."),
        ("My keys.", "Prendo miei libri.", "it", "Prendo i miei libri."),
        ("Tell me.", "che mi Dica tutto.", "it", "Mi dica tutto."),
        ("You can.", "Podes vir.", "pt", "Pode vir."),
        ("You saw it.", "Viste isto, triste.", "pt", "Viu isto, triste."),
        ("My book.", "o meu livro", "pt", "Meu livro"),
        ("lower", "abajo", "es", "abajo"),
    ],
)
def test_the_target_language_gets_its_last_touches(source: str, text: str, target: str, finished: str) -> None:
    assert finish(source, text, "en", target) == finished


def test_spanish_marks_do_not_leave_spanish() -> None:
    assert finish("¿Dónde está?", "¿Where is it?", "es", "en") == "Where is it?"


async def test_casing_is_restored_where_there_is_none() -> None:
    casing = Casing(frozenset({"barcelona"}))
    assert casing.restore("i met john in barcelona on monday") == "I met John in Barcelona on Monday"
    assert casing.restore("i'm here") == "I'm here"
    assert casing.restore("A test of barcelona") == "A test of barcelona"


async def test_casing_without_a_word_list_knows_common_names(tmp_path: object) -> None:
    casing = await load(__import__("pathlib").Path(str(tmp_path)) / "absent")
    assert casing.restore("tuesday in blorptown") == "Tuesday in blorptown"


def test_likeness_is_one_for_the_same_and_nought_for_nothing_shared() -> None:
    assert chrf("the cat", "the cat") == pytest.approx(1.0)
    assert chrf("abc", "xyz") == 0.0
    assert chrf("", "x") == 0.0
    assert 0 < chrf("the cat sat", "the cat ran") < 1
    assert merit("the cat", "the cat", 2) == pytest.approx(0.7)


def test_a_mode_becomes_a_pipeline_that_flushes() -> None:
    line = command("lt-proc '/a b/x.bin' | apertium-tagger -g $2 '/y.prob' | lt-proc $1 '/z.bin'\n")
    stages = [stage.split("KILL ")[-1].strip() for stage in line.split("|")]
    assert stages == ["lt-proc -z '/a b/x.bin'", "apertium-tagger -z -g /y.prob", "lt-proc -z -g /z.bin"]
