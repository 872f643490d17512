"""One-time links that make accounts, open sign-up, and the mails that carry links."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.post_office import PostOffice, post_office
from rostra.control import invitations, resets
from rostra.control.keys import setup_token_path
from rostra.store.database import database_path

PASSWORD = "correct horse battery"
GRACE = {"handle": "grace", "name": "Grace", "password": PASSWORD}
LOOK, ACCEPT = "/api/v1/invitations/look", "/api/v1/invitations/accept"


def token(url: str) -> str:
    return url.partition("#")[2]


async def looked_at(site: Any, url: str) -> Any:
    """What a link for a new password answers to somebody who opens it."""
    return await site.client().post("/api/v1/resets/look", json={"token": token(url)})


def open_links(site: Any) -> list[bool]:
    """Of each link for a new password that is stored, whether an operator made it."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        return [bool(made) for (made,) in connection.execute("select by_operator from resets")]


async def invite(http: Any, **body: str) -> dict[str, Any]:
    answer = await http.post("/api/v1/accounts/invitations", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_invitation_makes_one_account_with_its_role_and_signs_it_in(site: Any) -> None:
    http = await site.set_up()
    link = await invite(http, role="moderator")
    assert link["url"].startswith(f"{site.url}/invitation#")
    assert link["mailed"] is False
    given = {"token": token(link["url"])}
    visitor = site.browser()
    welcome = (await visitor.post(LOOK, json=given)).json()
    assert (welcome["role"], welcome["by"], welcome["site_name"]) == ("moderator", "Ada", "Rostra")
    made = await visitor.post(ACCEPT, json=GRACE | given)
    assert made.json()["account"]["role"] == "moderator"
    assert (await visitor.get("/api/v1/session")).json()["account"]["handle"] == "grace"
    again = await visitor.post(ACCEPT, json=GRACE | given | {"handle": "eve"})
    for answer in (await visitor.post(LOOK, json=given), again):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "link_used")


async def test_a_taken_handle_leaves_the_invitation_good(site: Any) -> None:
    http = await site.set_up()
    given = {"token": token((await invite(http))["url"])}
    taken = await site.browser().post(ACCEPT, json=GRACE | given | {"handle": "ada"})
    assert (taken.status_code, taken.json()["error"]["detail"]) == (409, {"field": "handle"})
    assert (
        await site.browser().post(ACCEPT, json=GRACE | given | {"handle": "invitations"})
    ).status_code == 409
    assert (await site.browser().post(ACCEPT, json=GRACE | given)).status_code == 201


async def test_two_people_with_one_invitation_make_one_account(site: Any) -> None:
    http = await site.set_up()
    given = {"token": token((await invite(http))["url"])}
    first, second = site.browser(), site.browser()
    await first.post(ACCEPT, json=GRACE | given)
    assert (await second.post(ACCEPT, json=GRACE | given | {"handle": "eve"})).status_code == 404
    handles = [each["handle"] for each in (await http.get("/api/v1/accounts")).json()["accounts"]]
    assert handles == ["ada", "grace"]


async def test_whoever_is_invited_before_the_site_is_set_up_waits_for_its_operator(site: Any) -> None:
    holder = site.operator()
    given = {"token": token((await invite(holder))["url"])}
    await holder.patch("/api/v1/site", json={"open_sign_up": True})
    visitor = site.browser()
    for path, body in ((LOOK, given), (ACCEPT, GRACE | given), ("/api/v1/sign-up", GRACE)):
        refused = await visitor.post(path, json=body)
        assert refused.status_code == 409, path
        assert "not set up yet" in refused.json()["error"]["message"]
    await site.set_up()
    assert (await visitor.post(ACCEPT, json=GRACE | given)).status_code == 201


async def test_an_invitation_that_makes_the_first_operator_is_the_end_of_the_setup_link(site: Any) -> None:
    given = {"token": token((await invite(site.operator(), role="operator"))["url"])}
    made = await site.browser().post(ACCEPT, json=GRACE | given)
    assert made.json()["account"]["role"] == "operator"
    assert not setup_token_path(site.data).exists()


