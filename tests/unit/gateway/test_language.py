"""A visitor reads the door in the language they chose, or their browser did."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

import pytest

from rostra.bus.messages import Lifecycle
from rostra.core.ids import SpaceId
from rostra.core.words import CATALOGUES
from rostra.gateway.errors import NotLive

from .conftest import SPACE, House, space_state

OTHER = SpaceId("zyxwvutsrq")
NOT_LIVE = "error.not_live."


def test_a_choice_becomes_a_cookie_and_the_address_clean_again(house: House) -> None:
    house.open(space_state())
    reply = house.ask(f"/s/{SPACE}?lang=es&x=1", accept="text/html")
    assert reply.status == 303
    assert reply.headers["location"] == f"/s/{SPACE}?x=1"
    assert reply.headers["set-cookie"].startswith("lang=es; Path=/; Max-Age=")


def test_a_choice_never_leads_to_another_site(house: House) -> None:
    house.open()
    assert house.ask("//evil.example?lang=es", accept="text/html").headers["location"] == "/evil.example"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"/s/{SPACE}?stay", "Esta conversación se trasladó a «Elsewhere»."),
        ("/remind?t=a%26b%22%3E", "¿Te avisamos?"),
        ("/forget?t=abc", "¿Te olvidamos?"),
    ],
)
def test_a_link_to_another_language_leads_to_the_same_page(house: House, address: str, said: str) -> None:
    there = space_state(space=OTHER, title="Elsewhere", moved_from=(SPACE,))
    house.open(space_state(moved_to=OTHER), there)
    chosen = house.ask(_link_to_spanish(house, address), accept="text/html")
    assert chosen.status == 303
    spanish = house.ask(chosen.headers["location"], accept="text/html", cookie="lang=es")
    assert said in spanish.text
    asked, led = (parse_qs(each.partition("?")[2]) for each in (address, chosen.headers["location"]))
    assert asked == led


@pytest.mark.parametrize("state", [key.removeprefix(NOT_LIVE) for key in CATALOGUES["es"] if NOT_LIVE in key])
def test_why_nothing_is_live_is_said_in_the_readers_language(state: str) -> None:
    assert NotLive.because(state).said("es") == CATALOGUES["es"][NOT_LIVE + state]


def test_nobody_stays_by_a_link_who_did_not_ask_to(house: House) -> None:
    house.open(space_state())
    for query in ("?stay", "?other=1", ""):
        link = _link_to_spanish(house, f"/s/{SPACE}{query}")
        assert ("stay" in link) is (query == "?stay")


def _link_to_spanish(house: House, address: str) -> str:
    page = house.ask(address, accept="text/html", accept_language="en").text
    (link,) = re.findall(r'<a href="([^"]*)" lang="es"', page)
    return address.partition("?")[0] + html.unescape(link)


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


@pytest.mark.parametrize("read", [{"accept_language": "es-AR"}, {"cookie": "lang=es"}])
def test_programs_are_refused_in_the_language_they_ask_for_and_nobody_keeps_it(
    house: House, read: dict[str, str]
) -> None:
    house.open(space_state(Lifecycle.CANCELLED))
    unknown = house.ask("/s/zzzz/join", method="POST", **read)
    assert unknown.json()["error"]["message"] == "No hay ninguna conversación en esta dirección."
    assert unknown.json()["error"]["code"] == "unknown_space"
    assert unknown.headers["cache-control"] == "no-store"
    over = house.ask(f"/s/{SPACE}/join", method="POST", **read)
    assert over.json()["error"]["message"] == "Esta conversación se ha cancelado."
    method = house.ask(f"/s/{SPACE}", method="PUT", **read).json()["error"]
    assert method["message"] == "Esta dirección no responde a ese método."
    assert house.ask("/s/zzzz/join", method="POST").json()["error"]["message"].startswith("There is no")


def test_the_pseudo_language_turns_the_page_around(house: House) -> None:
    house.open(space_state())
    page = house.ask("/", accept="text/html", cookie="lang=qps").text
    assert 'dir="rtl"' in page
    assert "Úpçómíñg" in page
