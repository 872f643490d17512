"""What becomes of a benchmark's samples."""

from __future__ import annotations

from collections import Counter

from bench.edge.cost import Cost
from bench.edge.figures import Figures, Line
from bench.edge.ground import Sizes
from bench.edge.listeners import Heard
from bench.edge.throughput import Rate

SIZES = Sizes(100, 10, 3, 3.84)


def heard(*, load: float = 0.5, lost: int = 0, late: dict[int, int] | None = None) -> Heard:
    return Heard(100, 3.84, 1, 300, 100, lost, load, 1.0, Counter(late or {0: 300}))


def cost(us: float, *, load: float = 0.5, as_asked: bool = True) -> Cost:
    return Cost(us, 0.0, 1000.0, 2000.0, 0.5, heard(load=load), as_asked)


def line(figures: Figures) -> Line:
    return figures.line((1280,), ("rostra",), SIZES, "a machine")


def test_a_cell_is_the_median_of_its_rounds_with_the_least_and_the_most() -> None:
    figures = Figures()
    for us in (12.0, 9.0, 10.0):
        figures.add_cost(1280, "rostra", cost(us))
    told = line(figures)
    assert told.us_per_listener_s == {"1.28": {"rostra": 10.0}}
    assert told.us_spread == {"1.28": {"rostra": (9.0, 12.0)}}
    assert not told.void


def test_a_generator_at_its_limit_voids_the_run() -> None:
    figures = Figures()
    for _ in range(3):
        figures.add_cost(1280, "rostra", cost(10.0, load=0.95))
    told = line(figures)
    assert told.void
    assert told.us_per_listener_s == {"1.28": {"rostra": None}}
    assert "generator at its limit" in told.notes[0]


def test_a_cadence_that_was_not_met_has_no_figure() -> None:
    figures = Figures()
    for _ in range(3):
        figures.add_cost(1280, "rostra", cost(10.0, as_asked=False))
    assert line(figures).us_per_listener_s == {"1.28": {"rostra": None}}


def test_one_bad_window_of_three_is_left_out() -> None:
    figures = Figures()
    for load in (0.5, 0.99, 0.5):
        figures.add_cost(1280, "rostra", cost(10.0, load=load))
    assert not line(figures).void


def test_a_rate_of_a_server_with_time_to_spare_voids_the_run() -> None:
    figures = Figures()
    for us in (12.0, 9.0, 10.0):
        figures.add_cost(1280, "rostra", cost(us))
    figures.add_rate("requests", "rostra", Rate(90_000.0, 10.0, full=False))
    assert line(figures).void


def test_a_lost_listener_counts_as_late() -> None:
    assert heard(late={0: 297, 500: 3}).on_time(500) == 0.99
    assert heard(late={0: 300}, lost=1).on_time(500) < 0.991


def test_lateness_is_told_by_what_a_share_of_chunks_did_not_exceed() -> None:
    late = heard(late={0: 990, 40: 9, 900: 1})
    assert late.late_ms(0.99) == 10
    assert late.late_ms(0.999) == 50
    assert late.late_ms(1.0) == 910
