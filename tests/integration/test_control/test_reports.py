"""Reports: stored before anybody is thanked, handled once, followed by their author alone."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from rostra.admission.passes import HEARER, check_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus import messages as m
from rostra.bus.client import RemoteError
from rostra.control import reports as limits
from rostra.control.hiding import Hiding
from rostra.core.errors import StageUnavailable
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import database_path

from .conftest import PASS_KEYS, PASSWORD, Site
from .test_suspension import consented


async def make(http: Any, **fields: Any) -> str:
    body = {"title": "Talk", "starts_at": "2031-01-01T20:00:00Z", **fields}
    return str((await http.post("/api/v1/spaces", json=body)).json()["id"])


async def report(site: Site, space: str, subject: m.Subject = m.Subject.SPACE, **fields: Any) -> str:
    """Report as the door does; return the author's secret."""
    asked = m.Report(
        space=SpaceId(space), subject=subject, **{"grounds": m.Grounds.HATE, "at_s": 61, **fields}
    )
    return (await site.bus.request(m.CONTROL_REPORT, asked, m.Reported)).token


async def waiting(http: Any) -> list[dict[str, Any]]:
    answer = await http.get("/api/v1/reports")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["reports"]
    assert answer.json()["waiting"] == len(found)
    return found


async def give(http: Any, id: str, verdict: str, note: str = "We looked at it.") -> Any:
    return await http.post(f"/api/v1/reports/{id}/verdict", json={"verdict": verdict, "note": note})


async def outcome(site: Site, token: str) -> dict[str, Any]:
    answer = await site.client().post("/api/v1/reports/outcome", json={"token": token})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def moderator(site: Site) -> Any:
    body = {"handle": "mo", "name": "Mo", "password": PASSWORD, "role": "moderator"}
    assert (await site.operator().post("/api/v1/accounts", json=body)).status_code == 201
    http = site.browser()
    await http.post("/api/v1/session", json={"handle": "mo", "password": PASSWORD})
    return http


