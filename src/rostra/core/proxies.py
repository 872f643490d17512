"""Who really asks, behind proxies: forwarding headers are believed only from configured networks.

``X-Forwarded-For`` is read from the right: every address that is one of our proxies is passed over,
the first that is not is the client. Pure text, no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from rostra.core.errors import RostraError

_MOST_HOPS = 8
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NetworkUnreadable(RostraError):
    """ROSTRA_TRUSTED_PROXIES holds what is not a network. Write networks as 10.0.0.0/8 or 127.0.0.1."""

    code = "network_unreadable"


class Proxies:
    """The networks whose forwarding headers count."""

    def __init__(self, networks: Sequence[str] = ()) -> None:
        try:
            self._networks: tuple[Network, ...] = tuple(map(network, networks))
        except ValueError as error:
            raise NetworkUnreadable(value=str(error)) from error

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, address: str) -> bool:
        """Whether ``address`` is one of our proxies."""
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client(self, peer: str, forwarded_for: bytes) -> str:
        """Return the address that asked: ``peer``, or whom our proxies name. Garbage ends the search."""
        client = peer
        hops = forwarded_for.decode("latin-1").split(",")[-_MOST_HOPS:] if forwarded_for else []
        while hops and self.trusts(client):
            parsed = _parse(hops.pop().strip())
            if parsed is None:
                break
            client = str(parsed)
        return client


def with_mapped(networks: Sequence[str]) -> list[str]:
    """Return these networks, those of IPv4 also as a socket of IPv6 sees them (RFC 4291 section 2.5.5.2)."""
    mapped = (
        f"::ffff:{each.network_address}/{96 + each.prefixlen}"
        for each in map(network, networks)
        if each.version == 4
    )
    return [*networks, *mapped]


def network(text: str) -> Network:
    """Read one network, or a single address. ValueError, with a sentence."""
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("must be networks or addresses, such as 10.0.0.0/8 or 127.0.0.1") from error


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
