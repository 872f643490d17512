"""Why those who wait wait longer than they were told: from what binds now, and from nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.admission.ladder import Name, Rung


@dataclass(frozen=True, slots=True)
class Binding:
    """What keeps those who wait for one space from coming in."""

    rung: Rung
    held: bool
    """Whether the ladder is held there by hand."""
    empty: int
    """Places for which nobody is called: while there are any, the rate of joins binds, else the places do."""
    slowed: bool = False
    """Joins were slowed for late audio lately."""
    late: bool = False
    """Late audio says how many may listen."""
    lowered: bool = False
    """What says how many may listen here was lowered lately."""
    restarted: bool = False
    """The door was, lately."""


def why(binding: Binding) -> str:
    """Return the word for pages; empty where there is nothing to say."""
    if binding.rung.name is Name.WORST:
        return "worst_case"
    if binding.rung.closed:
        return "by_hand" if binding.held else "late_audio"
    if binding.slowed if binding.empty else binding.late:
        return "late_audio"
    if binding.lowered and not binding.empty:
        return "limit_lowered"
    return "restarted" if binding.restarted else ""
