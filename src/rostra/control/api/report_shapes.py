"""What travels in and out of the API about moves, hiding and reports. Shapes and their limits only."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from rostra.bus.messages import Grounds, Lifecycle, Subject
from rostra.control.api.people_shapes import AuditActor
from rostra.control.api.shapes import Incoming, Short, plain
from rostra.control.verdicts import Verdict

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(plain)
]


class MoveIn(Incoming):
    """``to`` is the id of the space where it goes on."""

    to: Short


class HideIn(Incoming):
    """``reason`` stands at the space's address for everybody."""

    reason: Words


class ReportedSpaceOut(BaseModel):
    id: str
    title: str
    state: Lifecycle
    event_url: str
    hidden_reason: str


class ReportOut(BaseModel):
    """A report. ``about`` is the speaker's name, the notice's text or the title, as it was then.

    ``handle`` is of the account whose it is; null where that is none. ``may`` holds the verdicts that the
    one who asks can give.
    """

    id: str
    space: ReportedSpaceOut
    subject: Subject
    about: str
    handle: str | None
    grounds: Grounds
    text: str
    at_s: int = Field(description="Second of the programme.")
    at: str
    state: str = Field(description="`open`, or the verdict.")
    note: str
    handled_at: str | None
    handled_by: AuditActor | None
    may: list[Verdict]


class ReportsOut(BaseModel):
    """``waiting`` counts all that are open; ``next`` is the ``before`` of the next page."""

    reports: list[ReportOut]
    waiting: int
    next: str | None


class MinuteOut(BaseModel):
    """The audio around a report: ``replay`` in the document at ``status`` is the recording once there is one.

    Before, a POST to ``join`` gives a ticket to the live programme, whose segments last 3.84 s.
    """

    status: str
    join: str
    run: str
    from_s: int
    to_s: int


class VerdictIn(Incoming):
    """``note`` is told to whoever reported; of a hidden space it is the reason that stands on its page."""

    verdict: Verdict
    note: Words


class OutcomeIn(Incoming):
    """``token`` is what stands after ``#`` in the link that a reporter was given."""

    token: Short


class OutcomeOut(BaseModel):
    """What came of a report, for whoever made it. Names nobody who looked at it."""

    title: str = Field(
        description="Of the space; empty where it is not for anyone now and was not reported itself."
    )
    subject: Subject
    about: str
    grounds: Grounds
    text: str
    at_s: int
    at: str
    state: str = Field(description="`open`, `dismissed`, `removed`, `suspended` or `hidden`.")
    note: str
    handled_at: str | None
