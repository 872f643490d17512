"""The shell of backstage: which addresses it has, and in which language it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Match

from rostra.control import pages
from rostra.control.pages import read_assets

SCREENS = (
    "/",
    "/setup",
    "/signin",
    "/console",
    "/accounts",
    "/account",
    "/invitation",
    "/reset",
    "/site",
    "/audit",
    "/door",
)


def is_served(path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in pages.router.routes)


@pytest.mark.parametrize("path", [*SCREENS, "/studio/abcdefgh22"])
def test_every_screen_has_an_address_that_survives_a_reload(path: str) -> None:
    assert is_served(path)


def test_an_address_that_is_no_screen_is_not_taken_for_one() -> None:
    assert not is_served("/consoles")


def test_the_shell_is_not_offered_before_the_pages_are_built(tmp_path: Path) -> None:
    assert read_assets(tmp_path) is None


@pytest.mark.parametrize(
    ("language", "told", "direction"), [("en", "en", "ltr"), ("es", "es", "ltr"), ("qps", "en", "rtl")]
)
def test_the_shell_says_its_language_before_any_script_runs(language: str, told: str, direction: str) -> None:
    text = pages.render("Town Hall", pages.Assets(("/a.css",), ("/a.js",)), language)
    assert f'<html lang="{told}" dir="{direction}">' in text
    assert "Town Hall" in text


def test_without_scripts_a_spanish_reader_is_told_why_in_spanish() -> None:
    text = pages.render("Town Hall", pages.Assets((), ()), "es")
    assert "JavaScript y un navegador actual" in text
    assert '<main class="waiting late"><h1>Town Hall</h1>' in text
