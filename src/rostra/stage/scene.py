"""What the audience sees of a stage, and when the tape says so.

A full snapshot opens every segment, so that whoever begins there knows everything; in between only
what changed. Decides; the bytes are ``media/events.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from rostra.core.samples import SEGMENT
from rostra.media import events
from rostra.media.events import Person


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage at one moment."""

    people: tuple[Person, ...] = ()
    speaking: tuple[str, ...] = ()
    listeners: int = 0


class EventLine:
    """Remembers what the tape has told."""

    def __init__(self) -> None:
        self._told: Scene | None = None

    def at(self, sample: int, scene: Scene) -> bytes:
        """Return the events of the chunk that begins at ``sample``; empty when nothing is new."""
        before, self._told = self._told, scene
        if before is None or sample % SEGMENT == 0:
            return events.snapshot(
                at=sample, speakers=scene.people, speaking=scene.speaking, listeners=scene.listeners
            )
        if before == scene:
            return b""
        return events.change(
            at=sample,
            speakers=scene.people if scene.people != before.people else None,
            speaking=scene.speaking if scene.speaking != before.speaking else None,
            listeners=scene.listeners if scene.listeners != before.listeners else None,
        )
