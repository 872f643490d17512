"""Asking to speak, and being let: what the host sees, what the asker gets, what stays on record."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.floor import SDP, Floor, consent, on_stage, view
from rostra.admission.allowance import Allowance
from rostra.bus.client import RemoteError
from rostra.bus.messages import (
    CONTROL_REPORT,
    FLOOR_ASK,
    FLOOR_WITHDRAW,
    Asked,
    Asking,
    AskToSpeak,
    FloorState,
    Grounds,
    Report,
    Reported,
    Role,
    Speaker,
    Subject,
    WithdrawAsking,
    floor_state,
)
from rostra.control import requests, seats
from rostra.control.floor import Place
from rostra.core.ids import SpaceId, SpeakerId
from rostra.core.settings import Settings
from rostra.store.database import database_path


async def test_who_asked_and_was_accepted_speaks_with_the_secret_that_only_their_page_had(
    site: Any, accounts: Any, wait_until: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("her secret", name="  Lena   Berg ", note="About the tides")
    waiting = (await view(owner, floor.path))["requests"]
    assert [(each["name"], each["note"], each["guest"]) for each in waiting] == [
        ("Lena Berg", "About the tides", True)
    ]
    lena = site.client("Speaker her secret")
    assert (await lena.get(f"{floor.path}/stage")).status_code == 401
    assert (await owner.post(f"{floor.path}/floor/requests/{request}/accept")).status_code == 204
    await wait_until(lambda: bool(site.states[space].people))
    assert "Lena Berg" not in site.states[space].people, "nobody announces who has not accepted being heard"
    await consent(lena, floor.path, "")
    await wait_until(lambda: "Lena Berg" in site.states[space].people)
    assert (await lena.post(f"{floor.path}/stage/offer", json={"sdp": SDP})).status_code == 200
    offer = site.stage.offers[-1]
    assert (offer.name, offer.role, offer.guest) == ("Lena Berg", Role.SPEAKER, True)
    assert (await view(owner, floor.path))["requests"] == []


async def test_who_was_let_speak_is_seen_coming_until_they_are_on_stage_and_that_can_be_taken_back(
    site: Any, accounts: Any, wait_until: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})

    async def coming() -> list[tuple[str, bool]]:
        return [(each["name"], each["guest"]) for each in (await view(owner, floor.path))["coming"]]

    for name in ("Ann", "Ben"):
        await owner.post(f"{floor.path}/floor/requests/{await floor.ask(name, name=name)}/accept")
    assert await coming() == [("Ann", True), ("Ben", True)]
    ann, ben = site.client("Speaker Ann"), site.client("Speaker Ben")
    assert (await view(ann, floor.path))["coming"] == [], "not for who does not run the floor"
    there = Speaker(speaker=SpeakerId(await consent(ann, floor.path, "")), name="Ann", role=Role.SPEAKER)
    assert await coming() == [("Ann", True), ("Ben", True)]
    site.stage.report(space, there)
    await wait_until(on_stage(owner, floor.path, 1))
    (left,) = (await view(owner, floor.path))["coming"]
    assert left["name"] == "Ben"
    site.stage.report(space)
    await wait_until(on_stage(owner, floor.path, 0))
    assert await coming() == [("Ben", True)], "who has stepped down comes only by themselves"
    assert (await owner.delete(f"{floor.path}/links/{left['link']}")).status_code == 204
    assert await coming() == []
    assert (await ben.get(f"{floor.path}/stage")).status_code == 401


async def test_who_was_let_speak_and_does_not_come_in_time_has_no_seat_and_both_sides_read_it(
    site: Any, accounts: Any, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    for name in ("Ann", "Ben", "Cem"):
        await owner.post(f"{floor.path}/floor/requests/{await floor.ask(name, name=name)}/accept")
    ann, ben, cem = (site.client(f"Speaker {name}") for name in ("Ann", "Ben", "Cem"))
    there = Speaker(speaker=SpeakerId(await consent(ann, floor.path, "")), name="Ann", role=Role.SPEAKER)
    await consent(ben, floor.path, "")
    site.stage.report(space, there)
    await wait_until(on_stage(owner, floor.path, 1))
    site.stage.report(space)
    await wait_until(on_stage(owner, floor.path, 0))

    async def coming() -> list[tuple[str, bool]]:
        told = (await view(owner, floor.path))["coming"]
        return sorted((each["name"], each["lapsed"]) for each in told)

    assert await coming() == [("Ben", False), ("Cem", False)]
    monkeypatch.setattr(seats, "ON_THEIR_WAY_MS", 0)

    async def have_lapsed() -> bool:
        return await coming() == [("Ben", True), ("Cem", True)]

    await wait_until(have_lapsed)
    for late in (ben, cem):
        refused = await late.post(f"{floor.path}/stage/offer", json={"sdp": SDP})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "seat_lapsed")
        assert "within two minutes" in refused.json()["error"]["message"]
    assert site.stage.offers == []
    assert floor.lines("floor.lapse") == ["system"] * 2
    assert (await ann.post(f"{floor.path}/stage/offer", json={"sdp": SDP})).status_code == 200, "she came"
    monkeypatch.setattr(seats, "TOLD_MS", 0)
    assert await coming() == []
    monkeypatch.setattr(seats, "ON_THEIR_WAY_MS", 120_000)
    await owner.post(f"{floor.path}/floor/requests/{await floor.ask('anew', name='Ben')}/accept")
    await consent(site.client("Speaker anew"), floor.path, "")


@pytest.mark.parametrize("answer", ["accept", "decline", "block"])
async def test_the_record_keeps_no_name_of_a_guest_who_asked(site: Any, accounts: Any, answer: str) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("her secret", name="Lena Berg", note="About the tides")
    body = {"json": {"everywhere": False}} if answer == "block" else {}
    done = await owner.post(f"{floor.path}/floor/requests/{request}/{answer}", **body)
    assert done.status_code == 204, done.text
    if answer == "block":
        (block,) = (await owner.get(f"{floor.path}/floor/blocks")).json()["blocks"]
        assert block["name"] == "Lena Berg"
        assert (await owner.delete(f"{floor.path}/floor/blocks/{block['id']}")).status_code == 204
    record = await owner.get("/api/v1/audit", params={"space": space})
    entries = record.json()["entries"]
    told = {each["act"]: (each["actor"]["name"], (each["about"] or {}).get("name")) for each in entries}
    assert told["floor.ask"] == ("Lena Berg", None), "as long as the request is kept"
    assert told[f"floor.{answer}"] == ("Grace", "Lena Berg")
    with closing(sqlite3.connect(database_path(site.data))) as database:
        kept = str(database.execute("select detail, actor from audit").fetchall())
        database.execute("delete from floor_requests")
        database.commit()
    record = await owner.get("/api/v1/audit", params={"space": space})
    assert "Lena" not in kept + record.text
    assert "tides" not in record.text
    assert {each["detail"].get("request", request[:12]) for each in entries} == {request[:12]}
    assert f"floor.{answer}" in {each["act"] for each in entries}


async def test_who_waits_is_seen_however_many_ask_and_think_better_of_it(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MOST_TOLD", 3)
    monkeypatch.setattr(requests, "PER_SPACE", Allowance(burst=9, refill_s=3600))
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    patient = await floor.ask(name="Lena Berg")
    for _ in range(8):
        fickle = WithdrawAsking(space=SpaceId(space), request=await floor.ask(name="Otto Groot"))
        await site.bus.request(FLOOR_WITHDRAW, fickle, Asked)
    assert [each["request"] for each in (await view(owner, floor.path))["requests"]] == [patient]
    with pytest.raises(RemoteError) as refused:
        await floor.ask(name="Otto Groot")
    assert refused.value.code == "queue_full"
    assert len(floor.lines("floor.ask")) == 9


async def test_whoever_was_let_speak_last_learns_it_however_many_were_answered_who_asked_later(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MOST_TOLD", 2)
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    patient = await floor.ask(name="Lena Berg")
    for _ in range(3):
        fickle = WithdrawAsking(space=SpaceId(space), request=await floor.ask(name="Otto Groot"))
        await site.bus.request(FLOOR_WITHDRAW, fickle, Asked)
    assert (await owner.post(f"{floor.path}/floor/requests/{patient}/accept")).status_code == 204
    answered = Asked(request=patient, state=Asking.ACCEPTED)
    async with (
        asyncio.timeout(5),
        site.bus.subscribe(floor_state(SpaceId(space)), FloorState) as told,
    ):
        async for _, state in told:
            if len(state.requests) == 2 and state.requests[0] == answered:
                break


async def test_one_network_does_not_take_all_the_room_and_all_may_be_declined_at_once(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MOST_OF_A_NETWORK", 2)
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    for _ in range(2):
        await floor.ask(network="2001:db8:7::/48")
    with pytest.raises(RemoteError) as refused:
        await floor.ask(network="2001:db8:7::/48")
    assert refused.value.code == "queue_full"
    await floor.ask(network="192.0.2.0/24")
    assert (await owner.post(f"{floor.path}/floor/decline-all")).json() == {"declined": 3}
    assert (await view(owner, floor.path))["requests"] == []
    assert len(floor.lines("floor.decline")) == 1
    await floor.ask(network="2001:db8:7::/48")


async def test_the_queue_is_there_again_after_backstage_died(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("her secret")
    await site.control.kill()
    await site.start()
    owner.base_url = site.url
    assert [each["request"] for each in (await view(owner, floor.path))["requests"]] == [request]


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"name": "x"}, "bad_name"),
        ({"name": "Nоra Lind"}, "bad_name"),
        ({"name": "N0ra-Lind"}, "name_taken"),
        ({"name": "ɢʀᴀᴄᴇ"}, "name_taken"),
        ({"voucher": "forged"}, "sign_in_needed"),
        ({"browser": "hers"}, "asked_already"),
        ({"browser": ""}, "bad_request"),
    ],
)
async def test_a_request_that_may_not_be_is_refused(
    site: Any, accounts: Any, about: dict[str, str], code: str, wait_until: Any
) -> None:
    operator, owner = accounts
    assert (await operator.post("/api/v1/accounts/grace/verify")).status_code == 200
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    nora = Speaker(speaker=SpeakerId("nnnnnnn2"), name="Nora Lind", role=Role.HOST)
    site.stage.report(space, nora)
    await wait_until(on_stage(owner, f"/api/v1/spaces/{space}", 1))
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    await floor.ask("first", browser="hers")
    with pytest.raises(RemoteError) as refused:
        await floor.ask("second", **about)
    assert refused.value.code == code


async def test_who_is_signed_in_asks_in_their_own_name(site: Any, accounts: Any) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    vouched = (await eve.get(f"/api/v1/spaces/{space}/floor/me")).json()
    assert (vouched["name"], vouched["seat"]) == ("Eve", "")
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("eves", name="The Queen", voucher=vouched["voucher"])
    waiting = (await view(owner, floor.path))["requests"]
    assert [(each["name"], each["guest"]) for each in waiting] == [("Eve", False)]
    await owner.post(f"{floor.path}/floor/requests/{request}/accept")
    lena = site.client("Speaker eves")
    assert (await view(lena, floor.path))["me"]["guest"] is False


async def test_who_may_speak_already_is_refused_to_ask_and_that_is_written_down(
    site: Any, accounts: Any
) -> None:
    operator, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    await owner.post(f"{floor.path}/floor/invite", json={"handle": "eve"})
    for http, sentence in (
        (operator, "An operator may not"),
        (owner, "The owner may not"),
        (eve, "A speaker may not"),
    ):
        vouched = (await http.get(f"{floor.path}/floor/me")).json()
        with pytest.raises(RemoteError, match=sentence):
            await floor.ask(vouched["name"], voucher=vouched["voucher"])
    assert len(floor.lines("floor.refused")) == 3
    assert (await view(owner, floor.path))["requests"] == []


async def test_a_request_that_is_taken_back_is_on_record_once(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    taken_back = WithdrawAsking(space=SpaceId(space), request=await floor.ask("hers"))
    for _ in range(2):
        answer = await site.bus.request(FLOOR_WITHDRAW, taken_back, Asked)
        assert answer.state is Asking.WITHDRAWN
    assert floor.lines("floor.withdraw") == floor.lines("floor.ask") == [f"request:{taken_back.request[:12]}"]


async def test_room_for_further_speakers_is_made_of_those_who_were_removed_or_have_left(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch, wait_until: Any
) -> None:
    monkeypatch.setattr(seats, "MAX_LINKS", 2)
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})

    async def accept(name: str) -> Any:
        request = await floor.ask(name, name=name)
        return await owner.post(f"{floor.path}/floor/requests/{request}/accept")

    async def opens(name: str) -> int:
        return int((await site.client(f"Speaker {name}").get(f"{floor.path}/stage")).status_code)

    for name in ("Ann", "Ben"):
        assert (await accept(name)).status_code == 204
    ann, ben = [
        SpeakerId(await consent(site.client(f"Speaker {name}"), floor.path, "")) for name in ("Ann", "Ben")
    ]
    site.stage.report(
        space,
        Speaker(speaker=ann, name="Ann", role=Role.SPEAKER),
        Speaker(speaker=ben, name="Ben", role=Role.SPEAKER),
    )
    await wait_until(on_stage(owner, floor.path, 2))
    assert (await accept("Cem")).status_code == 409
    assert (await owner.delete(f"{floor.path}/floor/speakers/{ben}")).status_code == 204
    assert await opens("Ben") == 403, "told that they were taken off"
    assert (await accept("Dora")).status_code == 204
    assert [await opens(name) for name in ("Ann", "Ben", "Dora")] == [200, 401, 200]
    site.stage.report(space)
    await wait_until(on_stage(owner, floor.path, 0))
    assert (await accept("Emil")).status_code == 204
    assert [await opens(name) for name in ("Ann", "Dora", "Emil")] == [401, 200, 200]


async def test_no_room_is_made_of_who_asked_and_leads_by_now(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MAX_LINKS", 1)
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    await owner.post(f"{floor.path}/floor/requests/{await floor.ask('Ann', name='Ann')}/accept")
    ann = site.client("Speaker Ann")
    speaker = await consent(ann, floor.path, "")
    place = f"{floor.path}/floor/speakers/{speaker}/place"
    assert (await owner.put(place, json={"role": "cohost"})).status_code == 204
    refused = await owner.post(f"{floor.path}/floor/requests/{await floor.ask('Ben', name='Ben')}/accept")
    assert refused.status_code == 409
    assert (await view(ann, floor.path))["me"]["place"] == "cohost"


class TestWhereTwoMaySpeak:
    """Besides a host and a co-host."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"max_speakers": 4, "max_cohosts": 1})

    async def test_nobody_is_let_speak_for_whom_there_is_no_seat(
        self, site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch, wait_until: Any
    ) -> None:
        _, owner = accounts
        space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
        floor = Floor(site, space, {Place.OWNER: owner}, {})
        asked = {name: await floor.ask(name, name=name) for name in ("Ann", "Ben", "Cem")}

        async def accept(name: str) -> Any:
            return await owner.post(f"{floor.path}/floor/requests/{asked[name]}/accept")

        assert [(await accept(name)).status_code for name in ("Ann", "Ben")] == [204, 204]
        refused = await accept("Cem")
        assert refused.status_code == 409, "both seats are kept for those on their way"
        assert "All seats for speakers are taken (2)" in refused.json()["error"]["message"]
        assert [each["name"] for each in (await view(owner, floor.path))["requests"]] == ["Cem"]
        on_the_stage = [
            Speaker(
                speaker=SpeakerId(await consent(site.client(f"Speaker {name}"), floor.path, "")),
                name=name,
                role=Role.SPEAKER,
            )
            for name in ("Ann", "Ben")
        ]
        site.stage.report(space, *on_the_stage)
        await wait_until(on_stage(owner, floor.path, 2))
        assert (await accept("Cem")).status_code == 409, "both are there"
        monkeypatch.setattr(seats, "ON_THEIR_WAY_MS", 0)
        site.stage.report(space, on_the_stage[0])
        await wait_until(on_stage(owner, floor.path, 1))
        assert (await accept("Cem")).status_code == 204


