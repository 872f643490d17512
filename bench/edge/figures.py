"""A run's samples, as they come in; what counts of them, and the median and spread of what does."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bench.edge.cost import SATURATED, Cost
from bench.edge.ground import Sizes
from bench.edge.line import Line, Medians, Memory, Spreads
from bench.edge.throughput import Rate, Reloads

Cell = tuple[int, str]
"""Cadence in ms, and the system."""
Of = TypeVar("Of")
MOST_SATURATED = 1
"""Windows of a cell whose generator was at its limit; with more the run is void, though others would do."""

ALIKE = 0.1
"""How far a server's bytes a listener and second may be from Rostra's: else it is another programme."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run measures; one that lacks any of it is void."""

    cells: Sequence[Cell]
    """Longest cadence first."""
    requests: Sequence[str]
    refusals: Sequence[str]


@dataclass(slots=True)
class Figures:
    """See the module."""

    costs: dict[Cell, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    dropped: Counter[Cell] = field(default_factory=Counter)
    """Windows that do not count, for whatever reason."""
    saturated: Counter[Cell] = field(default_factory=Counter)
    """Those of them whose generator was at its limit."""
    requests: dict[str, list[Rate]] = field(default_factory=lambda: defaultdict(list))
    refusals: dict[str, list[Rate]] = field(default_factory=lambda: defaultdict(list))
    reloads: list[Reloads] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    """What was left out or is doubtful, and how often."""
    doubts: list[str] = field(default_factory=list)
    """What makes the run void."""

    def add_cost(self, cadence_ms: int, name: str, cost: Cost) -> None:
        """Keep a window, or say why it does not count."""
        heard, cell = cost.heard, f"{name} at {_seconds(cadence_ms)} s"
        if not heard.trustworthy:
            self.saturated[cadence_ms, name] += 1
            load, behind_ms = heard.generator_load, heard.behind_ms
            self._note(
                f"{cell}: generator at its limit", f"{load:.0%} of its core, {behind_ms:.0f} ms behind"
            )
        elif heard.lost:
            self._note(f"{cell}: listeners lost", f"{heard.lost} of {heard.listeners}")
        elif not cost.as_asked:
            self._note(f"{cell}: another cadence", f"writes came every {heard.cadence_s:.2f} s")
        if cost.server_load > SATURATED:
            self._note(f"{cell}: its core was full", f"{cost.server_load:.0%}")
        if cost.trustworthy and cost.as_asked:
            self.costs[cadence_ms, name].append(cost)
        else:
            self.dropped[cadence_ms, name] += 1

    def add_request_rate(self, name: str, rate: Rate) -> None:
        """Of finished parts."""
        self._add_rate(f"finished parts of {name}", self.requests[name], rate)

    def add_refusal_rate(self, name: str, rate: Rate) -> None:
        """Of refused connections."""
        self._add_rate(f"refusals of {name}", self.refusals[name], rate)

    def failed(self, what: str, why: str) -> None:
        """Note a measurement that did not come about."""
        self._note(what, why)

    def line(self, wanted: Wanted, sizes: Sizes, machine: str, *, minutes: float = 0.0) -> Line:
        """All of it."""
        kept = {cell: self._kept(cell, sizes.rounds) for cell in wanted.cells}
        longest_ms = max(cadence_ms for cadence_ms, _ in wanted.cells)
        rates = _by_cadence(kept, lambda cost: cost.heard.bytes_per_listener_s, _median)
        doubts = [
            *self._missing(wanted, kept, sizes.rounds),
            *self._overrun(),
            *_unlike(rates),
            *self.doubts,
        ]
        return Line(
            us_per_listener_s=_by_cadence(kept, lambda cost: cost.us_per_listener_s, _median),
            us_spread=_by_cadence(kept, lambda cost: cost.us_per_listener_s, _spread),
            windows_dropped=self._dropped(wanted.cells),
            softirq_us_per_listener_s=_by_cadence(kept, lambda cost: cost.softirq_us_per_listener_s, _median),
            bytes_per_listener_s=rates,
            late_ms_99=_by_cadence(kept, lambda cost: cost.heard.late_ms(0.99), _median),
            requests_per_s=_medians(self.requests, lambda rate: rate.per_s),
            requests_spread=_spreads(self.requests),
            blocked_reloads={
                "per_s": _median([each.per_s for each in self.reloads]),
                "us_each": _median([each.us_per_reload for each in self.reloads]),
            },
            refused_per_s=_medians(self.refusals, lambda rate: rate.per_s),
            refused_spread=_spreads(self.refusals),
            us_each={
                "requests": _medians(self.requests, lambda rate: rate.us_each),
                "refused": _medians(self.refusals, lambda rate: rate.us_each),
            },
            bytes_per_listener={
                name: _memory(costs) for (at, name), costs in kept.items() if costs and at == longest_ms
            },
            listeners={"plain": sizes.listeners, "tls": sizes.tls_listeners},
            rounds=sizes.rounds,
            seconds=sizes.seconds,
            minutes=round(minutes, 1),
            void=bool(doubts),
            void_reason="; ".join(dict.fromkeys(doubts)),
            notes=[f"{note} (×{times})" for note, times in self.notes.items()],
            machine=machine,
        )

    def _missing(self, wanted: Wanted, kept: Mapping[Cell, list[Cost]], rounds: int) -> list[str]:
        """Say what has no figure."""
        cells = [
            f"no figure of {name} at {_seconds(at)} s" for (at, name), costs in kept.items() if not costs
        ]
        parts = [name for name in wanted.requests if len(self.requests[name]) * 2 <= rounds]
        refusals = [name for name in wanted.refusals if len(self.refusals[name]) * 2 <= rounds]
        return [
            *cells,
            *(f"no figure of finished parts of {name}" for name in parts),
            *(f"no figure of refusals of {name}" for name in refusals),
            *([] if self.reloads else ["no figure of blocked reloads"]),
        ]

    def _overrun(self) -> list[str]:
        """Say where the generator was at its limit too often to be passed over."""
        return [
            f"the generator was at its limit in {times} windows of {name} at {_seconds(at)} s"
            for (at, name), times in self.saturated.items()
            if times > MOST_SATURATED
        ]

    def _dropped(self, cells: Iterable[Cell]) -> dict[str, dict[str, int]]:
        """How many windows of each cell do not count."""
        told: dict[str, dict[str, int]] = defaultdict(dict)
        for at, name in cells:
            told[_seconds(at)][name] = self.dropped[at, name]
        return dict(told)

    def _kept(self, cell: Cell, rounds: int) -> list[Cost]:
        """The windows of a cell, if most of them counted."""
        costs = self.costs.get(cell, [])
        return costs if len(costs) * 2 > rounds else []

    def _add_rate(self, what: str, rates: list[Rate], rate: Rate) -> None:
        """Keep a rate; one whose server still had time to spare is a floor, and voids."""
        rates.append(rate)
        if not rate.full:
            self.doubts.append(f"{what}: its core was not full")
            self._note(f"{what}: its core was not full", "the load was too light, this is a floor")

    def _note(self, what: str, why: str) -> None:
        self.notes[f"{what}: {why}"] += 1


def _unlike(rates: Mapping[str, Medians]) -> list[str]:
    """Say who sent another bit rate than the edge did."""
    return [
        f"{name} at {at} s sent {rate:,.0f} bytes a second and not {ours:,.0f}"
        for at, cells in rates.items()
        if (ours := cells.get("rostra"))
        for name, rate in cells.items()
        if rate is not None and abs(rate / ours - 1) > ALIKE
    ]


def _by_cadence(
    kept: Mapping[Cell, Sequence[Cost]],
    figure: Callable[[Cost], float | None],
    summary: Callable[[list[float]], Of],
) -> dict[str, dict[str, Of]]:
    told: dict[str, dict[str, Of]] = defaultdict(dict)
    for (cadence_ms, name), costs in kept.items():
        values = [value for cost in costs if (value := figure(cost)) is not None]
        told[_seconds(cadence_ms)][name] = summary(values)
    return dict(told)


def _medians(rates: Mapping[str, Iterable[Rate]], figure: Callable[[Rate], float]) -> Medians:
    return {name: _median([figure(rate) for rate in each]) for name, each in rates.items()}


def _spreads(rates: Mapping[str, Iterable[Rate]]) -> Spreads:
    return {name: _spread([rate.per_s for rate in each]) for name, each in rates.items()}


def _seconds(cadence_ms: int) -> str:
    return f"{cadence_ms / 1000:.2f}"


def _median(values: list[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None


def _spread(values: list[float]) -> tuple[float, float] | None:
    return (round(min(values), 2), round(max(values), 2)) if values else None


def _memory(costs: Sequence[Cost]) -> Memory:
    return Memory(
        round(statistics.median(cost.process_bytes for cost in costs)),
        round(statistics.median(cost.kernel_bytes for cost in costs)),
    )
