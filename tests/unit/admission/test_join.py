"""Who is admitted, and with what."""

from __future__ import annotations

from rostra.admission.join import Admit, Terms, decide_join
from rostra.core.ids import SpaceId


def test_who_joins_a_live_space_gets_a_ticket_for_the_promised_time() -> None:
    decision = decide_join(
        SpaceId("abcdefghjk"), listener=b"12345678", terms=Terms(admit_s=120, life_s=86_400), now_s=1_000
    )
    assert isinstance(decision, Admit)
    assert decision.ticket.space == "abcdefghjk"
    assert decision.ticket.listener == b"12345678"
    assert (decision.ticket.admit_by_s, decision.ticket.end_s) == (1_120, 87_400)
