"""While the stage restarts, backstage says so and nothing changes; afterwards the same request works."""

from __future__ import annotations

from typing import Any


async def test_end_while_the_stage_restarts_changes_nothing_and_can_be_repeated(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    async with site.stage_away():
        answer = await http.post(f"/api/v1/spaces/{space}/end")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "stage_unavailable"
        assert "still live" in answer.json()["error"]["message"]
        assert (await http.get(f"/api/v1/spaces/{space}")).json()["state"] == "live"
    assert (await http.post(f"/api/v1/spaces/{space}/end")).json()["state"] == "published"


async def test_live_while_the_stage_restarts_changes_nothing(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    async with site.stage_away():
        assert (await http.post(f"/api/v1/spaces/{space}/live")).status_code == 503
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["state"] == "scheduled"
    assert (await http.post(f"/api/v1/spaces/{space}/live")).json()["state"] == "live"
