"""The site's own words: named at the first run, changed by its operator, told to every part."""

from __future__ import annotations

from typing import Any

from rostra.bus import messages as m
from rostra.control.keys import setup_token_path

PASSWORD = "correct horse battery"


async def heard(site: Any) -> m.SiteState:
    """What another part hears of the site now."""
    async with site.bus.subscribe(m.SITE_STATE, m.SiteState) as states:
        async for _, state in states:
            return state
    raise AssertionError


async def test_the_first_run_names_the_site_for_every_part(site: Any, wait_until: Any) -> None:
    assert (await heard(site)).name == "Rostra"
    body = {"token": setup_token_path(site.data).read_text().strip(), "handle": "ada", "name": "Ada"}
    body |= {"password": PASSWORD, "site_name": "Casa Lola"}
    assert (await site.browser().post("/api/v1/setup", json=body)).status_code == 201
    assert (await site.client().get("/api/v1/site")).json()["name"] == "Casa Lola"

    async def named() -> bool:
        return (await heard(site)).name == "Casa Lola"

    await wait_until(named)


async def test_what_the_operator_says_outlives_a_restart(site: Any) -> None:
    http = await site.set_up()
    said = {
        "color": "#a03050",
        "contact": "mailto:lola@example.org",
        "imprint": "Lola\n\nCalle 1",
        "terms": "Be kind.",
        "open_sign_up": True,
    }
    changed = (await http.patch("/api/v1/site", json=said)).json()
    assert {key: changed[key] for key in said} == said
    await site.restart()
    state = await heard(site)
    assert (state.color, state.imprint, state.open_sign_up) == ("#a03050", "Lola\n\nCalle 1", True)
    kept = (await site.client().get("/api/v1/site")).json()
    assert {key: kept[key] for key in said} == said
    assert kept["name"] == "Rostra"


async def test_a_contact_may_be_as_long_as_the_address_of_a_page(site: Any) -> None:
    http = await site.set_up()
    page = "https://example.org/" + "a" * 180
    assert (await http.patch("/api/v1/site", json={"contact": page})).json()["contact"] == page
    assert (await http.patch("/api/v1/site", json={"contact": f"{page}a"})).status_code == 400
    assert (await http.patch("/api/v1/site", json={"contact": "a\nb"})).status_code == 400


async def test_only_an_operator_speaks_for_the_site(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    assert (await grace.patch("/api/v1/site", json={"name": "Mine"})).status_code == 403
    await site.operator().patch("/api/v1/accounts/grace", json={"role": "moderator"})
    assert (await grace.patch("/api/v1/site", json={"name": "Mine"})).status_code == 403
    assert (await site.client().patch("/api/v1/site", json={"name": "Mine"})).status_code == 401


async def test_words_that_pages_could_not_show_are_refused(site: Any) -> None:
    http = await site.set_up()
    for bad in (
        {"color": "red"},
        {"color": "#12345"},
        {"name": ""},
        {"name": "a\nb"},
        {"terms": "x" * 16_001},
    ):
        assert (await http.patch("/api/v1/site", json=bad)).status_code == 400, bad
    assert (await http.patch("/api/v1/site", json={"logo": "data:image/gif;base64,AAAA"})).status_code == 400
