"""A network that delays and loses packets, as a phone's does, and a program behind it.

The program lives in a network namespace of its own; the only way to it is a rough link: of the kernel's netem
where there is one, else of our own. Everything above IP is the real thing. Needs root, of the machine or of
namespaces of one's own. Never touches another interface or route.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rostra.rehearsal.netem_link import netem_link
from rostra.rehearsal.rough_link import NoRoughNetwork, RoughLink, run
from rostra.rehearsal.roughness import ROUGH, Roughness
from rostra.rehearsal.tun_link import tun_link


class RoughNetwork:
    """Where a program runs, and what it calls the machine outside."""

    def __init__(self, namespace: str, subnet: str, link: RoughLink) -> None:
        self.link = link
        self._namespace = namespace
        self._subnet = subnet

    @property
    def server(self) -> str:
        """Address of this machine as seen from inside."""
        return f"{self._subnet}.1"

    def wrapped(self, program: str, folder: Path) -> Path:
        """Write a script that runs ``program``, a line of the shell, inside, and adds what it is given."""
        script = folder / f"{Path(program.partition(' ')[0]).name}-in-{self._namespace}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self._namespace} {program} "$@"\n')
        script.chmod(0o755)
        return script

    def move(self) -> None:
        """Give who lives inside another address and take away the first, as when a phone leaves its Wi-Fi."""
        ip = ("ip", "-n", self._namespace, "address")
        run(*ip, "delete", f"{self._subnet}.2/24", "dev", self.link.inside)
        run(*ip, "add", f"{self._subnet}.3/24", "dev", self.link.inside)


@contextmanager
def rough_network(roughness: Roughness = ROUGH) -> Iterator[RoughNetwork]:
    """Make such a network, and take it away. NoRoughNetwork where that is not possible."""
    namespace = f"rostra-{secrets.token_hex(3)}"
    subnet = f"198.18.{secrets.randbelow(256)}"  # for benchmarks of networks: RFC 2544, appendix C.2.2
    with ExitStack() as stack:
        run("ip", "netns", "add", namespace)
        stack.callback(run, "ip", "netns", "delete", namespace)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        try:
            link: RoughLink = stack.enter_context(netem_link(namespace, subnet, roughness))
        except NoRoughNetwork:
            link = stack.enter_context(tun_link(namespace, subnet, roughness))
        yield RoughNetwork(namespace, subnet, link)
