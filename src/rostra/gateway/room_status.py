"""What all who wait for a space are told of its room: ``room`` of ``status.json``. Values, nothing else."""

from __future__ import annotations

import msgspec


class SetApart(msgspec.Struct, frozen=True):
    """Places for reserved links, as everybody may see."""

    places: int
    inside: int


class RoomStatus(msgspec.Struct, frozen=True):
    """What all who wait are told: ``room`` of ``status.json``."""

    open: bool
    drawn: bool
    commitment: str
    """SHA-256 of the seed, from the opening on; hexadecimal."""
    root: str
    """Of the log, once it is drawn."""
    seed: str
    """Once all open pages have had time to see the root."""
    entries: int
    serving: tuple[int, int, int]
    """By line: numbers below are called."""
    per_s: tuple[float, float, float]
    """By line: calls a second, over the last ten."""
    near: tuple[int, int, int]
    """By line: numbers below may be called within half a minute, and ask often."""
    filling: bool
    """Whether calls are for places that stood empty: so fast it goes only as long as they last."""
    empty: int
    """So many of them are left."""
    waiting: int
    places: int
    reserved: SetApart
    opening: int
    """Places that open in the next steps."""
    rung: str
    closed: bool
    reason: str
    """Why it takes longer than was said: a word for the page; empty where there is nothing to say."""
