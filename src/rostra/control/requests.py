"""Requests to speak: taken from the door, listed for whoever runs the floor, accepted and declined.

The queue lives in the database; what is told over the bus is only which request stands where. An
accepted request becomes a link to the stage whose secret the listener's page has had all along: the
request's name is that secret's hash, so the bus never sees it, and the door only as a request is taken
back: the name alone, which hosts read, does not do that.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.allowance import Allowance
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    FLOOR_ASK,
    FLOOR_WITHDRAW,
    Asked,
    Asking,
    AskToSpeak,
    FloorState,
    Lifecycle,
    Role,
    WithdrawAsking,
    floor_state,
)
from rostra.control import audit, lifecycle
from rostra.control.aliases import Someone, aliases_of
from rostra.control.announcer import Announcer
from rostra.control.blocks import find_block, need_browser, need_not_blocked
from rostra.control.board import Board
from rostra.control.floor import Act, Place, may, require
from rostra.control.guard import Guard, Scene
from rostra.control.identity import Actor
from rostra.control.keys import token_hash
from rostra.control.links import add_link
from rostra.control.names import clipped, need_distinct, normalised
from rostra.control.places import leaders_of, place_of_account
from rostra.control.refused_acts import RefusedActs
from rostra.control.seating import Seating
from rostra.control.seats import on_their_way
from rostra.control.spaces import find
from rostra.control.stage_desk import StageLocked
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.control.vouchers import Vouchers
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, SignInNeeded, Suspended, TooManyRequests
from rostra.core.ids import AccountId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, RequestRow, SpaceRow

MOST_WAITING: Final = 100
"""In one space; further ones are refused until some are answered."""
MOST_TOLD: Final = 200
"""Requests of one space that the bus tells of: all who wait, and the latest outcomes."""
MOST_OF_A_NETWORK: Final = 20
"""Guests of one network who wait in one space, so that a few addresses do not take all the room."""
PER_SPACE: Final = Allowance(burst=200, refill_s=1.0)
"""Requests to speak in one space, from everywhere together: each is a row and a line in the record."""
LONGEST_NOTE: Final = 140
_REQUEST: Final = re.compile(r"[0-9a-f]{64}")


class QueueFull(Conflict):
    """Too many people ask to speak just now. Please try again later."""

    code = "queue_full"


class AskedAlready(Conflict):
    """You have asked to speak already. The host can see it."""

    code = "asked_already"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who asks to speak, as hosts see them. ``at`` is UTC milliseconds."""

    request: str
    name: str
    note: str
    guest: bool
    verified: bool
    at: int


