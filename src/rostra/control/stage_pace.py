"""How often one person may knock at one stage: with offers, news of their ICE, goodbyes, mutes of their own.

An offer makes a connection in the loop that mixes every stage, and most of the rest leaves a line in the
record: whoever holds a link could keep both busy without end. Pages that come back by themselves, programs
and push to talk stay far below.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from rostra.admission.allowance import Allowance
from rostra.control.identity import Actor
from rostra.control.throttle import Throttle
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests, UnknownSpace
from rostra.core.ids import SpaceId, is_id


class Knock(Enum):
    """What somebody does again and again."""

    CONSENT = "consent"
    OFFER = "offer"
    """To speak or to listen in, by WebRTC or as a source."""
    TRY = "try"
    """An offer that is only tried."""
    NEWS = "news"
    LEAVE = "leave"
    MUTE = "mute"


ALLOWED: Final = {
    Knock.CONSENT: Allowance(burst=20, refill_s=5),
    # A page tries again after half a second, then ever more rarely up to eight.
    Knock.OFFER: Allowance(burst=30, refill_s=2),
    Knock.TRY: Allowance(burst=20, refill_s=3),
    Knock.NEWS: Allowance(burst=120, refill_s=0.5),
    Knock.LEAVE: Allowance(burst=60, refill_s=1),
    Knock.MUTE: Allowance(burst=120, refill_s=0.5),
}
"""Of one person on one stage."""


class StagePace:
    """Counted since backstage started."""

    def __init__(self, *, clock: Clock) -> None:
        self._throttle = Throttle(clock=clock)

    def spend(self, knock: Knock, actor: Actor, space: SpaceId) -> None:
        """Count one. TooManyRequests when they have used theirs up: nothing else may happen. UnknownSpace."""
        if not is_id(space):
            raise UnknownSpace  # before anything as long as an address may be is kept
        try:
            self._throttle.spend(f"{knock.value} {space} {actor.person}", ALLOWED[knock])
        except TooManyRequests as error:
            raise TooManyRequests(
                "Too many requests to the stage. Please wait a few seconds and try again."
            ) from error
