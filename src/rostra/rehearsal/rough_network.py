"""A network that delays and loses packets, as a phone's does, and a listener's program behind it.

The listener lives in a network namespace of its own; the only way to it is a pair of TUN devices, between
which a thread carries IP packets: late, out of order, and some never, as netem does (tc-netem(8)) where a
kernel has it. Everything above IP is the real thing. Needs root. Never touches another interface or route.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import secrets
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rostra.core.errors import RostraError

_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000
"""linux/if_tun.h: IP packets, and nothing in front of them."""
_MTU = 1500
_MOST_WAITING = 4096
"""Packets under way; more are dropped, as a full queue drops them."""
_POLL_S = 0.05


class NoRoughNetwork(RostraError):
    """A rough network cannot be made here: it needs root, and a kernel with network namespaces and TUN."""

    code = "no_rough_network"


@dataclass(frozen=True, slots=True)
class Roughness:
    """What happens to each packet, in each direction, by itself."""

    delay_ms: float
    jitter_ms: float
    """Up to so much less or more than the delay, all equally likely."""
    loss: float
    """Share of packets."""
    seed: int = 7


ROUGH = Roughness(delay_ms=100, jitter_ms=100, loss=0.02)


@dataclass(slots=True)
class RoughNetwork:
    """Where a listener's program runs, and what it calls the machine outside."""

    namespace: str
    server: str
    """Address of this machine as seen from inside."""
    roughness: Roughness
    """May be replaced while it runs."""
    inside: str = ""
    """Name of the device inside."""
    carried: int = 0
    dropped: int = 0
    _waiting: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    """When due, in which order they came, to which device, the packet."""

    def wrapped(self, program: str, folder: Path) -> Path:
        """Write a script that runs ``program``, a line of the shell, inside, and adds what it is given."""
        script = folder / f"{Path(program.partition(' ')[0]).name}-in-{self.namespace}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace} {program} "$@"\n')
        script.chmod(0o755)
        return script

    def move(self) -> None:
        """Give who lives inside another address and take away the first, as when a phone leaves its Wi-Fi."""
        subnet = self.server.rpartition(".")[0]
        ip = ("ip", "-n", self.namespace, "address")
        _run(*ip, "delete", f"{subnet}.2/24", "dev", self.inside)
        _run(*ip, "add", f"{subnet}.3/24", "dev", self.inside)

    def carry(self, ends: tuple[int, int], stopping: threading.Event) -> None:
        """Carry packets between two devices until told to stop. Runs in a thread of its own."""
        chance = random.Random(self.roughness.seed)
        other = {ends[0]: ends[1], ends[1]: ends[0]}
        while not stopping.is_set():
            due_in_s = self._waiting[0][0] - time.monotonic() if self._waiting else _POLL_S
            for end in select.select(ends, (), (), min(_POLL_S, max(0.0, due_in_s)))[0]:
                self._take(os.read(end, _MTU + 64), other[end], chance)
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(self._waiting)
                os.write(end, packet)

    def _take(self, packet: bytes, to: int, chance: random.Random) -> None:
        rough = self.roughness
        if len(self._waiting) >= _MOST_WAITING or chance.random() < rough.loss:
            self.dropped += 1
            return
        self.carried += 1
        delay_ms = max(0.0, rough.delay_ms + chance.uniform(-rough.jitter_ms, rough.jitter_ms))
        heapq.heappush(self._waiting, (time.monotonic() + delay_ms / 1000, self.carried, to, packet))


@contextmanager
def rough_network(roughness: Roughness = ROUGH) -> Iterator[RoughNetwork]:
    """Make such a network, and take it away. NoRoughNetwork where that is not possible."""
    namespace = f"rostra-{secrets.token_hex(3)}"
    subnet = f"198.18.{secrets.randbelow(256)}"  # for benchmarks of networks: RFC 2544, appendix C.2.2
    with ExitStack() as stack:
        _run("ip", "netns", "add", namespace)
        stack.callback(_run, "ip", "netns", "delete", namespace)
        _run("ip", "-n", namespace, "link", "set", "lo", "up")
        outer, outer_name = stack.enter_context(_tun())
        inner, inner_name = stack.enter_context(_tun())
        _run("ip", "link", "set", inner_name, "netns", namespace)
        _bring_up(("ip",), outer_name, f"{subnet}.1/24")
        _bring_up(("ip", "-n", namespace), inner_name, f"{subnet}.2/24")
        network = RoughNetwork(namespace, f"{subnet}.1", roughness, inner_name)
        stopping = threading.Event()
        carrier = threading.Thread(target=network.carry, args=((outer, inner), stopping), daemon=True)
        carrier.start()
        stack.callback(carrier.join)
        stack.callback(stopping.set)
        yield network


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


def _bring_up(ip: tuple[str, ...], name: str, address: str) -> None:
    _run(*ip, "address", "add", address, "dev", name)
    _run(*ip, "link", "set", name, "up", "mtu", str(_MTU))


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoRoughNetwork from error
