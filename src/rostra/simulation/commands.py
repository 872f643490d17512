"""``rostra simulate``: an evening in virtual time, on the terminal.

Exit codes: 0 nobody was wronged, 1 somebody was, or the scenario is unknown; 2 wrong use.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from rostra.core.errors import RostraError
from rostra.simulation import chart
from rostra.simulation.play import SEED, Course, play
from rostra.simulation.report import Report, report, waits_s
from rostra.simulation.scenario import SCENARIOS, Scenario, find

_BETWEEN = 2
"""Characters between the longest name, which is that of the last chart, and the charts."""
ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help=f"One of {', '.join(SCENARIOS)}.")]


def simulate_command(
    scenario: ScenarioName = "million",
    arrivals: Annotated[int | None, typer.Option(min=1, max=20_000_000, help="How many come.")] = None,
    places: Annotated[int | None, typer.Option(min=1, help="How many may listen.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same evening.")] = SEED,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line and nothing else.")] = False,
) -> None:
    """Play a crowd to the door's own decisions, in virtual time."""
    try:
        chosen = _chosen(find(scenario), arrivals, places)
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False)
        sys.exit(1)
    began = time.process_time()
    course = play(chosen, seed=seed)
    found = report(chosen, course, seed=seed)
    found = msgspec.structs.replace(found, seconds=round(time.process_time() - began, 1))
    if not as_json:
        _show(chosen, course, found)
    print(msgspec.json.encode(found).decode(), flush=True)
    sys.exit(1 if found.max_over_capacity_percent or found.overtakes or found.unserved_untold else 0)


def _chosen(scenario: Scenario, arrivals: int | None, places: int | None) -> Scenario:
    return replace(scenario, arrivals=arrivals or scenario.arrivals, places=places or scenario.places)


def _show(scenario: Scenario, course: Course, found: Report) -> None:
    out = Console()
    start = round(scenario.start_s * 10)
    waited = waits_s(scenario, course)
    spread = f"Waited, 0 to {waited.max(initial=0):.0f} s"
    width = max(1, min(chart.WIDTH, out.width - len(spread) - _BETWEEN))
    most = float(course.places.max())
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("Listening", chart.line(course.inside[start:], most=most, width=width))
    table.add_row("Waiting", chart.line(course.waiting[start:], width=width))
    table.add_row("Rung", chart.line(course.rung[start:], most=5, width=width))
    table.add_row("Over its budget", chart.line(course.over[start:], most=1, width=width))
    table.add_row(spread, chart.spread(waited, width=width))
    out.print(table)
    waits = ", ".join(f"{name} {value:.0f} s" for name, value in found.wait_s.items())
    out.print(
        f"{found.arrivals:,} came, {found.admitted:,} got in, {found.waiting_at_end:,} wait at the end.\n"
        f"Waits of those called or let in: {waits}.\n"
        f"Told when their place is empty: {found.told_when:,} times, {found.in_vain:,} of them too early.\n"
        f"Places used to 95 % after {found.used_within_s} s; given again {found.reused_places:,} times.\n"
        f"{found.resumed:,} resumed past the door; {found.most_inside_percent} % of places taken at most.\n"
        f"Honest: {found.honest_share:.1%} of those let in, {found.honest_share_of_entries:.1%} of entries.",
        markup=False,
        highlight=False,
    )
