"""What a process counts, under the names that operators see: one log event a minute, Prometheus text.

A table of :class:`Metric` names what is counted, samples carry the values. Nothing here runs while a
request is answered; whoever counts adds to a plain integer. Source: Prometheus text format 0.0.4.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family

log = structlog.get_logger()

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LOG_EVERY_S: Final = 60.0
UNTAKEN_BYTES: Final = (0, 1_024, 4_096, 16_384, 32_768, 65_536, 262_144)


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is counted. ``grows``: never goes back while the process lives."""

    name: str
    help: str
    grows: bool = True
    by_code: bool = False
    """Whether each sample is of one refusal's code."""
    sized: bool = False
    """Whether it is a histogram: each sample's code is the upper bound of a bucket, or ``sum``."""


class Sample(NamedTuple):
    """A metric's value now."""

    name: str
    value: int
    code: str = ""


class Histogram:
    """Numbers of things by size. ``bounds`` ascend; the last bucket has none."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0
        """The sum of all sizes."""

    def add(self, size: int, count: int = 1) -> None:
        """Count ``count`` things of one size."""
        self.counts[bisect_left(self.bounds, size)] += count
        self.total += size * count

    def samples(self, name: str) -> list[Sample]:
        """Return the buckets, each with those of smaller ones, and the sum."""
        codes = (*map(str, self.bounds), "+Inf")
        upto = zip(codes, accumulate(self.counts), strict=True)
        return [*(Sample(name, count, code) for code, count in upto), Sample(name, self.total, "sum")]


@dataclass(slots=True)
class Counters:
    """What a server counts."""

    open: int = 0
    """Connections now open, lingering ones included."""
    accepted: int = 0
    overloaded: int = 0
    """Connections answered with 503 because there were too many."""
    broken_off: int = 0
    """TLS handshakes broken off for want of room."""
    refused: Counter[str] = field(default_factory=Counter)
    """Refusals by code, those included."""
    untaken: Histogram = field(default_factory=lambda: Histogram(UNTAKEN_BYTES))
    """What clients had not taken, of a few connections each second."""

    def samples(self) -> list[Sample]:
        """Return the values of :data:`SERVER`."""
        return [
            Sample("connections_open", self.open),
            Sample("connections_accepted", self.accepted),
            Sample("connections_overloaded", self.overloaded),
            Sample("handshakes_broken_off", self.broken_off),
            *(Sample("requests_refused", count, code) for code, count in sorted(self.refused.items())),
        ]


SERVER: Final = (
    Metric("connections_open", "Connections now open.", grows=False),
    Metric("connections_accepted", "Connections accepted."),
    Metric("connections_overloaded", "Connections answered with 503 because there were too many."),
    Metric("handshakes_broken_off", "TLS handshakes broken off for want of room."),
    Metric("requests_refused", "Requests refused.", by_code=True),
)
"""What every server counts."""


def exposition(role: str, table: Sequence[Metric], workers: Mapping[int, Sequence[Sample]]) -> bytes:
    """Render the samples of all of a role's workers as Prometheus text; ``rostra_<role>_`` precedes names."""
    registry = CollectorRegistry()
    registry.register(_Collected(list(_families(role, table, workers))))
    return generate_latest(registry)


async def log_changes(read: Callable[[], Sequence[Sample]], *, every_s: float = LOG_EVERY_S) -> None:
    """Log all values as one event a minute, unless none has changed. Runs until cancelled."""
    told: Sequence[Sample] = ()
    while True:
        await asyncio.sleep(every_s)
        samples = read()
        if samples != told:
            log.info(
                "counted",
                **{f"{each.name}_{each.code}".rstrip("_"): each.value for each in samples if each.value},
            )
        told = samples


class _Collected:
    """What a registry asks for families."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> list[Family]:
        return self._families


def _families(
    role: str, table: Sequence[Metric], workers: Mapping[int, Sequence[Sample]]
) -> Iterator[Family]:
    for metric in table:
        if metric.sized:
            yield _histogram(role, metric, workers)
            continue
        labels = ["worker", *(["code"] if metric.by_code else [])]
        make = CounterMetricFamily if metric.grows else GaugeMetricFamily
        family = make(f"rostra_{role}_{metric.name}", metric.help, labels=labels)
        for worker, samples in sorted(workers.items()):
            for sample in samples:
                if sample.name == metric.name:
                    family.add_metric([str(worker), sample.code][: len(labels)], sample.value)
        yield family


def _histogram(role: str, metric: Metric, workers: Mapping[int, Sequence[Sample]]) -> Family:
    family = HistogramMetricFamily(f"rostra_{role}_{metric.name}", metric.help, labels=["worker"])
    for worker, samples in sorted(workers.items()):
        mine = {sample.code: sample.value for sample in samples if sample.name == metric.name}
        total = mine.pop("sum", 0)
        if mine:
            family.add_metric([str(worker)], buckets=[*mine.items()], sum_value=total)
    return family
