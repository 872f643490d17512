"""The first run: whoever holds the setup link, and nobody else, becomes the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rostra.core.settings import Settings

PASSWORD = "correct horse battery"


def first(token: str, **other: str) -> dict[str, str]:
    return {"token": token, "handle": "ada", "name": "Ada", "password": PASSWORD, **other}


async def test_a_fresh_site_says_that_it_needs_setting_up_and_where_everything_is(site: Any) -> None:
    answer = (await site.client().get("/api/v1/site")).json()
    assert answer["setup_needed"] is True
    assert answer["consent"]["text"] == "You will be heard live by anyone and recorded unedited."
    assert answer["control_url"] == site.url
    assert answer["door_url"] == "http://127.0.0.1:8000"
    assert answer["edge_url"] == "http://127.0.0.1:8001"


async def test_the_setup_link_makes_the_operator_and_signs_them_in(site: Any) -> None:
    http = await site.set_up()
    account = (await http.get("/api/v1/session")).json()["account"]
    assert (account["handle"], account["role"]) == ("ada", "operator")
    assert (await http.get("/api/v1/site")).json()["setup_needed"] is False


async def test_the_first_run_leads_from_the_setup_link_to_a_space_that_is_live(site: Any) -> None:
    http = await site.set_up()
    assert (await http.patch("/api/v1/site", json={"name": "Radio Ada"})).json()["name"] == "Radio Ada"
    first_space = {"title": "The first conversation", "starts_at": "now"}
    space = (await http.post("/api/v1/spaces", json=first_space)).json()
    assert space["host_handle"] == "ada"
    assert (await http.get(f"/api/v1/spaces/{space['id']}/stage")).json()["me"] is not None
    assert (await http.post(f"/api/v1/spaces/{space['id']}/live")).json()["state"] == "live"


async def test_a_stranger_cannot_claim_a_fresh_site(site: Any) -> None:
    answer = await site.client().post("/api/v1/setup", json=first("guessed"))
    assert answer.status_code == 403
    assert (await site.client().get("/api/v1/site")).json()["setup_needed"] is True


async def test_a_site_is_set_up_once_only(site: Any) -> None:
    token = (site.data / "keys" / "setup.token").read_text().strip()
    await site.set_up()
    answer = await site.client().post("/api/v1/setup", json=first(token, handle="eve"))
    assert answer.status_code == 409
    assert not (site.data / "keys" / "setup.token").exists()


async def test_key_files_are_for_their_owner_only_and_survive_a_restart(site: Any) -> None:
    path = site.data / "keys" / "local.token"
    before = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert (site.data / "keys" / "setup.token").stat().st_mode & 0o777 == 0o600
    await site.restart()
    assert path.read_text() == before


async def test_the_holder_of_the_data_folder_can_make_the_first_account(site: Any) -> None:
    body = {"handle": "ada", "name": "Ada", "password": PASSWORD, "role": "operator"}
    assert (await site.operator().post("/api/v1/accounts", json=body)).status_code == 201
    assert (await site.client().get("/api/v1/site")).json()["setup_needed"] is False


@pytest.mark.parametrize("role", ["member", "moderator"])
async def test_the_first_account_is_an_operator_s_and_until_then_the_setup_link_is_good(
    site: Any, role: str
) -> None:
    body = {"handle": "bob", "name": "Bob", "password": PASSWORD, "role": role}
    refused = await site.operator().post("/api/v1/accounts", json=body)
    told = "This site is not set up yet: its first account must be an operator's."
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, told)
    assert (await site.client().get("/api/v1/site")).json()["setup_needed"] is True
    await site.set_up()
    assert (await site.operator().post("/api/v1/accounts", json=body)).status_code == 201


async def test_without_an_account_nobody_can_host(site: Any) -> None:
    answer = await site.operator().post("/api/v1/spaces", json={"title": "Too early"})
    assert answer.status_code == 409
    assert "rostra account create" in answer.json()["error"]["message"]


async def test_operators_are_asked_what_the_site_is_called_until_somebody_says_it(site: Any) -> None:
    http = await site.set_up()
    assert (await http.get("/api/v1/site")).json()["named"] is False
    assert (await http.patch("/api/v1/site", json={"name": "Rostra"})).json()["named"] is True
    await site.restart()
    assert (await site.client().get("/api/v1/site")).json()["named"] is True


class TestNamedByASetting:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(data=tmp_path, site_name="Radio Ada")

    async def test_nobody_is_asked_what_a_site_is_called_that_a_setting_names(self, site: Any) -> None:
        assert (await site.client().get("/api/v1/site")).json()["named"] is True
