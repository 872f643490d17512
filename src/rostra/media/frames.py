"""Sound decoded packet by packet: what is none, such as a tag between two files, is left out and counted.

Opens and reads nothing: packets in, frames out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import av
from av import AudioFrame, AudioStream, Packet

MOST_BROKEN: Final = 500
"""Packets in a row, ten seconds of speech, after which what comes is taken for no sound at all. A picture in
a tag looks like a hundred.
"""


class Frames:
    """The frames of ``packets``, once. ``av.InvalidDataError`` after too many broken ones in a row."""

    def __init__(self, packets: Iterable[Packet[AudioStream]]) -> None:
        self.broken = 0
        """Packets that did not decode."""
        self._packets = packets

    def __iter__(self) -> Iterator[AudioFrame]:
        in_a_row = 0
        for packet in self._packets:
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                self.broken += 1
                in_a_row += 1
                if in_a_row > MOST_BROKEN:
                    raise
                continue
            if frames:
                in_a_row = 0
            yield from frames
