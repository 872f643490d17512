"""A whole deployment obeys the operator: order, door, report, record, edge and tape."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.stage import on_stage
from harness.waiting import until
from rostra.media import events

pytestmark = pytest.mark.timeout(180)


async def test_the_worst_case_is_obeyed_within_two_seconds_told_everywhere_and_left_again(
    tmp_path: Path,
) -> None:
    async with (
        Deployment(tmp_path) as site,
        Evening(site) as evening,
        on_stage((await evening.link("host", "Ann")).url, name="Ann", hz=440.0),
    ):
        await evening.go_live()
        base = await evening.join()
        door = f"{site.door}/s/{evening.space}"
        ordered = time.monotonic()
        await evening.call("PUT", "/door", {"rung": "worst", "places": 0})

        async def told() -> dict[str, Any]:
            room: dict[str, Any] = (await evening.status())["room"]
            assert room, "nothing is told of the room"
            assert room["rung"] == "worst", "nothing has changed"
            return room

        room = await until(told, what="the door obeys", within_s=20)
        obeyed_s = time.monotonic() - ordered
        print(f"obeyed after {obeyed_s:.2f} s")
        assert (room["places"], room["closed"], room["reason"]) == (0, False, "worst_case")
        assert not (await evening.http.post(f"{door}/join")).json()["admitted"]
        press = {"name": "Press", "places": 1}
        await evening.call("PUT", f"/spaces/{evening.space}/door", {"reserved": 5})
        link = (await evening.call("POST", f"/spaces/{evening.space}/door/links", press))["url"]
        reserved = {"reserved": link.partition("#r=")[2]}

        async def has_own_line() -> dict[str, Any]:
            answer: dict[str, Any] = (await evening.http.post(f"{door}/join", json=reserved)).json()
            assert answer["line"] == 2, answer
            return answer

        held = await until(has_own_line, what="the door knows the link", within_s=20)

        async def reported() -> bool:
            seen = (await evening.call("GET", "/door"))["seen"]
            assert (seen["rung"], seen["held"], seen["limit"], seen["places"]) == ("worst", True, "hand", 0)
            acts = (await evening.call("GET", "/audit?limit=50"))["entries"]
            assert {"door.order", "door.rung"} <= {each["act"] for each in acts}
            live = (await evening.http.get(f"{base}live.json")).json()
            assert live.get("low")
            assert max(live["cadence"], live.get("next_cadence", 0)) == 12
            return True

        await until(reported, what="report, record and edge say so", within_s=20)

        async def on_tape() -> bool:
            live = (await evening.http.get(f"{base}live.json")).json()
            number = max(0, live["segment"] - 1)
            rendition = live["renditions"][0]["name"]
            segment = await evening.http.get(f"{base}{live['run']}/{rendition}/{number}.m4s")
            told = events.read(segment.content)
            assert any(each.rung == "worst" for each in told), "not on the tape"
            assert any(each.limit == events.Limit(0) for each in told)
            return True

        await until(on_tape, what="the tape says so", within_s=40)

        await evening.call("PUT", "/door", {"rung": "ground", "places": 50})

        async def let_in() -> bool:
            answer = (await evening.http.post(f"{door}/join", json={"place": held["place"]})).json()
            assert answer["admitted"], answer
            return True

        await until(let_in, what="places open again", within_s=40)

        async def is_over() -> bool:
            return "low" not in (await evening.http.get(f"{base}live.json")).json()

        await until(is_over, what="the low renditions are no longer asked for", within_s=20)
