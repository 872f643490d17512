"""Addresses of a stage, for its people: see it, follow it, consent, get through to it, enter, leave, mute."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from rostra.control.api.admitted import Admitted
from rostra.control.api.asking import Asking, Own, Services, get_actor
from rostra.control.api.language import Language
from rostra.control.api.link_shapes import ConsentIn, ConsentOut
from rostra.control.api.stage_shapes import AnswerOut, EnterIn, IceServerOut, IceServersOut, MuteIn, StageOut
from rostra.control.api.stage_view import follow, look_up, stage_out
from rostra.core.errors import ConsentNeeded
from rostra.core.ids import SessionId, SpaceId, SpeakerId

router = APIRouter(prefix="/spaces/{space}/stage", tags=["stage"])


@router.get("")
async def show(space: str, actor: Asking, backstage: Services, own: Own, language: Language) -> StageOut:
    """Who is on stage, whether it is live, how many listen, and who oneself is here."""
    known = await look_up(backstage, actor, SpaceId(space))
    await backstage.board.first_report(SpaceId(space))
    return stage_out(backstage, own, await backstage.announcer.state(SpaceId(space)), known, language)


@router.get("/stream", response_class=StreamingResponse)
async def stream(
    space: str, request: Request, actor: Asking, backstage: Services, own: Own, language: Language
) -> StreamingResponse:
    """The same as server-sent events: one at once, then one a change, at most ten a second.

    Ends within two seconds once whoever watches is signed out or suspended, or their link is taken back, or
    they may not enter this stage any more.
    """
    await backstage.desk.person(actor, SpaceId(space))
    backstage.board.need_room(actor.person)
    admitted = Admitted(backstage, lambda: get_actor(request, backstage, own), actor)
    return StreamingResponse(
        follow(backstage, own, SpaceId(space), admitted, language),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get("/ice-servers")
async def ice_servers(space: str, actor: Asking, backstage: Services) -> IceServersOut:
    """STUN and TURN servers to ask for ways to this stage. Credentials expire: ask before each try."""
    servers = await backstage.ways_in.servers(actor, SpaceId(space))
    return IceServersOut(
        ice_servers=[
            IceServerOut(urls=each.url, username=each.username, credential=each.credential)
            for each in servers
        ]
    )


@router.post("/consent")
async def consent(space: str, body: ConsentIn, actor: Asking, backstage: Services) -> ConsentOut:
    """Accept being heard and recorded; logged with the sentence as shown."""
    if not body.accepted:
        raise ConsentNeeded
    person = await backstage.desk.consent(
        actor, SpaceId(space), text_id=body.text_id, name=body.name, browser=body.browser
    )
    return ConsentOut(speaker=str(person.speaker), name=person.name, role=person.role)


@router.post("/offer")
async def offer(
    space: str, body: EnterIn, actor: Asking, backstage: Services, language: Language
) -> AnswerOut:
    """Enter the stage with a browser: a WebRTC offer for the stage's answer."""
    answer = await backstage.desk.offer(
        actor, SpaceId(space), body.sdp, language, page=body.page, again=body.again
    )
    return AnswerOut(session=answer.session, sdp=answer.sdp)


@router.delete("/sessions/{session}", status_code=204)
async def leave(space: str, session: str, actor: Asking, backstage: Services) -> None:
    """Leave the stage."""
    await backstage.desk.leave(actor, SpaceId(space), SessionId(session))


@router.post("/speakers/{speaker}/mute", status_code=204)
async def mute(space: str, speaker: str, body: MuteIn, actor: Asking, backstage: Services) -> None:
    """Silence somebody at the mixer, or let them be heard again: oneself, or as host anyone.

    What a host does holds for whoever else they are here as a speaker by the same account.
    """
    await backstage.mutes.mute(actor, SpaceId(space), SpeakerId(speaker), muted=body.muted)
