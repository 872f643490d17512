"""New passwords: by a link that an operator makes, and by knowing the present one."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.control import resets

PASSWORD = "correct horse battery"
NEW = "another long password"
LOOK, USE = "/api/v1/resets/look", "/api/v1/resets/use"


async def link(site: Any, handle: str = "grace") -> dict[str, str]:
    """What a page brings that was opened by an operator's link."""
    made = (await site.operator().post(f"/api/v1/accounts/{handle}/reset")).json()
    assert made["url"].startswith(f"{site.url}/reset#")
    assert made["mailed"] is False
    return {"token": made["url"].partition("#")[2]}


async def signs_in(site: Any, password: str) -> int:
    body = {"handle": "grace", "password": password}
    return int((await site.browser().post("/api/v1/session", json=body)).status_code)


async def test_a_link_sets_a_new_password_once_and_signs_out_everywhere(site: Any) -> None:
    await site.set_up()
    elsewhere = await site.host("grace")
    given = await link(site)
    here = site.browser()
    assert (await here.post(LOOK, json=given)).json() == {"handle": "grace"}
    assert (await here.post(USE, json={**given, "password": NEW})).json()["account"]["handle"] == "grace"
    assert (await here.get("/api/v1/session")).status_code == 200
    assert (await elsewhere.get("/api/v1/session")).status_code == 401
    assert [await signs_in(site, PASSWORD), await signs_in(site, NEW)] == [401, 200]
    again = await here.post(USE, json={**given, "password": PASSWORD})
    assert again.json()["error"]["code"] == "link_used"


async def test_a_newer_link_makes_the_older_one_useless(site: Any) -> None:
    await site.set_up()
    await site.host("grace")
    older, newer = await link(site), await link(site)
    assert (await site.client().post(LOOK, json=older)).status_code == 404
    assert (await site.client().post(LOOK, json=newer)).status_code == 200


async def test_a_link_whose_time_is_over_is_no_good(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.set_up()
    await site.host("grace")
    monkeypatch.setattr(resets, "HOUR_MS", 0)
    assert (await site.client().post(LOOK, json=await link(site))).status_code == 404


async def test_a_new_password_needs_the_present_one_and_keeps_this_browser_signed_in(site: Any) -> None:
    await site.set_up()
    here = await site.host("grace")
    elsewhere = site.browser()
    await elsewhere.post("/api/v1/session", json={"handle": "grace", "password": PASSWORD})
    wrong = await here.put("/api/v1/account/password", json={"current": "no", "password": NEW})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "not_allowed")
    body = {"current": PASSWORD, "password": NEW}
    assert (await here.put("/api/v1/account/password", json=body)).status_code == 200
    assert (await here.get("/api/v1/session")).status_code == 200
    assert (await elsewhere.get("/api/v1/session")).status_code == 401
    assert [await signs_in(site, PASSWORD), await signs_in(site, NEW)] == [401, 200]


async def test_a_stolen_session_cannot_guess_the_password(site: Any) -> None:
    await site.set_up()
    thief = await site.host("grace")
    guesses = [
        (await thief.put("/api/v1/account/password", json={"current": f"{n}", "password": NEW})).status_code
        for n in range(10)
    ]
    assert guesses == [403] * 8 + [429] * 2


async def test_signing_out_everywhere_ends_every_browser_and_no_program(site: Any) -> None:
    await site.set_up()
    here = await site.host("grace")
    made = (await here.post("/api/v1/tokens", json={"name": "cron"})).json()
    elsewhere = site.browser()
    await elsewhere.post("/api/v1/session", json={"handle": "grace", "password": PASSWORD})
    assert (await here.delete("/api/v1/account/sessions")).status_code == 204
    assert [(await http.get("/api/v1/session")).status_code for http in (here, elsewhere)] == [401, 401]
    assert (await site.client(f"Bearer {made['token']}").get("/api/v1/session")).status_code == 200


async def test_nobody_learns_from_a_site_without_mail_who_has_an_account(site: Any) -> None:
    await site.set_up()
    for handle in ("ada", "nobody"):
        answer = await site.browser().post("/api/v1/resets", json={"handle": handle})
        assert (answer.status_code, answer.json()) == (202, None)


async def test_a_link_is_brought_in_a_body_and_opens_nothing_in_an_address(site: Any) -> None:
    """Addresses stand in the logs of proxies."""
    await site.set_up()
    await site.host("grace")
    token = (await link(site))["token"]
    for method in ("GET", "POST"):
        answer = await site.client().request(method, f"/api/v1/resets/{token}", json={"password": NEW})
        assert answer.status_code in (404, 405)
    assert await signs_in(site, NEW) == 401
