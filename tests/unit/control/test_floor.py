"""Who may do what to whom: the table holds both ways, and every refusal is a sentence."""

from __future__ import annotations

import itertools
import re

import pytest

from harness.floor_rules import ALLOWED
from rostra.control.floor import (
    LINES,
    RULES,
    TARGETED,
    Act,
    FloorRefused,
    Place,
    acts,
    may,
    require,
    why_not,
)
from rostra.core.words import CATALOGUES, LANGUAGES

EVERYTHING = [(act, actor, target) for act, actor, target in itertools.product(Act, Place, [None, *Place])]
HEADS = {Place.OPERATOR, Place.OWNER, Place.HOST}


@pytest.mark.parametrize(("act", "actor", "target"), EVERYTHING)
def test_what_was_decided_is_let_through_and_the_rest_refused_with_a_sentence(
    act: Act, actor: Place, target: Place | None
) -> None:
    assert may(act, actor, target) == ((act, actor, target) in ALLOWED)
    if (act, actor, target) in ALLOWED:
        require(act, actor, target)
        assert why_not(act, actor, target) is None
        assert act in acts(actor, target)
        return
    with pytest.raises(FloorRefused) as refused:
        require(act, actor, target)
    assert refused.value.status == 403
    assert re.fullmatch(r"[A-Z].* may not .*\.", refused.value.sentence)
    assert act not in acts(actor, target)


def test_every_act_has_a_row_and_a_phrase_and_a_target_where_its_phrase_has_one() -> None:
    assert set(RULES) == set(LINES) == set(Act)
    for act, row in RULES.items():
        for catalogue in CATALOGUES.values():
            assert ("{target}" in catalogue[f"error.floor_refused.may_not.act.{act}"]) == (act in TARGETED)
        for targets in row.values():
            assert (None in targets) != (act in TARGETED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_has_words_as_who_acts_and_as_whom_it_is_done_to(language: str) -> None:
    words = CATALOGUES[language]
    assert {f"error.floor_refused.may_not.actor.{place}" for place in Place} <= words.keys()
    assert {f"error.floor_refused.may_not.target.{whom}" for whom in (*Place, "anybody")} <= words.keys()


def test_a_listener_may_only_ask_and_a_speaker_only_mute_themselves() -> None:
    assert acts(Place.LISTENER) == (Act.ASK,)
    assert acts(Place.SPEAKER) == (Act.MUTE_SELF,)
    assert not any(acts(place, target) for place in (Place.LISTENER, Place.SPEAKER) for target in Place)


@pytest.mark.parametrize("act", [Act.REMOVE, Act.BLOCK, Act.LISTENER])
def test_nobody_takes_a_host_an_owner_or_an_operator_off_the_stage(act: Act) -> None:
    heads = (Place.HOST, Place.OWNER, Place.OPERATOR)
    assert not any(may(act, actor, target) for actor in Place for target in heads)


@pytest.mark.parametrize("act", [Act.PROMOTE, Act.DEMOTE, Act.INVITE_COHOST, Act.END])
def test_only_who_leads_chooses_cohosts_and_ends(act: Act) -> None:
    assert set(RULES[act]) == HEADS | {Place.ACTING}
    assert str(why_not(Act.END, Place.COHOST)) == "A co-host may not end this conversation."


def test_who_acts_as_host_may_what_the_host_may_to_others_but_not_give_the_role_away() -> None:
    host, acting = ({(act, to) for act, by, to in ALLOWED if by is one} for one in (Place.HOST, Place.ACTING))
    to_whom_acts = {(act, to) for act, to in host if to is Place.ACTING and act is not Act.MUTE}
    hand_over = {(Act.HAND_OVER, to) for to in (Place.ACTING, Place.COHOST, Place.SPEAKER)}
    assert host - acting == to_whom_acts | hand_over
    assert acting <= host


def test_a_cohost_takes_a_speaker_off_and_no_other_cohost() -> None:
    assert may(Act.REMOVE, Place.COHOST, Place.SPEAKER)
    refused = why_not(Act.REMOVE, Place.COHOST, Place.COHOST)
    assert refused is not None
    assert refused.sentence == "A co-host may not remove a co-host from the stage."
    assert refused.said("es") == "Un coanfitrión no puede retirar a un coanfitrión del escenario."
    assert refused.detail == {"actor": "cohost", "act": "remove", "target": "cohost"}
    assert may(Act.REMOVE, Place.ACTING, Place.COHOST)


def test_only_the_owner_takes_the_role_back() -> None:
    assert set(RULES[Act.TAKE_BACK]) == {Place.OWNER}


def test_blocking_from_all_of_an_owners_stages_is_for_the_owner_and_operators() -> None:
    assert set(RULES[Act.BLOCK_EVERYWHERE]) == {Place.OWNER, Place.OPERATOR}
