"""Passes that no longer hold: what ends them, whom it leaves alone, and who gets a new one unasked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.floor import enters, floor_of
from rostra.admission.passes import LISTENER, check_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.messages import CONTROL_REPORT, Grounds, Report, Reported, Subject
from rostra.control.floor import Act, Place
from rostra.core.errors import PassEnded
from rostra.core.ids import SpaceId

KEYRING = Keyring((TicketKey(7, b"k" * 32),))
WORDS = "open sesame"


class Door:
    """What the door makes of passes, from what backstage publishes."""

    def __init__(self, site: Any, wait_until: Any) -> None:
        self.site = site
        self.wait_until = wait_until

    def holds(self, given: str, space: str) -> bool:
        epoch = self.site.states[space].pass_epoch
        try:
            return check_pass(KEYRING, given, space=SpaceId(space), epoch=epoch, now_s=0).kind >= LISTENER
        except PassEnded:
            return False

    async def ends(self, given: str, space: str) -> None:
        await self.wait_until(lambda: not self.holds(given, space))


@pytest.fixture
def door(site: Any, wait_until: Any) -> Door:
    return Door(site, wait_until)


async def private(http: Any, **fields: str) -> str:
    answer = await http.post("/api/v1/spaces", json={"title": "Us", "visibility": "private", **fields})
    return str(answer.json()["id"])


async def given(http: Any, space: str, words: str = "") -> str:
    answer = await http.post(f"/api/v1/spaces/{space}/pass", json={"passphrase": words})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["pass"])


async def test_another_passphrase_ends_the_passes_of_the_first_and_so_does_none(
    site: Any, door: Door, wait_until: Any
) -> None:
    ada = await site.set_up()
    space = await private(ada, passphrase=WORDS)
    await wait_until(lambda: space in site.states)
    first = await given(site.client(), space, WORDS)
    assert door.holds(first, space)
    await ada.patch(f"/api/v1/spaces/{space}", json={"title": "Other words"})
    await wait_until(lambda: site.states[space].title == "Other words")
    assert door.holds(first, space), "a new title ends no pass"
    await ada.patch(f"/api/v1/spaces/{space}", json={"passphrase": "other words"})
    await door.ends(first, space)
    second = await given(site.client(), space, "other words")
    assert door.holds(second, space)
    await ada.patch(f"/api/v1/spaces/{space}", json={"passphrase": ""})
    await door.ends(second, space)


async def test_whoever_is_uninvited_is_out_and_those_still_invited_get_a_new_pass(
    site: Any, door: Door
) -> None:
    ada = await site.set_up()
    bob, eve = await site.host("bob"), await site.host("eve")
    space = await private(ada)
    for handle in ("bob", "eve"):
        await ada.put(f"/api/v1/spaces/{space}/invited/{handle}")
    old = [await given(http, space) for http in (bob, eve)]
    await ada.delete(f"/api/v1/spaces/{space}/invited/bob")
    for each in old:
        await door.ends(each, space)
    sent = await eve.get(f"/pass/{space}?renew=1")
    assert door.holds(sent.headers["location"].partition("?pass=")[2], space)
    for nobody in (bob, site.client()):
        back = await nobody.get(f"/pass/{space}?renew=1")
        assert back.headers["location"] == f"http://127.0.0.1:8000/s/{space}?pass=not-invited"


async def test_somebody_suspended_whose_pass_ended_may_enter_the_passphrase(site: Any) -> None:
    ada = await site.set_up()
    eve = await site.host("eve")
    space = await private(ada, passphrase="open sesame")
    await ada.post("/api/v1/accounts/eve/suspend", json={"reason": "spam"})
    back = await eve.get(f"/pass/{space}?renew=1")
    assert back.headers["location"] == f"http://127.0.0.1:8000/s/{space}?pass=not-invited"
    assert (await eve.get(f"/pass/{space}")).status_code == 403, "who comes by themselves is told why"


async def test_a_suspension_ends_the_passes_to_every_space_they_were_let_into(site: Any, door: Door) -> None:
    ada = await site.set_up()
    bob, eve, mallory = [await site.host(handle) for handle in ("bob", "eve", "mallory")]
    invited, hosted, spoken, elsewhere = [await private(http) for http in (bob, mallory, bob, bob)]
    await bob.put(f"/api/v1/spaces/{invited}/invited/mallory")
    await bob.put(f"/api/v1/spaces/{elsewhere}/invited/eve")
    speaker = await site.speaker(bob, spoken, "speaker", "Em")
    speaker.headers["cookie"] = f"rostra_session={mallory.cookies['rostra_session']}"
    asked = (await speaker.get(f"/api/v1/spaces/{spoken}/stage")).json()["consent"]
    accepted = {"text_id": asked["id"], "accepted": True, "name": "Em", "browser": "theirs"}
    assert (await speaker.post(f"/api/v1/spaces/{spoken}/stage/consent", json=accepted)).status_code == 200
    ended = {
        invited: await given(mallory, invited),
        hosted: await given(mallory, hosted),
        spoken: await given(speaker, spoken),
    }
    untouched = await given(eve, elsewhere)
    assert (await ada.post("/api/v1/accounts/mallory/suspend", json={})).status_code == 200
    for space, old in ended.items():
        if space != hosted:  # that one is gone for everybody
            await door.ends(old, space)
    await ada.post("/api/v1/accounts/mallory/reinstate")
    await door.ends(ended[hosted], hosted)
    assert door.holds(untouched, elsewhere)


async def test_an_operator_who_is_none_any_more_previews_no_longer(site: Any, door: Door) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    await site.host("olga")
    await ada.patch("/api/v1/accounts/olga", json={"role": "operator"})
    olga = site.browser()
    await olga.post("/api/v1/session", json={"handle": "olga", "password": "correct horse battery"})
    space = await private(bob)
    old = await given(olga, space)
    await ada.patch("/api/v1/accounts/olga", json={"role": "member"})
    await door.ends(old, space)


@pytest.mark.parametrize("reason", ["suspended", "demoted", "deleted"])
async def test_a_moderator_who_is_none_any_more_hears_no_more_of_what_was_reported(
    site: Any, door: Door, wait_until: Any, reason: str
) -> None:
    ada = await site.set_up()
    bob, mo = await site.host("bob"), await site.host("mo")
    await ada.patch("/api/v1/accounts/mo", json={"role": "moderator"})
    heard, earlier, mine = await private(bob, recording_policy="hold"), await private(bob), await private(mo)
    passes = {}
    for space in (heard, earlier):
        assert (await bob.post(f"/api/v1/spaces/{space}/live")).is_success
        await wait_until(lambda space=space: space in site.states)
        asked = Report(space=SpaceId(space), subject=Subject.SPACE, grounds=Grounds.HATE, at_s=61)
        await site.bus.request(CONTROL_REPORT, asked, Reported)
        *_, report = (await mo.get("/api/v1/reports")).json()["reports"]
        minute = await mo.get(f"/api/v1/reports/{report['id']}/audio")
        assert minute.status_code == 200, minute.text
        passes[space] = minute.json()["status"].partition("?pass=")[2]
        assert door.holds(passes[space], space)
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        database.execute(
            "update audit set at = at - 900000 where act = 'report.hear' and space = ?", [earlier]
        )
        database.commit()
    own = await given(mo, mine)
    if reason == "suspended":
        await ada.post("/api/v1/accounts/mo/suspend", json={})
    elif reason == "demoted":
        await ada.patch("/api/v1/accounts/mo", json={"role": "member"})
        assert door.holds(own, mine), "what is their own stays"
    else:
        await ada.delete("/api/v1/accounts/mo")
    await door.ends(passes[heard], heard)
    assert door.holds(passes[earlier], earlier), "its quarter of an hour is over"


async def test_who_was_host_for_a_while_hears_no_held_recording(site: Any, accounts: Any, door: Door) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator, live=False)
    await owner.patch(f"/api/v1/spaces/{floor.space}", json={"recording_policy": "hold"})
    for cohost in (Place.ACTING, Place.COHOST):
        assert (await floor.act(Act.DEMOTE, Place.OWNER, cohost)).is_success
    await enters(site, owner, floor.path, floor.speakers[Place.SPEAKER])
    assert (await floor.act(Act.HAND_OVER, Place.OWNER, Place.SPEAKER)).is_success
    old = await given(floor.people[Place.SPEAKER], floor.space)
    assert door.holds(old, floor.space)
    assert (await floor.act(Act.TAKE_BACK, Place.OWNER)).is_success
    await door.ends(old, floor.space)


async def test_a_link_taken_back_a_departure_and_another_visibility_end_passes(site: Any, door: Door) -> None:
    ada = await site.set_up()
    eve = await site.host("eve")
    space = await private(ada)
    path = f"/api/v1/spaces/{space}"
    speaker = await site.speaker(ada, space, "speaker", "Sam")
    old = await given(speaker, space)
    link = (await ada.get(f"{path}/links")).json()["links"][0]["id"]
    await ada.delete(f"{path}/links/{link}")
    await door.ends(old, space)

    await ada.put(f"{path}/invited/eve")
    old = await given(eve, space)
    await ada.delete("/api/v1/accounts/eve")
    await door.ends(old, space)

    old = await given(ada, space)
    await ada.patch(path, json={"visibility": "unlisted"})
    await ada.patch(path, json={"visibility": "private"})
    await door.ends(old, space)


async def test_a_host_ends_all_passes_at_once_and_it_is_on_record(site: Any, door: Door) -> None:
    await site.set_up()
    bob, eve = await site.host("bob"), await site.host("eve")
    space = await private(bob, passphrase=WORDS)
    old = await given(site.client(), space, WORDS)
    assert (await eve.delete(f"/api/v1/spaces/{space}/passes")).status_code == 403
    answer = await bob.delete(f"/api/v1/spaces/{space}/passes")
    assert (answer.status_code, answer.json()["id"]) == (200, space)
    await door.ends(old, space)
    assert door.holds(await given(site.client(), space, WORDS), space)
    entries = (await bob.get("/api/v1/audit", params={"space": space})).json()["entries"]
    assert entries[0]["act"] == "space.end-passes"


async def test_passes_that_were_ended_stay_so_over_a_restart(site: Any, door: Door, wait_until: Any) -> None:
    ada = await site.set_up()
    space = await private(ada)
    old = await given(ada, space)
    await ada.delete(f"/api/v1/spaces/{space}/passes")
    await door.ends(old, space)
    site.states.clear()
    await site.restart()
    await wait_until(lambda: space in site.states)
    assert not door.holds(old, space)
