"""What a door tells of itself, where a test says only what matters to it."""

from __future__ import annotations

from typing import Any

from rostra.bus.messages import DoorReport


def told_by_door(**changes: Any) -> DoorReport:
    """A report of a door on the ground where nobody has come, but for the ``changes``."""
    fields: dict[str, Any] = {
        **dict.fromkeys(("door", "asked", "came", "joined", "placed"), 0),
        "rate": 1_000.0,
        "places": 5_000,
        "limit": "cpu",
        "late_share": 0.0,
        "rung": "ground",
        "held": False,
        "refused": (),
        "spaces": (),
    }
    return DoorReport(**(fields | changes))
