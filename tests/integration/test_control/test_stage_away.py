"""While the stage restarts, backstage says so and nothing changes; afterwards the same request works."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rostra.control import hiding


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


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_live_space_hidden_while_the_stage_restarts_ends_once_it_is_back(
    site: Any, wait_until: Any, restarts: bool
) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    async with site.stage_away():
        hidden = await http.put(f"/api/v1/spaces/{space}/hidden", json={"reason": "Not here."})
        assert hidden.status_code == 204
        if restarts:
            await site.control.kill()
            await site.start()
            http.base_url = site.url
        assert (await http.get(f"/api/v1/spaces/{space}")).json()["state"] == "live"

    async def over() -> bool:
        return bool((await http.get(f"/api/v1/spaces/{space}")).json()["state"] == "published")

    await wait_until(over)


async def test_what_is_shown_again_before_it_could_be_ended_goes_on(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "AGAIN_AFTER_S", 0.02)
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    async with site.stage_away():
        await http.put(f"/api/v1/spaces/{space}/hidden", json={"reason": "Not here."})
        await http.delete(f"/api/v1/spaces/{space}/hidden")
    await asyncio.sleep(0.2)
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["state"] == "live"
