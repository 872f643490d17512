"""Lines that are only tried: a browser finds out whether sound would get through, and how well.

A trial is a connection like a speaker's, made the same way, so that what it proves is what counts.
It sends silence, takes no notice of what comes, and ends by itself. Never touches a stage or its mixer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from rostra.bus.messages import Answer, TryLine
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId, new_session_id
from rostra.core.settings import Settings
from rostra.stage.errors import TooManyTrials
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox

log = structlog.get_logger()

MOST: Final = 16
"""Trials at a time, of all spaces together."""
PER_SPACE: Final = MOST // 4
"""What one space has of them once half are taken: no other is kept out by it."""
LONGEST_S: Final = 25.0
"""From the answer to the end: time to connect, and then for some seconds of silence."""
_PACKET_S: Final = 0.02
_SILENCE: Final = b"\xf8\xff\xfe"
"""20 ms of nothing: CELT, fullband, mono, one frame (RFC 6716 section 3.1)."""
_Whose = tuple[SpaceId, str]
"""For which stage, and who."""


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
        self._answering: Counter[SpaceId] = Counter()
        self._peers: dict[_Whose, Peer] = {}

    def __len__(self) -> int:
        return len(self._peers) + self._answering.total()

    async def begin(self, request: TryLine) -> Answer:
        """Answer an offer; an older trial of the same person ends.

        Raises TooManyTrials, BadSessionDescription, AddressUnknown, NoAddress, NoFreePort.
        """
        whose = request.space, request.person
        self._end(whose)
        if not self._has_room(request.space):
            raise TooManyTrials
        self._answering[request.space] += 1
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
            self._answering -= Counter([request.space])
        self._end(whose)
        self._peers[whose] = peer
        self._group.create_task(self._run(whose, peer))
        return Answer(session=new_session_id(), sdp=peer.answer_sdp)

    def stop(self) -> None:
        """End every trial; their tasks return soon."""
        for whose in tuple(self._peers):
            self._end(whose)

    def _has_room(self, space: SpaceId) -> bool:
        here = sum(of == space for of, _ in self._peers) + self._answering[space]
        return len(self) < (MOST if here < PER_SPACE else MOST // 2)

    def _end(self, whose: _Whose) -> None:
        older = self._peers.pop(whose, None)
        if older is not None:
            older.hang_up()

    async def _run(self, whose: _Whose, peer: Peer) -> None:
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
            if self._peers.get(whose) is peer:
                del self._peers[whose]


async def _say_nothing(peer: Peer) -> None:
    while True:
        if peer.takes_return:
            peer.send(_SILENCE)
        await asyncio.sleep(_PACKET_S)
