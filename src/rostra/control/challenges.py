"""Numbers used once: each is drawn here, comes back signed by somebody's device, and is then forgotten.

In memory only: a restart in the middle of signing in means pressing the button again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Final

from rostra.core.clock import Clock
from rostra.core.ids import AccountId

LIFE_NS: Final = 300_000_000_000
MAX_OPEN: Final = 4096
"""Beyond, the oldest is dropped."""
_BYTES: Final = 32


class Challenges:
    """What was asked, and for whom."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, tuple[AccountId | None, int]] = OrderedDict()

    def draw(self, account: AccountId | None) -> bytes:
        """Return a new challenge for ``account``; None: for whoever signs in."""
        challenge = secrets.token_bytes(_BYTES)
        self._open[challenge] = (account, self._clock.monotonic_ns())
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
        return challenge

    def take(self, challenge: bytes, account: AccountId | None) -> bool:
        """Use ``challenge`` up; False if it was not drawn for ``account``, or too long ago."""
        asked_of, drawn_ns = self._open.pop(challenge, (None, -LIFE_NS))
        return asked_of == account and self._clock.monotonic_ns() - drawn_ns < LIFE_NS
