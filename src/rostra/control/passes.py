"""Gives out passes to private spaces: to those invited, and to those who know the passphrase.

The door checks passes without asking anybody, so one that was given stays good until it ends, or
until :mod:`.epochs` ends all of its space.
Guessing is slowed down per visitor, and one argon2id check costs so much by design; a crowd with
the right words costs one, and nothing of what its address may try.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from hashlib import blake2b
from typing import Final
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.passes import EPOCHS, HEARER, LISTENER, PREVIEWER, Pass, mint_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.client import BusClient
from rostra.bus.messages import PASS_KEYS, Lifecycle, PassKeys, Role, Visibility
from rostra.control import audit
from rostra.control.blocks import find_block
from rostra.control.identity import Actor, standing
from rostra.control.passwords import Passwords
from rostra.control.permits import PERMITS, Doing, Standing
from rostra.control.spaces import find
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, PassNeeded, Unavailable
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import InvitedRow, SpaceRow

HOLDER_BYTES: Final = 8
MAX_REMEMBERED: Final = 1024
"""Spaces whose right passphrase is recognised without another argon2id check."""


class WrongPassphrase(PassNeeded):
    """This is not the passphrase. Please try again, or ask the host."""

    code = "wrong_passphrase"


class Passes:
    """``run()`` follows the supervisor's keys; before they are known, nobody gets a pass."""

    def __init__(
        self, database: Database, bus: BusClient, passwords: Passwords, *, clock: Clock, hours: int
    ) -> None:
        self._database = database
        self._bus = bus
        self._passwords = passwords
        self._clock = clock
        self._hours = hours
        self._keyring: Keyring | None = None
        self._throttle = Throttle(clock=clock)
        self._secret = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}
        """Keyed digest of the right words, by the hash that they matched."""
        self._checks: WeakValueDictionary[tuple[str | None, bytes], asyncio.Lock] = WeakValueDictionary()
        """By hash and digest of words: whoever brings the same meanwhile waits for the first one's check."""

    async def run(self) -> None:
        """Follow the keys until cancelled."""
        async with self._bus.subscribe(PASS_KEYS, PassKeys) as published:
            async for _, keys in published:
                self._keyring = Keyring(tuple(TicketKey(number, secret) for number, secret in keys.keys))

    async def for_actor(self, actor: Actor, space: SpaceId) -> str:
        """A pass for whoever needs no passphrase; PassNeeded for all others.

        Conflict when the space is open to everyone and holds nothing back from them. One for an operator who
        is not of the space is written down.
        """
        async with self._database.reading() as session:
            row = await find(session, space)
            kind = await _kind(session, actor, row)
            as_operator = await _only_operates(session, actor, row)
        if kind is None:
            _need_private(row)
            raise PassNeeded
        given = self._mint(row, kind, actor.label)
        if as_operator:
            async with self._database.session() as session:
                at = now_ms(self._clock)
                audit.record(session, at=at, actor=actor.label, act="space.pass", space=space)
        return given

    async def by_passphrase(self, space: SpaceId, passphrase: str, *, address: str) -> str:
        """A pass for whoever knows the words; WrongPassphrase, TooManyRequests.

        ``address`` is the visitor's, for counting attempts.
        """
        async with self._database.reading() as session:
            row = await find(session, space)
        _need_private(row)
        stored, given = row.passphrase_hash, blake2b(passphrase.encode(), key=self._secret).digest()
        async with self._check(stored, given):
            # Spent before words that are remembered are recognised, or they could be guessed at any pace.
            self._throttle.attempt(address, space)
            if not await self._matches(stored, passphrase, given):
                raise WrongPassphrase
            self._throttle.cost_nothing(address, space)
        return self._mint(row, LISTENER, secrets.token_hex(HOLDER_BYTES))

    def for_hearing(self, space: SpaceId, *, epoch: int, lasts_s: int) -> str:
        """A short-lived pass to hear what was reported; who asks may see reports. Unavailable."""
        end_s = self._clock.utc_ns() // 1_000_000_000 + lasts_s
        return self._sign(Pass(space, HEARER, secrets.token_bytes(HOLDER_BYTES), end_s, epoch % EPOCHS))

    def _check(self, stored: str | None, given: bytes) -> asyncio.Lock:
        lock = self._checks.get((stored, given))
        if lock is None:
            lock = self._checks[stored, given] = asyncio.Lock()
        return lock

    async def _matches(self, stored: str | None, passphrase: str, given: bytes) -> bool:
        if stored is not None and hmac.compare_digest(self._right.get(stored, b""), given):
            return True
        if not await self._passwords.matches(stored, passphrase):
            return False
        if len(self._right) >= MAX_REMEMBERED:
            self._right.clear()
        self._right[str(stored)] = given
        return True

    def _mint(self, row: SpaceRow, kind: int, holder: str) -> str:
        end_s = self._clock.utc_ns() // 1_000_000_000 + self._hours * 3600
        digest = blake2b(holder.encode(), digest_size=HOLDER_BYTES, key=self._secret).digest()
        return self._sign(Pass(SpaceId(row.id), kind, digest, end_s, row.pass_epoch % EPOCHS))

    def _sign(self, given: Pass) -> str:
        if self._keyring is None:
            raise Unavailable
        return mint_pass(self._keyring, given)


async def _kind(session: AsyncSession, actor: Actor, row: SpaceRow) -> int | None:
    """The kind of pass that somebody gets without words; None when there is none for them."""
    is_to_space = standing(actor, row)
    if is_to_space in PERMITS[Doing.PREVIEW]:
        return PREVIEWER
    if row.visibility != Visibility.PRIVATE:
        return None
    if await find_block(session, row, person=actor.person, account=actor.whose) is not None:
        return None
    if is_to_space in PERMITS[Doing.LISTEN]:
        return LISTENER
    return LISTENER if await _is_invited(session, actor, row) else None


async def _only_operates(session: AsyncSession, actor: Actor, row: SpaceRow) -> bool:
    """Whether it is their role on this site alone that lets them in."""
    if standing(actor, row) is not Standing.OPERATOR or row.seats.get(actor.person) in set(Role):
        return False
    return not await _is_invited(session, actor, row)


async def _is_invited(session: AsyncSession, actor: Actor, row: SpaceRow) -> bool:
    account = actor.account.id if actor.account is not None else None
    return account is not None and await session.get(InvitedRow, (row.id, account)) is not None


def _need_private(row: SpaceRow) -> None:
    if row.visibility == Visibility.PRIVATE:
        return
    if row.lifecycle == Lifecycle.HELD:
        raise PassNeeded("The recording is held. Sign in as its host to hear it.")
    raise Conflict("This conversation is open to everyone; nobody needs a pass.")
