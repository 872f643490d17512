"""Who may do what around a stage: the table holds both ways, and every refusal is a sentence."""

from __future__ import annotations

import itertools

import pytest

from harness.floor_rules import PERMITTED
from rostra.control.permits import PERMITS, Doing, Ruling, Standing, may_not, require
from rostra.core.errors import NotAllowed
from rostra.core.words import CATALOGUES, LANGUAGES


@pytest.mark.parametrize(("doing", "standing"), list(itertools.product(Doing, Standing)))
def test_what_was_decided_is_let_through_and_the_rest_refused_with_a_sentence(
    doing: Doing, standing: Standing
) -> None:
    if (doing, standing) in PERMITTED:
        require(standing, doing)
        return
    with pytest.raises(NotAllowed, match=r"^You may not .*\.$") as refused:
        require(standing, doing)
    assert refused.value.status == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_words_of_its_own_in_every_language(language: str) -> None:
    acts = [*Doing, *Ruling]
    assert {f"error.not_allowed.may_not.act.{act}" for act in acts} <= CATALOGUES[language].keys()
    assert len({may_not(act).said(language) for act in acts}) == len(acts)


def test_whoever_acts_as_host_may_what_the_host_may_while_it_is_live() -> None:
    host, acting = ({doing for doing in Doing if one in PERMITS[doing]} for one in ("host", "acting"))
    assert host - acting == {Doing.PREVIEW}
    assert acting <= host
