"""Under which addresses a visitor reaches this deployment: door, edge, backstage.

Public addresses from the settings win; else the visitor's own Host name with our ports, whose
characters the server has checked. Where one is not set a stranger's Host decides it: an answer that holds
origins is kept for those origins alone, and for a few names at a time. Never reads a header itself.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rostra.core.addresses import THIS_MACHINE, PublicAddresses, is_this_machine, public_addresses
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings

MOST_NAMES: Final = 16
"""Host names of strangers that pages are rendered for."""
IN_USE_NS: Final = 60_000_000_000
"""A name that nobody has asked for in so long makes room for another."""


@dataclass(frozen=True, slots=True)
class Origins(PublicAddresses):
    """Three addresses without a slash at the end, and what is found under them."""

    def event(self, space: SpaceId) -> str:
        """The event page."""
        return f"{self.door}/s/{space}"

    def ticketed(self, space: SpaceId, ticket: str) -> str:
        """The folder of live media that a ticket opens; ends in a slash."""
        return f"{self.edge}/t/{ticket}/{space}/"

    def recording(self, space: SpaceId, run: str) -> str:
        """The folder of a recording; ends in a slash."""
        return f"{self.edge}/r/{space}/{run}/"

    def ticketed_recording(self, space: SpaceId, run: str, ticket: str) -> str:
        """The folder of a recording that a ticket opens; ends in a slash."""
        return f"{self.edge}/t/{ticket}/{space}/r/{run}/"

    def host(self, handle: str) -> str:
        """A host's page."""
        return f"{self.door}/h/{quote(handle, safe='')}"

    @property
    def edge_source(self) -> str:
        """The edge as a source expression of a Content Security Policy."""
        return _source(self.edge)

    @property
    def backstage_source(self) -> str:
        """Backstage as a source expression of a Content Security Policy."""
        return _source(self.backstage)


def _source(origin: str) -> str:
    """Its grammar knows no IPv6 address (CSP 3 §2.3.1), so one is widened to any host on that port."""
    scheme, _, rest = origin.partition("://")
    if not rest.startswith("["):
        return origin
    port = rest.rpartition("]")[2]
    return f"{scheme}://*{port}"


class Addresses:
    """Where the settings, and the door's socket as bound, place each part."""

    def __init__(self, settings: Settings, door_port: int, *, clock: Clock) -> None:
        self._settings = settings
        self._door_port = door_port
        self._clock = clock
        self._certain = {name: self._named(name) for name in ("", *THIS_MACHINE)}
        self._is_all_set = all((settings.door_url, settings.edge_url, settings.control_url))
        self._strange: OrderedDict[str, tuple[int, Origins]] = OrderedDict()
        """By host name: when it was asked for last; the one asked for longest ago first."""

    @classmethod
    def of(cls, settings: Settings, *, clock: Clock, door_port: int | None = None) -> Addresses:
        """Take the settings; ``door_port`` is the port really bound, where it differs."""
        return cls(settings, door_port or settings.door_port, clock=clock)

    def is_certain(self, host: str) -> bool:
        """Whether the door's address is configured, or this machine: not what a stranger's Host says."""
        return bool(self._settings.door_url) or is_this_machine(host)

    def seen_from(self, host: str) -> Origins:
        """Return the origins for a visitor who asked for ``host``, a checked name; empty: our own.

        Strangers choose their Host, and answers are rendered for each: beyond :data:`MOST_NAMES` that are in
        use, whoever brings another gets our own.
        """
        name = "" if self._is_all_set else host.lower()
        if name in self._certain:
            return self._certain[name]
        now_ns = self._clock.monotonic_ns()
        known = self._strange.get(name)
        if known is None and not self._has_room(now_ns):
            return self._certain[""]
        origins = self._named(name) if known is None else known[1]
        self._strange[name] = now_ns, origins
        self._strange.move_to_end(name)
        return origins

    def _has_room(self, now_ns: int) -> bool:
        """Whether one more name can be taken, for one that nobody asks for any more if need be."""
        if len(self._strange) < MOST_NAMES:
            return True
        asked_ns, _ = next(iter(self._strange.values()))
        if now_ns - asked_ns < IN_USE_NS:
            return False
        self._strange.popitem(last=False)
        return True

    def _named(self, name: str) -> Origins:
        seen = public_addresses(self._settings, name=name, door_port=self._door_port)
        return Origins(seen.door, seen.edge, seen.backstage)
