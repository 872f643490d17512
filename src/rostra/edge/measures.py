"""What the edge counts, of this worker and of the others, as operators see it.

Workers share one port, so whichever answers a scrape tells of all. Reads counters; owns none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rostra.bus.messages import Measured
from rostra.edge.spaces import Spaces
from rostra.edge.streams import Streams
from rostra.edge.turnstile import Turnstile
from rostra.serving.metrics import SERVER, Counters, Metric, Sample, exposition

TABLE: Final = (
    *SERVER,
    Metric("listeners", "Listeners here in the last seconds.", grows=False),
    Metric("cpu_ms", "CPU that this process has spent, in milliseconds."),
    Metric("streams_open", "Segments in the making and radios now open.", grows=False),
    Metric("answers_waiting", "Answers open or held until the programme goes on.", grows=False),
    Metric("listeners_dropped", "Listeners dropped because they did not take what they were sent."),
    Metric("writes_skipped", "Writes left out to radios that did not take what they were sent."),
    Metric("writes_late_ms", "Writes of new audio by how late they left, in milliseconds.", sized=True),
    Metric("unacknowledged_bytes", "What sampled connections have not taken yet.", sized=True),
    Metric("streams_ended", "Streams that gave way to a newer one on the same ticket."),
    Metric("cache_requests", "Requests by caches in front, each for all of its listeners."),
    Metric("tickets_refused", "Tickets refused.", by_code=True),
)


class Measures:
    """Of one worker."""

    def __init__(
        self,
        *,
        worker: int,
        counters: Counters,
        spaces: Spaces,
        turnstile: Turnstile,
        streams: Streams,
        cache_requests: Callable[[], int] = lambda: 0,
    ) -> None:
        self._worker = worker
        self._counters = counters
        self._spaces = spaces
        self._turnstile = turnstile
        self._streams = streams
        self._cache_requests = cache_requests
        self._others: dict[int, tuple[Sample, ...]] = {}

    def mine(self) -> tuple[Sample, ...]:
        """Read this worker's counters."""
        refused = sorted(self._turnstile.refused.items())
        return (
            *self._counters.samples(),
            Sample("listeners", self._turnstile.present),
            Sample("cpu_ms", time.process_time_ns() // 1_000_000),
            Sample("streams_open", self._streams.open_count),
            Sample("answers_waiting", sum(each.open_count for _, each in self._spaces.programmes)),
            Sample("listeners_dropped", self._spaces.dropped),
            Sample("writes_skipped", self._spaces.skipped),
            *self._spaces.late_ms.samples("writes_late_ms"),
            *self._counters.untaken.samples("unacknowledged_bytes"),
            Sample("streams_ended", self._streams.ended),
            Sample("cache_requests", self._cache_requests()),
            *(Sample("tickets_refused", count, code) for code, count in refused),
        )

    def message(self) -> Measured:
        """Tell other workers."""
        return Measured(worker=self._worker, samples=self.mine())

    def take(self, value: Measured) -> None:
        """Another worker tells; what comes back of one's own is passed over."""
        if value.worker != self._worker:
            self._others[value.worker] = tuple(Sample(*each) for each in value.samples)
        if not value.samples:  # it has gone
            self._others.pop(value.worker, None)

    def render(self) -> bytes:
        """Render what is known of all workers as Prometheus text."""
        return exposition("edge", TABLE, {**self._others, self._worker: self.mine()})
