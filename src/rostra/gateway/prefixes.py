"""How many have entered from one network: /24 of IPv4, /56 of IPv6. Bounded; keeps no whole address."""

from __future__ import annotations

import ipaddress
import re
from collections import OrderedDict
from typing import Final

MOST: Final = 100_000
"""Networks remembered; beyond, the one heard of least lately is forgotten."""
_V4_BITS: Final = 24
_V6_BITS: Final = 56
_V4: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", re.ASCII)
"""As the kernel writes them; what is only like one is a network of its own, which does no harm."""


def prefix(address: str) -> str:
    """Return the network of an address, as text; an empty one for what is none."""
    if _V4.fullmatch(address):
        return f"{address.rpartition('.')[0]}.0/{_V4_BITS}"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    bits = _V4_BITS if parsed.version == 4 else _V6_BITS
    return str(ipaddress.ip_network((int(parsed), parsed.max_prefixlen)).supernet(new_prefix=bits))


class Prefixes:
    """Of one space."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._count: OrderedDict[str, int] = OrderedDict()

    def enter(self, address: str) -> int:
        """Count one entry; return how many there were of its network before."""
        of = prefix(address)
        before = self._count.pop(of, 0)
        self._count[of] = before + 1
        if len(self._count) > self._most:
            self._count.popitem(last=False)
        return before
