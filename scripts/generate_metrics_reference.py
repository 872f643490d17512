"""Write ``docs/reference/metrics.md`` from the tables of what door and edge count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rostra.edge.measures import TABLE as EDGE
from rostra.serving.metrics import SERVER, Metric

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "metrics.md"
_HEAD = """\
# What is counted

<!-- Written by scripts/generate_metrics_reference.py; `make docs` writes it again. -->

Door and edge answer `GET /metrics` with [Prometheus](https://prometheus.io) text, to this machine only and
by its own name:

    curl http://127.0.0.1:8001/metrics

From elsewhere, by a public name, or through a proxy on this machine, there is no such address. Edge workers
share a port; whichever answers tells of all, told apart by `worker`, others' values up to five seconds old.
What has changed is also logged, as one event `counted` a minute.
"""
_TABLE = "\n| name | kind | what it is |\n|---|---|---|\n"


def render() -> str:
    """Return the whole page."""
    return _HEAD + _section("Door", "door", SERVER) + _section("Edge", "edge", EDGE)


def _section(title: str, role: str, table: Sequence[Metric]) -> str:
    return f"\n## {title}\n{_TABLE}" + "".join(_row(role, metric) for metric in table)


def _row(role: str, metric: Metric) -> str:
    kind = "histogram" if metric.sized else "counter" if metric.grows else "gauge"
    name = f"rostra_{role}_{metric.name}{'_total' if kind == 'counter' else ''}"
    by_code = " By `code` (see [refusals](errors.md))." if metric.by_code else ""
    return f"| `{name}` | {kind} | {metric.help}{by_code} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
