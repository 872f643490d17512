"""What a browser that was left signed in may not do until somebody shows again who they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.authenticator import Authenticator
from rostra.store.database import database_path

ORIGIN = "https://backstage.example.org"
COOKIE = "__Host-rostra_session"
PASSWORD, NEW = "correct horse battery", "another long password"


@pytest.fixture
def settings(settings: Any) -> Any:
    """Backstage has a name, as passkeys need."""
    return settings.model_copy(update={"control_url": ORIGIN})


async def browser(site: Any, handle: str) -> Any:
    """A browser of somebody with an account, just signed in."""
    body = {"handle": handle, "name": handle.title(), "password": PASSWORD}
    role = {"role": "operator"} if handle == "ada" else {}
    assert (await site.operator().post("/api/v1/accounts", json=body | role)).status_code == 201
    http = site.client()
    http.headers["origin"] = ORIGIN
    cookies = (await http.post("/api/v1/session", json={"handle": handle, "password": PASSWORD})).cookies
    http.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return http


def lie_idle(site: Any, minutes: float) -> None:
    """Let so much time pass for every sign-in."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        connection.execute("update sessions set proved_at = proved_at - ?", (int(minutes * 60_000),))
        connection.commit()


async def guarded(http: Any) -> list[tuple[int, str]]:
    """Try what needs a fresh proof and leaves things as they were when refused."""
    answers = (
        await http.patch("/api/v1/account", json={"email": "thief@example.org"}),
        await http.post("/api/v1/tokens", json={"name": "thief"}),
        await http.post("/api/v1/passkeys/options"),
        await http.post("/api/v1/passkeys", json={"name": "thief", "credential": {}}),
        await http.delete("/api/v1/passkeys/none"),
        await http.put("/api/v1/account/password", json={"password": NEW}),
        await http.request("DELETE", "/api/v1/account", json={}),
    )
    return [(each.status_code, each.json()["error"]["code"]) for each in answers]


async def test_a_browser_left_alone_may_not_change_how_its_owner_gets_in(site: Any) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")
    lie_idle(site, 10.1)
    assert await guarded(grace) == [(403, "proof_needed")] * 7
    assert (await grace.patch("/api/v1/account", json={"bio": "New"})).status_code == 200
    assert (await grace.patch("/api/v1/account", json={"email": ""})).status_code == 200, "nothing changes"
    assert (await grace.get("/api/v1/tokens")).json()["tokens"] == []


async def test_within_ten_minutes_of_the_password_nobody_is_asked_again(site: Any) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")
    lie_idle(site, 9)
    assert (await grace.patch("/api/v1/account", json={"email": "g@example.org"})).status_code == 200
    assert (await grace.post("/api/v1/tokens", json={"name": "cron"})).status_code == 201
    assert (await grace.post("/api/v1/passkeys/options")).status_code == 200
    assert (await grace.put("/api/v1/account/password", json={"password": NEW})).status_code == 200


