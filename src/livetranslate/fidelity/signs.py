"""Signs that a reply is no translation of what was heard: an answer, a refusal, an echo, another language, a leak, a loop."""

import re
from functools import cache

from livetranslate.fidelity.phrases import AGREES, DECLARES, REFUSES
from livetranslate.fidelity.reply import TEMPLATE

_LENGTH = {
    "zh": 0.32, "yue": 0.32, "ja": 0.49, "ko": 0.53, "th": 0.86, "ar": 0.8, "ru": 1.04, "fr": 1.1, "de": 1.16, "pt": 1.06,
    "es": 1.03, "it": 1.07, "id": 1.13, "vi": 1.05, "hi": 1.05, "el": 1.13, "tr": 0.96,
}  # fmt: skip
"""How long the same is in a language, in characters, English being 1."""
_TOO_LONG, _SPARE = 2.2, 30
_TOO_SHORT, _JUDGED = 0.36, 14
_MOST_LINES = 1
_QUESTION_MARKS = frozenset("?？؟⁇❓")
_ASKS = {
    "el": re.compile(r";\s*$"),
    "ja": re.compile(r"か[。．]?\s*$"),
    "zh": re.compile(r"[吗呢][。]?\s*$"),
    "yue": re.compile(r"[嗎呢咩㗎未][。]?\s*$"),
    "th": re.compile(
        "(?:ไหม|มั้ย|หรือเปล่า|หรือไม่|ใคร|อะไร|เท่าไร|เท่าไหร่|อย่างไร|ยังไง|ไหน|เมื่อไร|เมื่อไหร่|กี่โมง)(?:ครับ|คะ|ค่ะ)?\\s*$"
        "|^(?:ทำไม|ใคร|อะไร|เมื่อไหร่)"
    ),
}
"""How languages that may do without the mark end a question, or begin it."""
_MAY_ASK = {
    "ja": re.compile("か|の[。]?$|何|誰|どこ|いつ|なぜ"),
    "zh": re.compile("[吗呢么谁哪几]|什么|多少|怎"),
    "yue": re.compile("[嗎呢咩呀㗎邊幾乜]|點解|點樣"),
    "th": re.compile("ไหม|มั้ย|หรือ|ใคร|อะไร|เท่าไ|อย่างไร|ยังไง|ไหน|เมื่อไ|กี่|ทำไม|ล่ะ|บ้าง"),
}
"""What a question without its mark holds at least."""
_UNMARKED = frozenset(_ASKS) - {"el"}
"""Languages in which a question may be written without its mark."""
_ENDS = ".!?…。！？．;:؟।"
_LEAKS = re.compile(r"source_text|between the marks|you translate|translation engine", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")
_SCRIPTS = {
    "latin": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "arabic": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "hangul": re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7af]"),
    "kana": re.compile(r"[\u3041-\u3096\u30a1-\u30fa]"),
    "han": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]"),
}
_WRITTEN = {
    "ru": {"cyrillic"}, "el": {"greek"}, "ar": {"arabic"}, "hi": {"devanagari"}, "th": {"thai"}, "ko": {"hangul", "han"},
    "ja": {"kana", "han"}, "zh": {"han"}, "yue": {"han"},
}  # fmt: skip
"""The scripts of languages that are not written in Latin letters."""
_LEAST_ECHO = {False: 8, True: 6}
"""Letters, Latin and other, from which on the same words in two languages are an echo, and no name or common word."""
LEAST_TOLD = 10
"""Letters from which on the language of Latin letters is told well enough to refuse a reply for it."""


def expected_length(heard: str, source: str, target: str) -> float:
    """About how many characters a translation has."""
    return len(heard) * _LENGTH.get(target, 1.0) / _LENGTH.get(source, 1.0)


def asks(text: str, language: str) -> bool:
    """Whether a text is or holds a question."""
    if any(mark in text for mark in _QUESTION_MARKS):
        return True
    pattern = _ASKS.get(language)
    return pattern is not None and pattern.search(text.strip()) is not None


def may_ask(text: str, language: str) -> bool:
    """Whether a text may be a question, written as loosely as can be."""
    loose = _MAY_ASK.get(language)
    return asks(text, language) or (loose is not None and loose.search(text) is not None)