async def test_a_revoked_invitation_and_one_whose_time_is_over_are_no_good(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    http = await site.set_up()
    link = await invite(http)
    (waiting,) = (await http.get("/api/v1/accounts/invitations")).json()["invitations"]
    assert (waiting["by"], waiting["role"]) == ("Ada", "member")
    assert "url" not in waiting
    assert (await http.delete(f"/api/v1/accounts/invitations/{waiting['id']}")).status_code == 204
    assert (await site.client().post(LOOK, json={"token": token(link["url"])})).status_code == 404
    monkeypatch.setattr(invitations, "DAY_MS", 0)
    late = await invite(http)
    assert (await site.client().post(LOOK, json={"token": token(late["url"])})).status_code == 404


async def test_the_site_is_closed_until_its_operator_opens_it(site: Any) -> None:
    http = await site.set_up()
    refused = await site.browser().post("/api/v1/sign-up", json=GRACE)
    assert refused.status_code == 403
    await http.patch("/api/v1/site", json={"open_sign_up": True})
    visitor = site.browser()
    made = await visitor.post("/api/v1/sign-up", json=GRACE)
    assert made.json()["account"]["role"] == "member"
    assert (await visitor.get("/api/v1/session")).status_code == 200
    assert (
        await site.browser().post("/api/v1/sign-up", json=GRACE | {"role": "operator"})
    ).status_code == 400


async def test_another_site_cannot_make_accounts_in_a_visitors_browser(site: Any) -> None:
    http = await site.set_up()
    given = {"token": token((await invite(http))["url"])}
    visitor = site.client()
    visitor.headers["origin"] = "http://evil.example"
    assert (await visitor.post(ACCEPT, json=GRACE | given)).json()["error"]["code"] == "wrong_origin"


class TestMails:
    """Where the operator has set a mail server up."""

    @pytest.fixture
    async def office(self) -> Any:
        async with post_office() as office:
            yield office

    @pytest.fixture
    def settings(self, settings: Any, office: PostOffice) -> Any:
        return settings.model_copy(update={"smtp_url": office.url, "mail_from": "rostra@example.org"})

    async def test_an_invitation_is_mailed_in_the_language_of_who_invites(
        self, site: Any, office: PostOffice
    ) -> None:
        http = await site.set_up()
        http.headers["accept-language"] = "es"
        link = await invite(http, email="grace@example.org")
        assert link == {"url": None, "mailed": True, "expires_at": link["expires_at"]}
        (letter,) = office.letters
        assert letter["to"] == "grace@example.org"
        assert letter["from"] == "Rostra <rostra@example.org>"
        assert letter["subject"] == "Una invitación a Rostra"
        text = letter.get_content()
        assert "Ada te invita a Rostra" in text
        url = next(line for line in text.splitlines() if line.startswith(site.url))
        made = await site.browser().post(ACCEPT, json=GRACE | {"token": token(url)})
        assert made.json()["account"]["email"] == "grace@example.org"

    async def test_a_mail_that_is_refused_leaves_the_link_to_whoever_invites(
        self, site: Any, office: PostOffice
    ) -> None:
        http = await site.set_up()
        office.refusing = True
        link = await invite(http, email="grace@example.org")
        assert link["mailed"] is False
        assert (await site.client().post(LOOK, json={"token": token(link["url"])})).status_code == 200

    async def test_whoever_forgot_their_password_is_mailed_a_link_and_strangers_learn_nothing(
        self, site: Any, office: PostOffice, wait_until: Any
    ) -> None:
        http = await site.set_up()
        await http.patch("/api/v1/account", json={"email": "ada@example.org", "language": "es"})
        await site.host("grace")
        stranger = site.browser()
        spoofed = {"Host": "evil.example", "Origin": "http://evil.example"}
        await stranger.post("/api/v1/resets", json={"handle": "ada"}, headers=spoofed)
        assert office.letters == [], "a link to wherever a stranger likes"
        for handle in ("ada", "grace", "nobody"):
            answer = await stranger.post("/api/v1/resets", json={"handle": handle})
            assert (answer.status_code, answer.json()) == (202, None)
        await wait_until(lambda: len(office.letters) == 1)
        (letter,) = office.letters
        assert letter["to"] == "ada@example.org"
        assert letter["subject"] == "Una contraseña nueva para Rostra"
        url = next(line for line in letter.get_content().splitlines() if line.startswith(site.url))
        body = {"token": token(url), "password": "another long one"}
        changed = await stranger.post("/api/v1/resets/use", json=body)
        assert changed.status_code == 200
        assert (await http.get("/api/v1/session")).status_code == 401

    async def test_a_stranger_s_request_leaves_an_operator_s_link_and_earlier_mails_as_they_were(
        self, site: Any, office: PostOffice, wait_until: Any
    ) -> None:
        http = await site.set_up()
        await http.patch("/api/v1/account", json={"email": "ada@example.org"})
        await site.host("grace")
        made = (await site.operator().post("/api/v1/accounts/grace/reset")).json()["url"]
        mo = await site.host("mo")
        await mo.patch("/api/v1/account", json={"email": "mo@example.org"})
        stranger = site.browser()
        for handle in ("grace", "mo", "mo"):
            await stranger.post("/api/v1/resets", json={"handle": handle})
        await wait_until(lambda: len(office.letters) == 2)
        links = [made, *(each.get_content().partition(f"{site.url}/reset#")[2] for each in office.letters)]
        for link in links:
            assert (await looked_at(site, f"#{link.rpartition('#')[2].split()[0]}")).status_code == 200, link

    async def test_an_operator_s_link_is_still_good_after_a_stranger_asked_for_the_same_account(
        self, site: Any, office: PostOffice, wait_until: Any
    ) -> None:
        await site.set_up()
        mo = await site.host("mo")
        office.refusing = True
        await mo.patch("/api/v1/account", json={"email": "mo@example.org"})
        made = (await site.operator().post("/api/v1/accounts/mo/reset")).json()["url"]
        office.refusing = False
        await site.browser().post("/api/v1/resets", json={"handle": "mo"})
        await wait_until(lambda: len(office.letters) == 1)
        assert (await looked_at(site, made)).status_code == 200

    async def test_nobody_s_mailbox_is_filled_by_strangers(
        self, site: Any, office: PostOffice, wait_until: Any
    ) -> None:
        http = await site.set_up()
        mo = await site.host("mo")
        await mo.patch("/api/v1/account", json={"email": "mo@example.org"})
        await http.patch("/api/v1/account", json={"email": "ada@example.org"})
        for handle in ("mo",) * 6 + ("ada",):
            assert (await site.browser().post("/api/v1/resets", json={"handle": handle})).status_code == 202
        await wait_until(lambda: "ada@example.org" in [each["to"] for each in office.letters])
        assert [each["to"] for each in office.letters] == ["mo@example.org"] * 3 + ["ada@example.org"]

    async def test_links_that_could_not_be_mailed_are_not_counted_among_the_open_ones(
        self, site: Any, office: PostOffice, wait_until: Any
    ) -> None:
        await site.set_up()
        mo = await site.host("mo")
        await mo.patch("/api/v1/account", json={"email": "mo@example.org"})
        office.refusing = True
        made = (await site.operator().post("/api/v1/accounts/mo/reset")).json()["url"]
        stranger = site.browser()
        for _ in range(resets.MOST_ASKED + 1):
            assert (await stranger.post("/api/v1/resets", json={"handle": "mo"})).status_code == 202
        await wait_until(lambda: office.conversations == 1 + resets.MOST_ASKED + 1)
        await wait_until(lambda: open_links(site) == [True])
        office.refusing = False
        await stranger.post("/api/v1/resets", json={"handle": "mo"})
        await wait_until(lambda: len(office.letters) == 1)
        mailed = office.letters[0].get_content().partition(f"{site.url}/reset#")[2].split()[0]
        for link in (made, f"#{mailed}"):
            assert (await looked_at(site, link)).status_code == 200

    async def test_the_answer_does_not_wait_for_the_mail(self, site: Any, office: PostOffice) -> None:
        http = await site.set_up()
        await http.patch("/api/v1/account", json={"email": "ada@example.org"})
        office.slow_s = 5
        answer = await site.browser().post("/api/v1/resets", json={"handle": "ada"})
        assert (answer.status_code, office.letters) == (202, [])

    @pytest.mark.parametrize(
        "how", ["another password", "another mail address", "an operator's password", "signed out everywhere"]
    )
    async def test_a_link_that_is_on_its_way_ends_with_whatever_changes_how_its_account_gets_in(
        self, site: Any, office: PostOffice, wait_until: Any, how: str
    ) -> None:
        await site.set_up()
        grace = await site.host("grace")
        await grace.patch("/api/v1/account", json={"email": "grace@example.org"})
        await site.browser().post("/api/v1/resets", json={"handle": "grace"})
        await wait_until(lambda: len(office.letters) == 1)
        text = office.letters[0].get_content()
        url = next(line for line in text.splitlines() if line.startswith(site.url))
        assert (await looked_at(site, url)).status_code == 200
        new = {"password": "another long one"}
        match how:
            case "another password":
                answer = await grace.put("/api/v1/account/password", json={"current": PASSWORD, **new})
            case "another mail address":
                answer = await grace.patch("/api/v1/account", json={"email": "g@example.org"})
            case "an operator's password":
                answer = await site.operator().put("/api/v1/accounts/grace/password", json=new)
            case _:
                answer = await grace.delete("/api/v1/account/sessions")
        assert answer.is_success, answer.text
        assert (await looked_at(site, url)).json()["error"]["code"] == "link_used"

    async def test_asking_again_and_again_is_slowed_down(self, site: Any) -> None:
        await site.set_up()
        stranger = site.browser()
        statuses = [
            (await stranger.post("/api/v1/resets", json={"handle": f"h{n}"})).status_code for n in range(10)
        ]
        assert statuses == [202] * 8 + [429] * 2
