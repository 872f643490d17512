"""Mails what reminders say, one letter after the other, as long as the mail server is there.

A server that is away is left alone for a while, and nobody's reminder has failed for that. What it will not
take of one letter is the failure of that letter, and the others go on. Never says what is written, nor notes
what became of it.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from rostra.control.mail import Letter, Mailer, MailFailed, MailLine
from rostra.control.push_sender import Fate, Outcome
from rostra.control.site import Site
from rostra.core.clock import Clock

PAUSE_S: Final = 30
SET_BACK_S: Final = 120
"""The letter by which it showed that the server is away lets others go first: maybe it was that letter."""


class ReminderMail:
    """One per backstage: all who send by it leave the server alone together."""

    def __init__(self, mailer: Mailer, site: Site, *, clock: Clock) -> None:
        self._mailer = mailer
        self._site = site
        self._clock = clock
        self._again_ns = 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def waits(self) -> bool:
        """Whether the server is being left alone, or there is none."""
        return not self._mailer.enabled or self._clock.monotonic_ns() < self._again_ns

    def line(self) -> AbstractAsyncContextManager[MailLine | None]:
        """A connection for many letters, closed at the end of the block; None where there is no server."""
        return self._mailer.line()

    async def send(self, letter: Letter, line: MailLine | None = None) -> Outcome:
        """Hand a letter to the server; LATER while that is left alone. Never raises for what it does."""
        async with self._one_at_a_time:
            if self.waits:
                return Outcome(Fate.LATER)
            try:
                await self._mailer.send(letter, sender=self._site.state.name, line=line)
            except MailFailed as failed:
                if failed.is_of_letter:
                    return Outcome(Fate.FAILED)
                self._again_ns = self._clock.monotonic_ns() + PAUSE_S * 1_000_000_000
                return Outcome(Fate.LATER, SET_BACK_S)
        return Outcome(Fate.SENT)