async def invited_while_asking(site: Any, owner: Any) -> tuple[Floor, Any, str]:
    """A floor, Uma, whose request by "her secret" waited when the owner invited her, and her voucher."""
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    uma = await site.host("uma")
    voucher = (await uma.get(f"{floor.path}/floor/me")).json()["voucher"]
    await floor.ask("her secret", voucher=voucher)
    assert (await owner.post(f"{floor.path}/floor/invite", json={"handle": "uma"})).status_code == 204
    return floor, uma, voucher


async def test_whoever_is_invited_while_they_ask_is_let_speak_where_they_wait(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    floor, uma, _ = await invited_while_asking(site, owner)
    assert (await view(owner, floor.path))["requests"] == []
    assert (await view(site.client("Speaker her secret"), floor.path))["me"]["name"] == "Uma"
    assert (await view(uma, floor.path))["me"]["place"] == "speaker"


@pytest.mark.parametrize("how", ["remove", "to listener", "by the site"])
async def test_whoever_was_invited_while_they_asked_and_is_taken_off_comes_back_as_nobody(
    site: Any, accounts: Any, how: str
) -> None:
    operator, owner = accounts
    floor, uma, voucher = await invited_while_asking(site, owner)
    by_request = site.client("Speaker her secret")
    speakers = [await consent(each, floor.path, "") for each in (uma, by_request)]
    whom = f"{floor.path}/floor/speakers/{speakers[1]}"
    if how == "remove":
        done = await owner.delete(whom)
    elif how == "to listener":
        done = await owner.put(f"{whom}/place", json={"role": "listener"})
    else:
        done = await remove_by_site(site, operator, floor.space, speakers[1])
    assert done.is_success, done.text
    assert set(site.stage.taken_off[-1].speakers) == set(speakers)
    assert (await uma.get(f"{floor.path}/floor/me")).json()["seat"] == ""
    for each in (uma, by_request):
        refused = await each.get(f"{floor.path}/stage")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "off_stage")
    await floor.ask("again", voucher=voucher)


