"""A rough link that the kernel makes: a pair of veth devices, each with netem before it (tc-netem(8))."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rostra.rehearsal.rough_link import MOST_WAITING, bring_up, run
from rostra.rehearsal.roughness import Roughness


class NetemLink:
    """A :class:`rostra.rehearsal.rough_link.RoughLink`."""

    def __init__(self, namespace: str, outside: str, inside: str) -> None:
        self.inside = inside
        self._ends = (("tc", outside), ("tc", "-n", namespace, inside))

    def roughen(self, roughness: Roughness) -> None:
        """Treat packets like this from now on. NoRoughNetwork where the kernel has no netem."""
        for *tc, device in self._ends:
            run(*tc, "qdisc", "replace", "dev", device, "root", *netem(roughness))


def netem(roughness: Roughness) -> tuple[str, ...]:
    """What tc(8) is told: no distribution, so that jitter is uniform; packets overtake each other."""
    delay = ("delay", f"{roughness.delay_ms}ms", f"{roughness.jitter_ms}ms")
    return ("netem", "limit", str(MOST_WAITING), *delay, "loss", "random", f"{100 * roughness.loss}%")


@contextmanager
def netem_link(namespace: str, subnet: str, roughness: Roughness) -> Iterator[NetemLink]:
    """Make such a link to ``namespace``: this side is ``subnet``.1, the other .2. NoRoughNetwork."""
    outside, inside = f"{namespace}-o", f"{namespace}-i"
    # Packets leave one by one: netem would lose many at once where the kernel sends them in a lump.
    one_by_one = ("gso_max_segs", "1")
    peer = ("peer", "name", inside, *one_by_one, "netns", namespace)
    run("ip", "link", "add", outside, *one_by_one, "type", "veth", *peer)
    try:
        bring_up(outside, f"{subnet}.1/24")
        bring_up(inside, f"{subnet}.2/24", namespace=namespace)
        link = NetemLink(namespace, outside, inside)
        link.roughen(roughness)
        yield link
    finally:
        run("ip", "link", "delete", outside)