async def test_the_password_given_again_holds_for_ten_minutes_and_a_wrong_one_for_none(site: Any) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")
    lie_idle(site, 11)
    wrong = await grace.post("/api/v1/session/proof", json={"password": "no"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "not_allowed")
    assert (await grace.post("/api/v1/tokens", json={"name": "cron"})).status_code == 403
    assert (await grace.post("/api/v1/session/proof", json={"password": PASSWORD})).status_code == 204
    assert (await grace.post("/api/v1/tokens", json={"name": "cron"})).status_code == 201
    entries = (await site.operator().get("/api/v1/audit")).json()["entries"]
    assert ("session.prove", {"by": "password"}) in [(each["act"], each["detail"]) for each in entries]


async def test_guessing_is_slowed_down(site: Any) -> None:
    await browser(site, "ada")
    thief = await browser(site, "grace")
    statuses = [
        (await thief.post("/api/v1/session/proof", json={"password": f"guess {n}"})).status_code
        for n in range(10)
    ]
    assert statuses == [403] * 8 + [429] * 2


async def test_a_passkey_shown_again_is_as_good_and_somebody_else_s_is_not(site: Any) -> None:
    ada, grace = await browser(site, "ada"), await browser(site, "grace")
    devices = {}
    for http in (ada, grace):
        device = devices[http] = Authenticator(ORIGIN)
        made = device.create((await http.post("/api/v1/passkeys/options")).json())
        body = {"name": "Phone", "credential": made}
        assert (await http.post("/api/v1/passkeys", json=body)).status_code == 201
    lie_idle(site, 11)

    async def show(device: Authenticator) -> int:
        options = (await grace.post("/api/v1/session/passkey/options")).json()
        body = {"credential": device.get(options)}
        return int((await grace.post("/api/v1/session/proof", json=body)).status_code)

    assert await show(devices[ada]) == 401
    assert (await grace.post("/api/v1/tokens", json={"name": "cron"})).status_code == 403
    assert await show(devices[grace]) == 204
    assert (await grace.post("/api/v1/tokens", json={"name": "cron"})).status_code == 201


async def test_a_program_never_changes_how_its_owner_gets_in(site: Any) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")
    token = (await grace.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    program = site.client(f"Bearer {token}")
    assert await guarded(program) == [(403, "proof_needed")] * 7
    assert (await program.post("/api/v1/session/proof", json={"password": PASSWORD})).status_code == 403


async def test_one_browser_s_proof_is_not_another_s(site: Any) -> None:
    await browser(site, "ada")
    here = await browser(site, "grace")
    elsewhere = site.client()
    elsewhere.headers["origin"] = ORIGIN
    body = {"handle": "grace", "password": PASSWORD}
    cookies = (await elsewhere.post("/api/v1/session", json=body)).cookies
    elsewhere.headers["cookie"] = f"{COOKIE}={cookies[COOKIE]}"
    lie_idle(site, 11)
    assert (await elsewhere.post("/api/v1/session/proof", json={"password": PASSWORD})).status_code == 204
    assert (await here.post("/api/v1/tokens", json={"name": "cron"})).status_code == 403


async def test_api_tokens_end_with_the_password_that_was_forgotten_or_set_by_an_operator(site: Any) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")

    async def a_program(http: Any) -> Any:
        answer = await http.post("/api/v1/tokens", json={"name": "cron"})
        return site.client(f"Bearer {answer.json()['token']}")

    program = await a_program(grace)
    link = (await site.operator().post("/api/v1/accounts/grace/reset")).json()["url"].partition("#")[2]
    anew = site.client()
    body = {"token": link, "password": NEW}
    assert (await anew.post("/api/v1/resets/use", json=body)).status_code == 200
    assert (await program.get("/api/v1/session")).status_code == 401

    again = site.client()
    again.headers["origin"] = ORIGIN
    cookies = (await again.post("/api/v1/session", json={"handle": "grace", "password": NEW})).cookies
    again.headers["cookie"] = f"{COOKIE}={cookies[COOKIE]}"
    program = await a_program(again)
    await site.operator().put("/api/v1/accounts/grace/password", json={"password": PASSWORD})
    assert (await program.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?tokens=true", 401)])
async def test_signing_out_everywhere_ends_programs_where_that_is_asked_for(
    site: Any, query: str, status: int
) -> None:
    await browser(site, "ada")
    grace = await browser(site, "grace")
    token = (await grace.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    assert (await grace.delete(f"/api/v1/account/sessions{query}")).status_code == 204
    assert (await site.client(f"Bearer {token}").get("/api/v1/session")).status_code == status


async def ruling(http: Any) -> dict[str, tuple[int, str]]:
    """Try what an operator may do to others' accounts, and to their own by way of it, once proved."""
    somebody = {"handle": "eve", "name": "Eve", "password": PASSWORD}
    answers = {
        "own password": await http.put("/api/v1/accounts/ada/password", json={"password": NEW}),
        "password": await http.put("/api/v1/accounts/grace/password", json={"password": NEW}),
        "own link": await http.post("/api/v1/accounts/ada/reset"),
        "link": await http.post("/api/v1/accounts/grace/reset"),
        "role": await http.patch("/api/v1/accounts/grace", json={"role": "operator"}),
        "moderator": await http.patch("/api/v1/accounts/grace", json={"role": "moderator"}),
        "create": await http.post("/api/v1/accounts", json=somebody | {"role": "operator"}),
        "invite": await http.post("/api/v1/accounts/invitations", json={"role": "moderator"}),
        "export": await http.get("/api/v1/accounts/grace/export"),
        "delete": await http.delete("/api/v1/accounts/grace"),
    }
    return {
        each: (answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else "")
        for each, answer in answers.items()
    }


async def test_an_operator_left_signed_in_rules_over_nobody_s_way_in(site: Any) -> None:
    ada = await browser(site, "ada")
    await browser(site, "grace")
    lie_idle(site, 10.1)
    assert set((await ruling(ada)).values()) == {(403, "proof_needed")}
    body = {"handle": "eve", "name": "Eve", "password": PASSWORD}
    assert (await ada.post("/api/v1/accounts", json=body)).status_code == 201, "a member rules over nobody"
    assert (await ada.post("/api/v1/accounts/invitations", json={})).status_code == 201
    assert (await ada.post("/api/v1/session/proof", json={"password": PASSWORD})).status_code == 204
    assert (await ada.post("/api/v1/accounts/grace/reset")).status_code == 201


async def test_an_operator_s_program_rules_over_nobody_s_way_in_either(site: Any) -> None:
    ada = await browser(site, "ada")
    await browser(site, "grace")
    token = (await ada.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    program = site.client(f"Bearer {token}")
    assert set((await ruling(program)).values()) == {(403, "proof_needed")}
    assert (await program.post("/api/v1/accounts/grace/suspend", json={})).status_code == 200


async def test_too_much_guessing_is_told_in_words_that_fit_what_was_tried(site: Any) -> None:
    await browser(site, "ada")
    thief = await browser(site, "grace")
    for _ in range(9):
        answer = await thief.put("/api/v1/account/password", json={"current": "guess", "password": NEW})
    assert answer.json()["error"]["message"] == "Too many attempts. Please wait a moment and try again."
