"""What the edge has counted, as an operator on its machine asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harness.edge import SPACE, Stand, standing
from harness.waiting import until
from rostra.edge import worker


@pytest_asyncio.fixture
async def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(worker, "MEASURE_EVERY_S", 0.05)
    async with standing(tmp_path, workers=2) as stand:
        yield stand


async def test_whichever_worker_is_asked_tells_of_all(stand: Stand) -> None:
    for ticket in ("x" * 64, stand.ticket(end_in_s=-1), stand.ticket(end_in_s=-1)):
        await stand.get(stand.at(1, f"/t/{ticket}/{SPACE}/live.json"))

    async def told() -> bool:
        counts = [
            await stand.counted("tickets_refused_total", asked=0, worker=1, code=code)
            for code in ("ticket_invalid", "ticket_expired")
        ]
        return counts == [1, 2]

    await until(told, what="the first worker tells of the second", within_s=5)
    assert await stand.counted("tickets_refused_total", code="ticket_invalid") == 0
    assert await stand.counted("connections_open") >= 1


async def test_nobody_hears_of_it_by_a_public_name_or_through_a_proxy(stand: Stand) -> None:
    assert (await stand.get("/metrics")).status_code == 200
    for headers in ({"Host": "rostra.example"}, {"X-Forwarded-For": "192.0.2.1"}):
        assert (await stand.get("/metrics", **headers)).status_code == 404
    assert await stand.counted("requests_refused_total", code="not_found") == 2
