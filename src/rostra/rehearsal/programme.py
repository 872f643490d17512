"""The addresses of one space as a listener meets them, and what their JSON says."""

from __future__ import annotations

import re
from typing import Final

import httpx
import msgspec

from rostra.core.errors import BadRequest
from rostra.rehearsal.addresses import split
from rostra.rehearsal.replies import get, post

LIVE: Final = "live"
OVER: Final = frozenset({"ended", "lost", "held", "published", "deleted", "cancelled"})
"""States from which no more live audio comes."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""Whether there is a space of that name is the door's to say."""


class Page(msgspec.Struct, frozen=True):
    """An event page, by its address."""

    door: str
    """Scheme, host and port."""
    space: str

    @classmethod
    def parse(cls, url: str) -> Page:
        """Read ``http://host:8000/s/{space}``; BadRequest, with an example, for anything else."""
        parts = split(url)
        if parts is None:
            raise BadRequest("Give the address of an event page, such as http://localhost:8000/s/SPACE.")
        segments = [segment for segment in parts.path.split("/") if segment]
        if len(segments) < 2 or segments[0] != "s" or not _SEGMENT.fullmatch(segments[1]):
            raise BadRequest(f"{url} is not an event page; one looks like http://localhost:8000/s/SPACE.")
        return cls(f"{parts.scheme}://{parts.netloc}", segments[1])

    @property
    def url(self) -> str:
        return f"{self.door}/s/{self.space}"


class Joined(msgspec.Struct, frozen=True):
    """What the door hands out."""

    ticket: str
    base: str
    """Address under which this listener's media lies, with its ticket, ending in ``/``."""
    run: str = ""


class Placed(msgspec.Struct, frozen=True):
    """A place in line, where the door does not let one in now."""

    place: str
    """What to bring again."""
    number: int | None = None
    """None before the draw."""
    line: int = 0
    called: bool = False
    again_ms: int = 2_000
    reason: str = ""
    due: bool = False
    """Whether it is called by then."""


class _Answer(msgspec.Struct, frozen=True):
    admitted: bool = True
    ticket: str = ""
    base: str = ""
    run: str = ""
    place: str = ""
    number: int | None = None
    line: int = 0
    called: bool = False
    again_ms: int = 2_000
    reason: str = ""
    due: bool = False


class Room(msgspec.Struct, frozen=True):
    """The line before a space, as its status tells."""

    serving: tuple[int, int, int] = (0, 0, 0)
    """By line: numbers below are called."""
    near: tuple[int, int, int] = (0, 0, 0)
    """By line: numbers below may be called within half a minute."""
    waiting: int = 0
    closed: bool = False


class Rendition(msgspec.Struct, frozen=True):
    name: str
    codec: str = ""
    mime: str = ""
    bandwidth: int = 0


class Live(msgspec.Struct, frozen=True):
    """``live.json``: where the programme stands."""

    run: str
    anchor_utc_ns: int
    renditions: tuple[Rendition, ...]
    segment: int
    """The newest, usually in the making."""
    samples: int = 0


class Replay(msgspec.Struct, frozen=True):
    mp4: str
    hls: str = ""
    seconds: float = 0.0


class Status(msgspec.Struct, frozen=True):
    """``status.json``: the part of it that a listener needs."""

    state: str
    title: str = ""
    starts_at: int = 0
    run: str | None = None
    listeners: int = 0
    reason: str = ""
    replay: Replay | None = None
    room: Room | None = None
    """None while nobody waits and nothing is limited."""
    poll_ms: int = 1_500
    """When to ask again, at the latest."""


async def join(http: httpx.AsyncClient, page: Page, place: str = "") -> Joined | Placed:
    """Ask the door for a ticket, with the place it gave before. Refused with 409 while nobody may enter."""
    answer = await post(http, f"{page.url}/join", _Answer, {"place": place} if place else {})
    if answer.admitted:
        return Joined(answer.ticket, answer.base, answer.run)
    return Placed(
        answer.place,
        answer.number,
        answer.line,
        answer.called,
        answer.again_ms,
        answer.reason,
        answer.due,
    )


async def live(http: httpx.AsyncClient, joined: Joined) -> Live:
    return await get(http, f"{joined.base}live.json", Live)


async def status(http: httpx.AsyncClient, page: Page) -> Status:
    return await get(http, f"{page.url}/status.json", Status)
