"""Passkeys: registered by a device, used to sign in once per signature, refused in every other case."""

from __future__ import annotations

from typing import Any

import pytest

from harness.authenticator import Authenticator


@pytest.fixture
def settings(settings: Any) -> Any:
    """Backstage has a name, as passkeys need."""
    return settings.model_copy(update={"control_url": "https://backstage.example.org"})


ORIGIN = "https://backstage.example.org"


async def browser(site: Any, handle: str) -> Any:
    """A browser of somebody with an account, at backstage's name."""
    body = {"handle": handle, "name": handle.title(), "password": "correct horse battery"}
    role = {"role": "operator"} if handle == "ada" else {}
    assert (await site.operator().post("/api/v1/accounts", json=body | role)).status_code == 201
    http = site.client()
    http.headers["origin"] = ORIGIN
    token = (
        await http.post("/api/v1/session", json={"handle": handle, "password": body["password"]})
    ).cookies
    http.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in token.items())
    return http


async def registered(http: Any, device: Authenticator) -> Any:
    options = (await http.post("/api/v1/passkeys/options")).json()
    body = {"name": "My phone", "credential": device.create(options)}
    return await http.post("/api/v1/passkeys", json=body)


async def sign_in(site: Any, device: Authenticator) -> Any:
    visitor = site.client()
    options = (await visitor.post("/api/v1/session/passkey/options")).json()
    assert options["userVerification"] == "required"
    return await visitor.post("/api/v1/session/passkey", json={"credential": device.get(options)})


async def test_a_passkey_is_made_and_signs_its_owner_in(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN)
    made = await registered(http, device)
    assert made.status_code == 201, made.text
    answer = await sign_in(site, device)
    assert answer.json()["account"]["handle"] == "ada"
    assert "__Host-rostra_session=" in answer.headers["set-cookie"]
    (listed,) = (await http.get("/api/v1/passkeys")).json()["passkeys"]
    assert listed["name"] == "My phone"
    assert listed["used_at"] is not None


async def test_a_device_that_is_registered_is_not_asked_to_register_again(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN)
    await registered(http, device)
    options = (await http.post("/api/v1/passkeys/options")).json()
    assert [each["id"] for each in options["excludeCredentials"]] == [device.create(options)["id"]]
    assert options["rp"] == {"name": "Rostra", "id": "backstage.example.org"}
    assert (await registered(http, device)).status_code == 409


@pytest.mark.parametrize(
    "device",
    [
        Authenticator("https://backstage.example.org.evil.example"),
        Authenticator("http://backstage.example.org"),
        Authenticator(ORIGIN, verifies=False),
    ],
    ids=["another site", "no TLS", "nobody checked who holds it"],
)
async def test_what_was_signed_elsewhere_or_by_nobody_is_refused(site: Any, device: Authenticator) -> None:
    http = await browser(site, "ada")
    refused = await registered(http, device)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "passkey_refused")
    assert (await http.get("/api/v1/passkeys")).json()["passkeys"] == []


async def test_a_signature_works_once(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN)
    await registered(http, device)
    visitor = site.client()
    options = (await visitor.post("/api/v1/session/passkey/options")).json()
    body = {"credential": device.get(options)}
    answers = [await visitor.post("/api/v1/session/passkey", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]


async def test_a_challenge_of_one_account_registers_nothing_for_another(site: Any) -> None:
    ada, grace = await browser(site, "ada"), await browser(site, "grace")
    options = (await ada.post("/api/v1/passkeys/options")).json()
    body = {"name": "Phone", "credential": Authenticator(ORIGIN).create(options)}
    assert (await grace.post("/api/v1/passkeys", json=body)).status_code == 401


async def test_an_unknown_key_another_key_and_a_copied_device_are_refused(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN, counter=5)
    await registered(http, device)
    impostor = Authenticator(ORIGIN, credential_id=device.credential_id, counter=9)
    copied = Authenticator(ORIGIN, credential_id=device.credential_id, _key=device._key)
    for other in (Authenticator(ORIGIN), impostor, copied):
        assert (await sign_in(site, other)).json()["error"]["code"] == "passkey_refused"
    assert (await sign_in(site, device)).status_code == 200


async def test_what_is_no_credential_at_all_is_refused_and_nothing_breaks(site: Any) -> None:
    http = await browser(site, "ada")
    device = Authenticator(ORIGIN)
    options = (await http.post("/api/v1/passkeys/options")).json()
    good = device.create(options)
    broken: list[dict[str, Any]] = [
        {},
        {"response": 3},
        {"response": {"clientDataJSON": "!"}},
        {"response": {"clientDataJSON": "e30"}},
        good | {"id": "x"},
        {**good, "response": {**good["response"], "attestationObject": "oWNm"}},
    ]
    for credential in broken:
        body = {"name": "Phone", "credential": credential}
        assert (await http.post("/api/v1/passkeys", json=body)).status_code == 401, credential
        answer = await site.client().post("/api/v1/session/passkey", json={"credential": credential})
        assert answer.status_code == 401, credential


async def test_a_deleted_passkey_and_a_suspended_owner_sign_in_no_longer(site: Any) -> None:
    await browser(site, "ada")
    http, device = await browser(site, "grace"), Authenticator(ORIGIN)
    passkey = (await registered(http, device)).json()["id"]
    await site.operator().post("/api/v1/accounts/grace/suspend", json={})
    assert (await sign_in(site, device)).json()["error"]["code"] == "suspended"
    await site.operator().post("/api/v1/accounts/grace/reinstate")
    assert (await http.delete(f"/api/v1/passkeys/{passkey}")).status_code == 204
    assert (await sign_in(site, device)).json()["error"]["code"] == "passkey_refused"
    other = await browser(site, "eve")
    assert (await other.delete(f"/api/v1/passkeys/{passkey}")).status_code == 404


@pytest.mark.parametrize("by_link", [True, False], ids=["by link", "by an operator"])
async def test_a_password_that_is_reset_takes_passkeys_along(site: Any, by_link: bool) -> None:
    await browser(site, "ada")
    http, device = await browser(site, "grace"), Authenticator(ORIGIN)
    assert (await registered(http, device)).status_code == 201
    assert (await sign_in(site, device)).status_code == 200
    new = {"password": "another long password"}
    if by_link:
        made = (await site.operator().post("/api/v1/accounts/grace/reset")).json()["url"]
        answer = await site.client().post("/api/v1/resets/use", json={"token": made.partition("#")[2], **new})
    else:
        answer = await site.operator().put("/api/v1/accounts/grace/password", json=new)
    assert answer.status_code == 200, answer.text
    assert (await sign_in(site, device)).json()["error"]["code"] == "passkey_refused"


async def test_another_password_of_one_s_own_leaves_passkeys_alone(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN)
    await registered(http, device)
    body = {"password": "another long password"}
    assert (await http.put("/api/v1/account/password", json=body)).status_code == 200
    assert (await sign_in(site, device)).status_code == 200


async def test_at_a_numeric_address_passkeys_say_what_they_need(site: Any) -> None:
    site.settings = site.settings.model_copy(update={"control_url": ""})
    await site.restart()
    answer = await site.client().post("/api/v1/session/passkey/options")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "passkeys_need_name")


async def test_a_flood_of_questions_does_not_push_out_the_challenges_of_others(site: Any) -> None:
    http, device = await browser(site, "ada"), Authenticator(ORIGIN)
    await registered(http, device)
    stranger = site.client()
    statuses = [(await stranger.post("/api/v1/session/passkey/options")).status_code for _ in range(12)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    statuses = [(await http.post("/api/v1/passkeys/options")).status_code for _ in range(12)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
