"""Passwords: argon2id, off the event loop, a bounded number at a time.

One check takes 64 MiB and tens of milliseconds by design; the bound keeps a crowd of attempts from
taking the machine. An unknown account costs the same as a wrong password.
"""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Checks that run together; further ones wait."""
SHORTEST = 10
LONGEST = 256


class Passwords:
    """Hashes and checks passwords. ``hasher`` is for tests, which cannot spend 64 MiB each."""

    def __init__(self, *, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the argon2id hash to store."""
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Say whether ``password`` is the one stored. ``None`` (no such account) takes as long and fails."""
        known = stored is not None
        if stored is None:
            stored = self._decoy = self._decoy or await self.hash("there is no such account")
        async with self._gate:
            return await asyncio.to_thread(self._verify, stored, password) and known

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
