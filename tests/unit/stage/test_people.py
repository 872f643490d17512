"""Who is on one stage: whose seats are kept, and nobody is cut off within a sound, however they leave."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from harness.call import tone
from harness.hall import ADA, BOB, SPACE
from rostra.audio.frame import Sound
from rostra.bus.messages import Offer, Recast, Role
from rostra.core.errors import StageFull
from rostra.core.ids import SpeakerId
from rostra.core.samples import SAMPLE_RATE
from rostra.stage.people import People
from rostra.stage.source.feed import Feed

HZ = 233
"""Ticks do not end where this tone crosses zero."""
STEEPEST = 2 * np.pi * HZ / SAMPLE_RATE
"""From one sample to the next, of a tone that reaches 1."""
TICKS = 60


def offer(speaker: SpeakerId, role: Role = Role.HOST) -> Offer:
    return Offer(space=SPACE, speaker=speaker, name="Ada", role=role, sdp="")


def humming() -> Feed:
    feed = Feed()
    feed.ring.put(tone(HZ, 3))
    return feed


def mixed(people: People, ticks: int, *, together: int = 1) -> Sound:
    return np.concatenate([tick.copy() for _ in range(0, ticks, together) for tick in people.mix(together)])


def taken_off(people: People) -> None:
    assert people.take_off(ADA)


def comes_again(people: People) -> None:
    people.join(offer(ADA), Feed())


def all_leave(people: People) -> None:
    people.leave_all()


@pytest.mark.parametrize("together", [1, 2])
@pytest.mark.parametrize("goes", [taken_off, comes_again, all_leave])
def test_whoever_goes_in_the_middle_of_a_sound_fades_without_a_click(
    goes: Callable[[People], None], together: int
) -> None:
    people = People(2, most_speakers=2)
    people.join(offer(ADA), humming())
    people.join(offer(BOB), Feed())
    before = mixed(people, TICKS, together=together)
    peak = np.abs(before[-SAMPLE_RATE // 5 :]).max()
    assert peak > 0.1
    goes(people)
    after = mixed(people, 4, together=together)
    assert not after[-SAMPLE_RATE // 50 :].any()
    assert np.abs(np.diff(np.concatenate((before[-SAMPLE_RATE // 5 :], after)))).max() < 1.2 * STEEPEST * peak


def test_two_ticks_together_sound_as_one_after_the_other() -> None:
    heard = {}
    for together in (1, 2):
        people = People(2, most_speakers=2)
        people.join(offer(ADA), humming())
        people.join(offer(BOB), humming())
        before = mixed(people, TICKS, together=together)
        people.take_off(BOB)
        heard[together] = np.concatenate((before, mixed(people, TICKS, together=together)))
    np.testing.assert_array_equal(heard[1], heard[2])
    assert np.abs(heard[2]).max() > 0.1


def test_a_full_stage_whose_people_all_come_again_within_a_tick_seats_them_all() -> None:
    people = People(2, most_speakers=2)
    for _ in range(4):
        for speaker in (ADA, BOB):
            people.join(offer(speaker), humming())
    assert len(people) == 2
    assert np.abs(mixed(people, TICKS)[-SAMPLE_RATE // 5 :]).max() > 0.1


@pytest.mark.parametrize(("page", "levels"), [("tab", 1), ("other tab", 0), ("", 0)])
def test_a_page_that_comes_again_is_heard_at_once_and_as_loud_as_before(page: str, levels: int) -> None:
    people = People(2, most_speakers=2)
    people.join(msgspec.structs.replace(offer(ADA), page="tab" if page else ""), humming())
    before = np.abs(mixed(people, TICKS)[-SAMPLE_RATE // 5 :]).max()
    people.join(msgspec.structs.replace(offer(ADA), page=page), humming())
    mixed(people, 2)  # in which the older session fades out
    soon = np.abs(mixed(people, 3)).max()
    assert soon == pytest.approx(levels * before, rel=0.1, abs=0.001)


def fill(people: People, role: Role, count: int) -> None:
    for number in range(count):
        people.join(offer(SpeakerId(f"{role}{number}"), role), Feed())


def test_speakers_take_their_own_seats_and_leave_those_of_host_and_co_hosts() -> None:
    people = People(13, most_speakers=10)
    fill(people, Role.SPEAKER, 10)
    with pytest.raises(StageFull):
        people.join(offer(ADA, Role.SPEAKER), Feed())
    fill(people, Role.COHOST, 2)
    fill(people, Role.HOST, 1)
    with pytest.raises(StageFull):
        people.join(offer(ADA), Feed())


def test_whoever_is_here_comes_again_and_a_co_host_who_became_a_speaker_does_too() -> None:
    people = People(13, most_speakers=10)
    fill(people, Role.COHOST, 2)
    fill(people, Role.SPEAKER, 10)
    lately = SpeakerId(f"{Role.COHOST}0")
    people.recast(Recast(space=SPACE, speaker=lately, role=Role.SPEAKER))
    people.join(offer(lately, Role.SPEAKER), Feed())
    assert len(people) == 12
    with pytest.raises(StageFull):
        people.join(offer(ADA, Role.COHOST), Feed())
    people.join(offer(ADA), Feed())


def test_a_stage_for_one_takes_whoever_comes() -> None:
    for role in (Role.HOST, Role.COHOST, Role.SPEAKER):
        people = People(1, most_speakers=1)
        people.join(offer(ADA, role), Feed())
        with pytest.raises(StageFull):
            people.join(offer(BOB), Feed())
