"""What a run says of itself: the JSON line, and the same as tables for people."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rich.table import Table

Medians = dict[str, float | None]
Spreads = dict[str, tuple[float, float] | None]


class Memory(msgspec.Struct, frozen=True):
    """Bytes per listener."""

    process: float
    kernel: float
    """Of both ends, as everything is on one machine."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line. Figures are medians, null where too few windows counted."""

    us_per_listener_s: dict[str, Medians]
    """CPU of the server, by cadence in seconds."""
    us_spread: dict[str, Spreads]
    """Least and most over the rounds."""
    windows_dropped: dict[str, dict[str, int]]
    """Windows that do not count, by cadence and system; ``notes`` say why."""
    softirq_us_per_listener_s: dict[str, Medians]
    bytes_per_listener_s: dict[str, Medians]
    """Of bodies, framing left out: everybody sends the same programme."""
    late_ms_99: dict[str, Medians]
    """What 99 % of chunks were at most late; Rostra's endless stream carries no marker."""
    requests_per_s: Medians
    requests_spread: Spreads
    blocked_reloads: Medians
    refused_per_s: Medians
    refused_spread: Spreads
    us_each: dict[str, Medians]
    """CPU of a server's own processes for one finished part, or one refusal."""
    bytes_per_listener: dict[str, Memory]
    """At the longest cadence."""
    listeners: dict[str, int]
    rounds: int
    seconds: float
    """Of a window."""
    minutes: float
    """That the run took."""
    void: bool
    """Whether something has no figure, another bit rate, or a load at its limit."""
    void_reason: str
    """What of these; empty otherwise."""
    notes: list[str]
    machine: str


_PEERS = ("rostra", "nginx", "varnish", "haproxy")


def tables(line: Line) -> list[Table]:
    """For people."""
    return [_costs(line), _rates(line)]


def _costs(line: Line) -> Table:
    cadences = list(line.us_per_listener_s)
    headings = (*(f"{at} s" for at in cadences), "process", "kernel")
    table = Table("", *headings, title="CPU µs and bytes per listener(-second)", title_justify="left")
    for name in dict.fromkeys(name for cells in line.us_per_listener_s.values() for name in cells):
        memory = line.bytes_per_listener.get(name)
        table.add_row(
            name,
            *(_cell(line.us_per_listener_s[at].get(name), line.us_spread[at].get(name)) for at in cadences),
            *((f"{memory.process:,.0f}", f"{memory.kernel:,.0f}") if memory else ("–", "–")),
        )
    return table


def _rates(line: Line) -> Table:
    table = Table("", *_PEERS, title="Per second, on one core", title_justify="left")
    table.add_row("finished parts", *_row(line.requests_per_s, line.requests_spread, _PEERS))
    table.add_row("refused connections", *_row(line.refused_per_s, line.refused_spread, _PEERS))
    reloads = line.blocked_reloads
    table.add_row(
        "blocked reloads", f"{_cell(reloads['per_s'], None, 0)}, {_cell(reloads['us_each'], None)} µs"
    )
    return table


def _row(medians: Medians, spreads: Spreads, names: Iterable[str]) -> list[str]:
    return [_cell(medians.get(name), spreads.get(name), 0) for name in names]


def _cell(median: float | None, spread: tuple[float, float] | None, digits: int = 1) -> str:
    if median is None:
        return "–"
    if spread is None:
        return f"{median:,.{digits}f}"
    return f"{median:,.{digits}f} ({spread[0]:,.{digits}f}–{spread[1]:,.{digits}f})"
