"""Who was just taken off, and so may not come back at once.

Backstage decides who may speak and refuses them itself; this only stops the offer that it let
through in the very moment before. Forgets everybody after some seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rostra.bus.messages import Off
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId, SpeakerId
from rostra.stage.errors import TakenOff

LASTS_NS: Final = 3_000_000_000
MOMENT_NS: Final = 300_000_000
"""Of whoever is asked back for something, and comes as soon as it is given."""
ASKED_BACK: Final = frozenset({Off.NAME, Off.TERMS})


class Ban:
    """Speakers refused for now, on one stage or (space ``None``) on every one."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._banned: dict[tuple[SpeakerId, SpaceId | None], tuple[int, Off | None]] = {}

    def add(self, speakers: Iterable[SpeakerId], space: SpaceId | None, why: Off | None) -> None:
        """Refuse these from now on; ``why`` is what they are told."""
        now_ns = self._clock.monotonic_ns()
        self._banned = {key: entry for key, entry in self._banned.items() if entry[0] > now_ns}
        until_ns = now_ns + (MOMENT_NS if why in ASKED_BACK else LASTS_NS)
        self._banned.update({(speaker, space): (until_ns, why) for speaker in speakers})

    def check(self, speaker: SpeakerId, space: SpaceId) -> None:
        """Raise TakenOff while ``speaker`` may not enter ``space``."""
        for key in ((speaker, space), (speaker, None)):
            until_ns, why = self._banned.get(key, (0, None))
            if self._clock.monotonic_ns() < until_ns:
                raise TakenOff(words.say(words.ENGLISH, f"error.{why}") if why else None)
