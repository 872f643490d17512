"""A run's figures: samples of each cell over the rounds, median and spread, table and JSON line."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

import msgspec
from rich.table import Table

from bench.edge.cost import SATURATED, Cost
from bench.edge.ground import Sizes
from bench.edge.systems import SYSTEMS
from bench.edge.throughput import Rate, Reloads

Medians = dict[str, float | None]
Spreads = dict[str, tuple[float, float] | None]


class Memory(msgspec.Struct, frozen=True):
    """Bytes per listener."""

    process: float
    kernel: float
    """Of both ends, as everything is on one machine."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line. Cells are medians, null where too few windows counted."""

    us_per_listener_s: dict[str, Medians]
    """CPU of the server, by cadence in seconds."""
    us_spread: dict[str, Spreads]
    """Least and most over the rounds."""
    softirq_us_per_listener_s: dict[str, Medians]
    late_ms_99: dict[str, Medians]
    """What 99 % of chunks were at most late; the endless Rostra stream carries no marker."""
    requests_per_s: Medians
    requests_spread: Spreads
    blocked_reloads: Medians
    refused_per_s: Medians
    refused_spread: Spreads
    bytes_per_listener: dict[str, Memory]
    listeners: dict[str, int]
    rounds: int
    seconds: float
    void: bool
    """Whether some cell has no figure, or one at which the load was at its limit."""
    notes: list[str]
    machine: str


