"""Reports: what the audience asks the operators to look at. The door asks control, which keeps them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.value import Value
from rostra.core.ids import SpaceId, SpeakerId


class Subject(StrEnum):
    """What a report is about."""

    SPACE = "space"
    SPEAKER = "speaker"
    NOTICE = "notice"
    RECORDING = "recording"


class Grounds(StrEnum):
    """Why somebody reports; the short list that pages offer."""

    HARASSMENT = "harassment"
    HATE = "hate"
    THREAT = "threat"
    PRIVACY = "privacy"
    DECEPTION = "deception"
    ILLEGAL = "illegal"
    SPAM = "spam"
    ELSE = "else"


LONGEST_REPORT: Final = 1000
"""Characters of a reporter's own words."""
LATEST_SECOND: Final = 7 * 86_400
"""Seconds into a programme; none lasts longer."""


class Report(Value, frozen=True):
    """Request: keep a report, which says nothing of who reports. Asked again, it is kept once."""

    space: SpaceId
    subject: Subject
    grounds: Grounds
    at_s: int
    """Second of the programme."""
    speaker: SpeakerId = SpeakerId("")
    """Of reports about a speaker."""
    notice: str = ""
    """Its id, of reports about a notice."""
    text: str = ""
    token: str = ""
    """The secret that its author's page drew, by which they follow the outcome; empty: control draws one."""


class Reported(Value, frozen=True):
    """It is stored, under this secret."""

    token: str


CONTROL_REPORT: Final = "control.report"
"""Request Report → Reported."""
