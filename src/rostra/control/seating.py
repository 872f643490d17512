"""Whether a stage has a seat left for one speaker more, as backstage sees it. Pure.

Says so before somebody is let speak; who comes first is the stage's to decide, by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rostra.bus.messages import Role
from rostra.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class Seating:
    """At most ``most`` people on one stage. A seat is kept for a host, and those beyond ``most_speakers`` for
    hosts and co-hosts.
    """

    most: int
    most_speakers: int

    def need_seat(self, present: Iterable[Role], *, coming: int) -> None:
        """Raise Conflict unless a speaker has a seat beside those ``present`` and speakers ``coming``."""
        roles = Counter(present)
        beside_hosts = roles.total() - roles[Role.HOST]
        left = min(
            self.most - roles.total(),
            max(1, self.most - 1) - beside_hosts,
            self.most_speakers - roles[Role.SPEAKER],
        )
        if left <= coming:
            raise Conflict(
                "All seats for speakers are taken ({count}), counting those on their way."
                " Send somebody back to listening first.",
                count=self.most_speakers,
            )
