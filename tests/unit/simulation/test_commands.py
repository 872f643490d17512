"""``rostra simulate``: what it prints and how it ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from rostra.admission.line import Line
from rostra.cli import app
from rostra.simulation import scenario
from rostra.simulation.scenario import Away, Scenario

PROMISED = {
    "arrivals",
    "seconds",
    "max_over_capacity_percent",
    "overtakes",
    "unserved_untold",
    "reused_places",
}


def simulate(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON line and what is said before it."""
    done = CliRunner().invoke(app, ["simulate", *arguments])
    *said, line = done.output.splitlines()
    return done.exit_code, msgspec.json.decode(line), "\n".join(said)


def assert_nobody_is_wronged(code: int, found: dict[str, Any]) -> None:
    assert found.keys() >= PROMISED
    wrongs = (found["max_over_capacity_percent"], found["overtakes"], found["unserved_untold"])
    assert (code, wrongs) == (0, (0, 0, 0))
    assert found["reused_places"] > 0


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario in which the door dies among claims."""
    away = (Away(40, 0.5, 1, door=True),)
    evening = Scenario("killed", arrivals=4_000, places=400, start_s=30, length_s=240, stay_s=600, away=away)
    monkeypatch.setattr(scenario, "SCENARIOS", {"killed": evening})


@pytest.mark.usefixtures("killed")
def test_a_small_evening_is_told_in_one_line_for_programs_and_with_charts_for_people() -> None:
    code, found, said = simulate("killed", "--arrivals", "3000", "--json")
    assert_nobody_is_wronged(code, found)
    assert (found["arrivals"], said) == (3_000, "")
    again = simulate("killed", "--arrivals", "3000")
    assert again[1] | {"seconds": 0} == found | {"seconds": 0}
    assert all(
        words in again[2] for words in ("Listening", "Waiting", "3,000 came", "of those called or let in")
    )
    assert "…" not in again[2], "no chart is cut off where a terminal is 80 wide"


@pytest.mark.usefixtures("killed")
def test_an_evening_that_wrongs_somebody_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    skip = Line.skip

    def forgetful(line: Line, tick: int, entered: int, serving: int, **known: Any) -> None:
        skip(line, tick, entered, serving, inside=known["inside"])

    monkeypatch.setattr(Line, "skip", forgetful)
    code, found, _ = simulate("killed", "--json")
    assert code == 1
    assert found["overtakes"] > 0


def test_an_unknown_scenario_is_told_in_a_sentence() -> None:
    done = CliRunner().invoke(app, ["simulate", "utopia"])
    assert done.exit_code == 1
    assert "There is no such scenario" in done.output


@pytest.mark.long
@pytest.mark.timeout(600)
def test_eight_million_come_and_nobody_is_wronged() -> None:
    code, found, _ = simulate("million", "--json")
    assert_nobody_is_wronged(code, found)
    assert found["arrivals"] == 8_000_000
