"""The stage's desk: consent before sound, who may do what, and what people on stage see."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest

from rostra.bus.messages import Audience, Lifecycle, Role, Speaker, audience
from rostra.core.ids import SpeakerId

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True, "browser": "one of their own"}
NORA = Speaker(speaker=SpeakerId("nnnnnnn2"), name="Nora", role=Role.HOST, speaking=True)


async def make(http: Any) -> str:
    return str((await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"])


async def test_nobody_reaches_the_stage_before_accepting_the_sentence(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    refused = await sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "consent_needed"
    assert "recorded unedited" in refused.json()["error"]["message"]
    asked = await sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP}, params={"lang": "es"})
    assert "se te grabará sin editar" in asked.json()["error"]["message"]
    assert asked.json()["error"]["detail"]["text_id"] == "live-and-recorded-1.es"
    assert site.stage.offers == []
    answer = await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    assert (answer.json()["name"], answer.json()["role"]) == ("Sam", "speaker")
    entered = await sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})
    assert entered.json()["sdp"].startswith("v=0")
    assert site.stage.offers[0].name == "Sam"
    assert site.stage.offers[0].speaker == answer.json()["speaker"]
    again = {"sdp": SDP, "page": "phone", "again": True}
    await sam.post(f"/api/v1/spaces/{space}/stage/offer", json=again)
    assert [(each.page, each.again) for each in site.stage.offers] == [("", False), ("phone", True)]


async def test_consent_is_logged_with_the_sentence_as_it_was_shown(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    body = {**CONSENT, "name": "Ada L."}
    await http.post(f"/api/v1/spaces/{space}/stage/consent", json=body)
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        row = database.execute("select space, name, role, text, at from consents").fetchone()
    assert row[:4] == (space, "Ada L.", "host", "You will be heard live by anyone and recorded unedited.")
    assert row[4] > 1_700_000_000_000


async def test_the_same_consent_again_is_answered_and_logged_once(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    told = []
    for said in ({}, {}, {"name": "Sam"}, {"name": "Samuel"}, {}, {"browser": "another"}, {"name": "Sam"}):
        answer = await sam.post(f"/api/v1/spaces/{space}/stage/consent", json={**CONSENT, **said})
        assert answer.status_code == 200
        told.append((answer.json()["speaker"], answer.json()["name"]))
    assert len({speaker for speaker, _ in told}) == 1
    assert [name for _, name in told] == ["Sam"] * 3 + ["Samuel"] * 3 + ["Sam"]
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        logged = [name for (name,) in database.execute("select name from consents order by id")]
        (lines,) = database.execute("select count(*) from audit where act = 'stage.consent'").fetchone()
    assert (logged, lines) == (["Sam", "Samuel", "Samuel", "Sam"], 4)


async def test_declining_or_accepting_another_sentence_is_no_consent(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    path = f"/api/v1/spaces/{space}/stage/consent"
    assert (await http.post(path, json={**CONSENT, "accepted": False})).status_code == 403
    assert (await http.post(path, json={**CONSENT, "text_id": "older"})).status_code == 400
    assert (await http.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})).status_code == 403


async def test_somebody_who_comes_back_is_the_same_speaker(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker")
    path = f"/api/v1/spaces/{space}/stage/consent"
    first = (await sam.post(path, json={**CONSENT, "name": "Sam"})).json()
    again = (await sam.post(path, json={**CONSENT, "name": "Samuel"})).json()
    assert again == {**first, "name": "Samuel"}


async def test_a_link_without_a_name_asks_for_one(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    nameless = await site.speaker(http, space, "speaker")
    answer = await nameless.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    assert answer.status_code == 400
    assert "name" in answer.json()["error"]["message"]


async def test_a_broken_or_oversized_session_description_never_reaches_the_stage(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    path = f"/api/v1/spaces/{space}/stage/offer"
    assert (await http.post(path, json={"sdp": "hello"})).json()["error"]["code"] == "bad_sdp"
    assert (await http.post(path, json={"sdp": "v=0" + "x" * 98_304})).status_code == 413
    assert (await http.post(path, json={})).json()["error"]["message"] == "“sdp” is missing."
    assert site.stage.offers == []


HALF = "\ud800"
"""Half of a surrogate pair: JSON may escape it, and no text can hold it (RFC 8259 section 8.2)."""


@pytest.mark.parametrize(
    ("method", "leaf", "body"),
    [
        ("POST", "stage/offer", {"sdp": f"v=0{HALF}"}),
        ("POST", "stage/consent", {**CONSENT, "name": HALF}),
        ("POST", "stage/consent", {**CONSENT, "text_id": HALF}),
        ("POST", "links", {"role": "speaker", "name": HALF}),
        ("POST", "notices", {"text": HALF}),
        ("POST", "notices", {"text": "Now", "link": f"https://example.org/{HALF}"}),
        ("POST", "pass", {"passphrase": HALF}),
        ("PATCH", "", {"title": HALF}),
        ("PATCH", "", {"description": HALF}),
        ("PATCH", "", {"time_zone": HALF}),
        ("PATCH", "", {"starts_at": HALF}),
        ("PATCH", "", {HALF: 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
async def test_half_a_character_is_refused_and_travels_nowhere(
    site: Any, method: str, leaf: str, body: dict[str, Any]
) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    answer = await http.request(
        method,
        f"/api/v1/spaces/{space}/{leaf}".rstrip("/"),
        content=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400, answer.text
    assert site.stage.offers == []


async def test_a_full_stage_says_so(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    site.stage.full = True
    answer = await http.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})
    assert answer.status_code == 503
    assert answer.json()["error"] == {"code": "stage_full", "message": "The stage is full."}


async def test_an_ended_space_takes_nobody_on_stage(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    await http.post(f"/api/v1/spaces/{space}/live")
    await http.post(f"/api/v1/spaces/{space}/end")
    refused = await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "space_over")
    assert (await http.post(f"/api/v1/spaces/{space}/links", json={})).status_code == 409


WHO_MAY = {
    #           edit cancel invite see live end mute
    "owner": "   200  200    201   200 200  200 204",
    "operator": "200  200    201   200 200  200 204",
    "host": "    403  403    201   200 200  200 204",
    "cohost": "  403  403    201   200 200  403 204",
    "speaker": " 403  403    403   200 403  403 403",
    "stranger": "403  403    403   403 403  403 403",
    "elsewhere": "403 403    403   403 403  403 403",
    "nobody": "  401  401    401   401 401  401 401",
}


async def consenting(site: Any, host: Any, space: str) -> str:
    """Somebody who may be on stage: their speaker id."""
    nora = await site.speaker(host, space, "speaker", "Nora")
    return str((await nora.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)).json()["speaker"])


async def try_everything(person: Any, space: str, live: str, nora: str) -> list[int]:
    """Do each act of the table; ``space`` is scheduled, with ``nora`` on stage, ``live`` is live."""
    one, other = f"/api/v1/spaces/{space}", f"/api/v1/spaces/{live}"
    answers = [
        await person.patch(one, json={"title": "Changed"}),
        await person.post(f"{one}/links", json={}),
        await person.get(one),
        await person.post(f"{one}/stage/speakers/{nora}/mute", json={"muted": True}),
        await person.post(f"{other}/live"),
        await person.post(f"{other}/end", json={"reason": "Spam"}),
        await person.post(f"{one}/cancel"),
    ]
    edit, invite, see, mute, go_live, end, cancel = [answer.status_code for answer in answers]
    return [edit, cancel, invite, see, go_live, end, mute]


async def test_who_may_do_what(site: Any) -> None:
    ada = await site.set_up()
    grace = await site.host("grace")
    elsewhere = await site.speaker(ada, await make(ada), "host", "Eve")
    accounts = {"owner": grace, "operator": ada, "stranger": await site.host("eve")}
    others = {**accounts, "elsewhere": elsewhere, "nobody": site.client()}
    got = {}
    for who in WHO_MAY:
        space, live = await make(grace), await make(grace)
        await grace.post(f"/api/v1/spaces/{live}/live")
        nora = await consenting(site, grace, space)
        if who in others:
            got[who] = await try_everything(others[who], space, live, nora)
        else:
            here = await try_everything(await site.speaker(grace, space, who, "Sam"), space, live, nora)
            there = await try_everything(await site.speaker(grace, live, who, "Sam"), space, live, nora)
            got[who] = [*here[:4], *there[4:6], here[6]]
    assert got == {who: [int(status) for status in row.split()] for who, row in WHO_MAY.items()}


async def test_anyone_may_mute_themselves(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    me = (await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)).json()["speaker"]
    answer = await sam.post(f"/api/v1/spaces/{space}/stage/speakers/{me}/mute", json={"muted": True})
    assert answer.status_code == 204
    assert (site.stage.mutes[0].speaker, site.stage.mutes[0].muted) == (me, True)


async def test_leaving_takes_the_session_off_the_stage(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
    session = (await http.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": SDP})).json()["session"]
    assert (await http.delete(f"/api/v1/spaces/{space}/stage/sessions/{session}")).status_code == 204
    assert site.stage.left[0].session == session


async def test_the_stage_is_seen_with_its_people_listeners_and_oneself(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    site.stage.report(space, NORA)
    for worker, listeners in ((0, 30), (1, 12)):
        count = Audience(space=space, worker=worker, listeners=listeners)
        site.bus.publish(audience(space, worker), count, retain=True)

    async def arrived() -> bool:
        seen = (await http.get(f"/api/v1/spaces/{space}/stage")).json()
        return bool(seen["listeners"] == 42 and seen["state"] == "lobby")

    await wait_until(arrived)
    seen = (await http.get(f"/api/v1/spaces/{space}/stage")).json()
    assert [speaker["name"] for speaker in seen["speakers"]] == ["Nora"]
    assert seen["me"]["consented"] is False
    assert seen["me"]["role"] == "host"
    assert seen["me"]["may"]["end"] is True


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    async for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_the_stream_tells_at_once_and_at_every_change(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    async with sam.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as answer, asyncio.timeout(5):
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = events(answer.aiter_lines())
        assert (await anext(stream))["state"] == "scheduled"
        site.stage.report(space, NORA)
        while not (seen := await anext(stream))["speakers"]:
            pass
        assert seen["speakers"][0]["speaking"] is True
        await http.post(f"/api/v1/spaces/{space}/live")
        while not (seen := await anext(stream))["live"]:
            pass
        await sam.post(f"/api/v1/spaces/{space}/stage/consent", json=CONSENT)
        while not (seen := await anext(stream))["me"]["consented"]:
            pass


async def test_a_burst_of_reports_is_a_few_events_and_the_last_one_counts(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    async with http.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as answer, asyncio.timeout(5):
        stream = events(answer.aiter_lines())
        await anext(stream)
        for samples in range(1, 201):
            site.stage.report(space, NORA, samples=samples)
            await asyncio.sleep(0)
        seen = 0
        while (await anext(stream))["samples"] != 200:
            seen += 1
        assert seen <= 3


WAYS_OUT = {
    "signed out": ("DELETE", "/api/v1/session"),
    "signed out everywhere": ("DELETE", "/api/v1/account/sessions"),
}


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_a_stream_ends_within_two_seconds_once_its_browser_is_signed_out(site: Any, way: str) -> None:
    http = await site.set_up()
    space = await make(http)
    other = site.browser()
    other.cookies = http.cookies
    method, path = WAYS_OUT[way]
    async with http.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream:
        told = events(stream.aiter_lines())
        await anext(told)
        answer = await other.request(method, path)
        assert answer.is_success, answer.text
        async with asyncio.timeout(2):
            assert [event async for event in told] == []


async def test_a_stream_ends_within_two_seconds_once_its_link_is_taken_back(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    sam = await site.speaker(http, space, "speaker", "Sam")
    held = (await http.get(f"/api/v1/spaces/{space}/links")).json()["links"][0]["id"]
    async with sam.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream:
        told = events(stream.aiter_lines())
        await anext(told)
        assert (await http.delete(f"/api/v1/spaces/{space}/links/{held}")).is_success
        async with asyncio.timeout(2):
            assert [event async for event in told] == []


async def test_a_stream_goes_on_when_something_else_is_written(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    async with http.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as stream, asyncio.timeout(8):
        told = events(stream.aiter_lines())
        await anext(told)
        await make(http)
        await asyncio.sleep(1.5)
        site.stage.report(space, NORA)
        while not (await anext(told))["speakers"]:
            pass


async def test_backstage_stops_within_three_seconds_with_streams_open(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    async with http.stream("GET", f"/api/v1/spaces/{space}/stage/stream") as answer:
        stream = events(answer.aiter_lines())
        await anext(stream)
        async with asyncio.timeout(3):
            await site.control.stop()
        assert [event async for event in stream] == []


async def test_the_space_follows_the_stage_into_the_lobby_on_every_page(site: Any, wait_until: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    site.stage.report(space, NORA)
    await wait_until(lambda: space in site.states and site.states[space].lifecycle is Lifecycle.LOBBY)


async def test_while_music_plays_the_studio_is_told_when_it_ends_by_itself(site: Any) -> None:
    http = await site.set_up()
    space = await make(http)
    await http.post(f"/api/v1/spaces/{space}/live")
    path, run = f"/api/v1/spaces/{space}/stage", site.states[space].run
    site.stage.report(space, live=True, run=run, hold=True, hold_ends_at=1_893_456_000_000)
    async with asyncio.timeout(5):
        while not (told := (await http.get(path)).json())["hold"]:
            await asyncio.sleep(0.02)
    assert told["hold_ends_at"].startswith("2030-01-01T00:00:00")
    site.stage.report(space, NORA, live=True, run=run)
    async with asyncio.timeout(5):
        while (told := (await http.get(path)).json())["hold"]:
            await asyncio.sleep(0.02)
    assert told["hold_ends_at"] is None
