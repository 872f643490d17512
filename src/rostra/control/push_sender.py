"""Hands sealed messages to push services over HTTP. Knows how to send, never what or when.

Follows no redirect, reads no answer's body beyond what comes with its head, and asks only hosts that the
operator lists. A service that says the subscription is no more (RFC 8030 §7.3) is believed. One that wants to
be left alone is, for all its subscriptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
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
_BUSY: Final = (429, 503)
"""With one of these a service says how long it wants to be left alone (RFC 8030 §8.4, RFC 9110 §15.6.4)."""


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
        self._pauses = _Pauses(clock)
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
        """Send one message; LATER while its service is left alone. Never raises for what others do."""
        if not may_push_to(to.endpoint, self._hosts):  # The operator lists it no longer.
            return Outcome(Fate.GONE)
        host = httpx.URL(to.endpoint).host
        if pause_s := self._pauses.left_s(host):
            return Outcome(Fate.LATER, pause_s)
        now_s = self._clock.utc_ns() // 1_000_000_000
        lines = headers(
            self._vapid.authorization(to.endpoint, now_s=now_s), ttl_s=ttl_s, topic=topic, urgent=urgent
        )
        try:
            async with self._http.stream(
                "POST", to.endpoint, content=seal(message, to), headers=lines
            ) as answer:
                return self._outcome(answer, host, now_s)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.info("push_failed", host=host, reason=type(error).__name__)
            return Outcome(Fate.FAILED)

    def _outcome(self, answer: httpx.Response, host: str, now_s: int) -> Outcome:
        if answer.is_success:
            return Outcome(Fate.SENT)
        if answer.status_code in _GONE:
            return Outcome(Fate.GONE)
        pause_s = seconds_after(answer.headers.get("retry-after", ""), now_s=now_s)
        log.info("push_refused", host=host, status=answer.status_code, pause_s=pause_s)
        if pause_s and answer.status_code in _BUSY:
            self._pauses.begin(host, pause_s)
        return Outcome(Fate.FAILED, pause_s)


class _Pauses:
    """Which services want to be left alone. Only those are kept that said so and still do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_ns: dict[str, int] = {}

    def begin(self, host: str, pause_s: int) -> None:
        now_ns = self._clock.monotonic_ns()
        still = {each: until_ns for each, until_ns in self._until_ns.items() if until_ns > now_ns}
        until_ns = max(still.get(host, 0), now_ns + pause_s * 1_000_000_000)
        self._until_ns = {**still, host: until_ns}

    def left_s(self, host: str) -> int:
        """Return for how long yet, in whole seconds; 0: not at all."""
        left_ns = self._until_ns.get(host, 0) - self._clock.monotonic_ns()
        return max(0, -(-left_ns // 1_000_000_000))


def seconds_after(retry_after: str, *, now_s: int) -> int:
    """Return how long a service wants to be left alone, by its Retry-After (RFC 9110 §10.2.3).

    In seconds, at most an hour; 0 for what is neither seconds nor a date, and for a date that is past.
    ``now_s`` is the present in UTC seconds.
    """
    if retry_after.isascii() and retry_after.isdecimal():
        return min(LONGEST_PAUSE_S, int(retry_after[:6]))
    try:
        until_s = int(parsedate_to_datetime(retry_after).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0
    return max(0, min(LONGEST_PAUSE_S, until_s - now_s))
