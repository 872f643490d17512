"""What goes in and out of the door's addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from rostra.admission.ladder import Name
from rostra.admission.reserved import MOST_PLACES
from rostra.control.api.shapes import Incoming

Places = Annotated[int, Field(ge=0, le=100_000_000)]


class DoorIn(Incoming):
    """What is to hold for all spaces."""

    places: Places | None = Field(
        None,
        description="How many may listen at once, exactly; null: as the settings say, or as measured.",
    )
    rung: Name | None = Field(None, description="The rung to stand on; null: by itself.")


class RungOut(BaseModel):
    """One rung of the ladder, and what it does."""

    name: str
    cadence: int = Field(description="Quanta of 0.32 s in one write to a listener.")
    low: bool = Field(description="Newcomers, and by and by our own player, take the low renditions.")
    quiet: bool = Field(description="No reactions, no exact counts.")
    closed: bool = Field(description="Newcomers wait in line, although there might be places.")
    by_hand_only: bool


class CrowdOut(BaseModel):
    """Those before and in one space."""

    space: str
    title: str
    inside: int
    waiting: int
    waiting_by_line: list[int] = Field(description="First, second, reserved.")
    places: int
    opening: int = Field(description="Places that open in the next steps.")
    reserved: int
    reserved_inside: int


class WorkerOut(BaseModel):
    """One edge worker."""

    worker: int
    listeners: int
    cpu: float = Field(description="Of one core.")
    late_share: float


class SeenOut(BaseModel):
    """What the door saw last. Numbers of events grow while it lives."""

    asked: int
    joined: int
    placed: int
    refused: dict[str, int] = Field(description="By reason.")
    rate: float = Field(description="Joins a second that are let in now, at most.")
    places: int
    limit: str = Field(description="What says so.")
    measured: int = Field(description="How many the machine is measured to carry.")
    listeners: int
    late_share: float
    rung: str
    held: bool = Field(description="Whether the rung is by hand.")
    spaces: list[CrowdOut]
    workers: list[WorkerOut]


class DoorOut(BaseModel):
    """What is ordered, and what the door does; ``seen`` is null while it does not report."""

    places: int | None
    capacity: int | None = Field(
        description="How many may listen where no ``places`` are ordered, by the settings; null: as measured."
    )
    rung: str | None
    seen: SeenOut | None
    rungs: list[RungOut]


class FiguresOut(BaseModel):
    """Columns of one figure a second, oldest first: the last ten minutes at most."""

    at: list[float] = Field(description="UTC seconds.")
    arrivals_per_s: list[float]
    joined_per_s: list[float]
    waiting: list[int]
    listeners: list[int]
    places: list[int]
    rate: list[float]
    late_share: list[float]


class SpaceDoorIn(Incoming):
    """Only what changes. ``places`` is for operators; null: no number of its own."""

    places: Places | None = None
    reserved: Annotated[int, Field(ge=0, le=MOST_PLACES)] | None = None


class ReservedLinkIn(Incoming):
    """A link to places set apart."""

    name: Annotated[str, Field(max_length=80)] = ""
    places: Annotated[int, Field(ge=1, le=MOST_PLACES)] = 1


class ReservedLinkOut(BaseModel):
    """A link to places set apart; ``url`` opens the event page with it."""

    id: str
    name: str
    places: int
    created_at: str
    url: str


class SpaceDoorOut(BaseModel):
    """What is ordered for one space, and its crowd; ``crowd`` is null while its room is not open."""

    places: int | None
    most: int | None = Field(
        description="How many may listen to it at once, for all spaces share their places; null: not known."
    )
    reserved: int
    rung: str
    crowd: CrowdOut | None
    links: list[ReservedLinkOut] = Field(description="For whoever may make them.")
