"""Signing in, tokens, and requests that other sites make in one's name."""

from __future__ import annotations

from typing import Any

PASSWORD = "correct horse battery"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Any) -> None:
    await site.set_up()
    answer = await site.client().post("/api/v1/session", json={"handle": "ada", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 200
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # http://127.0.0.1 could not keep a secure one
    assert answer.json()["account"]["name"] == "Ada"


async def test_scripts_read_that_somebody_is_signed_in_and_not_by_what(site: Any) -> None:
    await site.set_up()
    http = site.client()
    answer = await http.post("/api/v1/session", json={"handle": "ada", "password": PASSWORD})
    (said,) = [each for each in answer.headers.get_list("set-cookie") if "HttpOnly" not in each]
    assert said.startswith("signed_in=1; Max-Age=")
    http.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
    out = await http.delete("/api/v1/session", headers={"origin": site.url})
    assert [each for each in out.headers.get_list("set-cookie") if each.startswith('signed_in=""; ')]


async def test_a_handle_may_be_typed_in_any_case(site: Any) -> None:
    await site.set_up()
    answer = await site.client().post("/api/v1/session", json={"handle": " Ada ", "password": PASSWORD})
    assert answer.status_code == 200


async def test_an_account_that_somebody_else_made_has_mails_in_the_language_of_its_first_sign_in(
    site: Any,
) -> None:
    await site.set_up()
    grace = {"handle": "grace", "password": PASSWORD}
    made = await site.operator().post("/api/v1/accounts", json={**grace, "name": "Grace"})
    assert made.json()["account"]["language"] == ""
    for reads in ("es-MX, en;q=0.5", "en"):
        answer = await site.client().post("/api/v1/session", json=grace, headers={"accept-language": reads})
        assert answer.json()["account"]["language"] == "es"


async def test_wrong_handle_and_wrong_password_get_the_same_answer(site: Any) -> None:
    await site.set_up()
    for handle, password in (("ada", "wrong password"), ("nobody", PASSWORD), ("", "")):
        answer = await site.client().post("/api/v1/session", json={"handle": handle, "password": password})
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "Handle and password do not belong together."
        assert "set-cookie" not in answer.headers


async def test_guessing_a_password_is_stopped_after_a_few_attempts(site: Any) -> None:
    await site.set_up()
    stranger = site.client()
    statuses = [
        (await stranger.post("/api/v1/session", json={"handle": "ada", "password": f"guess {n}"})).status_code
        for n in range(10)
    ]
    assert statuses == [401] * 8 + [429] * 2


async def test_signing_out_ends_the_session_for_good(site: Any) -> None:
    http = await site.set_up()
    stolen = dict(http.cookies)
    assert (await http.delete("/api/v1/session")).status_code == 204
    assert (await http.get("/api/v1/session")).status_code == 401
    thief = site.client()
    thief.cookies.update(stolen)
    assert (await thief.get("/api/v1/session")).status_code == 401


async def test_a_new_password_signs_the_account_out_everywhere(site: Any) -> None:
    await site.set_up()
    host = await site.host("grace")
    body = {"password": "another long password"}
    assert (await site.operator().put("/api/v1/accounts/grace/password", json=body)).status_code == 200
    assert (await host.get("/api/v1/session")).status_code == 401


async def test_a_host_cannot_set_an_operators_password(site: Any) -> None:
    await site.set_up()
    host = await site.host("grace")
    answer = await host.put("/api/v1/accounts/ada/password", json={"password": "another long password"})
    assert answer.status_code == 403


async def test_a_request_that_another_site_makes_with_ones_cookie_is_refused(site: Any) -> None:
    http = await site.set_up()
    for origin in ("http://evil.example", "null", "", f"{site.url}.evil.example", site.url.upper()):
        http.headers["origin"] = origin
        answer = await http.post("/api/v1/spaces", json={"title": "Forged"})
        assert answer.status_code == 403, origin
        assert answer.json()["error"]["code"] == "wrong_origin"
    assert site.states == {}


async def test_a_cookie_without_any_origin_changes_nothing_but_may_look(site: Any) -> None:
    http = await site.set_up()
    del http.headers["origin"]
    assert (await http.post("/api/v1/spaces", json={"title": "Forged"})).status_code == 403
    assert (await http.get("/api/v1/spaces")).status_code == 200


async def test_another_site_cannot_sign_a_visitor_in_as_somebody_else(site: Any) -> None:
    await site.set_up()
    visitor = site.client()
    visitor.headers["origin"] = "http://evil.example"
    answer = await visitor.post("/api/v1/session", json={"handle": "ada", "password": PASSWORD})
    assert answer.json()["error"]["code"] == "wrong_origin"


async def test_an_api_token_acts_as_its_account_until_it_is_deleted(site: Any) -> None:
    http = await site.set_up()
    made = (await http.post("/api/v1/tokens", json={"name": "cron"})).json()
    program = site.client(f"Bearer {made['token']}")
    assert (await program.post("/api/v1/spaces", json={"title": "By a program"})).status_code == 201
    listed = (await http.get("/api/v1/tokens")).json()["tokens"]
    assert [token["name"] for token in listed] == ["cron"]
    assert "token" not in listed[0]
    assert (await http.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/api/v1/spaces")).status_code == 401


async def test_one_cannot_delete_somebody_elses_token(site: Any) -> None:
    http = await site.set_up()
    made = (await http.post("/api/v1/tokens", json={"name": "cron"})).json()
    host = await site.host("grace")
    assert (await host.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404


async def test_a_credential_that_is_not_known_is_refused_with_a_sentence(site: Any) -> None:
    for authorization in (
        "Bearer guessed",
        "Speaker guessed",
        "Basic YTpi",
        "Bearer",
        "x",
        b"Bearer \xff\xfe",
    ):
        answer = await site.client(authorization).get("/api/v1/spaces")
        assert answer.status_code == 401, authorization
        assert answer.json()["error"]["message"].endswith(".")


async def test_no_secret_stands_in_the_database(site: Any) -> None:
    http = await site.set_up()
    token = (await http.post("/api/v1/tokens", json={"name": "cron"})).json()["token"]
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    link = (await http.post(f"/api/v1/spaces/{space}/links", json={})).json()["token"]
    session = http.cookies["rostra_session"]
    raw = b"".join(path.read_bytes() for path in site.data.glob("rostra.db*"))
    for secret in (token, link, session, PASSWORD):
        assert secret.encode() not in raw
