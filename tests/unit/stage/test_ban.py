"""Somebody just taken off may not slip back in; a moment later backstage alone decides."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.bus.messages import Off
from rostra.core.ids import SpaceId, SpeakerId
from rostra.stage.ban import Ban
from rostra.stage.errors import TakenOff

HERE, THERE = SpaceId("herehere22"), SpaceId("therethere")
SAM, EVE = SpeakerId("samsamsa"), SpeakerId("eveeveev")


def test_a_ban_on_every_stage_refuses_everywhere_with_its_sentence() -> None:
    ban = Ban(clock=ManualClock())
    ban.add((SAM,), None, Off.SUSPENDED)
    for space in (HERE, THERE):
        with pytest.raises(TakenOff, match="This account is suspended"):
            ban.check(SAM, space)
    ban.check(EVE, HERE)


def test_a_ban_on_one_stage_leaves_the_others_open() -> None:
    ban = Ban(clock=ManualClock())
    ban.add((SAM,), HERE, None)
    with pytest.raises(TakenOff, match="taken off this stage"):
        ban.check(SAM, HERE)
    ban.check(SAM, THERE)


def test_a_ban_is_over_after_some_seconds() -> None:
    clock = ManualClock()
    ban = Ban(clock=clock)
    ban.add((SAM,), None, None)
    clock.advance(ms=3000)
    ban.check(SAM, HERE)


@pytest.mark.parametrize("why", [Off.TERMS, Off.NAME])
def test_whoever_is_asked_back_for_something_comes_as_soon_as_it_is_given(why: Off) -> None:
    clock = ManualClock()
    ban = Ban(clock=clock)
    ban.add((SAM,), HERE, why)
    with pytest.raises(TakenOff):
        ban.check(SAM, HERE)
    clock.advance(ms=500)
    ban.check(SAM, HERE)
