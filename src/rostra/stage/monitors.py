"""Who listens in at a stage (WHEP): they hear the programme as it is mixed, and nobody hears them.

Encoded once for all. Bounded; no place on stage is taken, and the audience does not see them. Backstage says
whom to hang up on; one that starts anew knows nobody, and so all are.
"""

from __future__ import annotations

from rostra.audio.frame import Sound
from rostra.audio.returns import return_encoder
from rostra.core.ids import SessionId, new_session_id
from rostra.stage.errors import MonitorsFull
from rostra.stage.peer import Peer


class Monitors:
    """At most ``most`` at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._present: dict[SessionId, Peer] = {}
        self._labels: dict[SessionId, str] = {}
        self._encoder = return_encoder()

    def __len__(self) -> int:
        return len(self._present)

    @property
    def sessions(self) -> tuple[SessionId, ...]:
        """Of those who listen now."""
        return tuple(self._present)

    def make_room(self) -> None:
        """Raise MonitorsFull unless one more could listen now."""
        if len(self._present) >= self._most:
            raise MonitorsFull

    def join(self, peer: Peer, label: str) -> SessionId:
        """Let one listen, whom control knows as ``label``. Raises MonitorsFull."""
        self.make_room()
        session = new_session_id()
        self._present[session], self._labels[session] = peer, label
        return session

    def find(self, session: SessionId) -> tuple[str, Peer] | None:
        """Whose session it is, and its connection, if it is here."""
        peer = self._present.get(session)
        return None if peer is None else (self._labels[session], peer)

    def leave(self, session: SessionId) -> None:
        """Hang up on one; one that is not there (any more) is left alone."""
        peer = self._present.pop(session, None)
        self._labels.pop(session, None)
        if peer is not None:
            peer.hang_up()

    def leave_all(self) -> None:
        """Hang up on everybody."""
        for session in tuple(self._present):
            self.leave(session)

    def hear(self, programme: Sound) -> None:
        """Send everyone one tick of the programme."""
        hearing = [peer for peer in self._present.values() if peer.takes_return]
        if hearing:
            packet = self._encoder.encode(programme)
            for peer in hearing:
                peer.send(packet)
