"""A host who is away: a co-host acts as host, also over a restart; with none, operators are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rostra.bus.messages import Role, Speaker
from rostra.core.ids import SpeakerId
from rostra.core.settings import Settings

CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, host_patience_s=1)


async def two_on_air(site: Any) -> tuple[Any, Any, str, Any, list[SpeakerId]]:
    """A live talk without its host: owner, id, path, a co-host, and the ids of her and a speaker on stage."""
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    cleo, sam = [await site.speaker(http, space, role, role.title()) for role in ("cohost", "speaker")]
    consented = [await each.post(f"{path}/stage/consent", json=CONSENT) for each in (cleo, sam)]
    await http.post(f"{path}/live")
    return http, space, path, cleo, [SpeakerId(answer.json()["speaker"]) for answer in consented]


async def test_a_cohost_acts_as_host_until_the_host_is_back_whatever_restarts(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    cleo = await site.speaker(http, space, "cohost", "Cleo")
    speaker = (await cleo.post(f"{path}/stage/consent", json=CONSENT)).json()["speaker"]
    await http.post(f"{path}/live")
    run = site.states[space].run

    async def place() -> str:
        return str((await cleo.get(f"{path}/stage")).json()["me"]["place"])

    async def acts() -> bool:
        return await place() == "acting"

    cohost = Speaker(speaker=SpeakerId(speaker), name="Cleo", role=Role.COHOST)
    site.stage.report(space, cohost, live=True, run=run)
    assert await place() == "cohost"
    assert (await cleo.post(f"{path}/end")).status_code == 403
    await wait_until(acts, within_s=10)
    await site.control.kill()
    await site.start()
    cleo.base_url = site.url
    assert await place() == "acting"
    host = Speaker(speaker=SpeakerId("hhhhhhh2"), name="Ada", role=Role.HOST)
    site.stage.report(space, cohost, host, live=True, run=run)

    async def is_cohost_again() -> bool:
        return await place() == "cohost"

    await wait_until(is_cohost_again, within_s=10)


async def test_who_acts_as_host_chooses_cohosts_and_music_until_the_host_is_back(
    site: Any, wait_until: Any
) -> None:
    _, space, path, cleo, speakers = await two_on_air(site)
    run = site.states[space].run
    cohost = Speaker(speaker=speakers[0], name="Cohost", role=Role.COHOST)
    host = Speaker(speaker=SpeakerId("hhhhhhh2"), name="Ada", role=Role.HOST)
    place = f"{path}/floor/speakers/{speakers[1]}/place"

    async def tries() -> list[int]:
        """To make Sam a co-host and a speaker again, to choose the music, to give the host's role away."""
        return [
            (await cleo.put(place, json={"role": "cohost"})).status_code,
            (await cleo.put(place, json={"role": "speaker"})).status_code,
            (await cleo.delete(f"{path}/hold-music")).status_code,
            (await cleo.put(place, json={"role": "host"})).status_code,
        ]

    def is_now(expected: str) -> Any:
        async def seen() -> bool:
            me = (await cleo.get(f"{path}/stage")).json()["me"]
            return (me["place"], me["may"]["hold_music"]) == (expected, expected == "acting")

        return seen

    assert await tries() == [403, 403, 403, 403]
    site.stage.report(space, cohost, live=True, run=run)
    await wait_until(is_now("acting"), within_s=10)
    assert await tries() == [204, 204, 204, 403]
    site.stage.report(space, cohost, host, live=True, run=run)
    await wait_until(is_now("cohost"), within_s=10)
    assert await tries() == [403, 403, 403, 403]


async def test_a_cohost_goes_on_acting_though_the_hosts_role_goes_to_somebody_who_is_away(
    site: Any, wait_until: Any
) -> None:
    http, space, path, cleo, speakers = await two_on_air(site)
    cohost = Speaker(speaker=speakers[0], name="Cohost", role=Role.COHOST)
    away = Speaker(speaker=speakers[1], name="Speaker", role=Role.SPEAKER, connected=False)
    site.stage.report(space, cohost, away, live=True, run=site.states[space].run)

    async def acts() -> bool:
        return bool((await cleo.get(f"{path}/stage")).json()["me"]["place"] == "acting")

    await wait_until(acts, within_s=10)
    given = await http.put(f"{path}/floor/speakers/{speakers[1]}/place", json={"role": "host"})
    assert given.status_code == 204, given.text
    await wait_until(acts, within_s=10)
    assert (await http.post(f"{path}/floor/take-back")).status_code == 204
    await wait_until(acts, within_s=10)


