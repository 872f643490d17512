"""What the edge spends and how late it writes, summed from what its workers tell every few seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from rostra.admission.capacity import FEW, LATE_MS, Load
from rostra.bus.messages import Measured, WorkerLoad
from rostra.core.clock import Clock

STALE_NS: Final = 20_000_000_000
TELLS_EVERY_S: Final = 5
"""A worker tells what it has spent since it told last."""
_CPU, _LATE, _LISTENERS = "cpu_ms", "writes_late_ms", "listeners"


class _Worker:
    """One worker's counters: now, and when they were told before."""

    def __init__(self) -> None:
        self.heard_ns = 0
        self.counts: Mapping[str, int] = {}
        self.cpu_us_per_s = 0.0
        self.spent_on = 0.0
        """Listeners of all workers in those seconds, on average."""
        self.writes = 0
        self.late = 0


class EdgeLoad:
    """Of all edge workers together."""

    def __init__(self, *, tls: bool, clock: Clock) -> None:
        self._tls_share = float(tls)
        self._clock = clock
        self._workers: dict[int, _Worker] = {}
        self._is_new = False
        self._lately: deque[int] = deque(maxlen=TELLS_EVERY_S)
        """Listeners of the last seconds."""

    def note(self, listeners: int) -> None:
        """So many listen in this second."""
        self._lately.append(listeners)

    def take(self, value: Measured) -> None:
        """A worker tells what it has counted; with nothing, that it has gone."""
        if not value.samples:
            self._workers.pop(value.worker, None)
            return
        counts = _counts(value)
        worker = self._workers.setdefault(value.worker, _Worker())
        now_ns = self._clock.monotonic_ns()
        if worker.heard_ns and counts["cpu_ms"] >= worker.counts["cpu_ms"]:
            seconds = max(1e-3, (now_ns - worker.heard_ns) / 1e9)
            worker.cpu_us_per_s = (counts["cpu_ms"] - worker.counts["cpu_ms"]) * 1000 / seconds
            worker.spent_on = sum(self._lately) / max(1, len(self._lately))
            worker.writes = counts["writes"] - worker.counts["writes"]
            worker.late = counts["late"] - worker.counts["late"]
        worker.heard_ns, worker.counts = now_ns, counts
        self._is_new = True

    def is_new(self) -> bool:
        """Whether anything was measured since this was asked last."""
        new, self._is_new = self._is_new, False
        return new

    def load(self, listeners: int) -> Load:
        """Return the load, with ``listeners`` inside. While they are few, nothing is late because of them."""
        workers = [worker for _, worker in self._present()]
        writes = sum(worker.writes for worker in workers)
        spent_on = [worker.spent_on for worker in workers if worker.spent_on]
        return Load(
            listeners=listeners,
            tls_share=self._tls_share,
            cpu_us_per_s=sum(worker.cpu_us_per_s for worker in workers),
            spent_on=sum(spent_on) / max(1, len(spent_on)),
            late_share=sum(worker.late for worker in workers) / writes
            if writes and listeners >= FEW
            else 0.0,
        )

    def workers(self) -> tuple[WorkerLoad, ...]:
        """Return what each worker does, by its number."""
        return tuple(
            WorkerLoad(
                worker=number,
                listeners=worker.counts[_LISTENERS],
                cpu=worker.cpu_us_per_s / 1e6,
                late_share=worker.late / worker.writes if worker.writes > 0 else 0.0,
            )
            for number, worker in sorted(self._present())
        )

    def _present(self) -> list[tuple[int, _Worker]]:
        since_ns = self._clock.monotonic_ns() - STALE_NS
        return [(number, each) for number, each in self._workers.items() if each.heard_ns >= since_ns]


def _counts(value: Measured) -> dict[str, int]:
    """What is read of a worker's samples: CPU, writes, those of them that left late, listeners."""
    found = {"cpu_ms": 0, "writes": 0, "late": 0, _LISTENERS: 0}
    in_time = 0
    for name, count, code in value.samples:
        if name == _CPU:
            found["cpu_ms"] = count
        elif name == _LISTENERS:
            found[_LISTENERS] = count
        elif name == _LATE and code == "+Inf":
            found["writes"] = count
        elif name == _LATE and code.isdigit() and int(code) <= LATE_MS:
            in_time = max(in_time, count)
    found["late"] = max(0, found["writes"] - in_time)
    return found
