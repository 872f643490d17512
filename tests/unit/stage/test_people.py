"""Who is on one stage: nobody is cut off within a sound, however they leave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from harness.call import tone
from harness.hall import ADA, BOB, SPACE
from rostra.audio.frame import Sound
from rostra.bus.messages import Offer, Role
from rostra.core.ids import SpeakerId
from rostra.core.samples import SAMPLE_RATE
from rostra.stage.people import People
from rostra.stage.source.feed import Feed

HZ = 233
"""Ticks do not end where this tone crosses zero."""
STEEPEST = 2 * np.pi * HZ / SAMPLE_RATE
"""From one sample to the next, of a tone that reaches 1."""
TICKS = 60


def offer(speaker: SpeakerId, role: Role = Role.SPEAKER) -> Offer:
    return Offer(space=SPACE, speaker=speaker, name="Ada", role=role, sdp="")


def humming() -> Feed:
    feed = Feed()
    feed.ring.put(tone(HZ, 3))
    return feed


def mixed(people: People, ticks: int) -> Sound:
    return np.concatenate([people.mix().copy() for _ in range(ticks)])


def taken_off(people: People) -> None:
    assert people.take_off(ADA)


def comes_again(people: People) -> None:
    people.join(offer(ADA), Feed())


def all_leave(people: People) -> None:
    people.leave_all()


@pytest.mark.parametrize("goes", [taken_off, comes_again, all_leave])
def test_whoever_goes_in_the_middle_of_a_sound_fades_without_a_click(goes: Callable[[People], None]) -> None:
    people = People(2)
    people.join(offer(ADA), humming())
    people.join(offer(BOB), Feed())
    before = mixed(people, TICKS)
    peak = np.abs(before[-SAMPLE_RATE // 5 :]).max()
    assert peak > 0.1
    goes(people)
    after = mixed(people, 3)
    assert not after[-SAMPLE_RATE // 50 :].any()
    assert np.abs(np.diff(np.concatenate((before[-SAMPLE_RATE // 5 :], after)))).max() < 1.2 * STEEPEST * peak


def test_a_full_stage_whose_people_all_come_again_within_a_tick_seats_them_all() -> None:
    people = People(2)
    for _ in range(4):
        for speaker in (ADA, BOB):
            people.join(offer(speaker), humming())
    assert len(people) == 2
    assert np.abs(mixed(people, TICKS)[-SAMPLE_RATE // 5 :]).max() > 0.1
