"""Which sentence is due, and which earlier one covers it."""

from __future__ import annotations

import pytest

from rostra.bus.messages import RecordingPolicy, Visibility
from rostra.control import consent
from rostra.core import words


def due(visibility: str, policy: str) -> consent.Terms:
    return consent.due(Visibility(visibility), RecordingPolicy(policy))


def test_every_kind_of_space_has_its_sentence_in_every_language() -> None:
    for visibility in Visibility:
        for policy in RecordingPolicy:
            terms = consent.due(visibility, policy)
            for language in words.CATALOGUES:
                sentence = consent.sentence(terms, language)
                assert consent.read(sentence.id) == (terms, sentence)
                assert sentence.text != terms.key


@pytest.mark.parametrize("text_id", ["", "live", "live-and-recorded-1.xx", "live-and-recorded-1.en", "é.es"])
def test_an_unknown_sentence_is_none(text_id: str) -> None:
    assert consent.read(text_id) is None


@pytest.mark.parametrize(
    ("accepted", "asked", "covers"),
    [
        (("public", "publish"), ("private", "delete"), True),
        (("public", "hold"), ("public", "publish"), False),
        (("private", "publish"), ("public", "delete"), False),
        (("public", "delete"), ("private", "hold"), False),
        (("unlisted", "publish"), ("public", "publish"), True),
    ],
)
def test_whoever_agreed_to_more_agreed_to_less(
    accepted: tuple[str, str], asked: tuple[str, str], covers: bool
) -> None:
    assert due(*accepted).cover(due(*asked)) is covers
