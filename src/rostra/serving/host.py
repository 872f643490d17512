"""What a connection needs of its server: what answers, the limits, who is counted in and out."""

from __future__ import annotations

from typing import Protocol

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.serving.answering import Application, AtHand
from rostra.serving.heads import Heads
from rostra.serving.limits import Limits
from rostra.serving.request import Request


class Held(Protocol):
    """What a client has of a server: a connection, or a place on the doorstep until they say more."""

    deadline_ns: int
    """Monotonic; 0: none."""
    write_paused: bool

    @property
    def untaken_bytes(self) -> int:
        """What the client has not taken."""

    def expire(self, now_ns: int) -> None:
        """Act on a deadline that has passed."""

    def drain(self, *, newcomers: bool) -> None:
        """Go unless an answer is open, or, unless ``newcomers`` go too, nothing has been asked."""

    def cut(self) -> None:
        """Go, whatever is open."""


class Host(Protocol):
    """What a connection needs of its server."""

    app: Application
    at_hand: AtHand | None
    """What :attr:`app` need not be asked."""
    clock: Clock
    limits: Limits
    heads: Heads
    draining: bool
    proxies: Proxies
    brisk: bool
    """Whether connections are not kept after an answer, unless the client asks for more at once."""
    cramped: bool
    """Whether none is kept, not even then."""
    timed: dict[Held, None]
    """Whoever may have a deadline, or is paused: puts itself here, and is let go of once there is none."""
    idle_ns: int
    """Between two requests of a connection; then it is closed."""

    @property
    def crowded(self) -> bool:
        """Whether not even refused clients may linger."""

    @property
    def date(self) -> bytes:
        """The line of a head that tells this second."""

    @property
    def full(self) -> bool:
        """Whether the next connection is one too many."""

    @property
    def room(self) -> int:
        """How many more connections there may be; below 0 while too many are being refused."""

    @property
    def has_room(self) -> bool:
        """Whether newcomers are not better off at another worker."""

    def broke_off(self) -> None:
        """Count a handshake that there was no room for."""

    def visited(self) -> None:
        """Count somebody who is answered without a connection."""

    def opened(self, held: Held, *, was_in: bool = False) -> bool:
        """Count somebody in; False when there are too many, but never for whoever ``was_in`` a moment ago."""

    def left(self, held: Held) -> None:
        """Count them out."""

    def lies_ready(self, said: bytes, peer: str, proxies: Proxies) -> tuple[bytes, bool] | None:
        """Return the answer to what was said, where that is one request and its answer lies at hand.

        And whether it ends the connection, and says so. ``peer``: the address that connected; ``proxies``:
        whose forwarding headers count.
        """

    def refusal(self, error: RostraError, request: Request) -> bytes:
        """Render a refusal for whoever asks, and count it."""

    def overload(self, request: Request) -> bytes:
        """Render a refusal for want of room, with the way back, and count it."""
