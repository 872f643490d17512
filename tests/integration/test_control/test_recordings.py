"""What becomes of a recording: published, held and released, deleted, and gone from disk."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from rostra.bus.messages import Erase, Lifecycle, RecordingPolicy
from rostra.core.ids import RunId, SpaceId


async def over(http: Any, policy: str) -> str:
    body = {"title": "Talk", "recording_policy": policy}
    space = str((await http.post("/api/v1/spaces", json=body)).json()["id"])
    for act in ("live", "end"):
        assert (await http.post(f"/api/v1/spaces/{space}/{act}")).status_code == 200
    return space


async def state_of(http: Any, space: str) -> str:
    return str((await http.get(f"/api/v1/spaces/{space}")).json()["state"])


async def test_a_held_recording_waits_for_its_release(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await over(http, "hold")
    held = (await http.get(f"/api/v1/spaces/{space}")).json()
    assert held["state"] == "held"
    assert (held["recording"]["seconds"], held["recording"]["mp4"]) == (10.0, None)
    await wait_until(lambda: site.states[space].lifecycle is Lifecycle.HELD)
    assert site.states[space].recording_policy is RecordingPolicy.HOLD
    for _ in range(2):
        released = await http.post(f"/api/v1/spaces/{space}/recording/release")
        assert (released.status_code, released.json()["state"]) == (200, "published")
    recording = released.json()["recording"]
    assert [recording[each].rpartition("/")[2] for each in ("mp4", "hls", "dash")] == [
        "aac64.mp4",
        "index.m3u8",
        "manifest.mpd",
    ]


async def test_a_recording_that_is_to_be_deleted_is_so_when_the_end_answers(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await over(http, "delete")
    answer = (await http.get(f"/api/v1/spaces/{space}")).json()
    assert (answer["state"], answer["recording"]) == ("deleted", None)
    await wait_until(lambda: Erase(space=SpaceId(space), run=RunId("run22222")) in site.stage.erased)
    await wait_until(lambda: site.states[space].lifecycle is Lifecycle.DELETED)
    assert site.states[space].recording is None
    assert (await http.post(f"/api/v1/spaces/{space}/end")).json()["state"] == "deleted"


@pytest.mark.parametrize("policy", ["publish", "hold"])
async def test_a_recording_can_be_deleted_later_and_for_good(site: Any, wait_until: Any, policy: str) -> None:
    http = await site.set_up()
    space = await over(http, policy)
    for _ in range(2):
        gone = await http.delete(f"/api/v1/spaces/{space}/recording")
        assert (gone.status_code, gone.json()["state"]) == (200, "deleted")
    await wait_until(lambda: len(site.stage.erased) == 1)
    assert (await http.post(f"/api/v1/spaces/{space}/recording/release")).status_code == 409


async def test_a_live_space_has_no_recording_to_delete_or_release(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    refused = await http.delete(f"/api/v1/spaces/{space}/recording")
    assert refused.status_code == 409
    assert (
        refused.json()["error"]["message"]
        == "This conversation is live and cannot have its recording deleted."
    )
    assert (await http.post(f"/api/v1/spaces/{space}/recording/release")).status_code == 409


async def test_backstage_that_died_before_the_disk_was_cleared_does_it_at_its_start(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    async with site.stage_away():
        space = await over_without_stage(site, http)
        assert await state_of(http, space) == "deleted"
        await site.control.kill()
        assert site.stage.erased == []
    await site.start()
    await wait_until(lambda: len(site.stage.erased) == 1)
    await wait_until(lambda: erased(site, space))


async def over_without_stage(site: Any, http: Any) -> str:
    """A recording deleted while nobody can erase it: the state is true at once."""
    async with site.stage.serving():
        space = await over(http, "hold")
    async with asyncio.timeout(5):
        assert (await http.delete(f"/api/v1/spaces/{space}/recording")).json()["state"] == "deleted"
    return space


def erased(site: Any, space: str) -> bool:
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        return database.execute("select erased from spaces where id = ?", (space,)).fetchone() == (1,)


async def test_cohosts_and_speakers_may_neither_release_nor_delete(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "T", "recording_policy": "hold"})).json()["id"]
    cohost = await site.speaker(http, space, "cohost", "Sam")
    for act in ("live", "end"):
        await http.post(f"/api/v1/spaces/{space}/{act}")
    assert (await cohost.post(f"/api/v1/spaces/{space}/recording/release")).status_code == 403
    assert (await cohost.delete(f"/api/v1/spaces/{space}/recording")).status_code == 403
    assert await state_of(http, space) == "held"


async def test_the_policy_is_settled_once_a_space_is_live(site: Any) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    assert (await http.patch(path, json={"recording_policy": "hold"})).json()["recording_policy"] == "hold"
    await http.post(f"{path}/live")
    assert (await http.patch(path, json={"recording_policy": "publish"})).status_code == 409
    assert (await http.patch(path, json={"recording_policy": "hold"})).status_code == 200
