"""Why something happened that nobody on stage willed: words for programs, never sentences.

Whoever shows one to a person says it in that person's language; the catalogues have words for each.
"""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """Why a conversation ended, or is not on air. Said by the words under ``why.<value>``."""

    ENDED_NOBODY = "ended_nobody"
    """Everybody had left the stage."""
    ENDED_BY_SITE = "ended_by_site"
    """An operator or moderator did it; their own words may follow, after a colon and a space."""
    DISK_FULL = "disk_full"
    STAGE_AWAY = "stage_away"
    """For longer than a tape is gone on with."""
    TAPE_DAMAGED = "tape_damaged"
    TAPE_FAILED = "tape_failed"
    UNKNOWN_TAPE = "unknown_tape"
    OFF_AIR = "off_air"
    """It goes on as soon as the tape can be written again."""
    OFF_AIR_DISK_FULL = "off_air_disk_full"


class Off(StrEnum):
    """Why somebody was taken off a stage. Said by the words under ``error.<value>``."""

    BLOCKED = "blocked"
    LINK = "taken_off.link"
    """The link that they came by was taken back."""
    NAME = "taken_off.name"
    """Somebody of a higher place has come whose name looks like theirs."""
    SEAT = "off_stage"
    """A host made them a listener."""
    SITE = "taken_off.site"
    """A moderator of the site did it."""
    SUSPENDED = "suspended"
    TERMS = "taken_off.terms"
    """There is something new to accept."""
