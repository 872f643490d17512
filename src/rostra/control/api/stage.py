"""Addresses of a stage, for its people: see it, follow it, consent, enter, leave, mute; and WHIP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from rostra.control.api.admitted import Admitted
from rostra.control.api.asking import Asking, Own, Services, get_actor
from rostra.control.api.language import Language
from rostra.control.api.shapes import AnswerOut, ConsentIn, ConsentOut, MuteIn, OfferIn, StageOut
from rostra.control.api.stage_view import follow, stage_out
from rostra.control.refusals import WrongMediaType
from rostra.core.errors import BadSessionDescription, ConsentNeeded
from rostra.core.ids import SessionId, SpaceId, SpeakerId

router = APIRouter(prefix="/spaces/{space}/stage", tags=["stage"])
whip = APIRouter(prefix="/whip/{space}", tags=["stage"])


@router.get("")
async def show(space: str, actor: Asking, backstage: Services, own: Own, language: Language) -> StageOut:
    """Who is on stage, whether it is live, how many listen, and who oneself is here."""
    person = await backstage.desk.person(actor, SpaceId(space))
    return stage_out(backstage, own, await backstage.announcer.state(SpaceId(space)), person, language)


@router.get("/stream", response_class=StreamingResponse)
async def stream(
    space: str, request: Request, actor: Asking, backstage: Services, own: Own, language: Language
) -> StreamingResponse:
    """The same as server-sent events: one at once, then one a change, at most ten a second.

    Ends within two seconds once whoever watches is signed out or suspended, or their link is taken back.
    """
    await backstage.desk.person(actor, SpaceId(space))
    backstage.board.need_room()
    admitted = Admitted(backstage, lambda: get_actor(request, backstage, own))
    return StreamingResponse(
        follow(backstage, own, SpaceId(space), actor, admitted, language),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.post("/consent")
async def consent(space: str, body: ConsentIn, actor: Asking, backstage: Services) -> ConsentOut:
    """Accept being heard and recorded; logged with the sentence as shown."""
    if not body.accepted:
        raise ConsentNeeded
    person = await backstage.desk.consent(actor, SpaceId(space), text_id=body.text_id, name=body.name)
    return ConsentOut(speaker=str(person.speaker), name=person.name, role=person.role)


@router.post("/offer")
async def offer(space: str, body: OfferIn, actor: Asking, backstage: Services) -> AnswerOut:
    """Enter the stage with a browser: a WebRTC offer for the stage's answer."""
    answer = await backstage.desk.offer(actor, SpaceId(space), body.sdp)
    return AnswerOut(session=answer.session, sdp=answer.sdp)


@router.delete("/sessions/{session}", status_code=204)
async def leave(space: str, session: str, actor: Asking, backstage: Services) -> None:
    """Leave the stage."""
    await backstage.desk.leave(actor, SpaceId(space), SessionId(session))


@router.post("/speakers/{speaker}/mute", status_code=204)
async def mute(space: str, speaker: str, body: MuteIn, actor: Asking, backstage: Services) -> None:
    """Silence somebody at the mixer, or let them be heard again: oneself, or as host anyone."""
    await backstage.desk.mute(actor, SpaceId(space), SpeakerId(speaker), muted=body.muted)


@whip.post(
    "",
    status_code=201,
    response_class=Response,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/sdp": {"schema": {"type": "string"}}}}
    },
    responses={201: {"content": {"application/sdp": {"schema": {"type": "string"}}}}},
)
async def publish(space: str, request: Request, actor: Asking, backstage: Services) -> Response:
    """WHIP (RFC 9725): put a one-way source on stage. Its bearer must have consented before."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/sdp":
        raise WrongMediaType("WHIP takes an offer as application/sdp.")
    try:
        sdp = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise BadSessionDescription("The session description (SDP) is not UTF-8.") from error
    answer = await backstage.desk.offer(actor, SpaceId(space), sdp, one_way=True)
    location = f"/whip/{space}/{answer.session}"
    return Response(answer.sdp, status_code=201, media_type="application/sdp", headers={"Location": location})


@whip.delete("/{session}")
async def unpublish(space: str, session: str, actor: Asking, backstage: Services) -> Response:
    """WHIP: take the source off the stage."""
    await backstage.desk.leave(actor, SpaceId(space), SessionId(session))
    return Response(status_code=200)
