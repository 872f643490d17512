"""Mails to accounts that they may speak, after the answer to whoever invites them. Decides nothing else.

Bounded: one account gets so many, and one host has so many sent; what is beyond is dropped and counted. The
invitation stands all the same.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from rostra.admission.allowance import Allowance
from rostra.control import letters
from rostra.control.mail import Letter, Mailer
from rostra.control.site import Site
from rostra.control.throttle import Throttle
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests
from rostra.store.tables import AccountRow

log = structlog.get_logger()

MOST_WAITING: Final = 64
TO_ONE: Final = Allowance(burst=3, refill_s=3_600)
BY_ONE: Final = Allowance(burst=20, refill_s=60)


class SpeakerMails:
    """``tell`` takes a mail on, ``run`` sends it, until cancelled."""

    def __init__(self, site: Site, mailer: Mailer, *, clock: Clock) -> None:
        self._site = site
        self._mailer = mailer
        self._throttle = Throttle(clock=clock)
        self._waiting: asyncio.Queue[Letter] = asyncio.Queue(MOST_WAITING)
        self.dropped = 0

    def tell(self, account: AccountRow, *, title: str, url: str, by: str) -> None:
        """Mail ``account`` that it may speak, if it has an address and the site a mail server."""
        if not self._mailer.enabled or not account.email or account.suspended_at is not None:
            return
        letter = letters.may_speak(
            account.language or words.ENGLISH,
            to=account.email,
            site=self._site.state.name,
            name=account.name,
            title=title,
            url=url,
        )
        try:
            self._throttle.spend(f"by {by}", BY_ONE)
            self._throttle.spend(f"to {account.id}", TO_ONE)
            self._waiting.put_nowait(letter)
        except (TooManyRequests, asyncio.QueueFull):
            self.dropped += 1
            log.warning("speaker_mail_dropped", dropped=self.dropped)

    async def run(self) -> None:
        """Send what waits, one after the other; why one failed is in the log."""
        while True:
            letter = await self._waiting.get()
            await self._mailer.try_to_send(letter, sender=self._site.state.name)
