"""The details of an answer, an extension of ours: what was seen and used for each utterance beside its sound."""

from collections.abc import Iterable
from typing import Any

import msgspec

from livetranslate.events import Change, Evidence, Sighting, Term

MOST_BYTES = 48 * 1024
"""Of JSON; utterances beyond are left out, and that is told. No event of a stream is over 64 KiB."""
_SECONDS, _SHARES = 3, 4
"""Decimals."""


def details_fields(evidence: Iterable[Evidence]) -> dict[str, Any]:
    """The details of an answer: what is known of its utterances, in their order."""
    told: list[dict[str, Any]] = []
    size = 0
    for utterance in map(_utterance, evidence):
        size += len(msgspec.json.encode(utterance)) + 1
        if size > MOST_BYTES:
            return {"utterances": told, "truncated": True}
        told.append(utterance)
    return {"utterances": told}


def _utterance(evidence: Evidence) -> dict[str, Any]:
    return {
        "index": evidence.utterance,
        "frames": [round(at, _SECONDS) for at in evidence.images],
        "words": [_word(word) for word in evidence.words],
        "corrections": [_change(change) for change in evidence.corrections],
        "glossary": {"hits": [_term(term) for term in evidence.hits], "misses": [_term(term) for term in evidence.misses]},
        "changes": [_change(change) for change in evidence.changes],
    }


def _word(word: Sighting) -> dict[str, Any]:
    return {"text": word.text, "at": round(word.at, _SECONDS), "box": [round(side, _SHARES) for side in word.box]}


def _change(change: Change) -> dict[str, str]:
    return {"before": change.before, "after": change.after}


def _term(term: Term) -> dict[str, Any]:
    return {
        "source": term.source,
        "target": term.target,
        "kept": term.kept,
        "sense": term.sense,
        "cues": list(term.cues),
    }
