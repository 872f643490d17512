"""The rough way into a network namespace: two devices, one on each side, made with ip(8).

Two kinds are real: the kernel makes one rough (``netem_link.py``), we the other (``tun_link.py``).
"""

from __future__ import annotations

import subprocess
from typing import Protocol

from rostra.core.errors import RostraError
from rostra.rehearsal.roughness import Roughness

MTU = 1500
MOST_WAITING = 4096
"""Packets under way; more are dropped, as a full queue drops them."""


class NoRoughNetwork(RostraError):
    """A rough network cannot be made here: it needs root, and a kernel with namespaces and netem or TUN."""

    code = "no_rough_network"


class RoughLink(Protocol):
    """A way in that is there until its block is left."""

    @property
    def inside(self) -> str:
        """Name of the device inside."""

    def roughen(self, roughness: Roughness) -> None:
        """Treat packets like this from now on."""


def run(*command: str) -> None:
    """Run a program to its end. NoRoughNetwork when it is missing or fails."""
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoRoughNetwork from error


def bring_up(name: str, address: str, *, namespace: str = "") -> None:
    """Give a device its address and start it. NoRoughNetwork."""
    ip = ("ip", "-n", namespace) if namespace else ("ip",)
    run(*ip, "address", "add", address, "dev", name)
    run(*ip, "link", "set", name, "up", "mtu", str(MTU))