def other_script(said: str, target: str) -> bool:
    """Whether most of a text is in letters that its language is not written in."""
    counts = {script: len(pattern.findall(said)) for script, pattern in _SCRIPTS.items()}
    own = sum(counts[script] for script in _WRITTEN.get(target, {"latin"}))
    other = sum(counts.values()) - own
    if target == "ja" and not counts["kana"] and counts["han"] > 12:
        return True
    if target in ("zh", "yue") and counts["kana"] > 2:
        return True
    return other > 3 * own and other > 3


@cache
def _says(words: str) -> re.Pattern[str]:
    return re.compile(words)


def _talks(said: str, heard: str, source: str, target: str) -> str:
    """What in a reply is an assistant's talk, and not the speaker's own."""
    reply, own = (text.lower().lstrip(" \"'“«„「¡¿*") for text in (said, heard))
    for reason, table, anywhere in (("agrees", AGREES, False), ("refuses", REFUSES, True), ("declares", DECLARES, True)):
        for language in dict.fromkeys((target, "en")):
            pattern = _says(table[language])
            if not (pattern.search(reply) if anywhere else pattern.match(reply)):
                continue
            speaker = (_says(table[source]),) if source in table else tuple(map(_says, table.values()))
            if not any(each.search(own) if anywhere else each.match(own) for each in speaker):
                return reason
    return ""


def loops(said: str) -> bool:
    """Whether a text says the same over and over at its end."""
    return re.search(r"(.{2,80}?)\1{3,}$", said[-400:], re.DOTALL) is not None and len(said) >= 24


def judge(heard: str, said: str, source: str, target: str, *, whole: bool = True) -> str:
    """Why a reply is no translation, in a word; empty if it may be one. A reply that is not `whole` may still grow."""
    if not heard:
        return _judge_alone(said, target)
    if not _LETTERS.search(heard):
        return "long" if len(said) > 3 * len(heard) + _SPARE else ""
    if whole and not _LETTERS.search(said):
        return "empty"
    if TEMPLATE.search(said) or (_LEAKS.search(said) and not _LEAKS.search(heard)):
        return "leaks"
    if loops(said) and not loops(heard):
        return "loops"
    if source != target and other_script(said, target) and not other_script(heard, source):
        return "language"
    expected = expected_length(heard, source, target)
    if whole and "\n" not in heard.strip() and len([line for line in said.splitlines() if line.strip()]) > _MOST_LINES:
        return "long"
    if len(said) > _TOO_LONG * expected + _SPARE:
        return "long"
    if talks := _talks(said, heard, source, target):
        return talks
    if source not in ("", target) and not is_name(heard) and _echoes(heard, said, target, whole=whole):
        return "echoes"
    return _judge_whole(heard, said, source, target, expected) if whole else ""


def _judge_alone(said: str, target: str) -> str:
    """What can be judged where what was heard is not known."""
    if TEMPLATE.search(said) or _LEAKS.search(said):
        return "leaks"
    if loops(said):
        return "loops"
    return "language" if other_script(said, target) else ""


def _judge_whole(heard: str, said: str, source: str, target: str, expected: float) -> str:
    """What can be judged at the end alone."""
    if expected >= _JUDGED and len(said) < _TOO_SHORT * expected:
        return "short"
    if asks(heard, source) and not may_ask(said, target):
        return "answers"
    states = heard.strip()[-1:] in _ENDS and source not in _UNMARKED and not asks(heard, source)
    return "answers" if states and any(mark in said for mark in _QUESTION_MARKS) else ""


def _echoes(heard: str, said: str, target: str, *, whole: bool) -> bool:
    """Whether the same words are said as were heard, as far as they go."""
    own, same = _plain(heard), _plain(said)
    if len(same) < _LEAST_ECHO[target in _WRITTEN]:
        return False
    return own == same if whole else own.startswith(same)


def is_name(text: str) -> bool:
    """Whether a text is nothing but a name or two, a number or an address, which stay as they are."""
    words = text.strip(_ENDS + " ").split()
    if len(words) == 1 and words[0].isascii() and re.search(r"[@/\d]", words[0]):
        return True
    return 0 < len(words) <= 4 and all(word[:1].isupper() or word[:1].isdigit() for word in words)


def _plain(text: str) -> str:
    return "".join(_LETTERS.findall(text.lower()))