async def test_operators_are_told_of_a_live_stage_with_neither_host_nor_cohost(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    sam = Speaker(speaker=SpeakerId("sssssss2"), name="Sam", role=Role.SPEAKER)
    site.stage.report(space, sam, live=True, run=site.states[space].run)

    async def told() -> bool:
        (shown,) = (await http.get("/api/v1/spaces")).json()["spaces"]
        return bool(shown["unled"])

    assert not await told()
    await wait_until(told, within_s=10)
    lines = (await http.get(f"/api/v1/audit?space={space}")).json()["entries"]
    assert [line["act"] for line in lines if line["act"] == "floor.unled"] == ["floor.unled"]
    await http.post(f"/api/v1/spaces/{space}/end")
    assert not await told()


async def test_who_acts_as_host_still_does_after_the_stage_restarted(site: Any, wait_until: Any) -> None:
    http, space, path, cleo, speakers = await two_on_air(site)
    run = site.states[space].run
    cohost, sam = [
        Speaker(speaker=each, name="Somebody", role=role)
        for each, role in zip(speakers, (Role.COHOST, Role.SPEAKER), strict=True)
    ]

    async def acts() -> bool:
        return bool((await cleo.get(f"{path}/stage")).json()["me"]["place"] == "acting")

    site.stage.report(space, cohost, live=True, run=run)
    await wait_until(acts, within_s=10)
    site.stage.report(space, live=True, run=run)
    await asyncio.sleep(2.5)  # looked at twice, with a patience of a second
    site.stage.report(space, cohost, sam, live=True, run=run)
    assert await acts()
    lines = (await http.get(f"/api/v1/audit?space={space}")).json()["entries"]
    assert {line["act"] for line in lines}.isdisjoint({"floor.unled", "floor.acting-over"})


async def test_operators_are_told_though_something_is_written_all_the_while(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    await http.post(f"/api/v1/spaces/{space}/live")
    site.stage.report(space, live=True, run=site.states[space].run)

    async def told() -> bool:
        await http.patch(
            f"/api/v1/spaces/{space}", json={"title": f"Talk {asyncio.get_running_loop().time()}"}
        )
        (shown,) = (await http.get("/api/v1/spaces")).json()["spaces"]
        return bool(shown["unled"])

    await wait_until(told, within_s=10)


async def test_an_operator_on_a_friends_stage_is_no_cohost_and_leaves_the_part_to_one(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    bea = await site.host("bea")
    space = (await bea.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    cleo = await site.speaker(bea, space, "cohost", "Cleo")
    consented = [
        await each.post(f"{path}/stage/consent", json={**CONSENT, "name": name})
        for each, name in ((ada, "Ada"), (cleo, ""))
    ]
    operator, cohost = [
        Speaker(speaker=SpeakerId(answer.json()["speaker"]), name="Somebody", role=Role.COHOST)
        for answer in consented
    ]
    assert (await bea.post(f"{path}/live")).status_code == 200
    run = site.states[space].run
    site.stage.report(space, operator, live=True, run=run)

    async def told() -> bool:
        (shown,) = (await ada.get("/api/v1/spaces")).json()["spaces"]
        return bool(shown["unled"])

    await wait_until(told, within_s=10)
    site.stage.report(space, operator, cohost, live=True, run=run)

    async def acts() -> bool:
        return bool((await cleo.get(f"{path}/stage")).json()["me"]["place"] == "acting")

    await wait_until(acts, within_s=10)


class TestWithAMailServerThatNeverAnswers:
    """It takes connections, and that is all."""

    @pytest.fixture
    async def silent(self) -> AsyncIterator[str]:
        writers: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for writer in writers:
            writer.close()
        server.close()

    @pytest.fixture
    def settings(self, settings: Settings, silent: str) -> Settings:
        return settings.model_copy(update={"smtp_url": silent, "mail_from": "rostra@example.org"})

    async def test_a_cohost_acts_as_host_on_another_stage_all_the_same(
        self, site: Any, wait_until: Any
    ) -> None:
        http = await site.set_up()
        await http.patch("/api/v1/account", json={"email": "ada@example.org"})
        paths, spaces = [], []
        for title in ("Without anybody", "With Cleo"):
            spaces.append((await http.post("/api/v1/spaces", json={"title": title})).json()["id"])
            paths.append(f"/api/v1/spaces/{spaces[-1]}")
        cleo = await site.speaker(http, spaces[1], "cohost", "Cleo")
        speaker = (await cleo.post(f"{paths[1]}/stage/consent", json=CONSENT)).json()["speaker"]
        for path in paths:
            await http.post(f"{path}/live")
        site.stage.report(spaces[0], live=True, run=site.states[spaces[0]].run)

        async def told() -> bool:
            shown = (await http.get("/api/v1/spaces")).json()["spaces"]
            return any(each["unled"] for each in shown)

        await wait_until(told, within_s=10)
        cohost = Speaker(speaker=SpeakerId(speaker), name="Cleo", role=Role.COHOST)
        site.stage.report(spaces[1], cohost, live=True, run=site.states[spaces[1]].run)

        async def acts() -> bool:
            return bool((await cleo.get(f"{paths[1]}/stage")).json()["me"]["place"] == "acting")

        await wait_until(acts, within_s=6)
