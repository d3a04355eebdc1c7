"""English commands and proposals, whose verb Apertium takes for a noun: set aside as Catalan's own polite command."""

import re

from livetranslate.engines.apertium.rules import listed, words
from livetranslate.engines.apertium.sentences import Hold, split_mark
from livetranslate.engines.apertium.verbs import COMMANDS, DETERMINERS, FIXED_COMMANDS, PAST

_FOLLOWING = DETERMINERS | frozenset(
    listed(
        """
    me it us him them at to for up down on off in out into here there and now more with about back away again straight left
    right home together slowly carefully quickly quietly one two three careful quiet calm ready some over after before until
    what where how why who if
    """
    )
)
"""What may follow a command, and not a noun that looks like one."""

_COMMAND = re.compile(
    r"(?:^|(?<=, )|(?<=\band )|(?<=\bthen ))(?P<head>(?:(?:then|now|just|always|and|so) )*)(?P<not>(?:do not|never) )?"
    rf"(?P<verb>{'|'.join(sorted(COMMANDS, key=len, reverse=True))})\b(?: (?P<who>me|us|him|her|it|them)\b)?(?P<next>,? ?[\w-]*)",
    re.IGNORECASE,
)
_BEGINNING = re.compile(
    r"^(?:(?:if|when|once|before|after)\b[^,]*, |(?:first|second|next|finally|now|well|yes|no|\w+ly), |xqz\w+,? )?$",
    re.IGNORECASE,
)

_TO_WHOM = frozenset(
    listed(
        """
    give tell ask show send bring say answer write explain sell pay
    """
    )
)
_BEHIND = {"me": "'m", "us": "'ns", "him": "'l", "it": "'l", "her": "-la", "them": "'ls"}
_BEHIND_TO = _BEHIND | {"him": "-li", "her": "-li", "it": "-ho"}
_AHEAD = {"me": "em", "us": "ens", "him": "el", "it": "el", "her": "la", "them": "els"}
_AHEAD_TO = _AHEAD | {"him": "li", "her": "li"}


def commands(sentence: str, target: str, hold: Hold) -> str:
    """With the verbs of a command set aside: where the sentence begins, after its condition, and what `and` adds to it."""
    core, mark = split_mark(sentence)
    if "?" in mark:
        return sentence
    commanding = False

    def one(found: re.Match[str]) -> str:
        nonlocal commanding
        if not commanding and not _BEGINNING.match(core[: found.start()]):
            return found.group()
        name = _command(found, target, hold)
        commanding = commanding or bool(name)
        return f"{found['head']}{name}{found['next']}" if name else found.group()

    return _COMMAND.sub(one, core) + mark


def _command(found: re.Match[str], target: str, hold: Hold) -> str:
    """The name for a command with its pronoun, or nothing if this is none."""
    verb, who = found["verb"].lower(), (found["who"] or "").lower()
    following = found["next"].strip(" ").lower()
    if not who and following and following[0] != "," and following not in _FOLLOWING and not following.startswith("xqz"):
        return ""
    if verb == "let" and who and following in PAST:
        return hold(_with_pronoun(verb, who, False) + "~", True) + " to"
    if verb in FIXED_COMMANDS and not who and not found["not"]:
        return hold(FIXED_COMMANDS[verb][target], False)
    if who and COMMANDS[verb][-1] not in "aeiouï":
        return ""
    return hold(_with_pronoun(verb, who, bool(found["not"])), True)


def _with_pronoun(verb: str, who: str, negated: bool) -> str:
    """Catalan puts the pronoun behind a command, and before it where the command forbids."""
    form = COMMANDS[verb]
    if not who:
        return f"no {form}" if negated else form
    if negated:
        return f"no {(_AHEAD_TO if verb in _TO_WHOM else _AHEAD)[who]} {form}"
    return form + (_BEHIND_TO if verb in _TO_WHOM else _BEHIND)[who]


_LET_US = re.compile(rf"^let us (?P<not>not )?(?P<verb>{words(' '.join(PAST))})\b", re.IGNORECASE)
_OWN_PROPOSAL = {"go": "anem", "meet": "anem a trobar-nos", "see": "vegem"}


def proposals(sentence: str, hold: Hold) -> str:
    """`Let us` and a verb, as Catalan's `anem a`."""
    found = _LET_US.match(sentence)
    if found is None:
        return sentence
    verb, rest = found["verb"].lower(), sentence[found.end() :]
    if not found["not"] and verb in _OWN_PROPOSAL:
        return hold(_OWN_PROPOSAL[verb], True) + rest
    return f"{hold('no anem a~' if found['not'] else 'anem a~', True)} to {verb}{rest}"
