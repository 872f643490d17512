"""A site with public addresses of its own: its cookie, its origin, the links it hands out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rostra.core.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        control_url="https://studio.example",
        edge_url="https://edge.example",
        site_name="Agora",
    )


async def test_under_https_the_cookie_is_secure_and_only_the_public_origin_counts(site: Any) -> None:
    token = (site.data / "keys" / "setup.token").read_text().strip()
    body = {"token": token, "handle": "ada", "name": "Ada", "password": PASSWORD}
    http = site.client()
    wrong = await http.post("/api/v1/setup", json=body, headers={"origin": site.url})
    assert wrong.status_code == 403
    assert "https://studio.example" in wrong.json()["error"]["message"]
    made = await http.post("/api/v1/setup", json=body, headers={"origin": "https://studio.example"})
    assert made.status_code == 201
    assert "Secure" in made.headers["set-cookie"]


async def test_under_https_a_sign_in_that_a_neighbouring_site_planted_is_nobody_s(site: Any) -> None:
    ada = {"handle": "ada", "name": "Ada", "password": PASSWORD, "role": "operator"}
    assert (await site.operator().post("/api/v1/accounts", json=ada)).status_code == 201
    http, body = site.client(), {"handle": "ada", "password": PASSWORD}
    signed = await http.post("/api/v1/session", json=body)
    kept = signed.headers["set-cookie"]
    name, _, token = kept.partition(";")[0].partition("=")
    assert name == "__Host-rostra_session"
    assert "Secure" in kept
    assert "Path=/;" in f"{kept};"
    assert "Domain" not in kept
    answers = {
        sent: (await site.client().get("/api/v1/session", headers={"cookie": sent})).status_code
        for sent in (
            f"rostra_session={token}",
            f"rostra_session=planted; {name}={token}",
            f"{name}={token}; rostra_session=planted",
        )
    }
    assert list(answers.values()) == [401, 200, 200], answers
    out = await site.client().delete(
        "/api/v1/session", headers={"cookie": f"{name}={token}", "origin": "https://studio.example"}
    )
    gone = out.headers["set-cookie"]
    assert gone.startswith(f'{name}="";')
    assert "Secure" in gone, "a browser takes no other answer about this cookie"


async def test_links_name_the_public_addresses_and_pages_may_reach_the_edge(site: Any) -> None:
    await site.operator().post(
        "/api/v1/accounts", json={"handle": "ada", "name": "Ada", "password": PASSWORD, "role": "operator"}
    )
    http = site.operator()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()
    assert space["studio_url"] == f"https://studio.example/studio/{space['id']}"
    link = (await http.post(f"/api/v1/spaces/{space['id']}/links", json={})).json()
    assert link["url"] == f"https://studio.example/studio/{space['id']}#k={link['token']}"
    answer = await http.get("/api/v1/site")
    assert answer.json()["name"] == "Agora"
    assert "https://edge.example" in answer.headers["content-security-policy"]
