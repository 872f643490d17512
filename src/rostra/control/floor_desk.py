"""Acts on a floor that change who somebody is there: off the stage, co-host, host; blocked; locked.

Each is one transaction with its line in the record; the stage is told after it, and what it misses
it is told again (:mod:`.unheard`). What is allowed is :mod:`.floor`'s to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Asking, Lifecycle, Off, Role
from rostra.control import audit, lifecycle
from rostra.control.addresses import Addresses
from rostra.control.aliases import Aliases, Someone, aliases_of, browsers_of
from rostra.control.announcer import Announcer, touch
from rostra.control.blocks import add_block, find_block, lift, unseat_elsewhere
from rostra.control.board import Board
from rostra.control.epochs import end_previews
from rostra.control.floor import Act, FloorRefused, Place, need_reason, require
from rostra.control.guard import Guard, Scene
from rostra.control.identity import Actor
from rostra.control.links import need_room_for_cohost
from rostra.control.places import Target, cast_of, role_on_stage, target_of
from rostra.control.requests import Requests, as_recorded
from rostra.control.seats import LISTENER, LetSpeak, lapsed, let_speak, seat
from rostra.control.spaces import find
from rostra.control.speaker_mails import SpeakerMails
from rostra.control.stage_desk import StageDesk
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotFound, StageUnavailable
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, BlockRow, ConsentRow, RequestRow, SpaceRow

MOST_BLOCKS: Final = 500
"""Of one space."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """Of somebody who was blocked: whom they were on stage, which other spaces changed, where they asked."""

    speakers: set[SpeakerId]
    elsewhere: list[SpaceId]
    asked: set[SpaceId]


class FloorDesk:
    """Changes of the floor. At most ``most_cohosts`` at a time on one stage."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        board: Board,
        desk: StageDesk,
        requests: Requests,
        guard: Guard,
        mails: SpeakerMails,
        *,
        clock: Clock,
        most_cohosts: int,
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._board = board
        self._desk = desk
        self._requests = requests
        self._guard = guard
        self._mails = mails
        self._clock = clock
        self._most_cohosts = most_cohosts

    async def cast(self, space: SpaceId) -> dict[SpeakerId, Place]:
        """What everybody is who ever accepted to be heard there."""
        async with self._database.reading() as session:
            return await cast_of(session, await find(session, space))

    async def let_speak(self, space: SpaceId) -> list[LetSpeak]:
        """Whom a seat is kept for, on stage or not; and those who did not come in time, for a while."""
        async with self._database.reading() as session:
            row, at = await find(session, space), now_ms(self._clock)
            return [*await lapsed(session, row, at=at), *await let_speak(session, row, at=at)]

    async def to_listener(self, actor: Actor, space: SpaceId, speaker: SpeakerId, act: Act) -> None:
        """Take somebody's seat back: they may listen, and ask again. ``act``: LISTENER or REMOVE.

        They go as everybody they are by the same account; FloorRefused where one of these is above it. Where
        ``actor`` tries a link of their own, only who came by that link goes.
        """
        async with self._guard.acting(actor, space, act, speaker) as scene:
            whom = Someone.of(scene.whom)
            if whom.account == actor.whose:
                whom = replace(whom, account=None)
            here = await aliases_of(scene.session, scene.row, whom)
            require(act, scene.place, here.highest)
            await _take_seats_back(scene.session, scene.row, here, at=scene.at)
        await self._announcer.announce(space)
        await self._off(set(here.speakers), Off.SEAT, space)

    async def remove_by_site(self, actor: Actor, space: SpaceId, speaker: SpeakerId) -> None:
        """Take somebody's seat back over the host's head; a host of the space only leaves the stage for now.

        They go as everybody they are by the same account. Whoever calls has checked that ``actor`` may, by
        :mod:`.permits`. NotFound.
        """
        async with self._database.session() as session:
            row, at = await find(session, space), now_ms(self._clock)
            whom = await target_of(session, row, speaker)
            here = await aliases_of(session, row, Someone.of(whom))
            await _take_seats_back(session, row, here, at=at)
            audit.record(
                session,
                at=at,
                actor=actor.label,
                act=f"floor.{Act.REMOVE}",
                space=space,
                speaker=speaker,
                name=whom.name,
            )
        await self._announcer.announce(space)
        await self._off(set(here.speakers), Off.SITE, space)

    async def promote(self, actor: Actor, space: SpaceId, speaker: SpeakerId) -> None:
        """Make a speaker a co-host; Conflict when there are as many as may be."""
        async with self._guard.acting(actor, space, Act.PROMOTE, speaker) as scene:
            await need_room_for_cohost(scene.session, scene.row, most=self._most_cohosts)
            await seat(scene.session, scene.row, scene.whom.person, Role.COHOST, at=scene.at)
        await self._announcer.announce(space)
        await self._desk.recast(space, speaker, Role.COHOST)

    async def demote(self, actor: Actor, space: SpaceId, speaker: SpeakerId) -> None:
        """Make a co-host a speaker."""
        async with self._guard.acting(actor, space, Act.DEMOTE, speaker) as scene:
            await seat(scene.session, scene.row, scene.whom.person, Role.SPEAKER, at=scene.at)
            if scene.row.acting_person == scene.whom.person:
                scene.row.acting_person = ""
        await self._announcer.announce(space)
        await self._desk.recast(space, speaker, Role.SPEAKER)

    async def hand_over(self, actor: Actor, space: SpaceId, speaker: SpeakerId) -> None:
        """Make somebody on stage the host; whoever was becomes a co-host.

        Conflict when they are not there, nor a seat is kept for them; or when that would be one co-host more
        than may be.
        """
        await self._board.first_report(space)
        async with self._guard.acting(actor, space, Act.HAND_OVER, speaker) as scene:
            row, heir = scene.row, scene.whom
            if speaker not in {each.speaker for each in self._board.report(space).speakers}:
                raise Conflict("Only somebody who is on stage can become the host.")
            hosts = await self._hosts(scene, but=heir.person)
            row.host_was = role_on_stage(heir.place, row.seats.get(heir.person)).value
            await seat(scene.session, row, heir.person, Role.HOST, at=scene.at)
            for host in hosts:
                await seat(scene.session, row, host.person, Role.COHOST, at=scene.at)
                if host.place is Place.HOST:
                    end_previews(row)
            await seat(scene.session, row, f"account:{row.host}", Role.COHOST, at=scene.at)
            by_owner = scene.place is Place.OWNER
            await need_room_for_cohost(scene.session, row, most=self._most_cohosts + 1, with_owner=by_owner)
            row.acting_person = ""
        await self._announcer.announce(space)
        await self._desk.recast(space, speaker, Role.HOST)
        for host in hosts:
            await self._desk.recast(space, host.speaker, Role.COHOST)

    async def take_back(self, actor: Actor, space: SpaceId) -> None:
        """Make the owner the host again, whoever was handed the role what they were. Conflict: never given.

        A speaker, where there are as many co-hosts as may be by now.
        """
        async with self._guard.acting(actor, space, Act.TAKE_BACK) as scene:
            row, owner = scene.row, f"account:{scene.row.host}"
            if owner not in row.seats:
                raise Conflict("You are the host already.")
            hosts = await self._hosts(scene, but=owner)
            mine = await _speakers_of(scene.session, row, owner)
            was = row.seats
            row.seats = {person: role for person, role in row.seats.items() if person != owner}
            for host in hosts:
                await seat(scene.session, row, host.person, Role.SPEAKER, at=scene.at)
                end_previews(row)
            become = {
                host.speaker: await self._as_before(scene, host.person)
                for host in hosts
                if was.get(host.person) == Role.HOST
            }
            row.acting_person = row.host_was = ""
        await self._announcer.announce(space)
        for host in hosts:
            await self._desk.recast(space, host.speaker, become.get(host.speaker, Role.SPEAKER))
        for speaker in mine:
            await self._desk.recast(space, speaker, Role.HOST)

    async def invite(self, actor: Actor, space: SpaceId, handle: str, own: Addresses) -> None:
        """Invite an account to speak, and tell it. Invited already: nothing happens. NotFound, Conflict.

        Whoever asks to speak already may: the page on which they wait knows at once.
        """
        async with self._guard.acting(actor, space, Act.INVITE) as scene:
            lifecycle.on_stage_possible(Lifecycle(scene.row.lifecycle))
            account = await scene.session.scalar(
                select(AccountRow).where(AccountRow.handle == handle, AccountRow.deleted_at.is_(None))
            )
            if account is None:
                raise NotFound("There is no account with this handle.")
            scene.detail |= {"account": account.id, "handle": handle}
            person = f"account:{account.id}"
            if account.id == scene.row.host or scene.row.seats.get(person) in set(Role):
                scene.act = ""
                return
            if await find_block(scene.session, scene.row, person=person, account=account.id) is not None:
                raise Conflict("This account is blocked from this stage. Lift the block first.")
            await seat(scene.session, scene.row, person, Role.SPEAKER, at=scene.at)
            title = scene.row.title
            asking = RequestRow.account == account.id, RequestRow.state == Asking.WAITING.value
            request = await scene.session.scalar(
                select(RequestRow.request).where(RequestRow.space == space, *asking)
            )
        await self._announcer.announce(space)
        if request is not None:
            with suppress(Conflict):  # Taken back meanwhile, or the stage is locked or full: they may speak.
                await self._requests.accept(actor, space, request)
        if own.certain:
            self._mails.tell(account, title=title, url=own.studio(space), by=actor.label)

    async def lock(self, actor: Actor, space: SpaceId, reason: str) -> None:
        """Let nobody new come. An operator's lock has a reason, shown to the audience, and only they undo it.

        BadRequest for an operator who gives none.
        """
        async with self._guard.acting(actor, space, Act.LOCK) as scene:
            need_reason(Act.LOCK, scene.place, reason)
            row, over = scene.row, scene.place is Place.OPERATOR
            if row.locked_by and (row.locked_by_site or not over):
                scene.act = ""
                return
            row.locked_by, row.locked_by_site = actor.label, over
            row.locked_reason = reason if over else ""
            scene.detail["reason"] = row.locked_reason
            touch(row, at=scene.at)
        await self._announcer.announce(space)

    async def unlock(self, actor: Actor, space: SpaceId) -> None:
        """Let people come again. Open already: nothing happens."""
        async with self._guard.acting(actor, space, Act.UNLOCK) as scene:
            row = scene.row
            if row.locked_by_site and scene.place is not Place.OPERATOR:
                raise FloorRefused(
                    "An operator of this site locked the stage. Only an operator can unlock it."
                )
            if not row.locked_by:
                scene.act = ""
                return
            row.locked_by, row.locked_by_site, row.locked_reason = "", False, ""
            touch(row, at=scene.at)
        await self._announcer.announce(space)

    async def block(self, actor: Actor, space: SpaceId, speaker: SpeakerId, *, everywhere: bool) -> None:
        """Block somebody who is or was on stage, from this one or every one of the owner's.

        They go as everybody they are by the same account or browsers; FloorRefused where one is above it.
        """
        act = Act.BLOCK_EVERYWHERE if everywhere else Act.BLOCK
        async with self._guard.acting(actor, space, act, speaker) as scene:
            whom = Someone.of(scene.whom)
            browsers = await browsers_of(scene.session, scene.row, whom.person, whom.account)
            whom = replace(whom, browsers=browsers)
            gone = await _shut_out(scene, act, whom, name=scene.whom.name, by=actor.label)
        gone = replace(gone, speakers=gone.speakers | {speaker})
        await self._shut_out_is_told(space, gone, everywhere=everywhere)

    async def block_request(self, actor: Actor, space: SpaceId, request: str, *, everywhere: bool) -> None:
        """Block somebody who asks to speak, also as whoever else they are here."""
        act = Act.BLOCK_EVERYWHERE if everywhere else Act.BLOCK
        async with self._guard.acting(actor, space, act, on=Place.LISTENER) as scene:
            known = await scene.session.get(RequestRow, request)
            if known is None or known.space != space:
                raise NotFound("Nobody asks that any more.")
            person = f"account:{known.account}" if known.account else f"request:{known.request}"
            whom = Someone(person, known.account, frozenset(filter(None, [known.browser])))
            gone = await _shut_out(scene, act, whom, name=known.name, by=actor.label)
            if known.state == Asking.WAITING:
                known.state, known.decided_at = Asking.BLOCKED.value, scene.at
            scene.detail |= as_recorded(known.request, known.account)
        await self._shut_out_is_told(space, gone, everywhere=everywhere)

    async def blocks(self, actor: Actor, space: SpaceId) -> Sequence[BlockRow]:
        """Who is blocked here, the newest first."""
        row = await self._guard.permit(actor, space, Act.UNBLOCK)
        async with self._database.reading() as session:
            query = select(BlockRow).where(
                (BlockRow.space == space) | (BlockRow.everywhere & (BlockRow.host == row.host))
            )
            return (await session.scalars(query.order_by(BlockRow.at.desc()).limit(MOST_BLOCKS))).all()

    async def unblock(self, actor: Actor, space: SpaceId, block: str) -> None:
        """Lift a block; the seats that it took are given back, and whoever had none may ask again.

        NotFound; FloorRefused for one of every stage.
        """
        async with self._guard.acting(actor, space, Act.UNBLOCK) as scene:
            held = await scene.session.get(BlockRow, block)
            here = held is not None and (
                held.space == space or (held.everywhere and held.host == scene.row.host)
            )
            if held is None or not here:
                raise NotFound("There is no such block.")
            if held.everywhere and scene.place not in (Place.OWNER, Place.OPERATOR):
                raise FloorRefused("This block is of every stage of the owner, who alone lifts it.")
            kind, _, request = held.person.partition(":")
            told = as_recorded(request, held.account) if kind == "request" else {"name": held.name}
            scene.detail |= told | ({"account": held.account} if held.account else {})
            changed = await lift(scene.session, held, at=scene.at)
        await self._announcer.announce_each(sorted(changed))

    async def _hosts(self, scene: Scene, *, but: str) -> list[Target]:
        """Those who are the host on stage now, the owner among them unless they handed over."""
        cast = await cast_of(scene.session, scene.row)
        consents = await scene.session.scalars(
            select(ConsentRow).where(ConsentRow.space == scene.row.id).order_by(ConsentRow.id)
        )
        latest = {consent.speaker: consent for consent in consents}
        found = []
        for speaker, consent in latest.items():
            place = cast[SpeakerId(speaker)]
            role = role_on_stage(place, scene.row.seats.get(consent.person))
            if role is Role.HOST and place is not Place.LISTENER and consent.person != but:
                found.append(Target(SpeakerId(speaker), consent.person, place, consent.name, consent.account))
        return found

    async def _as_before(self, scene: Scene, heir: str) -> Role:
        """Make whoever was handed the host's role what they were before, if there is room for a co-host."""
        if scene.row.host_was == Role.COHOST:
            with suppress(Conflict):
                await need_room_for_cohost(scene.session, scene.row, most=self._most_cohosts)
                await seat(scene.session, scene.row, heir, Role.COHOST, at=scene.at)
                return Role.COHOST
        return Role.SPEAKER

    async def _shut_out_is_told(self, space: SpaceId, gone: _Gone, *, everywhere: bool) -> None:
        for asked in gone.asked | {space}:
            await self._requests.tell(asked)
        await self._announcer.announce_each([space, *gone.elsewhere])
        if gone.speakers:
            await self._off(gone.speakers, Off.BLOCKED, None if everywhere else space)

    async def _off(self, speakers: set[SpeakerId], why: Off, space: SpaceId | None) -> None:
        with suppress(StageUnavailable):  # It is told again once it reports them.
            await self._desk.take_off(speakers, why, space=space)


