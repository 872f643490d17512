"""Links in notices: whole http(s) addresses, whatever somebody types."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rostra.control.commands import space_app
from rostra.control.notice_template import Template
from rostra.control.notices import check_link
from rostra.control.space_states import MAX_NOTICES
from rostra.core import words
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings
from rostra.gateway import stored


@given(st.text(max_size=600) | st.text(max_size=40).map(lambda text: f"https://{text}"))
def test_a_link_that_passes_is_a_whole_web_address_and_nothing_else_escapes(link: str) -> None:
    try:
        check_link(link)
    except BadRequest:
        return
    assert urlsplit(link).scheme in ("http", "https")
    assert urlsplit(link).hostname
    assert link.isprintable()
    assert "@" not in urlsplit(link).netloc
    assert "\\" not in link


@pytest.mark.parametrize(
    "link",
    ["https://example.org/a?b#c", "http://[::1]:8000/x", "https://exämple.org", "https://example.org/@ada"],
)
def test_web_addresses_pass(link: str) -> None:
    check_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "example.org",
        "//example.org",
        "data:text/html,x",
        "https://[",
        "mailto:a@b",
        "https://example.org\\@evil.example/",
        "https://example.org/a\\b",
        "https://paypal.com@evil.example/x",
        "https://paypal.com:443@evil.example",
        "https://@example.org/",
    ],
)
def test_others_do_not(link: str) -> None:
    with pytest.raises(BadRequest):
        check_link(link)


def test_the_command_names_every_notice_that_has_words_ready() -> None:
    told = CliRunner().invoke(space_app, ["notice", "--help"]).stdout
    assert all(name in told for name in Template)
    for language in words.LANGUAGES:
        assert all(words.say(language, f"notice.{name}") for name in Template)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_privacy_page_says_how_many_notices_are_kept(language: str) -> None:
    (space,) = (each for each in stored.kept(Settings()) if each.name == "space")
    assert f" {MAX_NOTICES}" in words.say(language, "door.kept.space.until", **space.values)
