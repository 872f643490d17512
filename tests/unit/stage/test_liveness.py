"""A peer is given up when it is gone, not when it is quiet."""

from __future__ import annotations

from rostra.stage.liveness import HALF_OPEN_NS, SILENT_NS, Liveness, Verdict

SECOND = 1_000_000_000


def test_a_peer_that_is_heard_now_and_then_stays() -> None:
    liveness = Liveness(0)
    for second in range(0, 120, 5):
        assert liveness.judge(connected=True, heard=second, now_ns=second * SECOND) is Verdict.ALIVE


def test_a_connected_peer_that_falls_silent_is_gone_after_seven_seconds() -> None:
    liveness = Liveness(0)
    liveness.judge(connected=True, heard=9, now_ns=SECOND)
    assert liveness.judge(connected=True, heard=9, now_ns=SECOND + SILENT_NS - 1) is Verdict.ALIVE
    assert liveness.judge(connected=True, heard=9, now_ns=SECOND + SILENT_NS) is Verdict.SILENT


def test_a_peer_that_never_connects_is_given_up_after_thirty_seconds_however_it_knocks() -> None:
    liveness = Liveness(0)
    assert liveness.judge(connected=False, heard=1, now_ns=HALF_OPEN_NS - 1) is Verdict.ALIVE
    assert liveness.judge(connected=False, heard=2, now_ns=HALF_OPEN_NS) is Verdict.NEVER_CAME