@dataclass(slots=True)
class Figures:
    """Samples as they come in."""

    costs: dict[tuple[int, str], list[Cost]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[str, list[Rate]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, list[Rate]] = field(default_factory=lambda: defaultdict(list))
    reloads: list[Reloads] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What was left out, and how often."""
    void: bool = False

    def add_cost(self, cadence_ms: int, name: str, cost: Cost) -> None:
        """Keep a window, or say why it does not count."""
        cell = f"{name} at {cadence_ms / 1000} s"
        if not cost.heard.trustworthy:
            load, behind_ms = cost.heard.generator_load, cost.heard.behind_ms
            self.notes[
                f"{cell}: generator at its limit ({load:.0%} of its core, {behind_ms:.0f} ms behind)"
            ] += 1
        elif cost.heard.lost:
            self.notes[f"{cell}: lost {cost.heard.lost} of {cost.heard.listeners} listeners"] += 1
        elif not cost.as_asked:
            self.notes[f"{cell}: writes came every {cost.heard.cadence_s:.2f} s"] += 1
        if cost.server_load > SATURATED:
            self.notes[f"{cell}: its core was full"] += 1
        if cost.trustworthy and cost.as_asked:
            self.costs[cadence_ms, name].append(cost)

    def add_rate(self, of: str, name: str, rate: Rate) -> None:
        """Keep a rate; one whose server still had time to spare is a floor, and voids."""
        {"requests": self.requests, "refusals": self.refusals}[of][name].append(rate)
        if not rate.full:
            self.notes[f"{of} of {name}: the load was too light, this is a floor"] += 1
            self.void = True

    def failed(self, what: str, why: str) -> None:
        """Note a measurement that did not come about."""
        self.notes[f"{what}: {why}"] += 1

    def line(self, cadences_ms: tuple[int, ...], names: tuple[str, ...], sizes: Sizes, machine: str) -> Line:
        """All of it. ``names``: of the systems that were measured."""
        kept = {
            cadence_ms: {name: self._kept(cadence_ms, name, sizes.rounds) for name in names}
            for cadence_ms in cadences_ms
        }
        empty = any(not costs for cells in kept.values() for costs in cells.values())
        longest = kept[cadences_ms[0]]

        def medians(figure: str) -> dict[str, Medians]:
            return {
                _seconds(at): {n: _median([getattr(c, figure) for c in costs]) for n, costs in cells.items()}
                for at, cells in kept.items()
            }

        return Line(
            us_per_listener_s=medians("us_per_listener_s"),
            us_spread={
                _seconds(at): {n: _spread([c.us_per_listener_s for c in costs]) for n, costs in cells.items()}
                for at, cells in kept.items()
            },
            softirq_us_per_listener_s=medians("softirq_us_per_listener_s"),
            late_ms_99={
                _seconds(at): {n: _median(_late(costs)) for n, costs in cells.items()}
                for at, cells in kept.items()
            },
            requests_per_s={name: _median([r.per_s for r in rates]) for name, rates in self.requests.items()},
            requests_spread={
                name: _spread([r.per_s for r in rates]) for name, rates in self.requests.items()
            },
            blocked_reloads={
                "per_s": _median([each.per_s for each in self.reloads]),
                "us_each": _median([each.us_per_reload for each in self.reloads]),
            },
            refused_per_s={name: _median([r.per_s for r in rates]) for name, rates in self.refusals.items()},
            refused_spread={name: _spread([r.per_s for r in rates]) for name, rates in self.refusals.items()},
            bytes_per_listener={name: _memory(costs) for name, costs in longest.items() if costs},
            listeners={"plain": sizes.listeners, "tls": sizes.tls_listeners},
            rounds=sizes.rounds,
            seconds=sizes.seconds,
            void=self.void or empty,
            notes=[f"{note} (×{times})" for note, times in self.notes.items()],
            machine=machine,
        )

    def _kept(self, cadence_ms: int, name: str, rounds: int) -> list[Cost]:
        """The windows of a cell, if most of them counted."""
        costs = self.costs[cadence_ms, name]
        return costs if len(costs) * 2 > rounds else []


def tables(line: Line) -> list[Table]:
    """For people."""
    costs = Table(
        "CPU µs per listener-second", *(f"{at} s" for at in line.us_per_listener_s), "B, process", "B, kernel"
    )
    for name in SYSTEMS:
        if any(name in cells for cells in line.us_per_listener_s.values()):
            memory = line.bytes_per_listener.get(name)
            costs.add_row(
                name,
                *(
                    _cell(line.us_per_listener_s[at].get(name), line.us_spread[at].get(name))
                    for at in line.us_spread
                ),
                *((f"{memory.process:,.0f}", f"{memory.kernel:,.0f}") if memory else ("–", "–")),
            )
    rates = Table("per second, one core", "rostra", "nginx", "varnish", "haproxy")
    rows = (
        ("finished parts", line.requests_per_s, line.requests_spread),
        ("refused connections", line.refused_per_s, line.refused_spread),
    )
    for title, medians, spreads in rows:
        peers = ("rostra", "nginx", "varnish", "haproxy")
        rates.add_row(title, *(_cell(medians.get(peer), spreads.get(peer), 0) for peer in peers))
    reloads = line.blocked_reloads
    rates.add_row(
        "blocked reloads", f"{_cell(reloads['per_s'], None, 0)}, {_cell(reloads['us_each'], None)} µs each"
    )
    return [costs, rates]


def _seconds(cadence_ms: int) -> str:
    return f"{cadence_ms / 1000:.2f}"


def _median(values: list[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None


def _spread(values: list[float]) -> tuple[float, float] | None:
    return (round(min(values), 2), round(max(values), 2)) if values else None


def _late(costs: list[Cost]) -> list[float]:
    return [late for cost in costs if (late := cost.heard.late_ms(0.99)) is not None]


def _memory(costs: list[Cost]) -> Memory:
    return Memory(
        round(statistics.median(cost.process_bytes for cost in costs)),
        round(statistics.median(cost.kernel_bytes for cost in costs)),
    )


def _cell(median: float | None, spread: tuple[float, float] | None, digits: int = 1) -> str:
    if median is None:
        return "–"
    if spread is None:
        return f"{median:,.{digits}f}"
    return f"{median:,.{digits}f} ({spread[0]:,.{digits}f}–{spread[1]:,.{digits}f})"
