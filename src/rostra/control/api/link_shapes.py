"""Shapes of speakers' links, and of what their people agree to."""

from __future__ import annotations

from pydantic import BaseModel, Field

from rostra.bus.messages import Role
from rostra.control.api.shapes import Incoming, NameOrNone, Short


class LinkIn(Incoming):
    """One link brings one person; ``name`` says whom, if known."""

    role: Role = Role.SPEAKER
    name: NameOrNone = ""


class LinkOut(BaseModel):
    id: str
    token: str
    url: str


class HeldLinkOut(BaseModel):
    """A link without its secret. ``used``: its holder has accepted to be heard, on stage as ``used_by``."""

    id: str
    role: Role
    name: str
    created_at: str
    used: bool
    used_by: str


class HeldLinksOut(BaseModel):
    links: list[HeldLinkOut]


class ConsentIn(Incoming):
    """``text_id`` names the sentence that was shown."""

    text_id: Short
    accepted: bool
    name: NameOrNone = ""
    browser: Short = Field(
        "",
        description="What the browser, or the program, calls itself at random, so that a block holds for it. "
        "Needed of whoever comes by a link without an account.",
    )


class ConsentOut(BaseModel):
    speaker: str
    name: str
    role: Role
