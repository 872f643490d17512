"""One person on a stage: who they are, their connection, their seat at the mixer, how loud they are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from rostra.audio.levels import SILENCE_DBOV
from rostra.audio.speaking import SpeakingDetector
from rostra.bus.messages import Role, Speaker
from rostra.core.ids import SessionId, SpeakerId
from rostra.media.events import Person
from rostra.stage.quality import QualityWatch
from rostra.stage.voice import Voice

_STEP_DBOV = 3
_FLOOR_DBOV = -60
"""Reports round levels to steps and call all below the floor silence: noise is no news."""


@dataclass(slots=True, eq=False)
class OnStage:
    """A session: from the answer to an offer until the person is gone."""

    speaker: SpeakerId
    name: str
    role: Role
    session: SessionId
    peer: Voice
    seat: int
    muted: bool
    muted_by_host: bool
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once they have no place here any more."""
    guest: bool = False
    label: str = ""
    """How control knows them."""
    page: str = ""
    """What the page calls itself that they speak by."""
    broke_ns: int | None = None
    """Monotonic: when they were here last, by a connection that broke. Counts until this one stands."""
    _detector: SpeakingDetector = field(default_factory=SpeakingDetector)
    _watch: QualityWatch = field(default_factory=QualityWatch)
    _loudest_dbov: int = SILENCE_DBOV

    @property
    def speaking(self) -> bool:
        return self._detector.speaking

    @property
    def is_here(self) -> bool:
        """Whether this connection came about and did not break."""
        return self.peer.came and not self.peer.lost

    @property
    def away_since_ns(self) -> int | None:
        """When they were here last, if they are not by this connection; None too when they never were."""
        return None if self.is_here else self.broke_ns

    def last_here_ns(self, now_ns: int) -> int | None:
        """When they were here last, seen from ``now_ns``; None when they never were."""
        return now_ns if self.is_here else self.broke_ns

    def hear(self, level_dbov: int) -> None:
        """Take in one tick's level."""
        self._detector.update(level_dbov)
        self._loudest_dbov = max(self._loudest_dbov, level_dbov)

    def person(self) -> Person:
        """Return what the audience sees."""
        return Person(
            id=self.speaker, name=self.name, role=self.role.value, muted=self.muted, guest=self.guest
        )

    def report(self) -> Speaker:
        """Return what the people on stage see; the level is the loudest since the last report."""
        loudest, self._loudest_dbov = self._loudest_dbov, SILENCE_DBOV
        level = loudest - loudest % _STEP_DBOV if loudest > _FLOOR_DBOV else SILENCE_DBOV
        return Speaker(
            speaker=self.speaker,
            name=self.name,
            role=self.role,
            muted=self.muted,
            muted_by_host=self.muted_by_host,
            connected=self.peer.connected,
            level_dbov=level,
            speaking=self.speaking,
            reception=self._watch.look(self.peer.measures()),
            guest=self.guest,
        )