async def test_a_report_is_in_the_queue_and_its_author_follows_it_to_the_end(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    token = await report(site, space, text="He threatens people.", grounds=m.Grounds.THREAT)
    (row,) = await waiting(ada)
    assert (row["subject"], row["about"], row["grounds"], row["at_s"]) == ("space", "Talk", "threat", 61)
    assert (row["text"], row["handle"], row["state"]) == ("He threatens people.", "ada", "open")
    assert row["may"] == ["dismissed", "hidden"], "nobody suspends themselves"
    assert (await outcome(site, token))["state"] == "open"
    assert (await give(ada, row["id"], "dismissed")).json()["state"] == "dismissed"
    told = await outcome(site, token)
    assert (told["state"], told["note"]) == ("dismissed", "We looked at it.")
    assert "ada" not in str(told).lower()
    assert await waiting(ada) == []
    handled = (await ada.get("/api/v1/reports?open=false")).json()["reports"]
    assert [(each["id"], each["handled_by"]["name"]) for each in handled] == [(row["id"], "Ada")]
    record = (await ada.get("/api/v1/audit")).json()["entries"][0]
    assert (record["act"], record["detail"]["note"]) == ("report.dismissed", "We looked at it.")
    again = await give(ada, row["id"], "hidden")
    assert again.status_code == 409


def same(site: Site, column: str) -> None:
    """Let all reports have come, or been handled, in one millisecond."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        connection.execute(f"update reports set {column} = 1700000000000")
        connection.commit()


async def through(http: Any, **query: Any) -> list[str]:
    """The ids on all pages of a list, in their order."""
    found: list[str] = []
    while True:
        answer = (await http.get("/api/v1/reports", params=query)).json()
        found += [each["id"] for each in answer["reports"]]
        if answer["next"] is None:
            return found
        query["before"] = answer["next"]


async def test_whoever_looks_after_reports_is_told_how_many_wait_and_nobody_else(site: Any) -> None:
    ada = await site.set_up()
    mo, grace = await moderator(site), await site.host("grace")
    space = await make(ada)

    async def told(http: Any) -> int:
        return int((await http.get("/api/v1/session")).json()["reports"])

    assert await told(mo) == 0
    await report(site, space)
    await report(site, space)
    assert [await told(http) for http in (ada, mo, grace)] == [2, 2, 0]
    await give(mo, (await waiting(mo))[0]["id"], "dismissed")
    assert await told(ada) == 1


async def test_a_list_is_read_page_by_page_also_where_many_reports_are_of_the_same_moment(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    for _ in range(5):
        await report(site, space)
    same(site, "at")
    ids = sorted(each["id"] for each in await waiting(ada))
    assert await through(ada, limit=2) == ids
    for each in ids:
        assert (await give(ada, each, "dismissed")).is_success
    same(site, "handled_at")
    assert await through(ada, open=False, limit=2) == ids


async def test_the_page_after_a_report_that_still_waits_is_refused_among_the_handled(site: Any) -> None:
    ada = await site.set_up()
    await report(site, await make(ada))
    (row,) = await waiting(ada)
    after = {"before": row["id"]}
    refused = await ada.get("/api/v1/reports", params={"open": False, **after})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")
    assert "“before” is not a page of this list" in refused.json()["error"]["message"]
    assert (await give(ada, row["id"], "dismissed")).is_success
    for is_open in (True, False):
        answer = await ada.get("/api/v1/reports", params={"open": is_open, **after})
        assert answer.json()["reports"] == []


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("before", ["never-made", ""])
async def test_a_page_that_there_is_not_is_refused_and_begins_no_list_again(
    site: Any, is_open: bool, before: str
) -> None:
    ada = await site.set_up()
    refused = await ada.get("/api/v1/reports", params={"open": is_open, "before": before})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")
    assert "“before” is not a page of this list" in refused.json()["error"]["message"]


async def test_secrets_are_stored_as_hashes_and_others_open_nothing(site: Any) -> None:
    ada = await site.set_up()
    token = await report(site, await make(ada))
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        stored = connection.execute("select * from reports").fetchall()
    assert token not in str(stored)
    wrong = await site.client().post("/api/v1/reports/outcome", json={"token": "not this"})
    assert wrong.status_code == 404


async def test_a_report_that_is_sent_again_is_stored_once(site: Any) -> None:
    ada = await site.set_up()
    space, secret = await make(ada), "s" * 40
    assert [await report(site, space, token=secret) for _ in range(2)] == [secret, secret]
    assert len(await waiting(ada)) == 1
    assert (await outcome(site, secret))["state"] == "open"


async def test_a_reported_notice_is_removed_from_every_page(site: Any, wait_until: Any) -> None:
    await site.set_up()
    ann, mo = await site.host("ann"), await moderator(site)
    space = await make(ann)
    posted = (await ann.post(f"/api/v1/spaces/{space}/notices", json={"text": "Buy this."})).json()["id"]
    token = await report(site, space, m.Subject.NOTICE, notice=posted)
    (row,) = await waiting(mo)
    assert (row["about"], row["handle"]) == ("Buy this.", "ann")
    assert row["may"] == ["dismissed", "hidden", "removed", "suspended"]
    assert (await give(mo, row["id"], "removed")).status_code == 200
    await wait_until(lambda: not site.states[space].notices)
    assert (await outcome(site, token))["state"] == "removed"
    acts = [entry["act"] for entry in (await ann.get(f"/api/v1/audit?space={space}")).json()["entries"]]
    assert acts[:2] == ["report.removed", "notice.withdraw"]


async def test_a_reported_speaker_is_taken_off_the_stage(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    sam = await site.speaker(ada, space, "speaker", "Sam")
    due = (await sam.get(f"/api/v1/spaces/{space}/stage")).json()["consent"]["id"]
    accepted = await sam.post(
        f"/api/v1/spaces/{space}/stage/consent",
        json={"text_id": due, "accepted": True, "name": "Sam", "browser": "his"},
    )
    speaker = accepted.json()["speaker"]
    await report(site, space, m.Subject.SPEAKER, speaker=SpeakerId(speaker))
    (row,) = await waiting(ada)
    assert (row["about"], row["handle"]) == ("Sam", None)
    assert row["may"] == ["dismissed", "hidden", "removed"]
    refused = await give(ada, row["id"], "suspended")
    assert (refused.status_code, "No account" in refused.text) == (409, True)
    assert (await give(ada, row["id"], "removed")).status_code == 200
    assert [(off.speakers, off.why) for off in site.stage.taken_off] == [((speaker,), m.Off.SITE)]
    back = await sam.post(f"/api/v1/spaces/{space}/stage/offer", json={"sdp": "v=0\r\n"})
    assert (back.status_code, back.json()["error"]["code"]) == (403, "off_stage"), "gone for good"


async def test_nobody_is_removed_from_a_stage_that_is_over(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    sam = await site.speaker(ada, space, "speaker", "Sam")
    speaker = await consented(sam, space)
    token = await report(site, space, m.Subject.SPEAKER, speaker=SpeakerId(speaker))
    for act in ("live", "end"):
        assert (await ada.post(f"/api/v1/spaces/{space}/{act}")).status_code == 200
    (row,) = await waiting(ada)
    assert row["may"] == ["dismissed", "hidden"]
    refused = await give(ada, row["id"], "removed")
    assert (refused.status_code, "Hide it" in refused.json()["error"]["message"]) == (409, True)
    assert (await outcome(site, token))["state"] == "open"
    record = (await ada.get("/api/v1/audit")).json()["entries"]
    assert not {"floor.remove", "report.removed"} & {entry["act"] for entry in record}


async def test_a_report_s_link_does_not_tell_the_title_of_a_space_that_is_private_now(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    sam = await site.speaker(ada, space, "speaker", "Sam")
    speaker = await consented(sam, space)
    of_space = await report(site, space)
    of_speaker = await report(site, space, m.Subject.SPEAKER, speaker=SpeakerId(speaker))
    await ada.patch(f"/api/v1/spaces/{space}", json={"title": "Renamed"})
    assert (await outcome(site, of_speaker))["title"] == "Renamed"
    await ada.patch(f"/api/v1/spaces/{space}", json={"title": "Secret plans", "visibility": "private"})
    assert (await outcome(site, of_speaker))["title"] == ""
    assert (await outcome(site, of_space))["title"] == "Talk", "as it was when it was reported"


async def test_a_reported_host_is_suspended_and_a_moderator_rules_over_members_only(site: Any) -> None:
    ada = await site.set_up()
    ann, mo = await site.host("ann"), await moderator(site)
    await report(site, await make(ann))
    await report(site, await make(ada))
    of_ann, of_ada = await waiting(mo)
    assert (of_ann["may"], of_ada["may"]) == (["dismissed", "hidden", "suspended"], ["dismissed"])
    for verdict in ("suspended", "hidden"):
        assert (await give(mo, of_ada["id"], verdict)).status_code == 403
    assert (await give(mo, of_ann["id"], "suspended")).status_code == 200
    assert (await ann.get("/api/v1/session")).status_code == 403
    assert (await give(mo, of_ann["id"], "removed")).status_code == 409


async def test_of_two_verdicts_at_once_one_is_given_and_of_the_other_nothing_is_done(
    site: Any, wait_until: Any
) -> None:
    ada = await site.set_up()
    ann, mo = await site.host("ann"), await moderator(site)
    space = await make(ann)
    await ann.post(f"/api/v1/spaces/{space}/live")
    token = await report(site, space)
    (row,) = await waiting(ada)
    site.stage.hold = asyncio.Event()
    first = asyncio.create_task(give(ada, row["id"], "hidden"))
    await wait_until(lambda: space in site.stage.ended)
    second = asyncio.create_task(give(mo, row["id"], "suspended"))
    await asyncio.sleep(0.2)
    assert (await waiting(mo))[0]["state"] == "open", "until it is done"
    site.stage.hold.set()
    assert ((await first).status_code, (await second).status_code) == (200, 409)
    assert (await ann.get("/api/v1/session")).status_code == 200
    assert (await outcome(site, token))["state"] == "hidden"
    acts = {entry["act"] for entry in (await ada.get("/api/v1/audit")).json()["entries"]}
    assert {"space.hide", "report.hidden"} <= acts
    assert not {"account.suspend", "report.suspended"} & acts


async def test_a_report_whose_verdict_could_not_be_carried_out_waits_on(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await site.set_up()
    await report(site, await make(ada))
    (row,) = await waiting(ada)

    async def fails(*_: object) -> None:
        raise StageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(Hiding, "hide", fails)
        assert (await give(ada, row["id"], "hidden")).status_code == 503
    assert [each["id"] for each in await waiting(ada)] == [row["id"]]
    assert (await give(ada, row["id"], "dismissed")).status_code == 200


async def test_a_hidden_space_is_gone_for_everybody_and_says_why(site: Any, wait_until: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    await ada.post(f"/api/v1/spaces/{space}/live")
    gone: list[m.Removed] = []
    async with site.bus.subscribe("space.*.state", m.SpaceState, m.Removed) as states:

        async def heard() -> bool:
            async for _, state in states:
                if isinstance(state, m.Removed):
                    gone.append(state)
                    return True
            return False

        await report(site, space)
        (row,) = await waiting(ada)
        assert (await give(ada, row["id"], "hidden", "It called for violence.")).status_code == 200
        await wait_until(heard)
    assert (gone[0].space, gone[0].reason) == (space, "It called for violence.")
    shown = (await ada.get(f"/api/v1/spaces/{space}")).json()
    assert (shown["hidden_reason"], shown["state"]) == ("It called for violence.", "published")
    with pytest.raises(RemoteError, match="no conversation"):
        await report(site, space)
    assert (await ada.delete(f"/api/v1/spaces/{space}/hidden")).status_code == 204
    again = (await ada.get(f"/api/v1/spaces/{space}")).json()
    assert again["hidden_reason"] == ""
    await wait_until(lambda: site.states[space].revision == again["revision"])


async def test_nobody_goes_live_or_on_stage_in_a_hidden_space(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    hidden = await ada.put(f"/api/v1/spaces/{space}/hidden", json={"reason": "Not here."})
    assert hidden.status_code == 204
    assert (await ada.post(f"/api/v1/spaces/{space}/live")).status_code == 409
    assert site.stage.runs == {}, "and hiding began no tape to end it"
    await ada.delete(f"/api/v1/spaces/{space}/hidden")
    assert (await ada.post(f"/api/v1/spaces/{space}/live")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject": m.Subject.NOTICE, "notice": "none"}, "not_found"),
        ({"subject": m.Subject.SPEAKER, "speaker": SpeakerId("none")}, "not_found"),
        ({"subject": m.Subject.RECORDING}, "conflict"),
        ({"at_s": -1}, "bad_request"),
        ({"text": "x" * 1001}, "bad_request"),
    ],
)
async def test_what_cannot_be_reported_is_refused(site: Any, fields: Any, code: str) -> None:
    ada = await site.set_up()
    space = await make(ada)
    with pytest.raises(RemoteError) as refused:
        await report(site, space, **fields)
    assert refused.value.code == code
    assert await waiting(ada) == []


async def test_a_flood_about_one_space_leaves_room_for_others(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await site.set_up()
    space, other = await make(ada), await make(ada)
    monkeypatch.setattr(limits, "MOST_OPEN_OF_SPACE", 3)
    for _ in range(3):
        await report(site, space)
    with pytest.raises(RemoteError) as refused:
        await report(site, space)
    assert refused.value.code == "reports_full"
    await report(site, other)
    monkeypatch.setattr(limits, "MOST_OPEN", 4)
    with pytest.raises(RemoteError):
        await report(site, await make(ada))


async def test_without_control_nobody_is_told_that_a_report_was_stored(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada)
    await site.control.stop()
    with pytest.raises(RemoteError) as refused:
        await report(site, space)
    assert refused.value.code == "unavailable"


async def test_the_minute_is_heard_by_a_pass_live_and_afterwards(site: Any) -> None:
    ada = await site.set_up()
    space = await make(ada, visibility="private", recording_policy="hold")
    await report(site, space)
    (early,) = await waiting(ada)
    assert (await ada.get(f"/api/v1/reports/{early['id']}/audio")).status_code == 409
    await ada.post(f"/api/v1/spaces/{space}/live")
    await report(site, space)
    path = f"/api/v1/reports/{(await waiting(ada))[1]['id']}/audio"
    for _ in range(2):
        minute = (await ada.get(path)).json()
        assert (minute["from_s"], minute["to_s"], minute["run"]) == (31, 91, site.stage.runs[space])
        address, _, given = minute["status"].partition("?pass=")
        assert address == f"http://127.0.0.1:8000/s/{space}/status.json"
        assert minute["join"] == f"http://127.0.0.1:8000/s/{space}/join?pass={given}"
        ring = Keyring(tuple(TicketKey(*key) for key in PASS_KEYS.keys))
        stated = check_pass(ring, given, space=SpaceId(space), epoch=0, now_s=round(time.time()))
        assert stated.kind == HEARER
        assert 800 < stated.end_s - time.time() < 1000
        await ada.post(f"/api/v1/spaces/{space}/end")
    entries = (await ada.get("/api/v1/audit", params={"space": space})).json()["entries"]
    heard = [each for each in entries if each["act"] == "report.hear"]
    assert [each["detail"]["report"] for each in heard] == [path.split("/")[4]] * 2
    assert {each["actor"]["handle"] for each in heard} == {"ada"}
    await ada.delete(f"/api/v1/spaces/{space}/recording")
    assert (await ada.get(path)).status_code == 409
    assert (await (await site.host("bob")).get(path)).status_code == 403
