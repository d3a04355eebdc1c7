"""Which of several translations came best through a translation back: character n-grams shared with the source."""

from collections import Counter

_ORDER = 6
_BETA = 2.0
_PENALTY = 0.15
"""What one unknown word takes off the score."""
PRIOR = 0.06
"""What the path that is better on average has ahead of the others."""

LONG = 12
"""Words; in shorter sentences the first path is better whatever the way back says."""


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text[start : start + order] for start in range(len(text) - order + 1))


def chrf(text: str, reference: str) -> float:
    """The character n-gram F-score (n up to 6, recall counting twice; Popović 2015), from 0 to 1, without white space."""
    text, reference = "".join(text.split()), "".join(reference.split())
    precision = recall = 0.0
    counted = 0
    for order in range(1, _ORDER + 1):
        ours, theirs = _grams(text, order), _grams(reference, order)
        if not ours or not theirs:
            continue
        shared = (ours & theirs).total()
        precision += shared / ours.total()
        recall += shared / theirs.total()
        counted += 1
    if not counted or not precision + recall:
        return 0.0
    precision, recall = precision / counted, recall / counted
    return (1 + _BETA**2) * precision * recall / (_BETA**2 * precision + recall)


def merit(source: str, back: str, unknown: int) -> float:
    """How well a translation with so many unknown words survived being translated back."""
    return chrf(back, source) - _PENALTY * unknown
