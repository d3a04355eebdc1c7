"""Where sentences end in words that came without stops: what the language model finds likely, and the pauses."""

from collections.abc import Callable, Sequence

Likelihood = Callable[..., float]
"""The log likelihood of a word after up to two others, the nearest first; `<s>` begins a sentence, `</s>` ends it."""

BEGIN, END = "<s>", "</s>"

_UNKNOWN = -16.0
"""For words that the model does not know: its own figure would forbid any sentence that holds one."""
_OLDEST = 2
"""A word this far into its sentence has no beginning among the words before it that the model looks at."""


def pause_evidence(seconds: float) -> float:
    """How much a pause speaks for the end of a sentence, in nats; measured on read speech."""
    return -1.0 + 6.0 * min(seconds, 0.5)


def sentence_starts(
    words: Sequence[str], pauses: Sequence[float], likelihood: Likelihood, evidence: Callable[[float], float] = pause_evidence
) -> list[int]:
    """The indexes at which sentences begin, by the best path through all ways to cut; `pauses[i]` is before `words[i]`.

    A state is how many words of the running sentence lie before the present one, counted up to `_OLDEST`.
    """
    if not words:
        return []

    def after(word: str, index: int, state: int) -> float:
        """Of `word` after `words[index]`, which is number `state` of its sentence."""
        return max(_UNKNOWN, likelihood(word, words[index], BEGIN if state == 0 else words[index - 1]))

    scores = {0: max(_UNKNOWN, likelihood(words[0], BEGIN))}
    came_from: list[dict[int, int]] = []
    for index in range(1, len(words)):
        fresh = max(_UNKNOWN, likelihood(words[index], BEGIN)) + evidence(pauses[index])
        found: dict[int, tuple[float, int]] = {}
        for state, score in scores.items():
            going_on = min(state + 1, _OLDEST)
            for follower, gain in ((going_on, after(words[index], index - 1, state)), (0, after(END, index - 1, state) + fresh)):
                found[follower] = max(found.get(follower, (float("-inf"), 0)), (score + gain, state))
        scores = {state: score for state, (score, _) in found.items()}
        came_from.append({state: origin for state, (_, origin) in found.items()})
    state = max(scores, key=lambda state: scores[state] + after(END, len(words) - 1, state))
    starts = []
    for index in range(len(words) - 1, 0, -1):
        if state == 0:
            starts.append(index)
        state = came_from[index - 1][state]
    return [0, *reversed(starts)]
