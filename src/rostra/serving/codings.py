"""Which coding of a body a client takes: gzip, or none. Pure; the one reader of Accept-Encoding.

Source: RFC 9110 section 12.5.3, weights by section 12.4.2. What is not written as these say counts as not
written. Whoever accepts nothing that there is gets the body as it is: one that they may not want is worth
more than a 406 (section 15.5.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_OFFER: Final = re.compile(
    rb"""[ \t]* (?P<name> [\w!#$%&'*+.^`|~-]+ )
    (?: [ \t]*;[ \t]* q= (?P<weight> 0(?:\.[0-9]{0,3})? | 1(?:\.0{0,3})? ) )? [ \t]*""",
    re.IGNORECASE | re.VERBOSE,
)
_REMEMBERED: Final = 64
"""Browsers say one of a few things; whoever says something new each time costs no more than reading it."""


def takes_gzip(headers: Mapping[bytes, bytes]) -> bool:
    """Whether gzip is accepted, and not liked less than a body without any coding."""
    offered = headers.get(b"accept-encoding")
    return offered is not None and _prefers_gzip(offered)


@lru_cache(maxsize=_REMEMBERED)
def _prefers_gzip(offered: bytes) -> bool:
    weights: dict[bytes, float] = {}
    for each in offered.split(b","):
        offer = _OFFER.fullmatch(each)
        if offer is not None:
            name = offer["name"].lower().removeprefix(b"x-")  # x-gzip is gzip (section 8.4.1.3)
            weights.setdefault(name, float(offer["weight"] or 1))
    others = weights.get(b"*", 0.0)
    gzip = weights.get(b"gzip", others)
    return gzip > 0 and gzip >= weights.get(b"identity", others)
