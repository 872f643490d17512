"""What the audience may know of spaces, read for many at once. Never publishes anything.

A handful of queries, however many spaces: at a start all there ever were are told before anybody is answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import (
    Heard,
    Lifecycle,
    Notice,
    Pinned,
    Recording,
    RecordingPolicy,
    Rendition,
    Role,
    SpaceState,
    Visibility,
)
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.store.tables import AccountRow, ConsentRow, NoticeRow, RequestRow, SpaceRow, SpeakerLinkRow

T = TypeVar("T")

MAX_PEOPLE: Final = 24
"""Names that cards and lists may show."""
MAX_NOTICES: Final = 20
"""Notices kept of a space, newest first."""
MAX_SOURCES: Final = 8
"""Spaces that may go on in one."""


@dataclass(frozen=True, slots=True)
class _Consent:
    """Somebody who accepted to be heard, as they last did."""

    person: str
    role: str
    name: str
    account: str | None

    @property
    def guest(self) -> bool:
        """By a link, and nobody had signed in; of a former member the name is gone."""
        return self.account is None and self.person.startswith("link:") and bool(self.name)


@dataclass(frozen=True, slots=True)
class _About:
    """What other tables hold of one space."""

    notices: Sequence[NoticeRow]
    links: Sequence[SpeakerLinkRow]
    consents: Sequence[_Consent]
    moved_from: Sequence[SpaceId]


async def hosts_of(session: AsyncSession, rows: Sequence[SpaceRow]) -> dict[str, AccountRow]:
    """The accounts that host ``rows``, by id."""
    hosts = select(AccountRow).where(AccountRow.id.in_({row.host for row in rows}))
    return {host.id: host for host in await session.scalars(hosts)}


async def states_of(
    session: AsyncSession, rows: Sequence[SpaceRow], hosts: Mapping[str, AccountRow]
) -> list[SpaceState]:
    """Return what the audience may know of each of ``rows``, in their order."""
    about = await _about(session, [row.id for row in rows])
    return [_state(row, hosts[row.host], about[row.id]) for row in rows]


async def _about(session: AsyncSession, spaces: Sequence[str]) -> dict[str, _About]:
    newest = select(NoticeRow).where(NoticeRow.space.in_(spaces)).order_by(NoticeRow.at.desc(), NoticeRow.id)
    asked = select(RequestRow.request).where(RequestRow.space.in_(spaces))
    announced = (
        select(SpeakerLinkRow)
        .where(SpeakerLinkRow.space.in_(spaces), SpeakerLinkRow.token_hash.not_in(asked))
        .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
    )
    consents = (
        select(ConsentRow.space, ConsentRow.person, ConsentRow.role, ConsentRow.name, ConsentRow.account)
        .where(ConsentRow.space.in_(spaces))
        .order_by(ConsentRow.id)
    )
    came = (
        select(SpaceRow.moved_to, SpaceRow.id)
        .where(SpaceRow.moved_to.in_(spaces))
        .order_by(SpaceRow.starts_at, SpaceRow.id)
    )
    notices = _grouped((each.space, each) for each in await session.scalars(newest))
    links = _grouped((each.space, each) for each in await session.scalars(announced))
    accepted = _grouped(
        (space, _Consent(person, role, name, account))
        for space, person, role, name, account in await session.execute(consents)
    )
    sources = _grouped((to or "", SpaceId(space)) for to, space in await session.execute(came))
    return {each: _About(notices[each], links[each], accepted[each], sources[each]) for each in spaces}


def _grouped(pairs: Iterable[tuple[str, T]]) -> defaultdict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for space, each in pairs:
        found[space].append(each)
    return found


def _state(row: SpaceRow, host: AccountRow, about: _About) -> SpaceState:
    announced = _announced(host, about)
    heard = _heard(row, about) if row.live_at else ()
    return SpaceState(
        space=SpaceId(row.id),
        revision=row.revision,
        lifecycle=Lifecycle(row.lifecycle),
        title=row.title,
        description=row.description,
        host=AccountId(row.host),
        host_name=announced[0],
        starts_at=row.starts_at,
        time_zone=row.time_zone,
        run=RunId(row.run) if row.run else None,
        renditions=msgspec.convert(tuple(row.renditions), tuple[Rendition, ...]),
        anchor_utc_ns=row.anchor_utc_ns,
        live_at=row.live_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        recording=_recording_of(row),
        announced=() if heard else announced,
        heard=heard,
        host_handle=host.handle if host.deleted_at is None else "",
        account_name=host.name,
        host_verified=host.verified_at is not None,
        visibility=Visibility(row.visibility),
        has_passphrase=row.passphrase_hash is not None,
        pass_epoch=row.pass_epoch,
        recording_policy=RecordingPolicy(row.recording_policy),
        notices=tuple(
            Notice(notice=each.id, text=each.text, at=each.at, author=each.author, link=each.link)
            for each in about.notices[:MAX_NOTICES]
        ),
        pinned=Pinned(link=row.pinned_link, label=row.pinned_label) if row.pinned_link else None,
        updated_at=row.updated_at,
        locked=bool(row.locked_by),
        locked_reason=row.locked_reason,
        moved_to=SpaceId(row.moved_to) if row.moved_to else None,
        moved_from=tuple(about.moved_from[:MAX_SOURCES]),
        hidden_reason=row.hidden_reason,
        starts_before=row.starts_before,
    )


def _recording_of(row: SpaceRow) -> Recording | None:
    """The finished tape of a space, while there is one."""
    if row.recording_samples is None or row.recording_bytes is None or row.lifecycle == Lifecycle.DELETED:
        return None
    return Recording(duration_samples=row.recording_samples, size_bytes=row.recording_bytes)


def _heard(row: SpaceRow, about: _About) -> tuple[Heard, ...]:
    """Whoever consented to be heard, as what they became on the stage, hosts first, each once."""
    latest = {each.person: each for each in about.consents}.values()
    heard = [Heard(name=each.name, role=_role(row, each), guest=each.guest) for each in latest]
    by_role = sorted(heard, key=lambda each: each.role is not Role.HOST)
    return tuple(dict.fromkeys(by_role))[:MAX_PEOPLE]


def _role(row: SpaceRow, consent: _Consent) -> Role:
    seat = row.seats.get(consent.person)
    return Role(seat if seat in set(Role) else consent.role)


def _announced(host: AccountRow, about: _About) -> tuple[str, ...]:
    """Names announced (a link made for somebody) or heard (consented), host first, each once.

    Whoever asked to speak and was let is announced by nobody: they are named once they consent.

    A verified mark vouches for the account's own name alone, so that name comes before any that was typed.
    """
    chosen = {each.person: each for each in about.consents}
    known = [(each.role, each.name) for each in chosen.values()]
    heard_of = [link for link in about.links if link.name and link.role != Role.CAPTIONER]
    known += [(link.role, link.name) for link in heard_of if f"link:{link.id}" not in chosen]
    hosts = [name for role, name in known if role == Role.HOST] or [host.name]
    if host.verified_at is not None:
        hosts = [host.name, *hosts]
    names = hosts + [name for _, name in known]
    return tuple(dict.fromkeys(names))[:MAX_PEOPLE]
