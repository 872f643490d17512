"""Hands sealed messages to push services over HTTP. Knows how to send, never what or when.

Follows no redirect, reads no answer's body beyond what comes with its head, and asks only hosts that the
operator lists. A service that says the subscription is no more (RFC 8030 §7.3) is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import httpx
import structlog

from rostra.control.web_push import Subscription, Vapid, headers, may_push_to, seal
from rostra.core.clock import Clock

log = structlog.get_logger()

TIMEOUT_S: Final = 10.0
CONNECTIONS: Final = 16
LONGEST_PAUSE_S: Final = 3_600
_GONE: Final = (404, 410)


class Fate(Enum):
    """What became of a message."""

    SENT = auto()
    GONE = auto()
    """Nobody is there any more: forget the subscription."""
    FAILED = auto()
    LATER = auto()
    """Not yet, for a reason that is not its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``pause_s`` is for how long the next try waits at least; 0: as long as others do."""

    fate: Fate
    pause_s: int = 0


class PushSender:
    """``async with`` closes its connections."""

    def __init__(self, vapid: Vapid, *, hosts: Sequence[str], clock: Clock) -> None:
        self._vapid = vapid
        self._hosts = hosts
        self._clock = clock
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(
        self, message: bytes, to: Subscription, *, ttl_s: int, topic: str, urgent: bool
    ) -> Outcome:
        """Send one message. Never raises for what the other side does."""
        if not may_push_to(to.endpoint, self._hosts):  # The operator lists it no longer.
            return Outcome(Fate.GONE)
        now_s = self._clock.utc_ns() // 1_000_000_000
        lines = headers(
            self._vapid.authorization(to.endpoint, now_s=now_s), ttl_s=ttl_s, topic=topic, urgent=urgent
        )
        try:
            async with self._http.stream(
                "POST", to.endpoint, content=seal(message, to), headers=lines
            ) as answer:
                return self._outcome(answer, to)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.info("push_failed", host=httpx.URL(to.endpoint).host, reason=type(error).__name__)
            return Outcome(Fate.FAILED)

    @staticmethod
    def _outcome(answer: httpx.Response, to: Subscription) -> Outcome:
        if answer.is_success:
            return Outcome(Fate.SENT)
        if answer.status_code in _GONE:
            return Outcome(Fate.GONE)
        log.info("push_refused", host=httpx.URL(to.endpoint).host, status=answer.status_code)
        pause = answer.headers.get("retry-after", "")
        return Outcome(Fate.FAILED, min(LONGEST_PAUSE_S, int(pause)) if pause.isdecimal() else 0)
