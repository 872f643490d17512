"""What the audience sees of a stage, and when the tape says so.

A full snapshot opens every segment, so that whoever begins there knows everything; in between only
what changed. A notice is told at once and then by each snapshot of its first ten minutes. Decides;
the bytes are ``media/events.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from rostra.bus.messages import SpaceState
from rostra.core.samples import SAMPLE_RATE, SEGMENT, from_nanoseconds
from rostra.media import events
from rostra.media.events import Limit, Notice, Person, Pinned
from rostra.stage.moments import NOTHING, Moment

NOTICE_SAMPLES: Final = 600 * SAMPLE_RATE
"""Programme time for which a notice is told again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage at one moment. ``notice`` is the newest, however old."""

    people: tuple[Person, ...] = ()
    speaking: tuple[str, ...] = ()
    listeners: int = 0
    estimated: bool = False
    cadence: int = 1
    notice: Notice | None = None
    notices: tuple[str, ...] = ()
    """The ids of all that stand, newest first."""
    moved: str = ""
    pinned: Pinned | None = None
    hold: bool = False
    rung: str = ""
    """Of the ladder; empty on the ground."""
    places: int | None = None
    """How many may listen, as somebody ordered it."""


def rounded(listeners: int) -> int:
    """Round to three significant digits: more would change with every quantum and tell nobody anything."""
    unit: int = 10 ** max(0, len(str(listeners)) - 3)
    return (listeners + unit // 2) // unit * unit


def newest_notice(state: SpaceState) -> Notice | None:
    """Return the notice that the tape may tell, if a space has any."""
    if not state.notices:
        return None
    newest = max(state.notices, key=lambda notice: notice.at)
    return Notice(id=newest.notice, text=newest.text, at_ms=newest.at, author=newest.author, link=newest.link)


def standing_notices(state: SpaceState) -> tuple[str, ...]:
    """Return the ids of a space's notices, newest first."""
    newest = sorted(state.notices, key=lambda notice: notice.at, reverse=True)
    return tuple(notice.notice for notice in newest[: events.MAX_NOTICES])


def pinned_link(state: SpaceState) -> Pinned | None:
    """Return what the host has pinned, as the tape tells it."""
    return Pinned(link=state.pinned.link, label=state.pinned.label) if state.pinned else None


class EventLine:
    """Remembers what the tape has told. ``anchor_utc_ns`` is the UTC of the tape's sample 0."""

    def __init__(self, anchor_utc_ns: int = 0) -> None:
        self._anchor_utc_ns = anchor_utc_ns
        self._told: Scene | None = None

    def at(self, sample: int, scene: Scene, moment: Moment = NOTHING) -> bytes:
        """Return the events of the chunk that begins at ``sample``; empty when nothing is new.

        A ``moment`` is told by this chunk and no other.
        """
        scene = replace(scene, notice=self._fresh(scene.notice, sample))
        before, self._told = self._told, scene
        if before is None or sample % SEGMENT == 0:
            return events.snapshot(
                at=sample,
                speakers=scene.people,
                speaking=scene.speaking,
                listeners=scene.listeners,
                estimated=scene.estimated,
                cadence=scene.cadence,
                notice=scene.notice,
                notices=scene.notices,
                moved=scene.moved,
                pinned=scene.pinned,
                hold=scene.hold,
                reactions=moment.reactions,
                captions=moment.captions,
                rung=scene.rung,
                limit=None if scene.places is None else Limit(scene.places),
            )
        news = scene.notice if scene.notice != before.notice else None
        if replace(before, notice=None) == replace(scene, notice=None) and not news and not moment:
            return b""
        before_count = (before.listeners, before.estimated)
        return events.change(
            at=sample,
            speakers=scene.people if scene.people != before.people else None,
            speaking=scene.speaking if scene.speaking != before.speaking else None,
            listeners=scene.listeners if (scene.listeners, scene.estimated) != before_count else None,
            estimated=scene.estimated,
            cadence=scene.cadence if scene.cadence != before.cadence else None,
            notice=news,
            notices=scene.notices if scene.notices != before.notices else None,
            moved=scene.moved if scene.moved != before.moved else "",
            pinned=(scene.pinned or Pinned()) if scene.pinned != before.pinned else None,
            hold=scene.hold if scene.hold != before.hold else None,
            reactions=moment.reactions,
            captions=moment.captions,
            rung=scene.rung if scene.rung != before.rung else None,
            limit=Limit(scene.places) if scene.places != before.places else None,
        )

    def _fresh(self, notice: Notice | None, sample: int) -> Notice | None:
        """The notice while it is told: one that is gone or old leaves with the next snapshot."""
        if notice is None:
            return None
        written = from_nanoseconds(notice.at_ms * 1_000_000 - self._anchor_utc_ns)
        return notice if sample - written < NOTICE_SAMPLES else None
