"""Whatever ends a conversation, or somebody's place on a stage, has words in every language."""

from __future__ import annotations

import pytest

from rostra.bus.messages import Off, Why
from rostra.control.conductor import TAPE_LOST
from rostra.core import words
from rostra.core.errors import DiskFull, RostraError, TapeDamaged
from rostra.stage.errors import why_ended, why_off_air
from rostra.tape.genesis import UnknownTape


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_person_reads_why_in_their_own_language(language: str) -> None:
    said = {f"why.{why}" for why in Why} | {f"error.{off}" for off in Off}
    assert said <= words.CATALOGUES[language].keys()
    same = {key for key in said if words.CATALOGUES[language][key] == words.CATALOGUES["en"][key]}
    assert not same or language == "en"


def test_no_words_are_kept_for_what_cannot_be() -> None:
    kept = {key for key in words.CATALOGUES["en"] if key.startswith("why.")}
    assert kept == {f"why.{why}" for why in Why}


@pytest.mark.parametrize("error", [DiskFull(), TapeDamaged(), UnknownTape(), RostraError(), OSError()])
def test_what_stops_a_tape_is_told_in_a_word_that_pages_know(error: Exception) -> None:
    assert why_ended(error) in Why
    assert why_off_air(error) in Why


def test_a_tape_that_is_lost_ends_the_space_with_a_word_that_pages_know() -> None:
    assert set(Why) >= TAPE_LOST
