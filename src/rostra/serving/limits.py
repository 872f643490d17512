"""What one connection may ask of the server, as one table of values.

Every limit holds before the bytes it bounds are parsed. Times are seconds of the monotonic clock.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass, replace

from rostra.core.settings import WORKER_LISTENERS

_MOST_CONNECTIONS = 19_000
_RESERVE_LEAST = 400
_RESERVE_PART = 20
_UNLIMITED = 1_000_000


def descriptors_allowed() -> int:
    """How many descriptors this process may hold (the soft limit; a role raises it to the hard one)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if soft == resource.RLIM_INFINITY else soft


def reserve(descriptors: int) -> int:
    """How many descriptors are not for clients: for tapes, recordings, the bus, and those being refused.

    One in twenty and at least 400, yet never more than half of a small limit.
    """
    return min(max(_RESERVE_LEAST, descriptors // _RESERVE_PART), descriptors // 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, counts and seconds. The defaults suit media and pages; a test makes them small."""

    head_bytes: int = 8_192
    """Request line and headers; beyond: 431."""
    headers: int = 64
    """Header lines; beyond: 431."""
    path_bytes: int = 2_048
    """Path and query; beyond: 414."""
    body_bytes: int = 16_384
    """Request body; beyond: 413."""
    head_s: float = 10.0
    """From the first byte of a request (or from connecting) to its last; then 408."""
    idle_s: float = 75.0
    """Between two requests of a connection; then it is closed."""
    brisk_idle_s: float = 3.0
    """The same of whoever keeps theirs where many are open: what a page needs is asked for at once."""
    stall_s: float = 60.0
    """Without any progress of a response that the client does not read; then it is dropped."""
    linger_s: float = 1.0
    """How long a refused client may take to read why."""
    drain_s: float = 4.0
    """How long open responses may go on once the server is stopping."""
    retire_s: float = 10.0
    """The same when another process serves in this one's place already."""
    full: int = WORKER_LISTENERS
    """Connections beyond which the port's other workers are asked to take the newcomers."""
    brisk: int = _MOST_CONNECTIONS
    """Connections beyond which an answer ends its own: whoever has one makes room for whoever has none. Not
    yet where the client asks for more at once, as after a page."""
    cramped: int = _MOST_CONNECTIONS
    """Connections beyond which every answer does."""
    connections: int = _MOST_CONNECTIONS
    """Beyond: 503 with Retry-After."""
    handshakes: int = 2_000
    """TLS handshakes that go on; beyond, the oldest is broken off. They count with the connections."""
    lingerers: int = 500
    """Refused clients who are given time to read why; further ones are closed at once."""
    backlog: int = 4_096
    """Connections that the kernel queues. ``create_server`` would reset it to 100."""

    def within(self, descriptors: int) -> Limits:
        """Return these limits, lowered to what a process with so many descriptors can keep.

        Past that limit the loop closes newcomers without a word; nobody should ever get there.
        """
        spare = reserve(descriptors)
        held = descriptors - spare
        return replace(
            self,
            connections=min(self.connections, held),
            brisk=min(self.brisk, held // 2 if self.brisk < self.connections else self.brisk),
            cramped=min(self.cramped, held * 3 // 4 if self.cramped < self.connections else self.cramped),
            full=min(self.full, held * 4 // 5),
            handshakes=min(self.handshakes, held // 4),
            lingerers=min(self.lingerers, spare // 4),
        )
