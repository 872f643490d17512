"""What travels in and out of the floor's addresses. Shapes and their limits only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from rostra.control.api.shapes import Handle, Incoming, one_line

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=280), AfterValidator(one_line)]


class ReasonIn(Incoming):
    """Why: an operator must say so, and the audience reads it; whoever hosts need not."""

    reason: Reason = ""


class InviteIn(Incoming):
    """An account, by its handle, that may speak from now on."""

    handle: Handle


class PlaceIn(Incoming):
    """What somebody on stage is to be."""

    role: Literal["host", "cohost", "speaker", "listener"]


class BlockIn(Incoming):
    """``everywhere``: from every stage of this space's owner."""

    everywhere: bool = False


class BlockOut(BaseModel):
    id: str
    name: str
    guest: bool
    everywhere: bool
    at: str


class BlocksOut(BaseModel):
    blocks: list[BlockOut]


class DeclinedOut(BaseModel):
    declined: int = Field(description="How many asked.")


class MutedOut(BaseModel):
    muted: int = Field(description="How many speakers it silenced.")


class VouchedOut(BaseModel):
    """Who is signed in, for the event page. ``voucher`` goes along with a request to speak.

    ``seat`` is what they are on this stage already, and empty when nothing.
    """

    name: str
    handle: str
    verified: bool
    voucher: str
    seat: str
