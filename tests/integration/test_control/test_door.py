"""Orders of the door: who may give them, what the door is told, what follows from the rung it stands on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.door_reports import told_by_door
from rostra.admission.reserved import Reserved, read
from rostra.bus import messages as m
from rostra.control.commands import space_app
from rostra.control.door_commands import door_app
from rostra.core.ids import SpaceId
from rostra.core.pace import growth_ms

SPACE = {"title": "Town hall", "starts_at": "2031-01-01T20:00:00Z", "time_zone": "UTC"}


def report(rung: str = "ground", **changes: Any) -> m.DoorReport:
    seen = {"asked": 40, "joined": 30, "placed": 10, "refused": (("full", 10),), "listeners": 28}
    return told_by_door(**({"rung": rung, "places": 30, "limit": "hand"} | seen | changes))


async def told(site: Any, subject: str, kind: Any) -> Any:
    async with site.bus.subscribe(subject, kind) as values, asyncio.timeout(5):
        return (await anext(aiter(values)))[1]


async def lines(http: Any, act: str) -> list[Any]:
    entries = (await http.get("/api/v1/audit?limit=100")).json()["entries"]
    return [each for each in entries if each["act"] == act]


async def new_space(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json=SPACE)).json()["id"])


async def test_an_order_reaches_the_door_is_recorded_and_outlives_backstage(site: Any) -> None:
    ada = await site.set_up()
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == m.DoorOrder()
    answer = await ada.put("/api/v1/door", json={"places": 2_000, "rung": "worst"})
    assert (answer.json()["places"], answer.json()["rung"]) == (2_000, "worst")
    order = m.DoorOrder(places=2_000, rung="worst")
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == order
    assert (await lines(ada, "door.order"))[0]["detail"] == {"rung": "worst", "places": 2_000}
    async with site.bus.subscribe(m.DOOR_ORDER, m.DoorOrder) as orders, asyncio.timeout(10):
        follow = aiter(orders)
        await anext(follow)
        await site.restart()
        assert (await anext(follow))[1] == order
    assert (await site.operator().put("/api/v1/door", json={})).json()["rung"] is None
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == m.DoorOrder()


@pytest.mark.parametrize("body", [{"rung": "roof"}, {"places": -1}, {"places": "many"}, {"other": 1}])
async def test_an_order_that_means_nothing_is_refused(site: Any, body: Any) -> None:
    ada = await site.set_up()
    assert (await ada.put("/api/v1/door", json=body)).status_code == 400


@pytest.mark.parametrize(
    ("language", "said"), [("en", "The worst case needs a number of places"), ("es", "número de plazas")]
)
async def test_the_worst_case_is_not_announced_without_a_number_that_limits(
    site: Any, language: str, said: str
) -> None:
    ada = await site.set_up()
    for body in ({"rung": "worst"}, {"rung": "worst", "places": None}):
        refused = await ada.put("/api/v1/door", json=body, headers={"accept-language": language})
        assert refused.status_code == 400
        error = refused.json()["error"]
        assert (error["code"], error["detail"]) == ("bad_request", {"field": "places"})
        assert said in error["message"]
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == m.DoorOrder()
    assert (await ada.put("/api/v1/door", json={"rung": "worst", "places": 0})).status_code == 200


async def test_a_host_sets_places_apart_and_only_an_operator_limits_them(site: Any) -> None:
    ada, bob = await site.set_up(), await site.host("bob")
    path = f"/api/v1/spaces/{await new_space(bob)}/door"
    assert (await bob.put(path, json={"reserved": 40})).json()["reserved"] == 40
    assert (await bob.put(path, json={"places": 5})).status_code == 403
    limited = (await ada.put(path, json={"places": 500})).json()
    assert (limited["places"], limited["most"], limited["reserved"]) == (500, 500, 40)
    assert (await bob.put(path, json={"places": 500, "reserved": 30})).json()["reserved"] == 30
    assert (await bob.put(path, json={"places": None})).status_code == 403
    assert (await ada.put(path, json={"places": None})).json()["places"] is None
    assert (await site.host("carla")) is not None


async def test_a_host_sets_apart_so_many_that_others_have_places_too_and_an_operator_more(site: Any) -> None:
    ada, bob = await site.set_up(), await site.host("bob")
    path = f"/api/v1/spaces/{await new_space(bob)}/door"
    assert (await bob.put(path, json={"reserved": 500})).status_code == 200
    many = await bob.put(path, json={"reserved": 501})
    assert (many.status_code, many.json()["error"]["code"]) == (409, "reserved_places_many")
    assert "500 places at most" in many.json()["error"]["message"]
    assert (await ada.put(path, json={"reserved": 2_000})).json()["reserved"] == 2_000
    assert (await bob.put(path, json={"reserved": 1_900})).json()["reserved"] == 1_900, (
        "fewer than there were"
    )


async def test_reserved_links_hold_no_more_than_is_set_apart_and_end_when_taken_back(site: Any) -> None:
    await site.set_up()
    bob = await site.host("bob")
    space = SpaceId(await new_space(bob))
    path = f"/api/v1/spaces/{space}/door"
    short = await bob.post(f"{path}/links", json={"name": "Press", "places": 1})
    assert (short.status_code, short.json()["error"]["code"]) == (409, "reserved_places_short")
    await bob.put(path, json={"reserved": 30})
    made = (await bob.post(f"{path}/links", json={"name": "Press", "places": 25})).json()
    assert (await bob.post(f"{path}/links", json={"places": 6})).status_code == 409
    address, _, token = made["url"].partition("#r=")
    assert address.endswith(f"/s/{space}")
    order = await told(site, m.space_order(space), m.SpaceOrder)
    stated = read(order.key, token, space=space)
    assert stated == Reserved(space, bytes.fromhex(made["id"]), 25)
    assert (order.reserved, order.links) == (30, (stated.link,))
    assert (await bob.put(path, json={"reserved": 24})).status_code == 409
    assert [each["url"] for each in (await bob.get(path)).json()["links"]] == [made["url"]]
    assert (await bob.delete(f"{path}/links/{made['id']}")).status_code == 204
    assert (await told(site, m.space_order(space), m.SpaceOrder)).links == ()
    assert (await bob.delete(f"{path}/links/{made['id']}")).status_code == 404
    cohost = await site.speaker(bob, space, "cohost")
    assert (await cohost.get(path)).status_code == 200
    assert (await cohost.put(path, json={"reserved": 1})).status_code == 403


async def test_a_rung_lengthens_the_cadence_ahead_of_time_and_is_recorded_once(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    await ada.put("/api/v1/edge/pace", json={"cadence": 6, "cohorts": 3})
    async with site.bus.subscribe(m.EDGE_POLICY, m.EdgePolicy) as policies, asyncio.timeout(20):
        follow = aiter(policies)
        before = (await anext(follow))[1]
        assert (before.cadence, before.low) == (6, False)
        begins: dict[str, int] = {}
        for rung, cadence, low in (("low", 6, True), ("quiet", 12, True), ("ground", 6, False)):
            site.bus.publish(m.door_report(0), report(rung), retain=True)
            policy = (await anext(follow))[1]
            assert (policy.cadence, policy.cohorts, policy.low) == (cadence, 3, low)
            begins[rung] = policy.from_ms
        assert begins["low"] == before.from_ms, "what is on its way keeps its time"
        assert begins["quiet"] - begins["ground"] >= growth_ms(6, 12) - 8_000
        site.bus.publish(m.door_report(0), report("low"), retain=True)
        assert (await anext(follow))[1].low
        await site.restart()
        assert (await anext(follow))[1].low
    ada = site.operator()
    site.bus.publish(m.door_report(0), report("low", asked=41), retain=True)

    async def seen() -> bool:
        found = (await ada.get("/api/v1/door")).json()["seen"]
        return found is not None and found["asked"] == 41

    await wait_until(seen)
    rungs = [each["detail"]["rung"] for each in await lines(ada, "door.rung")]
    assert rungs == ["low", "ground", "quiet", "low"]


async def test_what_the_door_reports_is_shown_with_its_last_minutes(site: Any, wait_until: Any) -> None:
    ada = await site.set_up()
    space = SpaceId(await new_space(ada))
    crowd = m.Crowd(space=space, inside=28, waiting=9, places=30, serving=(3, 0, 0), reserved=2)
    load = m.WorkerLoad(worker=1, listeners=28, cpu=0.25, late_share=0.0)
    assert (await ada.get("/api/v1/door")).json()["seen"] is None
    for came in (40, 140):
        await asyncio.sleep(0.25)
        told_now = report(came=came, asked=1_000_000 * came, spaces=(crowd,), workers=(load,))
        site.bus.publish(m.door_report(0), told_now, retain=True)

    async def has_figures() -> bool:
        return len((await ada.get("/api/v1/door/figures")).json()["at"]) == 1

    await wait_until(has_figures)
    figures = (await ada.get("/api/v1/door/figures")).json()
    assert 0 < figures["arrivals_per_s"][0] < 1_000, "who waits and asks again is no arrival"
    assert (figures["waiting"], figures["listeners"], figures["places"]) == ([9], [28], [30])
    seen = (await ada.get("/api/v1/door")).json()["seen"]
    assert (seen["spaces"][0]["title"], seen["spaces"][0]["waiting"]) == ("Town hall", 9)
    assert (seen["refused"], seen["workers"][0]["cpu"]) == ({"full": 10}, 0.25)
    stage = (await ada.get(f"/api/v1/spaces/{space}/stage")).json()
    assert (stage["waiting"], stage["rung"]) == (9, "ground")


async def test_the_ladder_from_the_terminal(site: Any, wait_until: Any) -> None:
    ada = await site.set_up()
    space = await new_space(ada)
    here = ("--url", site.url, "--data", str(site.data))

    async def run(app: Any, *arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *here])

    unlimited = await run(door_app, "order", "worst")
    assert unlimited.exit_code == 1
    assert unlimited.stderr.startswith("--places: The worst case needs a number of places")
    astray = await run(space_app, "ladder", space, "worst", "--places", "800")
    assert astray.exit_code == 2
    assert "rostra door order worst --places NUMBER" in " ".join(astray.stderr.replace("│", " ").split())
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == m.DoorOrder()
    announced = await run(door_app, "order", "worst", "--places", "900")
    assert "Ordered: rung worst, places 900." in announced.stdout
    assert announced.stdout.startswith("It is ordered, and holds within seconds.")
    worst = await run(space_app, "ladder", space, "worst", "--places", "800", "--reserved", "20")
    assert worst.exit_code == 0, worst.stderr
    assert "Places: 800, set apart: 20." in worst.stdout
    assert await told(site, m.DOOR_ORDER, m.DoorOrder) == m.DoorOrder(places=900, rung="worst")
    shown = await run(door_app, "order", "auto", "--places", "5000")
    assert "Ordered: rung auto, places 5000." in shown.stdout
    assert "Ordered: rung auto, places auto." in (await run(door_app, "order", "--places", "auto")).stdout
    kept = json.loads((await run(door_app, "order", "--places", "auto", "--json")).stdout)
    assert (kept["rung"], kept["places"]) == (None, None)
    back = await run(space_app, "ladder", space, "--places", "auto")
    assert "Places: as many as fit" in back.stdout
    assert (await run(space_app, "ladder", space, "roof")).exit_code == 2
    assert "The door does not report." in (await run(door_app, "show")).stdout
    site.bus.publish(m.door_report(0), report(), retain=True)
    await wait_until(lambda: has_told(ada))
    assert "28 of 30 (the setting ROSTRA_CAPACITY)" in " ".join((await run(door_app, "show")).stdout.split())
    by_hand = await run(door_app, "order", "--places", "30")
    assert "28 of 30 (hand)" in " ".join(by_hand.stdout.split())
    beyond = await run(space_app, "ladder", space, "--places", "31", "--reserved", "32")
    assert "All spaces together have 30 places: this one has no more." in beyond.stdout
    assert "Only 30 may listen at once: no more than these are set apart." in beyond.stdout
    within = await run(space_app, "ladder", space, "--places", "29", "--reserved", "29")
    assert " have 30 places" not in within.stdout
    assert "Only" not in within.stdout


async def has_told(ada: Any) -> bool:
    return (await ada.get("/api/v1/door")).json()["seen"] is not None
