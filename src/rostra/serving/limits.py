"""What one connection may ask of the server, as one table of values.

Every limit holds before the bytes it bounds are parsed. Times are seconds of the monotonic clock.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass

_MOST_CONNECTIONS = 19_000
_RESERVE_PART = 20
"""One descriptor in twenty stays free for files, the bus and connections that are being refused."""


def connections_allowed() -> int:
    """How many connections this process may hold: 19,000, or 95 % of its descriptor limit if that is less."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return min(_MOST_CONNECTIONS, soft - max(16, soft // _RESERVE_PART))


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
    stall_s: float = 60.0
    """Without any progress of a response that the client does not read; then it is dropped."""
    linger_s: float = 1.0
    """How long a refused client may take to read why."""
    drain_s: float = 4.0
    """How long open responses may go on once the server is stopping."""
    connections: int = _MOST_CONNECTIONS
    """Beyond: 503 with Retry-After."""
    backlog: int = 4_096
    """Connections that the kernel queues. ``create_server`` would reset it to 100."""
