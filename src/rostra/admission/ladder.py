"""The ladder: what is given up when a crowd is larger than the machine, mildest first. A table, pure.

A rung is climbed when its trigger has held for :attr:`Rung.after_ticks`, or audio has been late for
:attr:`Rung.late_ticks`, and left when the way back has held for :attr:`Rung.back_ticks`: the thresholds
differ, so that nothing flaps. An operator may hold the ladder on a
rung by hand; then nothing moves by itself. Words for audience and operator stand in the catalogues as
``rung.<name>.audience`` and ``rung.<name>.operator``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rostra.admission.capacity import MOST_LATE


class Name(StrEnum):
    """Rungs, mildest first."""

    GROUND = "ground"
    CADENCE = "cadence"
    LOW = "low"
    QUIET = "quiet"
    DOOR = "door"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Signs:
    """What the ladder looks at, once a tick."""

    used: float
    """Listeners over what the machine carries: the more of what is measured and set by hand."""
    late_share: float
    """Of writes that left late."""
    milder_used: float | None = None
    """Listeners over what it would carry on the next milder rung; None: as many."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: what it does stands in fields that the edge and the door read."""

    name: Name
    up_used: float
    """Climbed from the rung below when so much of the places is used, or too many writes stay late."""
    down_used: float
    """Left when the milder one would use less and writes are on time."""
    after_ticks: int = 20
    late_ticks: int = 100
    """Edges tell every five seconds how late they were: one measurement is not yet a trigger, and what the
    rung below gives up is felt before this one gives up more."""
    back_ticks: int = 600
    cadence: int = 1
    """Quanta in one write, told so early that players have grown what they hold."""
    low: bool = False
    """Newcomers, and by and by our own players, take the low renditions."""
    quiet: bool = False
    """No reactions, no exact counts."""
    closed: bool = False
    """Newcomers wait in line, although there might be places."""
    by_hand_only: bool = False


ONLY_LATE: Final = 99.0
"""Not for being full, which the line takes care of: for audio that is late in spite of milder rungs."""
RUNGS: Final[Sequence[Rung]] = (
    Rung(Name.GROUND, up_used=0, down_used=0),
    Rung(Name.CADENCE, up_used=0.80, down_used=0.60, cadence=4),
    Rung(Name.LOW, up_used=0.90, down_used=0.70, cadence=4, low=True),
    Rung(Name.QUIET, up_used=0.95, down_used=0.75, cadence=12, low=True, quiet=True),
    Rung(Name.DOOR, up_used=ONLY_LATE, down_used=9, cadence=12, low=True, quiet=True, closed=True),
    Rung(
        Name.WORST,
        up_used=ONLY_LATE,
        down_used=0,
        cadence=12,
        low=True,
        quiet=True,
        by_hand_only=True,
    ),
)
"""The worst case is an operator's decision: fewer listeners, a number they set, the recording promised. The
number is held: as listeners leave, others come in."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where one stands. ``at`` indexes :data:`RUNGS`."""

    at: int = 0
    held: bool = False
    """By hand: nothing moves by itself."""
    towards: int = 0
    """Ticks for which the way up (positive) or back (negative) has held."""

    @property
    def rung(self) -> Rung:
        return RUNGS[self.at]


def step(ladder: Ladder, signs: Signs) -> Ladder:
    """Return where to stand after this tick."""
    if ladder.held:
        return ladder
    late = signs.late_share > MOST_LATE
    above = RUNGS[ladder.at + 1] if ladder.at + 1 < len(RUNGS) else None
    if above is not None and not above.by_hand_only and (late or signs.used >= above.up_used):
        towards = max(0, ladder.towards) + 1
        after_ticks = above.after_ticks if signs.used >= above.up_used else above.late_ticks
        return Ladder(ladder.at + 1) if towards >= after_ticks else replace(ladder, towards=towards)
    back_used = signs.used if signs.milder_used is None else signs.milder_used
    if ladder.at and not late and back_used < ladder.rung.down_used:
        towards = min(0, ladder.towards) - 1
        return (
            Ladder(ladder.at - 1) if -towards >= ladder.rung.back_ticks else replace(ladder, towards=towards)
        )
    return replace(ladder, towards=0)


def resume(name: str) -> Ladder:
    """Stand where a ladder stood, and move by itself from there; on the ground for a name that is none."""
    known = {rung.name.value: Ladder(at) for at, rung in enumerate(RUNGS)}
    return release(known.get(name, Ladder()))


def hold(name: Name) -> Ladder:
    """Stand on a rung by hand until :func:`release`."""
    return Ladder(next(at for at, rung in enumerate(RUNGS) if rung.name is name), held=True)


def release(ladder: Ladder) -> Ladder:
    """Let the ladder move by itself again, from where it stands; off the worst case to the next open rung."""
    if not ladder.rung.by_hand_only:
        return Ladder(ladder.at)
    return Ladder(max(at for at in range(ladder.at) if not RUNGS[at].closed))
