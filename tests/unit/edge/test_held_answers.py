"""How much may wait on one ticket."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.edge import answers
from rostra.edge.turnstile import MOST_OPEN, LinkBusy, Turnstile
from rostra.serving.exchange import Exchange
from unit.edge.test_laggards import Stuck, exchange
from unit.edge.test_turnstile import KEYS, SPACE, ticket


def hold(turnstile: Turnstile, text: str) -> Exchange:
    held = exchange(Stuck(takes=10**9))
    turnstile.hold(turnstile.admit(text, SPACE), held)
    return held


def test_a_ticket_holds_a_few_answers_and_no_more_until_one_is_over() -> None:
    clock = ManualClock()
    turnstile = Turnstile(clock=clock)
    turnstile.take_keys(KEYS)
    greedy, modest = ticket(clock), ticket(clock)
    held = [hold(turnstile, greedy) for _ in range(MOST_OPEN)]
    with pytest.raises(LinkBusy) as refused:
        hold(turnstile, greedy)
    refusal = answers.refusal(refused.value)
    assert refusal.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: " in refusal
    assert turnstile.refused["link_busy"] == 1
    hold(turnstile, modest)
    held[3].lost()
    hold(turnstile, greedy)
