"""Under which addresses a visitor reaches this deployment: door, edge, backstage.

Public addresses from the settings win; else the visitor's own Host name with our ports, whose
characters the server has checked. Pure; never reads a header itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from rostra.core.ids import SpaceId
from rostra.core.settings import Settings

_HOSTS = 64
"""Host names whose origins are kept."""
_UNSPECIFIED = {"0.0.0.0", "::", ""}


@dataclass(frozen=True, slots=True)
class Origins:
    """Three addresses without a slash at the end."""

    door: str
    edge: str
    backstage: str

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


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the settings, and the sockets as bound, place each part."""

    bind: str
    door_url: str
    edge_url: str
    control_url: str
    door_port: int
    edge_port: int
    control_port: int
    scheme: str = "http"

    @classmethod
    def of(cls, settings: Settings, *, door_port: int | None = None) -> Addresses:
        """Take the settings; ``door_port`` is the port really bound, where it differs."""
        return cls(
            bind="localhost" if settings.bind in _UNSPECIFIED else settings.bind,
            door_url=settings.door_url.rstrip("/"),
            edge_url=settings.edge_url.rstrip("/"),
            control_url=settings.control_url.rstrip("/"),
            door_port=door_port or settings.door_port,
            edge_port=settings.edge_port,
            control_port=settings.control_port,
            scheme=settings.scheme,
        )

    @property
    def fixed(self) -> bool:
        """Whether every address is set, so that the visitor's Host header plays no part."""
        return bool(self.door_url and self.edge_url and self.control_url)

    def is_certain(self, host: str) -> bool:
        """Whether the door's address is configured, or this machine: not what a stranger's Host says."""
        return bool(self.door_url) or host.lower() in ("localhost", "127.0.0.1", "[::1]")

    @lru_cache(maxsize=_HOSTS)  # noqa: B019  (a door has one of these)
    def seen_from(self, host: str) -> Origins:
        """Return the origins for a visitor who asked for ``host``, a checked name; empty: our own."""
        name = host.lower() or (f"[{self.bind}]" if ":" in self.bind else self.bind)
        return Origins(
            door=self.door_url or self._at(name, self.door_port),
            edge=self.edge_url or self._at(name, self.edge_port),
            backstage=self.control_url or self._at(name, self.control_port),
        )

    def _at(self, name: str, port: int) -> str:
        usual = port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{name}" if usual else f"{self.scheme}://{name}:{port}"
