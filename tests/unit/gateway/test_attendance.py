"""Who is at the edge: what its workers tell, what is lost on the way, and those who say nothing any more."""

from __future__ import annotations

from harness.clock import ManualClock
from rostra.bus.messages import Present
from rostra.core.ids import SpaceId
from rostra.gateway.attendance import Attendance

SPACE, OTHER = SpaceId("abcdefghjk"), SpaceId("other22222")
ANN, BEN, CY = (name * 8 for name in (b"a", b"b", b"c"))


def everybody(number: int, *ids: bytes, worker: int = 0) -> Present:
    return Present(worker=worker, number=number, everybody=True, came={SPACE: b"".join(ids)})


def delta(number: int, came: bytes = b"", gone: bytes = b"", *, worker: int = 0) -> Present:
    return Present(worker=worker, number=number, everybody=False, came={SPACE: came}, gone=gone)


def test_who_comes_is_there_until_they_go() -> None:
    here = Attendance(clock=ManualClock())
    here.take(everybody(1, ANN))
    assert here.take(delta(2, came=BEN)) == ({BEN}, {})
    assert ANN in here
    assert BEN in here
    assert here.take(delta(3, gone=ANN)) == (set(), {ANN: SPACE})
    assert ANN not in here


def test_whoever_moves_to_another_worker_has_not_gone() -> None:
    here = Attendance(clock=ManualClock())
    here.take(everybody(1, ANN))
    here.take(everybody(1, ANN, worker=1))
    assert here.take(delta(2, gone=ANN)) == (set(), {})
    assert ANN in here
    assert here.take(delta(2, gone=ANN, worker=1)) == (set(), {ANN: SPACE})


def test_after_a_lost_message_nobody_is_taken_for_gone_until_all_are_told() -> None:
    here = Attendance(clock=ManualClock())
    here.take(everybody(1, ANN, BEN))
    assert here.take(delta(3, came=CY, gone=ANN)) == ({CY}, {})
    assert here.take(delta(4, gone=BEN)) == (set(), {})
    assert all(each in here for each in (ANN, BEN, CY))
    assert here.take(everybody(5, CY)) == ({CY}, {ANN: SPACE, BEN: SPACE})
    assert here.take(delta(6, gone=CY)) == (set(), {CY: SPACE})


def test_a_worker_that_says_nothing_any_more_is_gone_with_its_listeners() -> None:
    clock = ManualClock()
    here = Attendance(clock=clock)
    here.take(everybody(1, ANN, BEN))
    clock.advance(ms=10_000)
    here.take(everybody(1, BEN, worker=1))
    assert here.expire() == {}
    clock.advance(ms=5_001)
    assert here.expire() == {ANN: SPACE}
    assert BEN in here


def test_where_no_worker_says_anything_the_bus_is_away_and_all_are_there_still() -> None:
    clock = ManualClock()
    here = Attendance(clock=clock)
    here.take(everybody(1, ANN))
    here.take(everybody(1, BEN, worker=1))
    clock.advance(ms=14_000)
    assert here.expire() == {}
    clock.advance(ms=60_000)
    assert here.expire() == {}
    assert here.take(everybody(2, BEN, worker=1)) == ({BEN}, {})
    assert here.expire() == {}, "they do not all tell at once again"
    clock.advance(ms=11_000)
    assert here.take(delta(3, worker=1)) == (set(), {})
    assert here.expire() == {ANN: SPACE}


def test_of_whoever_goes_it_is_known_what_they_listened_to() -> None:
    here = Attendance(clock=ManualClock())
    here.take(Present(worker=0, number=1, everybody=True, came={SPACE: ANN, OTHER: BEN + CY}))
    assert here.take(delta(2, gone=ANN + CY)) == (set(), {ANN: SPACE, CY: OTHER})


def test_each_counts_once_however_many_workers_have_them_and_whatever_was_lost() -> None:
    clock = ManualClock()
    here = Attendance(clock=clock)
    here.take(everybody(1, ANN, BEN))
    here.take(everybody(1, ANN, worker=1))
    assert (here.count(SPACE), here.count(OTHER)) == (2, 0)
    here.take(delta(2, gone=ANN))
    assert here.count(SPACE) == 2
    here.take(delta(3, came=CY, worker=1))  # the second was lost
    assert here.count(SPACE) == 3
    here.take(everybody(4, CY, worker=1))
    assert here.count(SPACE) == 2
    clock.advance(ms=14_000)
    here.take(everybody(5, CY, worker=1))
    clock.advance(ms=2_000)
    here.expire()
    assert here.count(SPACE) == 1
