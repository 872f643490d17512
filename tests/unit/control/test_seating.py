"""Backstage lets nobody speak for whom the stage has no seat, and everybody for whom it has one."""

from __future__ import annotations

from itertools import chain, combinations_with_replacement

import pytest

from harness.hall import SPACE
from rostra.bus.messages import Offer, Role
from rostra.control.seating import Seating
from rostra.core.errors import Conflict, StageFull
from rostra.core.ids import SpeakerId
from rostra.stage.people import People
from rostra.stage.source.feed import Feed

ROLES = (Role.HOST, Role.COHOST, Role.SPEAKER)
SIZES = ((1, 1), (2, 1), (3, 2), (4, 2), (5, 2))
"""``max_speakers`` and, of these, who may be neither host nor co-host."""


def offer(number: int, role: Role) -> Offer:
    return Offer(space=SPACE, speaker=SpeakerId(f"speaker{number}"), name="Ada", role=role, sdp="")


def seated(people: People, roles: tuple[Role, ...]) -> bool:
    """Whether all of these come on stage, in some order that the stage allows."""
    try:
        for number, role in enumerate(sorted(roles, key=ROLES[::-1].index)):
            people.join(offer(number, role), Feed())
    except StageFull:
        return False
    return True


@pytest.mark.parametrize(("most", "most_speakers"), SIZES)
def test_backstage_and_stage_agree_on_who_has_a_seat(most: int, most_speakers: int) -> None:
    every = chain.from_iterable(combinations_with_replacement(ROLES, count) for count in range(most + 1))
    seen = set()
    for roles in every:
        people = People(most, most_speakers=most_speakers)
        if not seated(people, roles):
            continue
        stage = backstage = True
        try:
            people.make_room(SpeakerId("newcomer"), Role.SPEAKER)
        except StageFull:
            stage = False
        try:
            Seating(most, most_speakers).need_seat(roles, coming=0)
        except Conflict:
            backstage = False
        assert backstage == stage, roles
        seen.add(stage)
    assert seen == {True, False}


def test_those_on_their_way_have_their_seats() -> None:
    seating = Seating(most=5, most_speakers=2)
    seating.need_seat([Role.HOST, Role.SPEAKER], coming=0)
    with pytest.raises(Conflict, match=r"taken \(2\)"):
        seating.need_seat([Role.HOST, Role.SPEAKER], coming=1)
    with pytest.raises(Conflict):
        seating.need_seat([Role.HOST], coming=2)
