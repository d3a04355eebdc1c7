"""Glossaries: entries from requests and files, the forms of nouns, which meaning holds, and the starter set."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.errors import BadParameter
from livetranslate.glossary import MOST_CUES, MOST_ENTRIES, Entry, parse
from livetranslate.glossary.agreement import put
from livetranslate.glossary.files import parse_csv, read_csv, senses
from livetranslate.glossary.forms import beginning, gender, plural
from livetranslate.glossary.matching import find, key, keys, words
from livetranslate.glossary.nouns import is_noun
from livetranslate.glossary.stand_ins import stand_ins

TARGETS = ("es", "fr", "it", "pt")


# --- entries of a request


def test_an_entry_is_read() -> None:
    entry = {
        "source": " heart  rate ",
        "target": "frecuencia cardíaca",
        "source_lang": "English",
        "target_lang": "es",
        "case": True,
        "when_seen": ["ECG"],
        "when_said": ["pulse", "beats per minute"],
        "gender": "F",
        "plural": "frecuencias cardíacas",
        "noun": True,
    }
    assert parse([entry], "g") == (
        Entry(
            "heart rate",
            "frecuencia cardíaca",
            "en",
            "es",
            match_case=True,
            when_seen=("ECG",),
            when_said=("pulse", "beats per minute"),
            noun=True,
            plural="frecuencias cardíacas",
            gender="f",
        ),
    )


def test_null_counts_as_absent_and_a_term_may_stay() -> None:
    (entry,) = parse([{"source": "Kubernetes", "do_not_translate": True, "target": None, "when_seen": None}], "g")
    assert (entry.target, entry.do_not_translate, entry.conditional) == ("Kubernetes", True, False)
    assert entry.fits("en", "es")
    assert entry.fits("ja", "fr")


WRONG: list[tuple[Any, str]] = [
    (7, "g[0]"),
    ({}, "g[0].source"),
    ({"source": "...", "target": "x"}, "g[0].source"),
    ({"source": 7, "target": "x"}, "g[0].source"),
    ({"source": "a", "target": ""}, "g[0].target"),
    ({"source": "a"}, "g[0].target"),
    ({"source": "a", "target": "b", "do_not_translate": True}, "g[0].target"),
    ({"source": "a", "target": "b", "case": "yes"}, "g[0].case"),
    ({"source": "a", "target": "b", "noun": 1}, "g[0].noun"),
    ({"source": "a", "target": "b", "when_seen": "cue"}, "g[0].when_seen"),
    ({"source": "a", "target": "b", "when_seen": [""]}, "g[0].when_seen"),
    ({"source": "a", "target": "b", "when_said": [None]}, "g[0].when_said"),
    ({"source": "a", "target": "b", "when_said": ["c" * 51]}, "g[0].when_said"),
    ({"source": "a", "target": "b", "when_said": ["c"] * (MOST_CUES + 1)}, "g[0].when_said"),
    ({"source": "a", "target": "b", "source_lang": "Klingon"}, "g[0].source_lang"),
    ({"source": "a", "target": "b", "target_lang": "xx"}, "g[0].target_lang"),
    ({"source": "a", "target": "b", "gender": "neuter"}, "g[0].gender"),
    ({"source": "a" * 101, "target": "b"}, "g[0].source"),
    ({"source": "a\x07", "target": "b"}, "g[0].source"),
    ({"source": "a", "target": "b", "when_sen": ["c"]}, "when_sen"),
]


@pytest.mark.parametrize(("entry", "where"), WRONG)
def test_what_is_not_in_order_is_named(entry: Any, where: str) -> None:
    with pytest.raises(BadParameter, match=where.replace("[", r"\[")) as refusal:
        parse([entry], "g")
    assert len(refusal.value.message) < 300


def test_entries_are_counted() -> None:
    entry = {"source": "a", "target": "b"}
    assert len(parse([entry] * MOST_ENTRIES, "g")) == MOST_ENTRIES
    with pytest.raises(BadParameter):
        parse([entry] * (MOST_ENTRIES + 1), "g")


# --- files


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv(between: str) -> None:
    rows = [
        ["source", "Target", "when_seen", "do_not_translate"],
        ["mask", "mascarilla", "surgery|operating room", ""],
        ["", "", "", ""],
        ["Acme", "", "", "yes"],
    ]
    text = "\r\n".join(between.join(row) for row in rows)
    first, second = parse_csv(text, "terms.csv")
    assert first == Entry("mask", "mascarilla", when_seen=("surgery", "operating room"))
    assert second == Entry("Acme", "Acme", do_not_translate=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("term,target\na,b", "header line"),
        ("source,target,colour\na,b,c", "colour"),
        ("source,target\na,b\nc", "line 3"),
        ("source,target\na,b,c", "more cells"),
        ("source,target,case\na,b,perhaps", "line 2.case"),
        ('source,target\n"a,b', "line"),
    ],
)
def test_csv_that_is_not_in_order_names_the_line(text: str, told: str) -> None:
    with pytest.raises(BadParameter, match=told):
        parse_csv(text, "terms.csv")


def test_csv_files(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_bytes("\ufeffsource,target\nmask,mascarilla\n".encode())
    assert read_csv(file) == (Entry("mask", "mascarilla"),)
    file.write_bytes(b"source,target\nm\xffsk,b\n")
    with pytest.raises(BadParameter, match="UTF-8"):
        read_csv(file)
    with pytest.raises(BadParameter, match="cannot be read"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(BadParameter, match="cannot be read"):
        read_csv(tmp_path)


# --- forms

PLURALS = {
    "en": "mask masks|box boxes|church churches|city cities|key keys|mouse mice|heart rate heart rates|bus buses",
    "es": """mascarilla mascarillas|ratón ratones|luz luces|canción canciones|árbol árboles|crisis crisis|mes meses
        autobús autobuses|palo de golf palos de golf|mascarilla médica mascarillas médicas""",
    "fr": """masque masques|château châteaux|journal journaux|nez nez|jeu jeux|nœud nœuds|souris souris
        jeu de cartes jeux de cartes""",
    "it": """arancia arance|banco banchi|mago maghi|specchio specchi|chiave chiavi|città città|bar bar|problema problemi
        psicologo psicologi|carro armato carri armati|mazza da golf mazze da golf""",
    "pt": """leão leões|animal animais|papel papéis|lençol lençóis|funil funis|homem homens|luz luzes|mês meses|lápis lápis
        ônibus ônibus""",
}


@pytest.mark.parametrize("language", PLURALS)
def test_plurals(language: str) -> None:
    for pair in PLURALS[language].replace("\n", "|").split("|"):
        half = len(pair.split()) // 2
        one, many = " ".join(pair.split()[:half]), " ".join(pair.split()[half:])
        assert plural(one, language) == many


def test_languages_without_rules_have_no_plurals() -> None:
    assert plural("マスク", "ja") == "マスク"


@pytest.mark.parametrize(
    ("phrase", "language", "expected"),
    [
        ("mascarilla", "es", "f"),
        ("canción", "es", "f"),
        ("problema", "es", "m"),
        ("banco", "es", "m"),
        ("nation", "fr", "f"),
        ("musée", "fr", "m"),
        ("stazione", "it", "f"),
        ("pianeta", "it", "m"),
        ("viagem", "pt", "f"),
        ("coração", "pt", "f"),
    ],
)
def test_genders(phrase: str, language: str, expected: str) -> None:
    assert gender(phrase, language) == expected


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("allumette", "fr", "vowel"),
        ("hôpital", "fr", "vowel"),
        ("haricot", "fr", "consonant"),
        ("specchio", "it", "double"),
        ("zaino", "it", "double"),
        ("sole", "it", "consonant"),
        ("unghia", "it", "vowel"),
        ("uña", "es", "consonant"),
        ("umbrella", "en", "vowel"),
        ("university", "en", "consonant"),
    ],
)
def test_beginnings(word: str, language: str, expected: str) -> None:
    assert beginning(word, language) == expected


@pytest.mark.parametrize("language", TARGETS)
@pytest.mark.parametrize("is_plural", [False, True])
@pytest.mark.parametrize("kind", ["m", "f"])
def test_there_are_stand_ins_of_every_kind(language: str, is_plural: bool, kind: Any) -> None:
    begins = {"fr": ("consonant", "vowel"), "it": ("consonant", "vowel", "double")}.get(language, ("consonant",))
    for how in begins:
        found = stand_ins("en", language, kind, is_plural, how)
        if (language, kind, how) == ("it", "f", "double"):
            continue  # "la" stands before those as before any consonant
        assert len(found) >= (1 if how == "double" else 2), (language, kind, how)
        assert all(beginning(noun.target, language) == how for noun in found)


def test_no_stand_ins_between_languages_without_a_table() -> None:
    assert stand_ins("en", "zh", "m", False, "consonant") == ()
    assert stand_ins("es", "es", "m", False, "consonant") == ()


@pytest.mark.parametrize(
    ("text", "old", "noun", "kind", "language", "expected"),
    [
        ("Vimos la orilla.", "orilla", "banco", "m", "es", "Vimos el banco."),
        ("Cerca del banco.", "banco", "orilla", "f", "es", "Cerca de la orilla."),
        ("C'est le parti.", "parti", "allumette", "f", "fr", "C'est l'allumette."),
        ("Près de l'arbre.", "arbre", "château", "m", "fr", "Près du château."),
        ("Il parte.", "parte", "specchio", "m", "it", "Lo specchio."),
        ("Un chiodo rotto.", "chiodo", "unghia", "f", "it", "Un'unghia rotto."),
        ("No parque.", "parque", "margem", "f", "pt", "Na margem."),
        ("Ich sehe die Bank.", "Bank", "Ufer", "m", "de", "Ich sehe die Ufer."),
    ],
)
def test_articles_agree(text: str, old: str, noun: str, kind: Any, language: str, expected: str) -> None:
    start = text.index(old)
    assert put(text, start, start + len(old), noun, kind, False, language) == expected


# --- which meaning holds


def spanish(text: str, seen: str = "", said: str = "") -> list[tuple[str, str, bool]]:
    layers = [[entry for entry in senses() if entry.fits("en", "es")]]
    found = find(text, layers, keys([seen]), keys([said]), "en")
    return [(text[term.start : term.end], term.entry.target, term.is_plural) for term in found]


def test_the_picture_decides() -> None:
    assert spanish("This is a mask.", "SURGICAL MASK, City Hospital") == [("mask", "mascarilla", False)]
    assert spanish("This is a mask.", "Carnival of Venice") == [("mask", "antifaz", False)]


def test_without_a_cue_nothing_holds() -> None:
    assert spanish("This is a mask.") == []
    assert spanish("This is a mask.", "Quarterly report") == []
    assert spanish("The doctor has a mask.") == [], "what is said opens no meaning of the starter set"


def test_cues_that_call_for_two_meanings_alike_decide_nothing() -> None:
    assert spanish("This is a mask.", "hospital carnival") == []
    assert spanish("This is a mask.", "hospital doctor carnival") == [("mask", "mascarilla", False)]


def test_what_is_said_weighs_half() -> None:
    assert spanish("My glasses are on the table.", "optician") == [("glasses", "gafas", True)]
    assert spanish("The bank lends money.", "river") == [("bank", "orilla", False)]
    assert spanish("The bank lends money on credit.", "river") == []


def test_plurals_and_possessives_are_found() -> None:
    assert spanish("The masks and the bat's wings.", "hospital cave") == [
        ("masks", "mascarilla", True),
        ("bat", "murciélago", False),
    ]


@pytest.mark.parametrize(
    "text", ["They ring at night.", "The dog barks.", "I bank on it.", "Ring the bell.", "He can match that.", "Mask your face."]
)
def test_verbs_are_left_alone(text: str) -> None:
    assert spanish(text, "gold dog river football hospital kennel") == []


@pytest.mark.parametrize(
    "sentence",
    ["they wear *masks", "the big *ring", "*spring is here", "we like *chips", "a church *bank", "the tree *barks are rough"],
)
def test_nouns_are_told(sentence: str) -> None:
    there = sentence.split()
    place = next(at for at, word in enumerate(there) if word.startswith("*"))
    there[place] = there[place][1:]
    assert is_noun(there, place, there[place].endswith("s"))


def test_layers_come_in_order_and_the_longest_term_first() -> None:
    ours = [Entry("mask", "careta"), Entry("gas mask", "máscara antigás")]
    theirs = [Entry("mask", "mascarilla", when_seen=("hospital",)), Entry("gas", "gasolina")]
    found = find("A gas mask, a mask and gas.", [ours, theirs], keys(["hospital"]), set(), "en")
    assert [term.entry.target for term in found] == ["máscara antigás", "careta", "gasolina"]


def test_a_condition_that_does_not_hold_leaves_the_term_to_the_next() -> None:
    ours = [Entry("mask", "careta", when_said=("paint",)), Entry("mask", "máscara")]
    assert [term.entry.target for term in find("a mask", [ours], set(), set(), "en")] == ["máscara"]
    assert [term.entry.target for term in find("a mask", [ours], set(), {"paint"}, "en")] == ["careta"]
    assert [term.entry.target for term in find("paint the mask", [ours], set(), set(), "en")] == ["careta"]


def test_case_counts_where_it_is_asked_for() -> None:
    entry = Entry("US", "EE. UU.", match_case=True)
    assert [term.start for term in find("give us the US figures", [[entry]], set(), set(), "en")] == [12]


def test_terms_of_other_scripts_and_languages() -> None:
    assert len(find("los bancos", [[Entry("banco", "bank")]], set(), set(), "es")) == 1
    assert len(find("les cartes bancaires", [[Entry("carte bancaire", "bank card")]], set(), set(), "fr")) == 1


@given(text=st.text(max_size=60))
def test_finding_never_fails_and_stays_in_the_text(text: str) -> None:
    layers = [[Entry("a", "x"), Entry("a b", "y", when_seen=("c",))]]
    end = 0
    for term in find(text, layers, {"c"}, set(), "en"):
        assert end <= term.start < term.end <= len(text)
        end = term.end


def test_keys_are_the_same_in_singular_and_plural() -> None:
    for one, many in (
        ("mask", "Masks"),
        ("battery", "BATTERIES"),
        ("box", "boxes"),
        ("church", "Churches"),
        ("class", "classes"),
    ):
        assert key(one) == key(many)
    assert key("bus") == "bus"
    assert [word.text for word in words("It's Anna's well-known U.S. mask.")] == ["It", "Anna", "well-known", "U.S", "mask"]


# --- the starter set


def test_the_starter_set() -> None:
    nouns = {entry.source for entry in senses()}
    assert len(nouns) >= 25
    for noun in nouns:
        for language in TARGETS:
            meanings = [entry for entry in senses() if entry.source == noun and entry.target_language == language]
            assert len(meanings) >= 2, (noun, language)
            for entry in meanings:
                assert entry.noun
                assert 6 <= len(entry.when_seen) <= MOST_CUES
                others = {key(cue) for other in meanings if other.sense != entry.sense for cue in other.when_seen}
                shared = {key(cue) for cue in entry.when_seen} & others
                assert not shared, f"{noun}: {shared} call for two meanings"
                assert key(noun) not in {key(cue) for cue in entry.when_seen}


def test_each_noun_of_the_starter_set_differs_somewhere() -> None:
    for noun in {entry.source for entry in senses()}:
        targets = {lang: {e.target for e in senses() if e.source == noun and e.target_language == lang} for lang in TARGETS}
        assert any(len(found) > 1 for found in targets.values()), noun
