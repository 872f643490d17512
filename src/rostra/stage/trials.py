"""Lines that are only tried: a browser finds out whether sound would get through, and how well.

A trial is a connection like a speaker's, made the same way, so that what it proves is what counts.
It sends silence, takes no notice of what comes, and ends by itself. Never touches a stage or its mixer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from rostra.bus.messages import Answer, TryLine
from rostra.core.clock import Clock
from rostra.core.ids import new_session_id
from rostra.core.settings import Settings
from rostra.stage.errors import TooManyTrials
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

log = structlog.get_logger()

MOST: Final = 16
"""Trials at a time, of all spaces together."""
LONGEST_S: Final = 25.0
"""From the answer to the end: time to connect, and then for some seconds of silence."""
_PACKET_S: Final = 0.02
_SILENCE: Final = b"\xf8\xff\xfe"
"""20 ms of nothing: CELT, fullband, mono, one frame (RFC 6716 section 3.1)."""


class Trials:
    """``group`` is the worker's, which awaits every task started here; ``network`` as the house's."""

    def __init__(
        self,
        *,
        settings: Settings,
        network: Callable[[], Network],
        postbox: Postbox,
        clock: Clock,
        group: asyncio.TaskGroup,
    ) -> None:
        self._settings = settings
        self._network = network
        self._postbox = postbox
        self._clock = clock
        self._group = group
        self._answering = 0
        self._peers: dict[str, Peer] = {}

    def __len__(self) -> int:
        return len(self._peers) + self._answering

    async def begin(self, request: TryLine) -> Answer:
        """Answer an offer; an older trial of the same person ends.

        Raises TooManyTrials, BadSessionDescription, AddressUnknown, NoAddress, NoFreePort.
        """
        self._end(request.person)
        if len(self) >= MOST:
            raise TooManyTrials
        self._answering += 1
        try:
            peer = await Peer.answer(
                request.sdp,
                one_way=False,
                network=self._network(),
                postbox=self._postbox,
                stun_servers=self._settings.stun_servers,
                clock=self._clock,
            )
        finally:
            self._answering -= 1
        self._end(request.person)
        self._peers[request.person] = peer
        self._group.create_task(self._run(request.person, peer))
        return Answer(session=new_session_id(), sdp=peer.answer_sdp)

    def stop(self) -> None:
        """End every trial; their tasks return soon."""
        for person in tuple(self._peers):
            self._end(person)

    def _end(self, person: str) -> None:
        older = self._peers.pop(person, None)
        if older is not None:
            older.hang_up()

    async def _run(self, person: str, peer: Peer) -> None:
        try:
            async with asyncio.timeout(LONGEST_S), asyncio.TaskGroup() as group:
                saying = group.create_task(_say_nothing(peer))
                await peer.run()
                saying.cancel()
        except TimeoutError:
            pass  # It has had its time; the peer closed itself.
        except Exception:
            log.exception("trial_failed")
        finally:
            if self._peers.get(person) is peer:
                del self._peers[person]


async def _say_nothing(peer: Peer) -> None:
    while True:
        if peer.takes_return:
            peer.send(_SILENCE)
        await asyncio.sleep(_PACKET_S)
