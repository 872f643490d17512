"""The control API as a rehearsal uses it: spaces, links, the stage's door. Speaks HTTP only."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

import httpx
import msgspec

from rostra.core.authorization import authorization
from rostra.core.errors import BadRequest
from rostra.core.ids import draw
from rostra.rehearsal.addresses import split
from rostra.rehearsal.replies import get, post, put

T = TypeVar("T")


class Space(msgspec.Struct, frozen=True):
    """A space just made."""

    id: str


class Link(msgspec.Struct, frozen=True):
    """What brings one person to a stage."""

    token: str
    url: str = ""
    id: str = ""


class Consent(msgspec.Struct, frozen=True):
    """The sentence that everyone accepts before the stage."""

    id: str
    text: str = ""


class Me(msgspec.Struct, frozen=True):
    """Who asks. ``name``: theirs there, or the one that their link was made for."""

    name: str = ""


class Stage(msgspec.Struct, frozen=True):
    """A stage as one of its people sees it."""

    consent: Consent
    me: Me = Me()


class Site(msgspec.Struct, frozen=True):
    setup_needed: bool = False


class SignIn(msgspec.Struct, frozen=True):
    """What a person types to come in backstage."""

    handle: str
    password: str


class Answer(msgspec.Struct, frozen=True):
    """The stage's half of a WebRTC negotiation."""

    session: str
    sdp: str


class StudioLink(msgspec.Struct, frozen=True):
    """A speaker's way to a stage, read from the link that they were sent."""

    control: str
    """Scheme, host and port of backstage."""
    space: str
    token: str

    @classmethod
    def parse(cls, url: str) -> StudioLink:
        """Read ``http://host:8002/studio/{space}#k=<token>``; BadRequest for anything else."""
        parts = split(url)
        segments = [segment for segment in parts.path.split("/") if segment] if parts else []
        if parts is None or len(segments) != 2 or segments[0] != "studio":
            raise BadRequest("A studio link looks like http://host:8002/studio/SPACE#k=TOKEN.")
        if not parts.fragment.startswith("k="):
            raise BadRequest("This studio link has no key: copy it whole, with what follows the #.")
        return cls(f"{parts.scheme}://{parts.netloc}", segments[1], parts.fragment[2:])


class Backstage:
    """The operator's and a speaker's requests. Every method may raise Unreachable, Refused or Strange;
    making one, TokenUnusable.
    """

    def __init__(self, http: httpx.AsyncClient, control: str, authorization: str) -> None:
        self._http = http
        self._api = f"{control.rstrip('/')}/api/v1"
        self._authorization = authorization

    @classmethod
    def of_operator(cls, http: httpx.AsyncClient, control: str, token: str) -> Backstage:
        return cls(http, control, authorization("Bearer", token))

    @classmethod
    def of_speaker(cls, http: httpx.AsyncClient, link: StudioLink) -> Backstage:
        return cls(http, link.control, authorization("Speaker", link.token))

    async def set_up(self, handle: str, name: str) -> SignIn | None:
        """Make a fresh site's first operator; None when it has somebody already."""
        if not (await self._site()).setup_needed:
            return None
        sign_in = SignIn(handle, "-".join(draw(4) for _ in range(4)))
        body = {"handle": handle, "name": name, "password": sign_in.password, "role": "operator"}
        await self._post("/accounts", msgspec.Raw, body)
        return sign_in

    async def create_space(self, *, title: str, description: str) -> str:
        """Make a space that starts now; return its id."""
        body = {"title": title, "description": description, "starts_at": "now", "time_zone": "UTC"}
        return (await self._post("/spaces", Space, body)).id

    async def create_link(self, space: str, *, role: str, name: str) -> Link:
        """Make a link for one person; ``role`` is host, cohost or speaker."""
        return await self._post(f"/spaces/{space}/links", Link, {"role": role, "name": name})

    async def consent(self, space: str, name: str) -> None:
        """Accept the sentence that everyone accepts before this stage, as it stands now."""
        stage = await self.stage(space)
        body = {"text_id": stage.consent.id, "accepted": True, "name": name, "browser": draw(22)}
        await self._post(f"/spaces/{space}/stage/consent", msgspec.Raw, body)

    async def stage(self, space: str) -> Stage:
        """What everyone accepts before this stage, and what one is called there."""
        return await get(self._http, f"{self._api}/spaces/{space}/stage", Stage, token=self._authorization)

    async def take_back(self, space: str, link: str) -> None:
        """Make a link worthless. What is gone already is fine, and so is a backstage that is away."""
        with suppress(httpx.HTTPError):
            headers = {"authorization": self._authorization}
            await self._http.delete(f"{self._api}/spaces/{space}/links/{link}", headers=headers)

    async def offer(self, space: str, sdp: str) -> Answer:
        """Hand the stage an offer; return its answer."""
        return await self._post(f"/spaces/{space}/stage/offer", Answer, {"sdp": sdp})

    async def order_door(self, *, rung: str | None, places: int | None) -> None:
        """Hold the ladder on a rung and say how many may listen; None: as the door sees it itself."""
        url, body = f"{self._api}/door", {"rung": rung, "places": places}
        await put(self._http, url, msgspec.Raw, body, token=self._authorization)

    async def go_live(self, space: str) -> None:
        await self._post(f"/spaces/{space}/live", msgspec.Raw)

    async def end(self, space: str) -> None:
        """End a live space. Comes back once the tape is closed."""
        await self._post(f"/spaces/{space}/end", msgspec.Raw)

    async def notify(self, space: str, text: str) -> None:
        """Tell the audience one line."""
        await self._post(f"/spaces/{space}/notices", msgspec.Raw, {"text": text})

    async def _site(self) -> Site:
        return await get(self._http, f"{self._api}/site", Site)

    async def _post(self, path: str, type: type[T], body: object = None) -> T:
        return await post(self._http, self._api + path, type, body, token=self._authorization)
