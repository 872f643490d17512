"""What becomes of a benchmark's samples."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bench.edge.cost import Cost
from bench.edge.figures import Figures, Wanted
from bench.edge.ground import Sizes
from bench.edge.line import Line
from bench.edge.listeners import Heard
from bench.edge.throughput import Rate, Reloads

SIZES = Sizes(100, 10, 3, 3.84)


def heard(
    *, load: float = 0.5, lost: int = 0, late: dict[int, int] | None = None, size: int = 3_302_400
) -> Heard:
    return Heard(100, 3.84, size, 300, 100, lost, load, 1.0, Counter(late or {0: 300}))


def cost(us: float, *, load: float = 0.5, as_asked: bool = True) -> Cost:
    return Cost(us, 0.0, 1000.0, 2000.0, 0.5, heard(load=load), as_asked)


def measured(*costs: Cost) -> Figures:
    """A run with everything in it, and these windows."""
    figures = Figures()
    for each in costs:
        figures.add_cost(1280, "rostra", each)
    for _ in range(SIZES.rounds):
        figures.add_request_rate("rostra", Rate(90_000.0, 11.0, full=True))
        figures.add_refusal_rate("rostra", Rate(20_000.0, 50.0, full=True))
    figures.reloads.append(Reloads(400.0, 40.0))
    return figures


def line(figures: Figures) -> Line:
    return figures.line(Wanted([(1280, "rostra")], ("rostra",), ("rostra",)), SIZES, "a machine")


def test_a_cell_is_the_median_of_its_rounds_with_the_least_and_the_most() -> None:
    told = line(measured(cost(12.0), cost(9.0), cost(10.0)))
    assert told.us_per_listener_s == {"1.28": {"rostra": 10.0}}
    assert told.us_spread == {"1.28": {"rostra": (9.0, 12.0)}}
    assert not told.void


def test_a_generator_at_its_limit_voids_the_run() -> None:
    told = line(measured(*[cost(10.0, load=0.95)] * 3))
    assert told.void
    assert told.us_per_listener_s == {"1.28": {"rostra": None}}
    assert "generator at its limit" in told.notes[0]


def test_a_cadence_that_was_not_met_has_no_figure() -> None:
    told = line(measured(*[cost(10.0, as_asked=False)] * 3))
    assert told.us_per_listener_s == {"1.28": {"rostra": None}}


def test_one_bad_window_of_three_is_left_out_and_told() -> None:
    told = line(measured(cost(10.0), cost(99.0, load=0.99), cost(11.0)))
    assert told.us_spread == {"1.28": {"rostra": (10.0, 11.0)}}
    assert told.windows_dropped == {"1.28": {"rostra": 1}}
    assert not told.void


def test_a_generator_twice_at_its_limit_voids_the_run_though_enough_windows_are_left() -> None:
    told = line(measured(*[cost(10.0)] * 3, *[cost(10.0, load=0.95)] * 2))
    assert told.us_per_listener_s == {"1.28": {"rostra": 10.0}}
    assert told.windows_dropped == {"1.28": {"rostra": 2}}
    assert told.void_reason == "the generator was at its limit in 2 windows of rostra at 1.28 s"


def test_a_window_that_was_dropped_for_its_cadence_is_told_and_voids_nothing() -> None:
    told = line(measured(*[cost(10.0)] * 3, *[cost(10.0, as_asked=False)] * 2))
    assert told.windows_dropped == {"1.28": {"rostra": 2}}
    assert not told.void


def test_a_rate_of_a_server_with_time_to_spare_voids_the_run() -> None:
    figures = measured(*[cost(10.0)] * 3)
    figures.add_request_rate("nginx", Rate(50_000.0, 10.0, full=False))
    assert line(figures).void


def test_a_run_without_a_single_refusal_is_void() -> None:
    figures = measured(*[cost(10.0)] * 3)
    figures.refusals.clear()
    told = line(figures)
    assert told.void
    assert told.void_reason == "no figure of refusals of rostra"


def test_a_peer_that_could_not_be_measured_voids_the_run() -> None:
    figures = measured(*[cost(10.0)] * 3)
    told = figures.line(Wanted([(1280, "rostra")], ("rostra", "varnish"), ("rostra",)), SIZES, "a machine")
    assert told.void_reason == "no figure of finished parts of varnish"


def test_a_peer_that_sends_another_bit_rate_voids_the_run() -> None:
    figures = measured(*[cost(10.0)] * 3)
    for _ in range(SIZES.rounds):
        figures.add_cost(1280, "nchan", replace(cost(8.0), heard=heard(size=340_000)))
    wanted = Wanted([(1280, "rostra"), (1280, "nchan")], ("rostra",), ("rostra",))
    assert "nchan at 1.28 s sent" in figures.line(wanted, SIZES, "a machine").void_reason


def test_a_lost_listener_counts_as_late() -> None:
    assert heard(late={0: 297, 500: 3}).on_time(500) == 0.99
    assert heard(late={0: 300}, lost=1).on_time(500) < 0.991


def test_lateness_is_told_by_what_a_share_of_chunks_did_not_exceed() -> None:
    late = heard(late={0: 990, 40: 9, 900: 1})
    assert late.late_ms(0.99) == 10
    assert late.late_ms(0.999) == 50
    assert late.late_ms(1.0) == 910
