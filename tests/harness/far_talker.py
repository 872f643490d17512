"""A speaker's program for a network that is rough: says packets that a file holds, over real WebRTC.

Run by a test, in the network that the test made: prints its offer as JSON, reads the answer the same way,
says one packet each 20 ms and prints a line when it is connected. At the end it prints of each packet that
was late when it was due and when it was said.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

PACKET_S = 0.02
LATE_S = 0.02


class Said(MediaStreamTrack):
    """Packets already encoded, one each 20 ms, again from the first when all are said."""

    kind = "audio"

    def __init__(self, packets: list[bytes]) -> None:
        super().__init__()
        self.late: list[tuple[float, float]] = []
        self._packets = packets
        self._number = 0
        self._began = time.monotonic()

    async def recv(self) -> av.Packet:  # type: ignore[type-arg]  # as aiortc's own
        due = self._began + self._number * PACKET_S
        await asyncio.sleep(max(0, due - time.monotonic()))
        if time.monotonic() - due >= LATE_S:
            self.late.append((due, time.monotonic()))
        packet = av.Packet(self._packets[self._number % len(self._packets)])
        packet.pts, packet.time_base = self._number * 960, Fraction(1, 48_000)
        self._number += 1
        return packet


def read_packets(file: Path) -> list[bytes]:
    return [bytes.fromhex(line) for line in file.read_text().split()]


async def main(file: Path) -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    said = Said(read_packets(file))
    connection.addTransceiver(said, direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    print(json.dumps(connection.localDescription.sdp), flush=True)
    answer = json.loads(await asyncio.to_thread(sys.stdin.readline))
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    while connection.connectionState != "connected":
        await asyncio.sleep(0.02)
    print("connected", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(said.late), flush=True)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
