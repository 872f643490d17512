"""A space's life over HTTP: live, ended, published; the stage away; backstage killed in between."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from rostra.bus.messages import Lifecycle, Recording, Removed, Role, SpaceState, Speaker, space_state
from rostra.core.ids import SpaceId, SpeakerId

RECORDING = Recording(duration_samples=480_000, size_bytes=81_234)
NORA = Speaker(speaker=SpeakerId("nnnnnnn2"), name="Nora", role=Role.HOST)


async def scheduled(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])


async def state_of(http: Any, space: str) -> str:
    return str((await http.get(f"/api/v1/spaces/{space}")).json()["state"])


async def test_live_then_ended_then_published_with_its_recording(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    live = (await http.post(f"/api/v1/spaces/{space}/live")).json()
    assert (live["state"], live["run"]) == ("live", "run22222")
    await wait_until(lambda: space in site.states and site.states[space].lifecycle is Lifecycle.LIVE)
    assert [rendition.name for rendition in site.states[space].renditions] == ["aac64", "opus32"]
    assert site.states[space].anchor_utc_ns == 1_900_000_000_000_000_000
    ended = (await http.post(f"/api/v1/spaces/{space}/end")).json()
    assert ended["state"] == "published"
    assert ended["recording"]["seconds"] == 10.0
    assert ended["recording"]["mp4"] == f"http://127.0.0.1:8001/r/{space}/run22222/aac64.mp4"
    assert ended["ended_at"] == "2030-03-17T17:46:50+00:00"
    await wait_until(lambda: site.states[space].recording is not None)


async def test_asked_twice_live_and_end_answer_the_same(site: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    for act in ("live", "end"):
        answers = await asyncio.gather(*(http.post(f"/api/v1/spaces/{space}/{act}") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
    assert len(site.stage.runs) == 1


async def test_what_cannot_happen_now_is_refused_with_a_sentence(site: Any) -> None:
    http = await site.set_up()
    for before, act, words in (
        ((), "end", "has not begun and cannot end"),
        (("live",), "cancel", "is live and cannot be cancelled"),
        (("cancel",), "live", "was cancelled and cannot go live"),
        (("live", "end"), "live", "has ended and cannot go live"),
        (("live", "end"), "cancel", "has ended and cannot be cancelled"),
    ):
        space = await scheduled(http)
        for earlier in before:
            assert (await http.post(f"/api/v1/spaces/{space}/{earlier}")).status_code == 200
        answer = await http.post(f"/api/v1/spaces/{space}/{act}")
        assert answer.status_code == 409
        assert words in answer.json()["error"]["message"]


async def test_a_live_space_keeps_its_start_but_can_be_renamed(site: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    moved = await http.patch(f"/api/v1/spaces/{space}", json={"starts_at": "2030-01-31T20:00:00Z"})
    assert moved.status_code == 409
    assert (await http.patch(f"/api/v1/spaces/{space}", json={"title": "Better"})).status_code == 200


async def test_the_first_person_on_stage_opens_the_lobby_and_the_last_closes_it(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    site.stage.report(space, NORA)

    async def in_state(state: str) -> bool:
        return await state_of(http, space) == state

    await wait_until(lambda: in_state("lobby"))
    site.stage.report(space)
    await wait_until(lambda: in_state("scheduled"))


async def test_a_tape_that_the_stage_closed_by_itself_ends_the_space_and_says_why(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    run = (await http.post(f"/api/v1/spaces/{space}/live")).json()["run"]
    site.stage.report(space, run=run, finished=RECORDING, reason="disk_full")

    async def published() -> bool:
        return await state_of(http, space) == "published"

    await wait_until(published)
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["ended_reason"] == "disk_full"


async def test_a_lost_tape_ends_the_space_and_says_why(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    run = (await http.post(f"/api/v1/spaces/{space}/live")).json()["run"]
    site.stage.report(space, run=run, lost=True, reason="tape_damaged")

    async def ended() -> bool:
        return await state_of(http, space) == "ended"

    await wait_until(ended)
    assert (await http.get(f"/api/v1/spaces/{space}")).json()["ended_reason"] == "tape_damaged"


async def test_a_live_space_that_is_not_on_air_says_why_to_its_people(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    run = (await http.post(f"/api/v1/spaces/{space}/live")).json()["run"]

    async def trouble() -> str:
        return str((await http.get(f"/api/v1/spaces/{space}/stage")).json()["trouble"])

    async def told() -> bool:
        return await trouble() == "off_air_disk_full"

    async def well() -> bool:
        return not await trouble()

    site.stage.report(space, NORA, run=run, reason="off_air_disk_full")
    await wait_until(told)
    assert await state_of(http, space) == "live"
    site.stage.report(space, NORA, run=run, live=True)
    await wait_until(well)


async def test_a_report_about_an_older_tape_ends_nothing(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space, other = await scheduled(http), await scheduled(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    site.stage.report(space, run="run99999", finished=RECORDING)
    site.stage.report(other, NORA)  # reports are read in order: once this one shows, the first was read

    async def read() -> bool:
        return await state_of(http, other) == "lobby"

    await wait_until(read)
    assert await state_of(http, space) == "live"


async def test_backstage_that_missed_the_answer_of_going_live_learns_it_from_the_report(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    site.stage.runs[space] = "run77777"
    site.stage.report(space, NORA, live=True, run="run77777")

    async def live() -> bool:
        return (await http.get(f"/api/v1/spaces/{space}")).json()["run"] == "run77777"

    await wait_until(live)


async def test_a_restart_tells_all_spaces_again_and_keeps_people_signed_in(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    await site.control.stop()
    site.states.clear()
    await site.start()
    await wait_until(lambda: space in site.states)
    assert site.states[space].lifecycle is Lifecycle.LIVE
    again = site.browser()
    again.cookies.update(http.cookies)
    assert await state_of(again, space) == "live"


async def test_killed_while_ending_backstage_publishes_after_its_restart(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    run = (await http.post(f"/api/v1/spaces/{space}/live")).json()["run"]
    site.stage.hold = asyncio.Event()
    ending = asyncio.create_task(http.post(f"/api/v1/spaces/{space}/end"))
    await wait_until(lambda: space in site.stage.ended)
    await site.control.kill()
    await asyncio.gather(ending, return_exceptions=True)
    site.stage.hold.set()
    site.stage.report(space, run=run, finished=RECORDING)
    await site.start()
    await wait_until(lambda: site.states[space].lifecycle is Lifecycle.PUBLISHED)
    assert site.states[space].ended_reason == ""


@pytest.mark.parametrize("killed", [True, False])
async def test_an_operators_reason_for_an_end_is_kept_however_late_the_stage_tells_of_it(
    site: Any, accounts: Any, wait_until: Any, killed: bool
) -> None:
    operator, owner = accounts
    space = await scheduled(owner)
    run = (await owner.post(f"/api/v1/spaces/{space}/live")).json()["run"]
    ask = operator.post(f"/api/v1/spaces/{space}/end", json={"reason": "Spam"})
    if killed:
        site.stage.hold = asyncio.Event()
        ending = asyncio.create_task(ask)
        await wait_until(lambda: space in site.stage.ended)
        await site.control.kill()
        await asyncio.gather(ending, return_exceptions=True)
        await site.start()
        operator.base_url = site.url
    else:
        async with site.stage_away():
            assert (await ask).status_code == 503
    shown = (await operator.get(f"/api/v1/spaces/{space}")).json()
    assert (shown["state"], shown["ended_reason"]) == ("live", ""), "nobody is told before it has ended"
    site.stage.report(space, run=run, finished=RECORDING)
    await wait_until(lambda: site.states[space].lifecycle is Lifecycle.PUBLISHED)
    assert site.states[space].ended_reason == "ended_by_site: Spam"
    me = (await operator.get("/api/v1/account")).json()["account"]["id"]
    entries = (await operator.get("/api/v1/audit", params={"space": space})).json()["entries"]
    (end,) = [entry for entry in entries if entry["act"] == "space.end"]
    assert (me in str(end["actor"]), end["detail"]["reason"]) == (True, "ended_by_site: Spam")


async def test_cancelled_while_the_stage_is_asked_the_space_stays_what_it_was(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    site.stage.hold = asyncio.Event()
    ending = asyncio.create_task(http.post(f"/api/v1/spaces/{space}/end"))
    await wait_until(lambda: space in site.stage.ended)
    assert await state_of(http, space) == "live"
    site.stage.hold.set()
    assert (await ending).json()["state"] == "published"


async def test_a_space_whose_tape_is_lost_can_still_be_ended_and_says_so(site: Any) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    site.stage.runs.clear()
    ended = (await http.post(f"/api/v1/spaces/{space}/end")).json()
    assert (ended["state"], ended["recording"]) == ("ended", None)
    assert ended["ended_reason"] == "tape_damaged"


async def test_a_space_that_the_bus_remembers_and_the_database_does_not_is_taken_back(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await scheduled(http)
    await wait_until(lambda: space in site.states)
    stray = msgspec.structs.replace(site.states[space], space=SpaceId("stray23456"))
    removed: list[SpaceId] = []

    async def hear() -> None:
        async with site.bus.subscribe("space.*.state", SpaceState, Removed) as values:
            async for _, value in values:
                if isinstance(value, Removed):
                    removed.append(value.space)

    hearing = asyncio.create_task(hear())
    site.bus.publish(space_state(stray.space), stray, retain=True)
    await wait_until(lambda: removed == [stray.space])
    hearing.cancel()
