"""A crowd at a door, played by a C program: all open the page, join, wait, claim, listen and leave.

Says what became of them. The program (``bench/edge/c/stampede.c``) shares nothing with the server.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bench.edge.child import pinned
from bench.edge.errors import PeerFailed

_MARGIN_S = 30.0


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """What the program prints."""

    joins: int
    """Who opened the page, and pressed Listen once it was there."""
    admitted: int
    placed: int
    """Who was given a place in line at first."""
    untold: int
    """Who has neither a ticket nor a place at the end."""
    holding: int
    """Who still waits with a place."""
    asked: int
    claims: int
    lost: int
    """Connections that ended without an answer: refused, reset, closed."""
    raced: int
    """Questions sent on a kept connection that the door was just closing; asked again, as browsers do."""
    refused: int
    """Answers of 4xx and 5xx."""
    nonsense: int
    """Those, and answers that a page would not understand."""
    inside: int
    most_inside: int
    """Tickets given out, less those who left, at its most: the program's own count."""
    left: int
    starved: int
    """Times that the program itself had no descriptor left for another connection, and waited."""
    cut: int
    """Listeners whose audio broke off."""
    silent: int
    """Listeners who had heard nothing for two seconds when they left."""
    deliveries: int
    late: int
    """Of those, how many came more than two seconds after the last: nothing was heard meanwhile."""
    full_after_s: float
    """When 95 % of the places were taken, from the first arrival; -1: never."""
    least_used: float
    """Share of the places taken, at its least, from five seconds after that and while people waited."""
    places_least: int
    places_most: int
    """The budget as pages were told it."""
    join_ms: tuple[int, int, int]
    """Median, 99th percentile, most: from opening a connection, or asking on a kept one, to the answer."""
    status_ms: tuple[int, int, int]
    claim_ms: tuple[int, int, int]
    page_ms: tuple[int, int, int]
    """Of the event page itself."""
    first_wrong: str


async def come(
    program: Path,
    page: str,
    *,
    edge_port: int,
    arrivals: int,
    over_s: float,
    seconds: float,
    places: int,
    stay_s: float = 0.0,
    core: int | None = None,
) -> Crowd:
    """Bring ``arrivals`` to an event page within ``over_s`` and watch them for ``seconds`` in all.

    Whoever comes in stays about ``stay_s``; 0: to the end. PeerFailed when the program fails.
    """
    parts = urlsplit(page)
    process = await asyncio.create_subprocess_exec(
        *pinned(core, str(program)),
        *("--door", str(parts.port), "--edge", str(edge_port), "--space", parts.path.rpartition("/")[2]),
        *("--arrivals", str(arrivals), "--over", str(over_s), "--seconds", str(seconds)),
        *("--places", str(places), "--stay", str(stay_s)),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), seconds + _MARGIN_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise PeerFailed(f"The crowd ended with {process.returncode}.")
    return msgspec.json.decode(out, type=Crowd)
