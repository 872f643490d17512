"""A rough link that we make ourselves: two TUN devices, and a thread that carries IP packets between them.

Late, out of order, and some never, as netem does. The thread competes for the processor with all others: what
it could not carry in time is noted.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from rostra.rehearsal.rough_link import MOST_WAITING, MTU, NoRoughNetwork, bring_up, run
from rostra.rehearsal.roughness import Roughness

LATE_S = 0.02
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000
"""linux/if_tun.h: IP packets, and nothing in front of them."""
_POLL_S = 0.05
_SEED = 7
_MOST_LATE = 10_000


class TunLink:
    """A :class:`rostra.rehearsal.rough_link.RoughLink`. ``ends`` are the devices' descriptors."""

    def __init__(self, inside: str, ends: tuple[int, int], roughness: Roughness) -> None:
        self.inside = inside
        self.carried = 0
        self.dropped = 0
        self.late: deque[tuple[float, float]] = deque(maxlen=_MOST_LATE)
        """Due and carried, where that was later by :data:`LATE_S` or more: the machine's doing, not the
        network's. Monotonic seconds; the newest.
        """
        self._ends = ends
        self._roughness = roughness
        self._chance = random.Random(_SEED)
        self._waiting: list[tuple[float, int, int, bytes]] = []
        """When due, in which order they came, to which device, the packet."""

    def roughen(self, roughness: Roughness) -> None:
        """Treat packets like this from now on; those under way come as they would have."""
        self._roughness = roughness

    def carry(self, stopping: threading.Event) -> None:
        """Carry packets between the ends until told to stop. Runs in a thread of its own."""
        one, two = self._ends
        other = {one: two, two: one}
        while not stopping.is_set():
            due_in_s = self._waiting[0][0] - time.monotonic() if self._waiting else _POLL_S
            for end in select.select(self._ends, (), (), min(_POLL_S, max(0.0, due_in_s)))[0]:
                self._take(os.read(end, MTU + 64), other[end])
            while self._waiting and self._waiting[0][0] <= (now_s := time.monotonic()):
                due_s, _, end, packet = heapq.heappop(self._waiting)
                if now_s - due_s >= LATE_S:
                    self.late.append((due_s, now_s))
                os.write(end, packet)

    def _take(self, packet: bytes, to: int) -> None:
        rough, chance = self._roughness, self._chance
        if len(self._waiting) >= MOST_WAITING or chance.random() < rough.loss:
            self.dropped += 1
            return
        self.carried += 1
        delay_ms = max(0.0, rough.delay_ms + chance.uniform(-rough.jitter_ms, rough.jitter_ms))
        heapq.heappush(self._waiting, (time.monotonic() + delay_ms / 1000, self.carried, to, packet))


@contextmanager
def tun_link(namespace: str, subnet: str, roughness: Roughness) -> Iterator[TunLink]:
    """Make such a link to ``namespace``: this side is ``subnet``.1, the other .2. NoRoughNetwork."""
    with _tun() as (outer, outside), _tun() as (inner, inside):
        run("ip", "link", "set", inside, "netns", namespace)
        bring_up(outside, f"{subnet}.1/24")
        bring_up(inside, f"{subnet}.2/24", namespace=namespace)
        link, stopping = TunLink(inside, (outer, inner), roughness), threading.Event()
        carrier = threading.Thread(target=link.carry, args=(stopping,), daemon=True)
        carrier.start()
        try:
            yield link
        finally:
            stopping.set()
            carrier.join()


@contextmanager
def _tun() -> Iterator[tuple[int, str]]:
    """A TUN device: its descriptor and its name. It is gone when the descriptor is closed."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR)
    except OSError as error:
        raise NoRoughNetwork from error
    try:
        asked = struct.pack("16sH22s", b"rostra%d", _IFF_TUN_NO_PI, b"")
        yield device, fcntl.ioctl(device, _TUNSETIFF, asked)[:16].rstrip(b"\0").decode()
    finally:
        os.close(device)
