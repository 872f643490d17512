"""What is played: a crowd, a room, and what goes wrong.

Values only; shares are of 1, times in seconds from the opening. The load is a model: how many come when,
stay how long and fail to answer is drawn, each on their own, from what stands here, and so is what a listener
costs where places are measured. Lines, calls, claims, joins a second, measured places and the ladder are
decided by what decides them at a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rostra.core.errors import NotFound


class UnknownScenario(NotFound):
    """There is no such scenario; rostra simulate --help names them."""

    code = "unknown_scenario"


@dataclass(frozen=True, slots=True)
class Away:
    """Something is away for a while: a share of the edge, or the door (``share`` 1 of ``door``).

    Listeners of an edge that dies are dropped and resume elsewhere; a door that dies starts anew from its
    journal.
    """

    at_s: float
    for_s: float
    share: float
    door: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One evening. The room opens at 0 s."""

    name: str
    arrivals: int
    places: int
    """As set by hand; or as the edge carries them in truth on the ladder's ground, less a reserve."""
    start_s: float = 600
    """When it begins, and the draw is held."""
    length_s: float = 3_000
    """How long it goes on after that."""
    before: float = 0.5
    """Share of the crowd that is there before the start, ever more towards it."""
    burst: float = 0.3
    """Share that comes in the first minute after it; the rest come later, ever fewer."""
    reserved: int = 0
    """Places for reserved links, and as many who hold one."""
    bots: float = 0.02
    """Share of entries by programs without cookies."""
    networks: int = 50
    """From so many networks these come: what is beyond a few of each lands in the second line."""
    abandon: float = 0.15
    """Share that is gone when called."""
    frozen: float = 0.2
    """Share whose phone is locked when they are called, and who come back minutes later."""
    rejoin: float = 0.05
    """Share of entries that are somebody's second one: whoever holds two numbers claims the lower, and the
    other is called in vain."""
    stay_s: float = 900
    """How long somebody listens, on average (exponential)."""
    drop: float = 0.1
    """Share of listeners who drop out once and resume with their ticket, past the door."""
    again: float = 0.05
    """Share who stay away longer and come to the door again, with the place that they had."""
    joins_per_s: float = 20_000
    """What the door answers."""
    dearness: float = 0
    """What a listener costs the edge, of the price that is assumed before it is measured, as places then are;
    0: they are set by hand."""
    wander: float = 0.03
    """By how much what is measured wanders (standard deviation, of 1)."""
    away: tuple[Away, ...] = field(default=())


SCENARIOS: Final[Mapping[str, Scenario]] = {
    each.name: each
    for each in (
        Scenario(
            "million",
            arrivals=8_000_000,
            places=1_000_000,
            reserved=2_000,
            away=(Away(900, 20, 0.25), Away(1_500, 5, 1, door=True)),
        ),
        Scenario("stampede", arrivals=50_000, places=5_000, start_s=60, length_s=600, before=0.1, burst=0.8),
        Scenario("bots", arrivals=200_000, places=20_000, bots=0.9, networks=56),
        Scenario("measured", arrivals=300_000, places=5_000, dearness=1.2),
        Scenario(
            "worst", arrivals=500_000, places=100_000, away=(Away(700, 600, 0.6), Away(720, 10, 1, door=True))
        ),
    )
}


def find(name: str) -> Scenario:
    """Return the scenario of that name; UnknownScenario."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise UnknownScenario from None
