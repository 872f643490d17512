"""Where door, edge and backstage are reached from outside: as the settings say, else by the name asked for.

The one place that puts such an address together. It is written as browsers write an origin (RFC 6454
section 6.1): small letters, and no port where it is the usual one. Pure; a name is checked by who brings it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.core.settings import Settings

_USUAL: Final = {"http": 80, "https": 443}
_EVERY_INTERFACE: Final = frozenset({"0.0.0.0", "::", ""})
THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine for itself."""
STAY: Final = "stay"
"""In the query of an event page: show this very page, though its space has moved and the address leads on."""


@dataclass(frozen=True, slots=True)
class PublicAddresses:
    """The three, without a slash at the end."""

    door: str
    edge: str
    backstage: str


def public_addresses(
    settings: Settings, *, name: str = "", scheme: str = "", door_port: int = 0, backstage_port: int = 0
) -> PublicAddresses:
    """Return the addresses for whoever asked for ``name``, a host without its port; empty: our own.

    ``scheme`` and ports say what they were really asked by, where that is not what the settings say.
    """
    name, scheme = name.lower() or own_name(settings.bind), scheme or settings.scheme
    return PublicAddresses(
        door=as_set(settings.door_url) or origin(scheme, name, door_port or settings.door_port),
        edge=as_set(settings.edge_url) or origin(scheme, name, settings.edge_port),
        backstage=as_set(settings.control_url)
        or origin(scheme, name, backstage_port or settings.control_port),
    )


def origin(scheme: str, name: str, port: int) -> str:
    """Return one address; an IPv6 ``name`` has its brackets."""
    return f"{scheme}://{name}" if port == usual_port(scheme) else f"{scheme}://{name}:{port}"


def as_set(url: str) -> str:
    """Return an address from the settings as all others are written; empty stays empty."""
    scheme, _, rest = url.lower().rstrip("/").partition("://")
    return f"{scheme}://{rest.removesuffix(f':{usual_port(scheme)}')}" if rest else ""


def usual_port(scheme: str) -> int:
    """Return the port that goes without saying; 0 where none does."""
    return _USUAL.get(scheme, 0)


def own_name(bind: str) -> str:
    """Return what this machine calls itself: ``localhost``, as passkeys need a name, or the address bound."""
    if bind in _EVERY_INTERFACE:
        return "localhost"
    return f"[{bind}]" if ":" in bind else bind


def is_this_machine(name: str) -> bool:
    """Whether a host's name is this machine's for itself, so that no stranger chose it."""
    return name.lower() in THIS_MACHINE
