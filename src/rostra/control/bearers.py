"""Whose a name is where several on a stage look alike: the highest place's; among equals, the first one's.

Pure. The name of the owner's account is theirs, whoever else bears it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rostra.control.floor import Place
from rostra.control.names import NameTaken, alike
from rostra.core.ids import SpeakerId

_RANKS: Final = {place: rank for rank, place in enumerate(Place)}


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody who bears a name on a stage, or will. ``speaker`` is None for whoever is not there now."""

    name: str
    place: Place
    speaker: SpeakerId | None = None


def need_own(
    name: str, place: Place, others: Iterable[Bearer], *, there: bool = False, own: bool = False
) -> None:
    """Raise NameTaken unless somebody of that place may bear ``name`` beside ``others``.

    ``there``: they are on stage already, and give way to higher places only.
    ``own``: their account is called so.
    """
    if own and place is Place.OWNER:
        return
    for each in others:
        equal = each.place is place and each.speaker is not None and not there
        if (equal or _RANKS[each.place] < _RANKS[place]) and alike(name, each.name):
            raise NameTaken(field="name")


def give_way(name: str, place: Place, others: Iterable[Bearer]) -> set[SpeakerId]:
    """Those on stage who may not bear a name like ``name`` any more once somebody of that place does."""
    return {
        each.speaker
        for each in others
        if each.speaker is not None and _RANKS[each.place] > _RANKS[place] and alike(name, each.name)
    }
