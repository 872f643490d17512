"""What travels about the pinned link, captions and the music of an empty stage. Shapes and limits only."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from rostra.bus.messages import Lifecycle, RecordingPolicy
from rostra.control.api.shapes import Incoming, one_line
from rostra.control.captions import LONGEST, MOST_AGO_MS, MOST_DURATION_MS
from rostra.control.notices import LONGEST_LINK
from rostra.control.pinned import LONGEST_LABEL

MOST_SAMPLES = 2**53


class PinnedIn(Incoming):
    """``label`` is what stands there; empty: the address itself."""

    link: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LINK)]
    label: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LABEL), AfterValidator(one_line)
    ] = ""


class PinnedOut(BaseModel):
    link: str
    label: str


class CaptionIn(Incoming):
    """``language`` is a tag as in RFC 5646."""

    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
        AfterValidator(one_line),
    ]
    language: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)
    ] = "en"
    at: Annotated[int, Field(ge=0, le=MOST_SAMPLES)] | None = None
    ago_ms: Annotated[int, Field(ge=0, le=MOST_AGO_MS)] = 0
    duration_ms: Annotated[int, Field(ge=0, le=MOST_DURATION_MS)] = 0


class CaptionedOut(BaseModel):
    """``at`` and ``samples`` are media time, 48,000 a second."""

    id: str
    at: int
    samples: int


class CaptionsOut(BaseModel):
    space: str
    state: Lifecycle
    title: str
    event_url: str
    live: bool
    recording_policy: RecordingPolicy
    samples: int


class HoldMusicOut(BaseModel):
    seconds: float
