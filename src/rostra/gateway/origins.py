"""Under which addresses a visitor reaches this deployment: door, edge, backstage.

Public addresses from the settings win; else the visitor's own Host name with our ports, whose
characters the server has checked. Where one is not set a stranger's Host decides it: an answer that holds
origins is kept for those origins alone. Pure; never reads a header itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from rostra.core.addresses import PublicAddresses, is_this_machine, public_addresses
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings

_HOSTS = 64
"""Host names whose origins are kept."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """Where the settings, and the door's socket as bound, place each part."""

    settings: Settings
    door_port: int

    @classmethod
    def of(cls, settings: Settings, *, door_port: int | None = None) -> Addresses:
        """Take the settings; ``door_port`` is the port really bound, where it differs."""
        return cls(settings, door_port or settings.door_port)

    def is_certain(self, host: str) -> bool:
        """Whether the door's address is configured, or this machine: not what a stranger's Host says."""
        return bool(self.settings.door_url) or is_this_machine(host)

    @lru_cache(maxsize=_HOSTS)  # noqa: B019  (a door has one of these)
    def seen_from(self, host: str) -> Origins:
        """Return the origins for a visitor who asked for ``host``, a checked name; empty: our own."""
        seen = public_addresses(self.settings, name=host, door_port=self.door_port)
        return Origins(seen.door, seen.edge, seen.backstage)
