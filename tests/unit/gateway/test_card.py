"""The picture of a space: its size, and that every word of it fits."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rostra.bus.messages import Lifecycle
from rostra.core import words
from rostra.gateway.card import Card, draw, fit
from rostra.gateway.typeface import Typeface, our_face, typeface

from .conftest import space_state

TITLES = [
    "Hi",
    "The evening that failed",
    "What a million listeners arriving in the same minute taught us " * 4,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "🎙️🔥",
    "",
    "„Žluťoučký kůň“ Ελλάδα Россия 中文",
]
FACES = [typeface(), Typeface((our_face(),))]


@pytest.mark.parametrize("title", TITLES)
def test_a_card_is_a_png_of_the_size_that_previews_expect(title: str) -> None:
    png = draw(Card.of(space_state(title=title, announced=("Ada", "Zoë 🎉", "")), site_name="Rostra"))
    image = Image.open(BytesIO(png))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(png) < 400_000


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("face", FACES)
def test_the_whole_title_stands_on_the_card(face: Typeface, title: str) -> None:
    text = face.readable(title)
    size, lines = fit(face, text, width=1056, height=296)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) * size * 1.12 <= 296
    assert all(face.width(line, size) <= 1056 for line in lines)


def test_a_short_title_is_large() -> None:
    assert fit(typeface(), "Hi", width=1056, height=296)[0] == 96


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=80), max_size=5))
def test_any_text_at_all_can_be_drawn(title: str, names: list[str]) -> None:
    card = Card.of(space_state(title=title, announced=tuple(names)), site_name=title[:20])
    assert draw(card).startswith(b"\x89PNG")


def test_every_machine_has_accents_and_other_alphabets() -> None:
    text = "Žluťoučký Größe Łódź Ελλάδα Россия"
    assert Typeface((our_face(),)).readable(text) == text


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("name", ["The Metropolitan Museum of Art Evening Talks", "W" * 60])
def test_a_long_site_name_ends_before_the_label(name: str, language: str) -> None:
    card = Card.of(space_state(), site_name=name, language=language)
    label = 1200 - 72 - 36 - round(typeface().width(card.label.upper(), 22))
    assert _is_dark(card, (label - 20, 50, label - 2, 110))
    assert not _is_dark(card, (label - 2, 50, label + 2, 110))
    assert _is_dark(Card.of_site(name), (1200 - 70, 50, 1200, 110))


@pytest.mark.parametrize(
    ("title", "last_begins"),
    [
        ("Part two!", (72, 190, 240, 300)),
        ("The bridge, its builders and whoever crosses it: live!", (72, 340, 240, 424)),
    ],
)
def test_each_line_of_a_title_that_runs_to_the_left_begins_on_the_right(
    title: str, last_begins: tuple[int, int, int, int]
) -> None:
    assert not _is_dark(Card.of(space_state(title=title), site_name="Rostra"), last_begins)
    assert _is_dark(Card.of(space_state(title=f"\u200f{title}"), site_name="Rostra"), last_begins)


def _is_dark(card: Card, box: tuple[int, int, int, int]) -> bool:
    """Whether nothing is drawn there."""
    _, brightest = Image.open(BytesIO(draw(card))).crop(box).convert("L").getextrema()
    return brightest < 60


@pytest.mark.parametrize(("color", "drawn"), [("", "#ffc91f"), ("#e05a7a", "#e05a7a")])
def test_what_shines_has_the_site_s_colour(color: str, drawn: str) -> None:
    image = Image.open(BytesIO(draw(Card.of(space_state(), site_name="Rostra", color=color))))
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((80, 452))) == drawn


def test_what_no_font_has_is_left_out() -> None:
    assert Typeface((our_face(),)).readable("Hi 🎉 all") == "Hi all"


def test_a_card_promises_a_recording_only_where_there_may_be_one() -> None:
    ended = space_state(Lifecycle.ENDED)
    lost = space_state(Lifecycle.ENDED, recording=None, ended_reason="The tape is damaged.")
    labels = [Card.of(each, site_name="Rostra").label for each in (ended, lost)]
    assert labels == ["Recording", "Ended"]


def test_a_card_changes_with_what_it_says_and_with_nothing_else() -> None:
    announced = Card.of(space_state(), site_name="Rostra")
    assert announced == Card.of(space_state(revision=9, description="other"), site_name="Rostra")
    assert announced != Card.of(space_state(title="Other"), site_name="Rostra")
    assert announced != Card.of(space_state(Lifecycle.CANCELLED), site_name="Rostra")


def test_the_time_stands_in_the_hosts_zone() -> None:
    assert Card.of(space_state(), site_name="Rostra").when == "Tue 14 Nov 2023  ·  11:23 pm CET"
