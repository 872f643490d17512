"""How much of what one peer reports (RTCP) is read. Pure; the caller brings the time.

Reports are few and small: a report and a name a second or more rarely (RFC 3550, section 6.2). To read one
is dear, though, for a datagram holds hundreds; so beyond a share they are dropped unread, and whoever floods
the stage with them is to be hung up on.
"""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 8_192
"""Read within a second: browsers send some hundred."""
MOST_DATAGRAMS: Final = 500
"""Within a second, read or not. Beyond is no program that reports, but a flood."""
_SECOND_NS: Final = 1_000_000_000


class TooManyReports(ConnectionError):
    """A connection is flooded with reports by its peer: it is to be ended."""


class Ration:
    """Of one peer, whose reports are theirs: others' were not counted in."""

    def __init__(self) -> None:
        self._since_ns = 0
        self._bytes = self._datagrams = 0

    def admits(self, size_bytes: int, now_ns: int) -> bool:
        """Count in one datagram; say whether it may be read. Raises TooManyReports."""
        if now_ns - self._since_ns >= _SECOND_NS:
            self._since_ns, self._bytes, self._datagrams = now_ns, 0, 0
        self._datagrams += 1
        if self._datagrams > MOST_DATAGRAMS:
            raise TooManyReports
        if self._bytes + size_bytes > MOST_BYTES:
            return False
        self._bytes += size_bytes
        return True
