"""Whether a word of an English sentence is a noun or a verb, judged by its neighbours: enough to leave "they ring" alone."""

from collections.abc import Sequence

_NOUN_FOLLOWS = """
a an the this that these those my your his her its our their some any no every each another which what whose many few several
both all one two three four five six seven eight nine ten first second third next last other same own more most half and or
of in on at with without by from under near behind beside over into onto for like through across between inside against
around new old big small little large good bad red blue green white black long short
"""
_VERB_FOLLOWS = """
to i you he she we they it who can could will would shall should may might must do does did don't doesn't didn't won't can't
cannot couldn't wouldn't shouldn't let's never always please not
"""
_FINITE = """
is are was were am be been has have had will can could would should may might must do does did isn't aren't wasn't weren't
gets got goes went comes came makes made looks looked needs needed seems seemed
"""
_OBJECTS = "a an the this that these those my your his her its our their me you him us them it"
_TAKE_OBJECTS = """
is are was were be have has had wear wears wore need needs needed want wants wanted buy buys bought see sees saw like likes
liked love loves use uses used get gets got make makes made take takes took find finds found sell sells sold eat eats ate
hold holds held bring brings brought put puts lose loses lost break breaks broke open opens opened close closes closed play
plays played write writes wrote send sends sent read reads clean cleans cleaned choose chooses chose collect collects check
checks fix fixes fixed
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEFORE_NOUNS, _BEFORE_VERBS, _VERBS = _set(_NOUN_FOLLOWS), _set(_VERB_FOLLOWS), _set(_TAKE_OBJECTS)
_CLAUSE_VERBS, _DETERMINERS = _set(_FINITE), _set(_OBJECTS)


def is_noun(there: Sequence[str], place: int, is_plural: bool) -> bool:
    """Whether the word at a place of a sentence, given in small letters, is more likely a noun than a verb."""
    before = there[place - 1] if place else ""
    after = there[place + 1] if place + 1 < len(there) else ""
    if before in _BEFORE_NOUNS or before in _VERBS:
        return True
    if before in _BEFORE_VERBS:
        return False
    if not before:
        return after not in _DETERMINERS and (is_plural or after in _CLAUSE_VERBS or not after)
    if is_plural:
        # "the dog barks" against "the tree barks are rough"
        others = (word for at, word in enumerate(there) if at != place)
        return any(word in _CLAUSE_VERBS or word in _VERBS or word.endswith("ed") for word in others)
    return any(word in _BEFORE_NOUNS for word in there[max(0, place - 3) : place]) and after not in _DETERMINERS
