"""What a reminder says: the title and the start, but never those of a private space."""

from __future__ import annotations

import pytest

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.control.reminder_policy import Occasion, Sending
from rostra.control.reminder_words import told
from rostra.core import words
from rostra.core.ids import AccountId, SpaceId

START = 1_700_000_000_000
EVERY = [(language, occasion) for language in words.LANGUAGES for occasion in Occasion]


def space(visibility: Visibility, title: str = "Secret plans") -> SpaceState:
    return SpaceState(
        space=SpaceId("abcdefghjk"),
        revision=1,
        lifecycle=Lifecycle.SCHEDULED,
        title=title,
        description="",
        host=AccountId("host"),
        host_name="Ada",
        starts_at=START,
        time_zone="UTC",
        visibility=visibility,
    )


def said(
    language: str, occasion: Occasion, state: SpaceState, target: SpaceState | None = None
) -> tuple[str, str]:
    return told(language, state, Sending(occasion, "", 1), target, now_ms=START)


@pytest.mark.parametrize(("language", "occasion"), EVERY)
def test_of_a_space_that_is_private_now_no_title_and_no_start_is_told(
    language: str, occasion: Occasion
) -> None:
    subject, text = said(language, occasion, space(Visibility.PRIVATE), space(Visibility.PUBLIC, "Elsewhere"))
    for hidden in ("Secret plans", "Elsewhere", ":13"):
        assert hidden not in subject + text
    assert "priva" in text


@pytest.mark.parametrize(("language", "occasion"), EVERY)
def test_of_any_other_space_the_title_is_told(language: str, occasion: Occasion) -> None:
    for visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
        subject, text = said(language, occasion, space(visibility, "The evening"))
        assert "The evening" in subject
        assert "The evening" in text
        assert "{" not in subject + text


def test_the_title_of_where_it_goes_on_is_told_unless_that_is_private() -> None:
    source = space(Visibility.PUBLIC, "Here")
    assert "Elsewhere" in said("en", Occasion.MOVED, source, space(Visibility.PUBLIC, "Elsewhere"))[1]
    assert "Elsewhere" not in said("en", Occasion.MOVED, source, space(Visibility.PRIVATE, "Elsewhere"))[1]


def test_who_hears_for_the_last_time_is_told_so() -> None:
    for occasion in (Occasion.CANCELLED, Occasion.RECORDING):
        assert "forgotten you" in said("en", occasion, space(Visibility.PRIVATE))[1]
