"""``make bench-simulate``: eight million come in virtual time, on one core.

The JSON line says what ``rostra simulate million --json`` said, how long it took and what memory; ``kept``
whether that is what it promises. Ends with 1 where it is not.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import msgspec

from bench.edge.child import pinned
from bench.machine import machine
from bench.promises import exit_code
from rostra.simulation.report import Report

MOST_S = 60.0
_LATEST_S = 600
_WRONGED = 1
"""How the command ends where somebody was: the figures say whom."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    played: Report
    took_s: float
    """From start to end of the command, its own start included."""
    memory_bytes: int
    """Of its process, at its most."""
    kept: dict[str, bool]
    machine: str


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench-simulate", description=__doc__)
    asked.add_argument("--scenario", default="million")
    asked.add_argument("--arrivals", type=int, default=0, help="0: as many as the scenario has")
    asked.add_argument("--core", type=int, default=0)
    options = asked.parse_args()
    arrivals = ["--arrivals", str(options.arrivals)] if options.arrivals else []
    command = [sys.executable, "-m", "rostra", "simulate", options.scenario, *arrivals, "--json"]
    began = time.perf_counter()
    done = subprocess.run(
        pinned(options.core, *command), stdout=subprocess.PIPE, timeout=_LATEST_S, check=False
    )
    took_s = time.perf_counter() - began
    if done.returncode not in (0, _WRONGED) or not done.stdout:
        return done.returncode or 1
    played = msgspec.json.decode(done.stdout, type=Report)
    line = Line(
        played=played,
        took_s=round(took_s, 1),
        memory_bytes=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        kept=_kept(played, took_s),
        machine=machine(),
    )
    print(msgspec.json.encode(line).decode(), flush=True)
    return exit_code(line.kept)


def _kept(played: Report, took_s: float) -> dict[str, bool]:
    return {
        f"within {MOST_S:.0f} s": took_s <= MOST_S,
        "nobody over the budget": not played.max_over_capacity_percent,
        "nobody overtaken": not played.overtakes,
        "nobody unserved and untold": not played.unserved_untold,
        "places are given again": played.reused_places > 0,
    }


if __name__ == "__main__":
    sys.exit(main())
