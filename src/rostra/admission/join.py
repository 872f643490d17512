"""What a ticket states that is dealt now: to a live space, or to a recording. Pure: values in, a ticket out.

Whether somebody is let in is decided before: by :mod:`.room` and :mod:`.line`.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from rostra.admission.tickets import BESIDE_AUDIENCE, IN_AUDIENCE, Ticket, recording_of
from rostra.core.ids import RunId, SpaceId


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long a ticket is good. Whole seconds."""

    admit_s: int
    """Within this time it must be used first."""
    life_s: int
    """After this time it ends."""


RECORDING_ADMIT_S = 3_600
"""A page with a recording lies open for a while before somebody presses Play; then they hear it out."""


def decide_recording(
    space: SpaceId,
    run: RunId,
    *,
    length_s: int,
    listener: bytes,
    terms: Terms,
    now_s: int,
    epoch: int = 0,
    until_s: int | None = None,
) -> Ticket:
    """Decide on one visit to a private or held recording; who asks has checked the visitor's pass.

    Such a ticket is for this visit: it lasts for hearing the recording once, not for keeping its address, and
    no longer than ``until_s``, where the pass is for so long only.
    """
    end_s = now_s + min(terms.life_s, RECORDING_ADMIT_S + length_s)
    return Ticket(
        space=recording_of(space, run),
        listener=listener,
        rank=IN_AUDIENCE,
        edge=0,
        admit_by_s=now_s + RECORDING_ADMIT_S,
        end_s=end_s if until_s is None else min(end_s, until_s),
        epoch=epoch,
    )


def decide_join(space: SpaceId, *, listener: bytes, terms: Terms, now_s: int, epoch: int = 0) -> Ticket:
    """Decide on one join of a live space. ``listener`` is eight random bytes, ``now_s`` UTC seconds."""
    return Ticket(
        space=space,
        listener=listener,
        rank=IN_AUDIENCE,
        edge=0,
        admit_by_s=now_s + terms.admit_s,
        end_s=now_s + terms.life_s,
        epoch=epoch,
    )


def decide_hearing(
    space: SpaceId, *, listener: bytes, terms: Terms, now_s: int, end_s: int, epoch: int = 0
) -> Ticket:
    """Decide on somebody who hears what was reported of a live space, whoever waits for a place.

    Who asks has checked the pass, which is over at ``end_s``; so is the ticket, and sooner by its terms.
    """
    joined = decide_join(space, listener=listener, terms=terms, now_s=now_s, epoch=epoch)
    return structs.replace(joined, rank=BESIDE_AUDIENCE, end_s=min(joined.end_s, end_s))
