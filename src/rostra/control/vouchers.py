"""Vouchers: backstage's short-lived word, carried by the event page through the door, who is signed in there.

The door cannot know accounts. Signed with a key of this process: after a restart the page asks again.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import blake2b
from typing import Final

from rostra.core.clock import Clock
from rostra.core.errors import SignInNeeded
from rostra.core.ids import AccountId, SpaceId

LASTS_S: Final = 900
MOST_CHARS: Final = 100
_FORM: Final = re.compile(r"([a-z0-9]{6,26})\.([0-9]{1,12})\.([0-9a-f]{32})")


class Vouchers:
    """Signs and checks."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def give(self, account: AccountId, space: SpaceId) -> str:
        """Vouch that ``account`` asks, for one space and a quarter of an hour."""
        end_s = self._now_s() + LASTS_S
        return f"{account}.{end_s}.{self._tag(account, space, end_s)}"

    def read(self, text: str, space: SpaceId) -> AccountId:
        """Return whom a voucher names; SignInNeeded when it does not hold."""
        match = _FORM.fullmatch(text[: MOST_CHARS + 1])
        if match is None:
            raise SignInNeeded
        account, end_s = AccountId(match[1]), int(match[2])
        if not hmac.compare_digest(match[3], self._tag(account, space, end_s)) or self._now_s() > end_s:
            raise SignInNeeded
        return account

    def _tag(self, account: AccountId, space: SpaceId, end_s: int) -> str:
        stated = f"{account} {space} {end_s}".encode()
        return blake2b(stated, digest_size=16, key=self._secret, person=b"rostra.voucher").hexdigest()

    def _now_s(self) -> int:
        return self._clock.utc_ns() // 1_000_000_000
