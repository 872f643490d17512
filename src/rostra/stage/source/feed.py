"""A source's place on stage: its buffer for the mixer, and whether it is still there.

Hears nothing back. Ends when the source does, once all it sent was heard; hung up, it ends at once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from rostra.audio.measures import Measures
from rostra.stage.source.buffer import SourceBuffer

_LOOK_EVERY_S = 0.2


class Feed:
    """A :class:`rostra.stage.voice.Voice`."""

    def __init__(self) -> None:
        self.ring = SourceBuffer()
        self.lost = False
        """Whether the connection broke rather than that the source ended."""
        self.silent_ns = 0
        """Counts from when it broke: a source that sends nothing may have nothing to say."""
        self.gone = asyncio.Event()

    @property
    def connected(self) -> bool:
        return not self.gone.is_set()

    @property
    def came(self) -> bool:
        return True

    @property
    def takes_return(self) -> bool:
        return False

    def measures(self) -> Measures:
        """Nothing to tell: TCP loses nothing."""
        return Measures()

    def send(self, packet: bytes, tick: int | None = None) -> None:
        """Nothing: a source has no ear."""

    async def run(self) -> None:
        """Until the source is gone or hung up on."""
        try:
            await self.gone.wait()
        finally:
            self.hang_up()

    async def drain(self) -> None:
        """Return once all that the source sent was heard, or it was hung up on."""
        while not (self.ring.drained or self.gone.is_set()):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.gone.wait(), _LOOK_EVERY_S)

    def hang_up(self) -> None:
        self.gone.set()
        self.ring.close()
