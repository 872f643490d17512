"""Addresses for programs that speak (WHIP, RFC 9725) and that listen in (WHEP, draft-ietf-wish-whep).

Both make a session by POST, tell of their ICE by PATCH and end by DELETE. Programs bring a token, so
other sites' pages may use these addresses too (``cross_origin.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from rostra.bus.messages import Answer
from rostra.control.api.admitted import Admitted
from rostra.control.api.asking import Asking, Own, Services, get_actor
from rostra.control.api.language import Language
from rostra.control.backstage import Backstage
from rostra.control.identity import Actor
from rostra.control.refusals import WrongMediaType
from rostra.control.turn import IceServer
from rostra.core.errors import BadRequest, BadSessionDescription
from rostra.core.ids import SessionId, SpaceId

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"
_POSTED: Final[dict[str, Any]] = {
    "status_code": 201,
    "response_class": Response,
    "openapi_extra": {"requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}},
    "responses": {201: {"content": {SDP: {"schema": {"type": "string"}}}}},
}
_PATCHED: Final[dict[str, Any]] = {
    "status_code": 204,
    "response_class": Response,
    "openapi_extra": {
        "requestBody": {"required": True, "content": {FRAGMENT: {"schema": {"type": "string"}}}}
    },
    "responses": {200: {"content": {FRAGMENT: {"schema": {"type": "string"}}}, "description": "Begun anew."}},
}

whip = APIRouter(prefix="/whip/{space}", tags=["stage"])
whep = APIRouter(prefix="/whep/{space}", tags=["stage"])


@whip.post("", **_POSTED)
async def publish(
    space: str, request: Request, actor: Asking, backstage: Services, language: Language
) -> Response:
    """WHIP (RFC 9725): put a one-way source on stage. Its bearer must have consented before."""
    sdp = await _body(request, SDP)
    servers = await backstage.ways_in.servers(actor, SpaceId(space))
    answer = await backstage.desk.offer(actor, SpaceId(space), sdp, language, one_way=True)
    return _created(f"/whip/{space}", answer, servers)


@whep.post("", **_POSTED)
async def monitor(space: str, request: Request, actor: Asking, backstage: Services, own: Own) -> Response:
    """WHEP: hear the programme as it is mixed, without a place on stage. For hosts.

    Ends within seconds once whoever listens is none any more, signed out or suspended.
    """

    async def asked_again() -> None:
        await backstage.ways_in.need_monitor(await get_actor(request, backstage, own), SpaceId(space))

    sdp = await _body(request, SDP)
    servers = await backstage.ways_in.monitor_servers(actor, SpaceId(space))
    admitted = Admitted(backstage, asked_again, None)
    answer = await backstage.ways_in.monitor(actor, SpaceId(space), sdp, still=admitted.still)
    return _created(f"/whep/{space}", answer, servers)


@whip.options("", include_in_schema=False)
@whep.options("", include_in_schema=False)
async def may_post(space: str, request: Request, backstage: Services, own: Own) -> Response:
    """What can be posted, to anybody; and to whoever may speak, or listen in, what to ask for ways."""
    links: Sequence[IceServer] = ()
    if "authorization" in request.headers:
        actor = await get_actor(request, backstage, own)
        ways, listens = backstage.ways_in, request.url.path.startswith("/whep/")
        links = await (ways.monitor_servers if listens else ways.servers)(actor, SpaceId(space))
    return _with_links(
        Response(status_code=204, headers={"Accept-Post": SDP, "Allow": "OPTIONS, POST"}), links
    )


@whip.options("/{session}", include_in_schema=False)
@whep.options("/{session}", include_in_schema=False)
async def may_patch(space: str, session: str) -> Response:
    """What can be done to a session, to anybody."""
    headers = {"Accept-Patch": FRAGMENT, "Allow": "DELETE, OPTIONS, PATCH"}
    return Response(status_code=204, headers=headers)


@whip.patch("/{session}", **_PATCHED)
async def patch(space: str, session: str, request: Request, actor: Asking, backstage: Services) -> Response:
    """More addresses (204), or ICE begun anew (200), for the state of the session that If-Match names."""
    return await _patched(space, session, request, actor, backstage, request.headers.get("if-match"))


@whep.patch("/{session}", **_PATCHED)
async def patch_monitor(
    space: str, session: str, request: Request, actor: Asking, backstage: Services
) -> Response:
    """The same for WHEP. Its clients leave If-Match out (npm's whip-whep does): whatever the state is."""
    return await _patched(space, session, request, actor, backstage, request.headers.get("if-match", "*"))


async def _patched(
    space: str, session: str, request: Request, actor: Actor, backstage: Backstage, if_match: str | None
) -> Response:
    fragment = await _body(request, FRAGMENT)
    patched = await backstage.ways_in.patch(actor, SpaceId(space), SessionId(session), fragment, if_match)
    if not patched.fragment:
        return Response(status_code=204)
    return Response(patched.fragment, media_type=FRAGMENT, headers={"ETag": patched.etag})


@whip.delete("/{session}", response_class=Response)
@whep.delete("/{session}", response_class=Response)
async def end(space: str, session: str, actor: Asking, backstage: Services) -> Response:
    """End the session."""
    await backstage.ways_in.leave(actor, SpaceId(space), SessionId(session))
    return Response(status_code=200)


async def _body(request: Request, media_type: str) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise WrongMediaType("This address takes {media_type}.", media_type=media_type)
    body = await request.body()
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        if media_type == SDP:
            raise BadSessionDescription("The session description (SDP) is not UTF-8.") from error
        raise BadRequest("The session description (SDP) is not UTF-8.") from error


def _created(address: str, answer: Answer, servers: Sequence[IceServer]) -> Response:
    headers = {"Location": f"{address}/{answer.session}", "ETag": answer.etag, "Accept-Patch": FRAGMENT}
    return _with_links(Response(answer.sdp, status_code=201, media_type=SDP, headers=headers), servers)


def _with_links(response: Response, servers: Sequence[IceServer]) -> Response:
    for server in servers:
        response.headers.append("Link", server.link())
    return response
