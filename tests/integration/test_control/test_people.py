"""Roles, looking people up, the verified mark, and that somebody always operates the site."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.core import words

ACTS = ("look", "invite member", "invite operator", "reset", "suspend", "verify", "role", "export", "delete")
RULES = {
    #            look  member oper. reset susp. verify role  export delete
    "operator": "200   201    201   201   200   200    200   200    204",
    "moderator": "200  201    403   403   200   200    403   403    403",
    "member": "403     403    403   403   403   403    403   403    403",
    "stranger": "401   401    401   401   401   401    401   401    401",
    "suspended": "403  403    403   403   403   403    403   403    403",
}


async def person(site: Any, handle: str, role: str) -> Any:
    """Make an account with a role; return its browser, signed in."""
    http = await site.host(handle)
    if role != "member":
        promoted = await site.operator().patch(f"/api/v1/accounts/{handle}", json={"role": role})
        assert promoted.json()["account"]["role"] == role
    return http


@pytest.mark.parametrize("who", RULES)
async def test_who_may_do_what_to_a_members_account(site: Any, who: str) -> None:
    await site.set_up()
    await site.host("grace")
    http = site.client()
    if who != "stranger":
        http = await person(site, "someone", "member" if who == "suspended" else who)
    if who == "suspended":
        await site.operator().post("/api/v1/accounts/someone/suspend", json={})
    made = (
        await http.get("/api/v1/accounts"),
        await http.post("/api/v1/accounts/invitations", json={"role": "member"}),
        await http.post("/api/v1/accounts/invitations", json={"role": "operator"}),
        await http.post("/api/v1/accounts/grace/reset"),
        await http.post("/api/v1/accounts/grace/suspend", json={"reason": "spam"}),
        await http.post("/api/v1/accounts/grace/verify"),
        await http.patch("/api/v1/accounts/grace", json={"role": "moderator"}),
        await http.get("/api/v1/accounts/grace/export"),
        await http.request("DELETE", "/api/v1/accounts/grace"),
    )
    codes = dict(zip(ACTS, [answer.status_code for answer in made], strict=True))
    assert codes == dict(zip(ACTS, map(int, RULES[who].split()), strict=True))
    if who == "suspended":
        assert {answer.json()["error"]["code"] for answer in made} == {"suspended"}


async def test_a_moderator_has_no_power_over_moderators_and_operators(site: Any) -> None:
    await site.set_up()
    moderator = await person(site, "mona", "moderator")
    await person(site, "max", "moderator")
    for handle in ("ada", "max"):
        for act in ("suspend", "verify", "unverify", "reinstate"):
            answer = await moderator.post(f"/api/v1/accounts/{handle}/{act}", json={})
            assert answer.status_code == 403, (handle, act)


async def test_people_are_found_by_a_part_of_their_handle_or_name_page_by_page(site: Any) -> None:
    http = await site.set_up()
    for handle in ("grace", "gregor", "hedy"):
        await site.host(handle)
    found = (await http.get("/api/v1/accounts", params={"search": "GR"})).json()
    assert [each["handle"] for each in found["accounts"]] == ["grace", "gregor"]
    assert found["next"] is None
    first = (await http.get("/api/v1/accounts", params={"limit": 3})).json()
    assert [each["handle"] for each in first["accounts"]] == ["ada", "grace", "gregor"]
    rest = (await http.get("/api/v1/accounts", params={"limit": 3, "after": first["next"]})).json()
    assert [each["handle"] for each in rest["accounts"]] == ["hedy"]
    assert (await http.get("/api/v1/accounts", params={"search": "%"})).json()["accounts"] == []
    assert (await http.get("/api/v1/accounts/hedy")).json()["account"]["name"] == "Hedy"
    assert (await http.get("/api/v1/accounts/nobody")).json()["error"]["code"] == "unknown_account"


async def test_people_are_found_by_their_names_whatever_case_and_accents(site: Any) -> None:
    http = await site.set_up()
    body = {"handle": "hedy", "name": "Ángel Straße", "password": "correct horse battery"}
    assert (await http.post("/api/v1/accounts", json=body)).status_code == 201
    for search in ("Ángel", "ángel", "ANGEL", "angel straße", "STRASSE", "A\u0301ngel"):
        found = (await http.get("/api/v1/accounts", params={"search": search})).json()
        assert [each["handle"] for each in found["accounts"]] == ["hedy"], search


async def test_the_verified_mark_says_who_gave_it_and_is_on_every_page(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    marked = (await http.post("/api/v1/accounts/grace/verify")).json()["account"]["verified"]
    assert marked["by"] == "Ada"
    assert marked["at"].startswith("20")
    await wait_until(lambda: site.states[space].host_verified)
    again = await http.post("/api/v1/accounts/grace/verify")
    assert again.json()["account"]["verified"] == marked
    assert (await http.post("/api/v1/accounts/grace/unverify")).json()["account"]["verified"] is None
    await wait_until(lambda: not site.states[space].host_verified)


async def test_the_last_operator_can_be_neither_demoted_nor_suspended_nor_deleted(site: Any) -> None:
    await site.set_up()
    local = site.operator()
    second = await person(site, "olga", "operator")
    assert (await second.post("/api/v1/accounts/ada/suspend", json={})).status_code == 200
    made = (
        await second.patch("/api/v1/accounts/olga", json={"role": "member"}),
        await local.post("/api/v1/accounts/olga/suspend", json={}),
        await local.request("DELETE", "/api/v1/accounts/olga"),
        await second.request("DELETE", "/api/v1/account", json={"password": "correct horse battery"}),
    )
    assert [answer.status_code for answer in made] == [409] * 4
    assert made[0].json()["error"]["code"] == "last_operator"
    assert (await second.get("/api/v1/session")).json()["account"]["role"] == "operator"


async def test_nobody_suspends_themselves(site: Any) -> None:
    http = await site.set_up()
    await person(site, "olga", "operator")
    assert (await http.post("/api/v1/accounts/ada/suspend", json={})).status_code == 409
    assert (await http.get("/api/v1/session")).status_code == 200


async def test_a_member_hosts_a_space_of_their_own_without_being_asked_for_more(site: Any) -> None:
    await site.set_up()
    grace = await site.host("grace")
    made = await grace.post("/api/v1/spaces", json={"title": "Mine"})
    assert made.status_code == 201
    assert (await grace.get("/api/v1/session")).json()["account"]["role"] == "member"


async def test_only_operators_and_oneself_see_a_mail_address(site: Any) -> None:
    ada = await site.set_up()
    mo, grace = await site.host("mo"), await site.host("grace")
    await ada.patch("/api/v1/accounts/mo", json={"role": "moderator"})
    for http, address in ((ada, "ada@example.org"), (grace, "grace@example.org"), (mo, "mo@example.org")):
        assert (await http.patch("/api/v1/account", json={"email": address})).json()["account"]["email"]

    async def seen(http: Any) -> dict[str, str | None]:
        return {
            each["handle"]: each["email"] for each in (await http.get("/api/v1/accounts")).json()["accounts"]
        }

    assert set((await seen(ada)).values()) == {"ada@example.org", "grace@example.org", "mo@example.org"}
    assert await seen(mo) == {"ada": None, "grace": None, "mo": "mo@example.org"}
    for answer in (
        await mo.get("/api/v1/accounts/grace"),
        await mo.post("/api/v1/accounts/grace/verify"),
        await mo.post("/api/v1/accounts/grace/suspend", json={}),
        await mo.post("/api/v1/accounts/grace/reinstate"),
    ):
        assert answer.json()["account"]["email"] is None, answer.text
    assert (await grace.get("/api/v1/account")).json()["account"]["email"] == "grace@example.org"
    for language, others in (("en", "moderator"), ("es", "moderador")):
        assert others not in words.say(language, "account.email.what")


async def test_a_moderator_sees_the_addresses_of_their_own_invitations_only(site: Any) -> None:
    ada = await site.set_up()
    mo = await site.host("mo")
    await ada.patch("/api/v1/accounts/mo", json={"role": "moderator"})
    for http, address in ((ada, "eve@example.org"), (mo, "bob@example.org")):
        await http.post("/api/v1/accounts/invitations", json={"email": address})

    async def seen(http: Any) -> list[str | None]:
        invitations = (await http.get("/api/v1/accounts/invitations")).json()["invitations"]
        return sorted((each["email"] for each in invitations), key=str)

    assert await seen(ada) == ["bob@example.org", "eve@example.org"]
    assert await seen(mo) == [None, "bob@example.org"]


async def test_whoever_hosts_by_link_bears_neither_the_account_s_name_nor_a_verified_one(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    await ada.post("/api/v1/accounts/ada/verify")
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    bob = await site.speaker(grace, space, "host")
    terms = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "theirs"}
    path = f"/api/v1/spaces/{space}/stage/consent"
    forged = await bob.post(path, json={**terms, "name": "ADA"})
    error = forged.json()["error"]
    assert (forged.status_code, error["code"], error["detail"]) == (409, "name_taken", {"field": "name"})
    assert (await bob.post(path, json={**terms, "name": "Bob"})).status_code == 200
    await wait_until(lambda: site.states[space].host_name == "Bob")
    assert (site.states[space].account_name, site.states[space].host_handle) == ("Grace", "grace")


async def test_a_verified_owner_may_come_by_a_host_s_link_under_their_own_name(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    await ada.post("/api/v1/accounts/grace/verify")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    terms = {"text_id": "live-and-recorded-1", "accepted": True, "name": "Grace", "browser": "hers"}
    path = f"/api/v1/spaces/{space}/stage/consent"
    assert (await (await site.speaker(grace, space, "speaker")).post(path, json=terms)).status_code == 409
    assert (await (await site.speaker(grace, space, "host")).post(path, json=terms)).status_code == 200


async def test_owners_and_operators_come_as_their_account_is_called_and_as_no_other_verified_one(
    site: Any,
) -> None:
    ada = await site.set_up()
    await site.host("kim")
    await ada.post("/api/v1/accounts/kim/verify")
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}/stage/consent"

    async def answer(person: Any, name: str) -> int:
        terms = {"text_id": "live-and-recorded-1", "accepted": True, "name": name, "browser": name}
        return (await person.post(path, json=terms)).status_code

    for person, other in ((grace, "Hopper"), (ada, "Help desk"), (site.operator(), "House")):
        assert await answer(person, "KIM") == 409
        assert await answer(person, other) == 200
    for person in (grace, ada):
        assert (await person.patch("/api/v1/account", json={"name": "Kim"})).status_code == 200
        assert await answer(person, "Kim") == 200


async def test_a_verified_mark_vouches_for_the_name_it_was_given_to_and_no_other(
    site: Any, wait_until: Any
) -> None:
    await site.set_up()
    grace = await site.host("grace")
    space = (await grace.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await site.operator().post("/api/v1/accounts/grace/verify")
    await wait_until(lambda: space in site.states and site.states[space].host_verified)
    await site.speaker(grace, space, "host", "The President")
    await wait_until(lambda: "The President" in site.states[space].people)
    assert site.states[space].host_name == "Grace"
    await grace.patch("/api/v1/account", json={"name": "The King"})
    await wait_until(lambda: not site.states[space].host_verified)
    assert not (await site.operator().get("/api/v1/accounts/grace")).json()["account"]["verified"]