async def _speakers_of(session: AsyncSession, row: SpaceRow, person: str) -> set[SpeakerId]:
    """Whom somebody was on this stage, however often they came."""
    mine = select(ConsentRow.speaker).where(ConsentRow.space == row.id, ConsentRow.person == person)
    return {SpeakerId(speaker) for speaker in await session.scalars(mine)}


async def _take_seats_back(session: AsyncSession, row: SpaceRow, whom: Aliases, *, at: int) -> None:
    """Make somebody a listener as everybody they are; their pass holds on."""
    for person in whom.seated:
        await seat(session, row, person, LISTENER, at=at)
    if Place.HOST in whom.places.values():
        end_previews(row)


async def _shut_out(scene: Scene, act: Act, whom: Someone, *, name: str, by: str) -> _Gone:
    """Block somebody as everybody they are.

    FloorRefused where one of these is above what ``act`` may be done to.
    """
    session, row, at = scene.session, scene.row, scene.at
    everywhere = act is Act.BLOCK_EVERYWHERE
    here = await aliases_of(session, row, whom)
    require(act, scene.place, here.highest)
    block, asked = await add_block(session, row, whom, here, name=name, by=by, everywhere=everywhere, at=at)
    there, changed = await unseat_elsewhere(session, row, whom, block, at=at) if everywhere else (set(), [])
    return _Gone({*here.speakers, *there}, changed, asked)
