"""Backstage restarts while people are on stage: nobody's page is told that the stage has forgotten them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from rostra.bus import messages as m
from rostra.bus import wire
from rostra.bus.broker import Broker
from rostra.control import board
from rostra.core.ids import SpaceId, SpeakerId

NORA = m.Speaker(speaker=SpeakerId("nnnnnnn2"), name="Nora", role=m.Role.HOST)


async def live_space(site: Any) -> tuple[Any, str]:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    assert (await http.post(f"/api/v1/spaces/{space}/live")).json()["state"] == "live"
    return http, space


async def first_view(site: Any, space: str) -> str:
    """What a studio's stream says first after a restart."""
    async with site.operator() as http:
        async with http.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    return str(line)
    raise AssertionError("The stream ended without a word.")


async def test_a_studio_is_told_nothing_until_its_stage_has_reported(site: Any) -> None:
    _, space = await live_space(site)
    await site.restart()
    view = asyncio.create_task(first_view(site, space))
    shown = asyncio.create_task(site.operator().get(f"/api/v1/spaces/{space}/stage"))
    await asyncio.sleep(0.3)
    site.stage.report(space, NORA, live=True)
    assert "Nora" in await view
    assert [each["name"] for each in (await shown).json()["speakers"]] == ["Nora"]


async def test_a_studio_hears_soon_of_a_stage_that_does_not_report(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "FIRST_REPORT_S", 0.5)
    _, space = await live_space(site)
    await site.restart()
    began = time.monotonic()
    assert '"speakers":[]' in await first_view(site, space)
    assert time.monotonic() - began < 2


async def test_stages_are_heard_before_thousands_of_announcements_fill_the_bus(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, space = await live_space(site)
    frames: list[object] = []
    handle = Broker._handle

    def note(self: Broker, client: Any, frame: Any) -> None:
        frames.append(frame)
        handle(self, client, frame)

    monkeypatch.setattr(Broker, "_handle", note)
    await site.restart()
    subjects = [frame.subject if isinstance(frame, wire.Publish) else "" for frame in frames]
    heard = frames.index(wire.Subscribe("space.*.stage"))
    assert heard < subjects.index(m.space_state(SpaceId(space)))
