"""A visitor reads the door in the language they chose, or their browser did."""

from __future__ import annotations

import re

from rostra.bus.messages import Lifecycle

from .conftest import SPACE, House, space_state


def test_a_choice_becomes_a_cookie_and_the_address_clean_again(house: House) -> None:
    house.open(space_state())
    reply = house.ask(f"/s/{SPACE}?lang=es&x=1", accept="text/html")
    assert reply.status == 303
    assert reply.headers["location"] == f"/s/{SPACE}?x=1"
    assert reply.headers["set-cookie"].startswith("lang=es; Path=/; Max-Age=")


def test_a_choice_never_leads_to_another_site(house: House) -> None:
    house.open()
    assert house.ask("//evil.example?lang=es", accept="text/html").headers["location"] == "/evil.example"


def test_pages_speak_the_language_of_cookie_or_browser(house: House) -> None:
    house.open(space_state(Lifecycle.CANCELLED))
    spanish = house.ask(f"/s/{SPACE}", accept="text/html", cookie="lang=es")
    assert '<html lang="es" dir="ltr"' in spanish.text
    assert "Esta conversación se ha cancelado." in spanish.text
    assert "mar 14 nov, 23:23 CET" in " ".join(re.sub("<[^>]+>", "", spanish.text).split())
    english = house.ask(f"/s/{SPACE}", accept="text/html", accept_language="de, en;q=0.5")
    assert "This conversation was cancelled." in english.text


def test_a_refusal_is_told_in_the_visitors_language(house: House) -> None:
    house.open()
    reply = house.ask("/s/nothing", accept="text/html", accept_language="es-AR")
    assert reply.status == 404
    assert "No hay ninguna conversación en esta dirección." in reply.text


def test_the_pseudo_language_turns_the_page_around(house: House) -> None:
    house.open(space_state())
    page = house.ask("/", accept="text/html", cookie="lang=qps").text
    assert 'dir="rtl"' in page
    assert "Úpçómíñg" in page
