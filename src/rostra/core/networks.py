"""Networks of addresses, by which visitors are counted.

Nobody is another by a further address of their own network, or by writing the same one differently. Pure.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_V4: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", re.ASCII)
"""As the kernel writes them; what is only like one is a network of its own, which does no harm."""


def network(address: str, *, v4: int, v6: int) -> str:
    """Return the network of ``address`` with so many bits, as text; the text itself where it is no address.

    An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5.2) counts as the former.
    """
    if v4 == 24 and _V4.fullmatch(address):  # the door's own case, asked for with every join
        return f"{address.rpartition('.')[0]}.0/24"
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, v6 if isinstance(parsed, IPv6Address) else v4), strict=False))


def visitor(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the /64 of an IPv6 one."""
    return network(address, v4=32, v6=64)
