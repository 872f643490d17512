"""A subscription holds at most one value per subject: the newest.

Everything on the bus is a state, so a reader that falls behind skips what is out of date instead
of queueing it; skipped values are counted. The client feeds it; roles iterate over it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Union

import msgspec
import structlog

from rostra.bus.messages import Value

log = structlog.get_logger()


class Subscription:
    """``async with bus.subscribe(…) as values: async for subject, value in values: …``"""

    def __init__(
        self,
        pattern: str,
        types: tuple[type[Value], ...],
        *,
        begin: Callable[[Subscription], None],
        end: Callable[[Subscription], None],
    ) -> None:
        self.pattern = pattern
        self.superseded = 0
        """Values replaced by a newer one before they were read."""
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Union[types])  # noqa: UP007 (built at run time)
        self._begin, self._end = begin, end
        self._waiting: dict[str, bytes] = {}
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> Subscription:
        self._begin(self)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._end(self)

    def offer(self, subject: str, raw: bytes) -> None:
        """Take in a value, in place of an older one that nobody has read."""
        self.superseded += subject in self._waiting
        self._waiting[subject] = raw
        self._arrived.set()

    async def __aiter__(self) -> AsyncIterator[tuple[str, Any]]:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                subject = next(iter(self._waiting))
                raw = self._waiting.pop(subject)
                try:
                    value = self._decoder.decode(raw)
                except msgspec.MsgspecError as error:
                    log.warning("bus_value_malformed", subject=subject, reason=str(error))
                    continue
                yield subject, value
