"""A space as the API shows it."""

from __future__ import annotations

from collections.abc import Sequence

from rostra.bus.messages import Lifecycle, Notice, SpaceState, Visibility
from rostra.control.addresses import Addresses
from rostra.control.api.space_shapes import GuestOut, InvitedToOut, NoticeOut, RecordingOut, SpaceOut
from rostra.control.backstage import Backstage
from rostra.control.identity import Actor, standing
from rostra.control.invited import Guest
from rostra.control.permits import PERMITS, Doing
from rostra.control.times import iso
from rostra.core.addresses import STAY
from rostra.core.ids import SpaceId
from rostra.core.samples import seconds
from rostra.store.tables import SpaceRow


async def space_out(backstage: Backstage, own: Addresses, space: SpaceId) -> SpaceOut:
    """A space as it was announced last, for whoever may see it."""
    return _out(backstage, own, await backstage.announcer.state(space), None)


async def space_out_for(backstage: Backstage, own: Addresses, actor: Actor, row: SpaceRow) -> SpaceOut:
    """The same, with those invited for whoever may edit it."""
    guests = None
    if standing(actor, row) in PERMITS[Doing.EDIT]:
        guests = await backstage.invited.listing(SpaceId(row.id))
    return _out(backstage, own, await backstage.announcer.state(SpaceId(row.id)), guests)


async def invited_to_out(backstage: Backstage, own: Addresses, space: SpaceId) -> InvitedToOut:
    """The same for whoever is invited to listen: no more than its page tells them, and the way there."""
    state = await backstage.announcer.state(space)
    return InvitedToOut(
        id=state.space,
        state=state.lifecycle,
        title=state.title,
        host_name=state.host_name,
        host_handle=state.host_handle,
        host_verified=state.host_verified,
        starts_at=iso(state.starts_at, state.time_zone),
        time_zone=state.time_zone,
        pass_url=_pass_url(own, state),
    )


def _pass_url(own: Addresses, state: SpaceState) -> str:
    """Where it has left a recording, to that, though it has moved."""
    stays = state.moved_to is not None and state.recording is not None
    return f"{own.control}/pass/{state.space}" + (f"?{STAY}" if stays else "")


def notices_out(own: Addresses, state: SpaceState) -> list[NoticeOut]:
    """The notices of a space, newest first."""
    return [notice_out(own, state.space, notice) for notice in state.notices]


def notice_out(own: Addresses, space: SpaceId, notice: Notice) -> NoticeOut:
    """One notice and its permalink."""
    return NoticeOut(
        id=notice.notice,
        text=notice.text,
        link=notice.link,
        at=iso(notice.at),
        author=notice.author,
        url=f"{own.event(space)}#n-{notice.notice}",
    )


def _out(backstage: Backstage, own: Addresses, state: SpaceState, guests: Sequence[Guest] | None) -> SpaceOut:
    return SpaceOut(
        id=state.space,
        state=state.lifecycle,
        title=state.title,
        description=state.description,
        host=state.host,
        host_name=state.host_name,
        host_handle=state.host_handle,
        host_verified=state.host_verified,
        people=list(state.people),
        starts_at=iso(state.starts_at, state.time_zone),
        time_zone=state.time_zone,
        live_at=iso(state.live_at) if state.live_at else None,
        ended_at=iso(state.ended_at) if state.ended_at else None,
        ended_reason=state.ended_reason,
        run=state.run,
        visibility=state.visibility,
        has_passphrase=state.has_passphrase,
        recording_policy=state.recording_policy,
        recording=_recording(own, state),
        notices=notices_out(own, state),
        invited=None if guests is None else [GuestOut(handle=each.handle, name=each.name) for each in guests],
        listeners=backstage.board.listeners(state.space),
        estimated=backstage.board.estimated(state.space),
        revision=state.revision,
        locked=state.locked,
        locked_reason=state.locked_reason,
        unled=state.lifecycle is Lifecycle.LIVE and backstage.understudy.unled(state.space),
        event_url=own.event(state.space),
        studio_url=own.studio(state.space),
        pass_url=_pass_url(own, state),
        moved_to=state.moved_to,
        moved_from=list(state.moved_from),
        hidden_reason=state.hidden_reason,
    )


def _recording(own: Addresses, state: SpaceState) -> RecordingOut | None:
    if state.recording is None:
        return None
    tape = f"{own.edge}/r/{state.space}/{state.run}"
    baseline = state.renditions[0].name if state.renditions else "aac64"
    is_open = state.lifecycle is Lifecycle.PUBLISHED and state.visibility is not Visibility.PRIVATE
    return RecordingOut(
        seconds=round(seconds(state.recording.duration_samples), 3),
        size_bytes=state.recording.size_bytes,
        mp4=f"{tape}/{baseline}.mp4" if is_open else None,
        hls=f"{tape}/index.m3u8" if is_open else None,
        dash=f"{tape}/manifest.mpd" if is_open else None,
    )
