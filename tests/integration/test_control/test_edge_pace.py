"""The pace of writes: an operator changes it while live, and it outlives backstage."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from rostra.bus.messages import EDGE_POLICY, EdgePolicy
from rostra.core.pace import Change, Pace


async def told(site: Any) -> EdgePolicy:
    async with site.bus.subscribe(EDGE_POLICY, EdgePolicy) as policies, asyncio.timeout(5):
        return (await anext(aiter(policies)))[1]


async def test_a_change_is_told_to_the_edge_before_it_holds_the_longer_the_more_it_changes(site: Any) -> None:
    ada = await site.set_up()
    before = (await ada.get("/api/v1/edge/pace")).json()
    assert before == {"cadence": 1, "cohorts": 1, "holds_from": None}
    asked_ms = time.time_ns() // 1_000_000
    changed = await ada.put("/api/v1/edge/pace", json={"cadence": 4, "cohorts": 2})
    policy = await told(site)
    assert (policy.cadence, policy.cohorts) == (4, 2)
    assert 0 <= policy.from_ms - Change.told(Pace(), Pace(4, 2), asked_ms).from_ms < 5_000
    assert changed.json() == (await ada.get("/api/v1/edge/pace")).json()
    assert changed.json()["holds_from"] is not None
    line = (await ada.get("/api/v1/audit")).json()["entries"][0]
    assert (line["act"], line["detail"]) == ("edge.pace", {"cadence": 4, "cohorts": 2})


@pytest.mark.parametrize("body", [{"cadence": 5}, {"cadence": 2, "cohorts": 4}, {"cadence": 0}])
async def test_a_pace_that_does_not_divide_a_segment_is_refused(site: Any, body: Any) -> None:
    ada = await site.set_up()
    assert (await ada.put("/api/v1/edge/pace", json=body)).status_code == 400
    assert (await ada.get("/api/v1/edge/pace")).json()["holds_from"] is None


async def test_the_next_backstage_knows_the_pace_and_tells_it_again(site: Any) -> None:
    ada = await site.set_up()
    await ada.put("/api/v1/edge/pace", json={"cadence": 12, "cohorts": 12})
    async with site.bus.subscribe(EDGE_POLICY, EdgePolicy) as policies, asyncio.timeout(10):
        first = await anext(aiter(policies))
        await site.restart()
        assert await anext(aiter(policies)) == first
    assert (await site.operator().get("/api/v1/edge/pace")).json()["cadence"] == 12
