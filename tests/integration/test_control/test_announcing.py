"""What all roles are told of spaces, whatever else happens at that moment."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import Engine, event

from rostra.bus import messages as m
from rostra.control import announcer
from rostra.core.own_backstage import address_path

from .test_suspension import consented


async def test_a_space_stays_hidden_though_an_earlier_change_is_told_late(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await site.set_up()
    answer = await ada.post("/api/v1/spaces", json={"title": "Tides"})
    address = f"/api/v1/spaces/{answer.json()['id']}"
    read, late, go_on = announcer.states_of, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: Any) -> list[m.SpaceState]:
        states = await read(*arguments)
        if not late.is_set():
            late.set()
            await go_on.wait()
        return states

    monkeypatch.setattr(announcer, "states_of", slow)
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


async def test_a_hidden_space_is_removed_once_however_often_its_people_look_at_it(site: Any) -> None:
    ada = await site.set_up()
    answer = await ada.post("/api/v1/spaces", json={"title": "Tides"})
    address = f"/api/v1/spaces/{answer.json()['id']}"
    hidden = await site.operator().put(f"{address}/hidden", json={"reason": "Not here."})
    assert hidden.status_code == 204
    async with (
        site.bus.subscribe("space.*.state", m.SpaceState, m.Removed) as states,
        aclosing(aiter(states)) as news,
        asyncio.timeout(5),
    ):
        assert isinstance((await anext(news))[1], m.Removed)  # as the bus kept it
        for _ in range(3):
            assert (await ada.get(f"{address}/stage")).json()["title"] == "Tides"
        other = await ada.post("/api/v1/spaces", json={"title": "Waves"})
        assert (await anext(news))[1].space == other.json()["id"]


async def test_backstage_starts_where_its_own_address_cannot_be_written(site: Any) -> None:
    path = address_path(site.data)
    path.with_suffix(".new").mkdir()  # refused as by a full disk, for the superuser too
    await site.restart()
    assert (await site.client().get("/healthz")).status_code == 200


async def test_all_spaces_are_told_by_a_few_queries_and_those_first_that_are_not_over(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    spaces = []
    for title in ("Past", "Also past", "Live", "Coming"):
        start = {"starts_at": "2031-01-01T20:00:00Z"} if title == "Coming" else {}
        answer = await ada.post("/api/v1/spaces", json={"title": title, **start})
        spaces.append(answer.json()["id"])
        await ada.post(f"/api/v1/spaces/{spaces[-1]}/notices", json={"text": title})
        if title != "Coming":
            await ada.post(f"/api/v1/spaces/{spaces[-1]}/live")
        if "past" in title.lower():
            await ada.post(f"/api/v1/spaces/{spaces[-1]}/end")
    asked: list[str] = []

    def keep(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    await site.control.stop()
    event.listen(Engine, "before_cursor_execute", keep)
    try:
        async with (
            site.bus.subscribe("space.*.state", m.SpaceState) as states,
            aclosing(aiter(states)) as news,
            asyncio.timeout(10),
        ):
            for _ in spaces:
                await anext(news)  # as the bus kept them
            await site.start()
            told = [(await anext(news))[1].space for _ in spaces]
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    assert set(told) == set(spaces)
    assert set(told[:2]) == set(spaces[2:])
    for table in ("notices", "speaker_links", "consents"):
        assert sum(f"FROM {table}" in each for each in asked) <= 1, table


async def test_each_start_of_backstage_is_told_apart(site: Any) -> None:
    names: list[str] = []
    async with site.bus.subscribe(m.SPACES_KNOWN, m.SpacesKnown) as told, asyncio.timeout(10):
        async for _, known in told:
            if not names:
                await site.restart()
            names.append(known.by)
            if len(set(names)) == 2:
                break
    assert all(names)


async def test_once_it_is_live_it_is_told_who_is_heard_as_what_and_who_is_a_guest(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    space = (await ada.post("/api/v1/spaces", json={"title": "Tides"})).json()["id"]
    await ada.post(f"/api/v1/spaces/{space}/floor/invite", json={"handle": "bob"})
    sam = await site.speaker(ada, space, "speaker", "Sam Poe")
    for http, name in ((sam, "Sam Poe"), (bob, "Bob"), (ada, "Ada")):
        await consented(http, space, name)
    await ada.post(f"/api/v1/spaces/{space}/live")
    await wait_until(lambda: site.states[space].lifecycle is m.Lifecycle.LIVE)
    state = site.states[space]
    assert [(each.name, each.role, each.guest) for each in state.heard] == [
        ("Ada", m.Role.HOST, False),
        ("Sam Poe", m.Role.SPEAKER, True),
        ("Bob", m.Role.SPEAKER, False),
    ]
    assert (state.people, state.announced) == (("Ada", "Sam Poe", "Bob"), ())
