"""Addresses of what happens beside the audio: the pinned link, captions, the music of an empty stage."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request

from rostra.bus.messages import RecordingPolicy
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.happening_shapes import (
    CaptionedOut,
    CaptionIn,
    CaptionsOut,
    HoldMusicOut,
    PinnedIn,
    PinnedOut,
)
from rostra.control.captions import Line
from rostra.core.ids import SpaceId

router = APIRouter(prefix="/spaces/{space}", tags=["audience"])
_ANY_FILE: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put("/pinned")
async def pin(space: str, body: PinnedIn, actor: Asking, backstage: Services) -> PinnedOut:
    """Keep one link before the audience's eyes, in the place of the one before. Repeatable."""
    await backstage.pinned.pin(actor, SpaceId(space), link=body.link, label=body.label)
    return PinnedOut(link=body.link, label=body.label)


@router.delete("/pinned", status_code=204)
async def unpin(space: str, actor: Asking, backstage: Services) -> None:
    """Take the pinned link away. Repeatable."""
    await backstage.pinned.pin(actor, SpaceId(space), link="", label="")


@router.get("/captions")
async def show_captions(space: str, actor: Asking, backstage: Services, own: Own) -> CaptionsOut:
    """Where a space stands, for whoever writes its captions."""
    row = await backstage.captions.need_writer(actor, SpaceId(space))
    report = backstage.board.report(SpaceId(space))
    return CaptionsOut(
        space=row.id,
        state=row.lifecycle,
        title=row.title,
        event_url=own.event(row.id),
        live=report.live,
        recording_policy=RecordingPolicy(row.recording_policy),
        samples=report.samples,
    )


@router.post("/captions", status_code=201)
async def write_caption(space: str, body: CaptionIn, actor: Asking, backstage: Services) -> CaptionedOut:
    """Put one line of what is said on the tape, for listeners now and for the recording.

    It begins at media sample `at`, or `ago_ms` before now; at most a minute back. `duration_ms` is how
    long it stands there; 0: as long as it takes to read.
    """
    line = Line(body.text, body.language, body.at, body.ago_ms, body.duration_ms)
    placed = await backstage.captions.write(actor, SpaceId(space), line)
    return CaptionedOut(id=placed.caption, at=placed.at, samples=placed.samples)


@router.put("/hold-music", openapi_extra=_ANY_FILE)
async def use_hold_music(space: str, request: Request, actor: Asking, backstage: Services) -> HoldMusicOut:
    """Play this audio file while the stage is empty: at most 900 kB, cut after two minutes."""
    ms = await backstage.hold_loops.use(actor, SpaceId(space), await request.body())
    return HoldMusicOut(seconds=ms / 1000)


@router.delete("/hold-music", status_code=204)
async def forget_hold_music(space: str, actor: Asking, backstage: Services) -> None:
    """Go back to the built-in music. Repeatable."""
    await backstage.hold_loops.use(actor, SpaceId(space), None)