async def test_whoever_was_invited_while_they_asked_stays_off_once_that_is_taken_back(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    floor, uma, voucher = await invited_while_asking(site, owner)
    speaker = await consent(uma, floor.path, "")
    (coming,) = (await view(owner, floor.path))["coming"]
    assert (await owner.delete(f"{floor.path}/links/{coming['link']}")).status_code == 204
    assert set(site.stage.taken_off[-1].speakers) == {speaker}
    assert (await uma.get(f"{floor.path}/floor/me")).json()["seat"] == ""
    assert (await uma.get(f"{floor.path}/stage")).json()["error"]["code"] == "off_stage"
    await floor.ask("again", voucher=voucher)


async def remove_by_site(site: Any, operator: Any, space: str, speaker: str) -> Any:
    """Report a speaker, and have an operator take them off."""
    reported = Report(
        space=SpaceId(space),
        subject=Subject.SPEAKER,
        speaker=SpeakerId(speaker),
        grounds=Grounds.HATE,
        at_s=1,
    )
    await site.bus.request(CONTROL_REPORT, reported, Reported)
    (row,) = (await operator.get("/api/v1/reports")).json()["reports"]
    verdict = {"verdict": "removed", "note": "We looked at it."}
    return await operator.post(f"/api/v1/reports/{row['id']}/verdict", json=verdict)


async def test_a_request_is_answered_once(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    request = await floor.ask("hers")
    answers = f"{floor.path}/floor/requests/{request}"
    assert (await owner.post(f"{answers}/decline")).status_code == 204
    assert (await owner.post(f"{answers}/decline")).status_code == 204
    assert (await owner.post(f"{answers}/accept")).status_code == 409
    assert floor.lines("floor.decline") == [floor.lines("floor.decline")[0]]
    assert await site.bus.request(
        FLOOR_ASK, AskToSpeak(space=SpaceId(space), request=request, name="Lena", browser="hers"), Asked
    ) == Asked(request=request, state=Asking.DECLINED)
