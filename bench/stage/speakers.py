"""A process of people on stage: who talk all the time, or a pair of which one hears when the other spoke.

``python -m bench.stage.speakers`` reads one JSON line (:class:`Cast`), says ``ready``, and leaves when
standard input ends. Asked ``begin`` and ``end``, a pair prints how many ms each sweep in between took: from
the microphone, the time of recording a packet included, to the sound out of the other's decoder.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass, field
from typing import Any

import av
import httpx
import msgspec
import numpy as np
from aiortc import RTCPeerConnection

from bench.stage import marker
from rostra.core.clock import Clock, SystemClock
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.rehearsal import dialogue
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.sound import Loop, Pcm, Source
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import TICK_NS, Timeline

ON_STAGE_S = 40.0


class Cast(msgspec.Struct, frozen=True):
    """Who this process plays."""

    links: list[str]
    """Studio links. Of a pair, the first says sweeps and the second listens to them."""
    first: int = 0
    """Number of the first of them on the whole stage: everyone says something else."""
    pair: bool = False
    core: int | None = None


@dataclass(slots=True)
class Mouth:
    """Says a sweep every second, and notes when its first sample was recorded."""

    clock: Clock
    spoken_ns: list[int] = field(default_factory=list)
    _sweep: Pcm = field(default_factory=lambda: (marker.sweep() * 32767).astype(np.int16))

    def read(self, position: int, count: int) -> Pcm:
        start = position % round(marker.EVERY_S * SAMPLE_RATE)
        if start == 0:
            self.spoken_ns.append(self.clock.monotonic_ns() - TICK_NS)
        said = np.zeros(count, np.int16)
        part = self._sweep[start : start + count]
        said[: len(part)] = part
        return said


class Ear:
    """Decodes what comes the moment it comes, without a buffer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._decoder = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate = SAMPLE_RATE
        self._decoder.layout = "mono"
        self.forget()

    def forget(self) -> None:
        self.arrived_ns: list[int] = []
        self._heard: list[Any] = []

    def take(self, payload: bytes) -> None:
        for frame in self._decoder.decode(av.Packet(payload)):
            samples = frame.to_ndarray().reshape(-1).astype(np.float32)
            now_ns = self._clock.monotonic_ns()
            for number, start in enumerate(range(0, len(samples), TICK)):
                tick = samples[start : start + TICK]
                self._heard.append(np.pad(tick, (0, TICK - len(tick))))
                # What comes in one packet is played one after the other.
                self.arrived_ns.append(now_ns + number * TICK_NS)

    def delays_ms(self, spoken_ns: list[int]) -> list[float]:
        heard = np.concatenate(self._heard) if self._heard else np.zeros(0, np.float32)
        return marker.delays_ms(heard, self.arrived_ns, TICK, spoken_ns)


class Hearer(Speaker):
    """A speaker whose ear gets every packet of their return as it arrives."""

    ear: Ear

    async def _accept(self, peer: RTCPeerConnection, sdp: str) -> None:
        receiver: Any = peer.getTransceivers()[0].receiver
        take_in = receiver._handle_rtp_packet

        async def listen(packet: Any, arrival_time_ms: int) -> None:
            self.ear.take(packet.payload)
            await take_in(packet, arrival_time_ms=arrival_time_ms)

        receiver._handle_rtp_packet = listen
        await super()._accept(peer, sdp)


def talk(number: int) -> Source:
    """Somebody who never stops: the demo's lines, from another one for everybody."""
    lines = dialogue.read_lines()
    folder = dialogue.voices_folder()
    said = [dialogue.decode_opus(folder.joinpath(line.file).read_bytes()) for line in lines]
    turned = said[number % len(said) :] + said[: number % len(said)]
    return Loop(np.concatenate(turned))


async def play(given: Cast) -> None:
    """Bring everyone on stage, obey, leave."""
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    clock = SystemClock()
    timeline = Timeline(clock)
    timeline.begin()
    mouth, ear = Mouth(clock), Ear(clock)
    async with httpx.AsyncClient(timeout=20.0, trust_env=False) as http:
        people = []
        for number, link in enumerate(given.links):
            source = mouth if given.pair and number == 0 else talk(given.first + number)
            who = Hearer if given.pair and number == 1 else Speaker
            name = f"Speaker {given.first + number + 1}"
            person = who(
                http, StudioLink.parse(link), name=name, source=source, timeline=timeline, clock=clock
            )
            if isinstance(person, Hearer):
                person.ear = ear
            people.append(person)
        tasks = [asyncio.create_task(person.run()) for person in people]
        try:
            async with asyncio.timeout(ON_STAGE_S):
                for person in people:
                    await person.connected.wait()
            print("ready", flush=True)
            await _obey(mouth, ear)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _obey(mouth: Mouth, ear: Ear) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line == b"begin\n":
            mouth.spoken_ns.clear()
            ear.forget()
        elif line == b"end\n":
            print(msgspec.json.encode(ear.delays_ms(mouth.spoken_ns)).decode(), flush=True)


def _first_line() -> bytes:
    """Standard input's first line, and not a byte more: the rest is read by the loop."""
    line = bytearray()
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return bytes(line)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(play(msgspec.json.decode(_first_line(), type=Cast)))
