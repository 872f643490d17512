"""What all roles are told of spaces, whatever else happens at that moment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rostra.bus import messages as m
from rostra.control import announcer
from rostra.core.role import backstage_address_path


async def test_a_space_stays_hidden_though_an_earlier_change_is_told_late(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await site.set_up()
    answer = await ada.post("/api/v1/spaces", json={"title": "Tides"})
    address = f"/api/v1/spaces/{answer.json()['id']}"
    read, late, go_on = announcer.state_of, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> m.SpaceState:
        state = await read(*arguments)
        if not late.is_set():
            late.set()
            await go_on.wait()
        return state

    monkeypatch.setattr(announcer, "state_of", slow)
    renaming = asyncio.create_task(ada.patch(address, json={"title": "Tides and winds"}))
    await asyncio.wait_for(late.wait(), 5)
    hidden = await site.operator().put(f"{address}/hidden", json={"reason": "Not here."})
    assert hidden.status_code == 204
    go_on.set()
    assert (await renaming).status_code == 200
    async with site.bus.subscribe("space.*.state", m.SpaceState, m.Removed) as states, asyncio.timeout(5):
        async for _, told in states:
            assert isinstance(told, m.Removed)
            break


async def test_backstage_starts_where_its_own_address_cannot_be_written(site: Any) -> None:
    path = backstage_address_path(site.data)
    path.with_suffix(".new").mkdir()  # refused as by a full disk, for the superuser too
    await site.restart()
    assert (await site.client().get("/healthz")).status_code == 200
