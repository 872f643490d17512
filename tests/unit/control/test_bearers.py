"""Whose a name is on a stage: nobody's who stands lower, and the owner's where their account is called so."""

from __future__ import annotations

import pytest

from rostra.control.bearers import Bearer, give_way, need_own
from rostra.control.floor import Place
from rostra.control.names import NameTaken
from rostra.core.ids import SpeakerId

HERE = SpeakerId("aaaaaaa2")


@pytest.mark.parametrize(
    ("place", "other", "there"),
    [
        (Place.SPEAKER, Bearer("Alex", Place.SPEAKER, HERE), False),
        (Place.SPEAKER, Bearer("Alеx", Place.OWNER), False),
        (Place.SPEAKER, Bearer("alex", Place.COHOST, HERE), True),
        (Place.COHOST, Bearer("Alex", Place.HOST), False),
        (Place.OWNER, Bearer("Alex", Place.OPERATOR, HERE), False),
    ],
    ids=["first come", "the owner's, who is not there", "a higher one came", "the host's", "an operator's"],
)
def test_a_name_of_an_equal_on_stage_or_of_anybody_higher_is_refused(
    place: Place, other: Bearer, there: bool
) -> None:
    with pytest.raises(NameTaken):
        need_own("Alex", place, [other], there=there)


@pytest.mark.parametrize(
    ("place", "other", "there"),
    [
        (Place.OWNER, Bearer("Alex", Place.SPEAKER, HERE), False),
        (Place.SPEAKER, Bearer("Alex", Place.SPEAKER, HERE), True),
        (Place.COHOST, Bearer("Alex", Place.COHOST), False),
        (Place.SPEAKER, Bearer("Alexa", Place.OWNER, HERE), False),
    ],
    ids=[
        "the owner beside a guest",
        "who was there already",
        "who is not there",
        "another name",
    ],
)
def test_a_name_is_not_refused_to(place: Place, other: Bearer, there: bool) -> None:
    need_own("Alex", place, [other], there=there)


def test_the_name_of_the_owner_s_account_is_theirs_beside_an_operator_s_too() -> None:
    need_own("Alex", Place.OWNER, [Bearer("Alex", Place.OPERATOR, HERE)], own=True)
    with pytest.raises(NameTaken):
        need_own("Alex", Place.HOST, [Bearer("Alex", Place.OPERATOR, HERE)], own=True)


def test_only_those_on_stage_of_a_lower_place_give_way() -> None:
    others = [
        Bearer("Alex", Place.SPEAKER, HERE),
        Bearer("Alex", Place.COHOST, SpeakerId("bbbbbbb2")),
        Bearer("Alex", Place.SPEAKER),
        Bearer("Kim", Place.SPEAKER, SpeakerId("ccccccc2")),
    ]
    assert give_way("Alex", Place.COHOST, others) == {HERE}