class Requests:
    """The queues of all spaces; ``await run()`` until cancelled."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        announcer: Announcer,
        board: Board,
        guard: Guard,
        refused: RefusedActs,
        vouchers: Vouchers,
        *,
        clock: Clock,
        seating: Seating,
    ) -> None:
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._board = board
        self._guard = guard
        self._refused = refused
        self._vouchers = vouchers
        self._clock = clock
        self._seating = seating
        self._throttle = Throttle(clock=clock)
        self._waiting: dict[SpaceId, tuple[Waiting, ...]] = {}
        self._networks: dict[SpaceId, dict[str, str]] = {}
        """From which networks guests ask who wait, by request. Kept nowhere else: a restart forgets it."""

    def waiting(self, space: SpaceId) -> tuple[Waiting, ...]:
        """Who waits in one space, first come first."""
        return self._waiting.get(space, ())

    async def open(self) -> None:
        """Read the queues and tell the door."""
        async with self._database.reading() as session:
            spaces = list(await session.scalars(select(RequestRow.space).distinct()))
        for space in spaces:
            await self.tell(SpaceId(space))

    async def run(self) -> None:
        """Take requests from the door, until cancelled."""
        async with (
            self._bus.serve(FLOOR_ASK, AskToSpeak, self.ask),
            self._bus.serve(FLOOR_WITHDRAW, WithdrawAsking, self.withdraw),
        ):
            await asyncio.Event().wait()

    async def ask(self, asked: AskToSpeak) -> Asked:
        """Put somebody into the queue; there already, nothing happens.

        BadName, NameTaken, Blocked, Suspended, StageLocked, QueueFull, AskedAlready, SpaceOver;
        FloorRefused, written down, for whoever may speak there already.
        """
        if _REQUEST.fullmatch(asked.request) is None or len(asked.note) > LONGEST_NOTE:
            raise BadRequest
        now = now_ms(self._clock)
        account = self._vouchers.read(asked.voucher, asked.space) if asked.voucher else None
        if account is None:
            need_browser(asked.browser)
        browser = token_hash(asked.browser) if asked.browser else ""
        if account is not None:
            await self._need_listener(asked.space, account)
        async with self._database.session() as session:
            row = await find(session, asked.space)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            known = await session.get(RequestRow, asked.request)
            if known is not None:
                return Asked(request=known.request, state=Asking(known.state))
            who = await _account(session, account)
            person = _person(asked.request, account)
            marked = [] if account else [browser]
            await need_not_blocked(session, row, person=person, account=account, browsers=marked)
            if row.locked_by:
                raise StageLocked
            name = normalised(clipped(who.name) if who is not None else asked.name)
            await self._need_distinct(session, row, name, account)
            await _need_room(session, row, account, browser)
            if account is None:
                await self._need_room_for_network(session, row, asked.network)
            self._slow_down(asked.space)
            session.add(
                RequestRow(
                    request=asked.request,
                    space=row.id,
                    name=name,
                    note=_one_line(asked.note),
                    account=account,
                    browser=browser,
                    state=Asking.WAITING.value,
                    at=now,
                )
            )
            _record(session, "floor.ask", asked.space, asked.request, account, at=now)
        if account is None:
            self._networks.setdefault(asked.space, {})[asked.request] = asked.network
        await self.tell(asked.space)
        return Asked(request=asked.request, state=Asking.WAITING)

    async def withdraw(self, asked: WithdrawAsking) -> Asked:
        """Take a request back whose secret the door was shown; answered already, it stays so. NotFound."""
        async with self._database.session() as session:
            known = await session.get(RequestRow, asked.request)
            if known is None or known.space != asked.space:
                raise NotFound
            if known.state == Asking.WAITING:
                known.state, known.decided_at = Asking.WITHDRAWN.value, now_ms(self._clock)
                at, account = known.decided_at, known.account
                _record(session, "floor.withdraw", asked.space, known.request, account, at=at)
            answer = Asked(request=known.request, state=Asking(known.state))
        await self.tell(asked.space)
        return answer

    async def accept(self, actor: Actor, space: SpaceId, request: str) -> None:
        """Let somebody speak: their request becomes a link. Accepted already: nothing happens.

        FloorRefused, NotFound, StageLocked; Conflict when they are blocked, or not waiting any more, or no
        seat is left.
        """
        async with self._guard.acting(actor, space, Act.ACCEPT, on=Place.LISTENER) as scene:
            known = await _answerable(scene, request)
            if known.state == Asking.ACCEPTED:
                scene.act = ""
                return
            _must_wait(known)
            await _need_not_blocked(scene, known)
            lifecycle.on_stage_possible(Lifecycle(scene.row.lifecycle))
            if scene.row.locked_by:
                raise StageLocked("The stage is locked. Unlock it first.")
            present = self._board.report(space).speakers
            on_stage = {each.speaker for each in present}
            coming = await on_their_way(scene.session, scene.row, on_stage, at=scene.at)
            self._seating.need_seat((each.role for each in present), coming=coming)
            known.state, known.decided_at = Asking.ACCEPTED.value, scene.at
            link = await add_link(
                scene.session,
                scene.row,
                Role.SPEAKER,
                known.name,
                secret_hash=known.request,
                by=actor.maker,
                at=scene.at,
                account=known.account,
                on_stage=on_stage,
            )
            scene.detail["link"] = link.id
        await self.tell(space)
        await self._announcer.announce(space)

    async def decline(self, actor: Actor, space: SpaceId, request: str) -> None:
        """Answer no. Declined already: nothing happens. FloorRefused, NotFound, Conflict."""
        async with self._guard.acting(actor, space, Act.DECLINE, on=Place.LISTENER) as scene:
            known = await _answerable(scene, request)
            if known.state == Asking.DECLINED:
                scene.act = ""
                return
            _must_wait(known)
            known.state, known.decided_at = Asking.DECLINED.value, scene.at
        await self.tell(space)

    async def decline_all(self, actor: Actor, space: SpaceId) -> int:
        """Answer no to everybody who waits; return how many did. FloorRefused."""
        async with self._guard.acting(actor, space, Act.DECLINE, on=Place.LISTENER) as scene:
            declined = await scene.session.scalars(
                update(RequestRow)
                .where(RequestRow.space == space, RequestRow.state == Asking.WAITING.value)
                .values(state=Asking.DECLINED.value, decided_at=scene.at)
                .returning(RequestRow.request)
                .execution_options(synchronize_session=False)
            )
            count = len(declined.all())
            scene.detail["count"] = count
            if not count:
                scene.act = ""
        await self.tell(space)
        return count

    async def _need_room_for_network(self, session: AsyncSession, row: SpaceRow, network: str) -> None:
        networks = self._networks.get(SpaceId(row.id), {})
        same = [request for request, other in networks.items() if other == network]
        count = select(func.count()).where(
            RequestRow.request.in_(same), RequestRow.state == Asking.WAITING.value
        )
        if network and (await session.scalar(count) or 0) >= MOST_OF_A_NETWORK:
            raise QueueFull

    def _slow_down(self, space: SpaceId) -> None:
        try:
            self._throttle.spend(space, PER_SPACE)
        except TooManyRequests as error:
            raise QueueFull from error

    async def _need_listener(self, space: SpaceId, account: AccountId) -> None:
        async with self._database.reading() as session:
            row = await find(session, space)
            known = await session.get(AccountRow, account)
            place = place_of_account(known, row) if known is not None else Place.LISTENER
            here = await aliases_of(session, row, Someone(f"account:{account}", account))
            if here.highest is not Place.SPEAKER:  # Whoever speaks by a link may have lost it: they may ask.
                place = here.highest
        if may(Act.ASK, place):
            return
        tried = Act.ASK.value
        await self._refused.note("floor.refused", actor=f"account:{account}", space=space, tried=tried)
        require(Act.ASK, place)

    async def _need_distinct(
        self, session: AsyncSession, row: SpaceRow, name: str, account: AccountId | None
    ) -> None:
        others = [each.name for each in self._board.report(SpaceId(row.id)).speakers]
        verified = select(AccountRow.name).where(
            AccountRow.verified_at.is_not(None), AccountRow.id != (account or "")
        )
        leaders = [each.name for each in await leaders_of(session, row)] if account is None else []
        need_distinct(name, [*others, *leaders, *await session.scalars(verified)])

    async def tell(self, space: SpaceId) -> None:
        """Keep who waits in one space, and publish where its requests stand."""
        answered = RequestRow.state != Asking.WAITING.value
        mine = select(RequestRow).where(RequestRow.space == space)
        latest = RequestRow.decided_at.desc(), RequestRow.at.desc()
        async with self._database.reading() as session:
            rows = list(await session.scalars(mine.order_by(answered, *latest).limit(MOST_TOLD)))
            waiting = [row for row in reversed(rows) if row.state == Asking.WAITING]
            verified = await _verified(session, waiting)
        networks, ids = self._networks.get(space, {}), {row.request for row in waiting}
        self._networks[space] = {each: network for each, network in networks.items() if each in ids}
        told = tuple(Asked(request=row.request, state=Asking(row.state)) for row in rows)
        self._waiting[space] = tuple(
            Waiting(row.request, row.name, row.note, row.account is None, row.account in verified, row.at)
            for row in waiting
        )
        self._bus.publish(floor_state(space), FloorState(space=space, requests=told), retain=True)
        self._board.touch(space)


async def _answerable(scene: Scene, request: str) -> RequestRow:
    known = await scene.session.get(RequestRow, request)
    if known is None or known.space != scene.row.id:
        raise NotFound("Nobody asks that any more.")
    scene.detail |= as_recorded(known.request, known.account)
    return known


def as_recorded(request: str, account: str | None) -> dict[str, str]:
    """How the record tells whose request it was: it outlasts the request, and bears no guest's name."""
    return {"request": request[:12]} | ({"account": account} if account else {})


