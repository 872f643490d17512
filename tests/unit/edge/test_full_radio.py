"""Radios that find no place, and are told so for a while."""

from __future__ import annotations

import asyncio

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.edge import sweep
from rostra.edge.forms import Adts
from rostra.edge.radio import MESSAGE_S, Billboard, Radio, RadioPlaces, message
from unit.edge.test_laggards import Stuck, exchange


async def test_one_that_hangs_up_while_others_are_told_is_missed_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "SLICE", 50)
    clock, track = ManualClock(), programme.tracks()[0]
    radio = Radio(
        Adts(track),
        rendition=0,
        title="x",
        bit_rate=64_000,
        billboard=Billboard("x"),
        clock=clock,
        places=RadioPlaces(most=0),
    )
    channels = [Stuck(takes=10**9) for _ in range(100)]
    exchanges = [exchange(channel) for channel in channels]
    for each in exchanges:
        radio.answer(each, wants_titles=False)
    clock.advance(ms=MESSAGE_S * 1_000)
    (again,) = radio.tick()
    telling = asyncio.create_task(again.sweep())
    await asyncio.sleep(0)
    gone = again.exchanges[0]
    gone.lost()
    await telling
    heard = [channel.written.count(message("aac")) for channel in channels]
    assert heard.count(1) == 1, "whoever is gone"
    assert heard.count(2) == len(heard) - 1, "everybody else"
