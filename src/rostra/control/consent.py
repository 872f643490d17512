"""The sentences that people accept before the stage: what will be heard by whom, and then kept.

One for each audience and each fate of the recording. Decides which is due, and whether one accepted
earlier covers it: whoever agreed to more agreed to less. Never forgets a sentence: a changed one
gets a new id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.bus.messages import RecordingPolicy, Visibility
from rostra.core import words


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody agrees to. ``audience`` and ``keeping`` count upwards with how much that is."""

    id: str
    key: str
    """Of its words."""
    audience: int
    keeping: int

    def cover(self, other: Terms) -> bool:
        """Say whether whoever accepted these need not be asked for ``other``."""
        return self.audience >= other.audience and self.keeping >= other.keeping


@dataclass(frozen=True, slots=True)
class Sentence:
    """Terms as one person reads them. The id names the language too, so that it tells the words."""

    id: str
    text: str


_KEEPING: Final = (RecordingPolicy.DELETE, RecordingPolicy.HOLD, RecordingPolicy.PUBLISH)
_INVITED, _ANYONE = 0, 1
ALL: Final = (
    Terms("live-and-recorded-1", "consent.open_publish", _ANYONE, 2),
    Terms("live-and-held-1", "consent.open_hold", _ANYONE, 1),
    Terms("live-and-deleted-1", "consent.open_delete", _ANYONE, 0),
    Terms("private-and-recorded-1", "consent.private_publish", _INVITED, 2),
    Terms("private-and-held-1", "consent.private_hold", _INVITED, 1),
    Terms("private-and-deleted-1", "consent.private_delete", _INVITED, 0),
)
_BY_ID: Final = {terms.id: terms for terms in ALL}
_BY_MEASURE: Final = {(terms.audience, terms.keeping): terms for terms in ALL}


def due(visibility: Visibility, policy: RecordingPolicy) -> Terms:
    """Return what everyone on the stage of such a space must accept."""
    audience = _INVITED if visibility is Visibility.PRIVATE else _ANYONE
    return _BY_MEASURE[audience, _KEEPING.index(policy)]


def sentence(terms: Terms, language: str) -> Sentence:
    """Return the words of ``terms``; the English ones bear the terms' plain id."""
    named = terms.id if language == words.ENGLISH else f"{terms.id}.{language}"
    return Sentence(named, words.say(language, terms.key))


def read(text_id: str) -> tuple[Terms, Sentence] | None:
    """Return what an id of :func:`sentence` names; None for any other text."""
    base, _, language = text_id.partition(".")
    terms, language = _BY_ID.get(base), language or words.ENGLISH
    if terms is None or language not in words.CATALOGUES:
        return None
    said = sentence(terms, language)
    return (terms, said) if said.id == text_id else None