def _record(
    session: AsyncSession, act: str, space: SpaceId, request: str, account: str | None, *, at: int
) -> None:
    """Write down what whoever asks did; a guest is known by their request alone."""
    actor = f"account:{account}" if account else f"request:{request[:12]}"
    audit.record(session, at=at, actor=actor, act=act, space=space, request=request[:12])


def _must_wait(known: RequestRow) -> None:
    if known.state != Asking.WAITING:
        raise Conflict("This request was answered or taken back already.")


async def _need_not_blocked(scene: Scene, known: RequestRow) -> None:
    person, marked = _person(known.request, known.account), [] if known.account else [known.browser]
    block = await find_block(scene.session, scene.row, person=person, account=known.account, browsers=marked)
    if block is not None:
        raise Conflict("Whoever asks is blocked from this stage. Lift the block first.")


def _person(request: str, account: str | None) -> str:
    return f"account:{account}" if account else f"request:{request}"


async def _account(session: AsyncSession, account: AccountId | None) -> AccountRow | None:
    row = await session.get(AccountRow, account) if account is not None else None
    if row is not None and row.deleted_at is not None:
        raise SignInNeeded
    if row is not None and row.suspended_at is not None:
        raise Suspended
    return row


async def _need_room(session: AsyncSession, row: SpaceRow, account: str | None, browser: str) -> None:
    waiting = RequestRow.space == row.id, RequestRow.state == Asking.WAITING.value
    count = await session.scalar(select(func.count()).select_from(RequestRow).where(*waiting))
    if (count or 0) >= MOST_WAITING:
        raise QueueFull
    mine = RequestRow.account == account if account else RequestRow.browser == browser
    if (account or browser) and await session.scalar(
        select(RequestRow.request).where(*waiting, mine).limit(1)
    ):
        raise AskedAlready


async def _verified(session: AsyncSession, rows: list[RequestRow]) -> set[str]:
    accounts = [row.account for row in rows if row.account]
    found = select(AccountRow.id).where(AccountRow.id.in_(accounts), AccountRow.verified_at.is_not(None))
    return set(await session.scalars(found)) if accounts else set()


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
