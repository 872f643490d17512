"""Private spaces: who gets a pass, by which way, and what the pass says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rostra.admission.passes import LISTENER, PREVIEWER, check_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.messages import Visibility
from rostra.control.passwords import Passwords
from rostra.control.throttle import PER_ADDRESS, PER_HANDLE
from rostra.core.ids import SpaceId

KEYRING = Keyring((TicketKey(7, b"k" * 32),))
PASSPHRASE = "open sesame"


async def private(http: Any, **fields: str) -> str:
    body = {"title": "Among us", "visibility": "private", **fields}
    answer = await http.post("/api/v1/spaces", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def ask(http: Any, space: str, passphrase: str = "") -> Any:
    return await http.post(f"/api/v1/spaces/{space}/pass", json={"passphrase": passphrase})


def kind_of(answer: Any, space: str) -> int:
    assert answer.status_code == 200, answer.text
    return check_pass(KEYRING, answer.json()["pass"], space=SpaceId(space), epoch=0, now_s=0).kind


async def test_the_passphrase_opens_it_to_a_stranger_and_nothing_else_does(
    site: Any, wait_until: Any
) -> None:
    http = await site.set_up()
    space = await private(http, passphrase=PASSPHRASE)
    stranger = site.client()
    for _ in range(2):
        assert kind_of(await ask(stranger, space, PASSPHRASE), space) == LISTENER
    wrong = await ask(stranger, space, "open barley")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "wrong_passphrase")
    nothing = await ask(stranger, space)
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (403, "pass_needed")
    await wait_until(lambda: space in site.states)
    assert site.states[space].visibility is Visibility.PRIVATE
    assert site.states[space].has_passphrase
    assert PASSPHRASE not in (site.data / "rostra.db").read_bytes().decode("latin-1")


async def test_a_private_space_without_passphrase_refuses_every_word(site: Any) -> None:
    space = await private(await site.set_up())
    assert (await ask(site.client(), space, PASSPHRASE)).status_code == 403


async def test_guessing_is_slowed_down(site: Any) -> None:
    space = await private(await site.set_up(), passphrase=PASSPHRASE)
    stranger = site.client()
    statuses = [(await ask(stranger, space, f"guess {number}")).status_code for number in range(10)]
    assert statuses[0] == 403
    assert statuses[-1] == 429
    assert (await ask(stranger, space, PASSPHRASE)).status_code == 429


async def test_a_crowd_with_the_right_words_comes_in_from_one_address_all_at_once(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = await private(await site.set_up(), passphrase=PASSPHRASE)
    stranger, checked, matches = site.client(), asyncio.Event(), Passwords.matches

    async def slow(self: Passwords, stored: str | None, password: str) -> bool:
        await checked.wait()
        return await matches(self, stored, password)

    monkeypatch.setattr(Passwords, "matches", slow)
    crowd = [asyncio.create_task(ask(stranger, space, PASSPHRASE)) for _ in range(2 * PER_ADDRESS.burst)]
    await asyncio.wait(crowd, timeout=0.5)
    checked.set()
    assert {answer.status_code for answer in await asyncio.gather(*crowd)} == {200}
    for _ in range(PER_ADDRESS.burst):
        assert (await ask(stranger, space, PASSPHRASE)).status_code == 200
    for number in range(PER_HANDLE.burst):
        assert (await ask(stranger, space, f"guess {number}")).status_code == 403
    guesses = [(await ask(stranger, space, words)).status_code for words in ("guess", PASSPHRASE)]
    assert guesses == [429, 429], "who guesses too fast is not told which words are right"


async def test_host_operator_speaker_and_invited_need_no_passphrase_and_others_do(site: Any) -> None:
    ada = await site.set_up()
    bob, eve = await site.host("bob"), await site.host("eve")
    space = await private(bob)
    speaker = await site.speaker(bob, space, "speaker", "Sam")
    assert kind_of(await ask(bob, space), space) == PREVIEWER
    assert kind_of(await ask(ada, space), space) == PREVIEWER
    assert kind_of(await ask(speaker, space), space) == LISTENER
    assert (await ask(eve, space)).json()["error"]["code"] == "pass_needed"
    shown = (await bob.put(f"/api/v1/spaces/{space}/invited/eve")).json()
    assert shown["invited"] == [{"handle": "eve", "name": "Eve"}]
    assert kind_of(await ask(eve, space), space) == LISTENER
    assert (await bob.delete(f"/api/v1/spaces/{space}/invited/eve")).json()["invited"] == []
    assert (await ask(eve, space)).status_code == 403


async def invited_to(http: Any) -> list[str]:
    answer = await http.get("/api/v1/account/invited")
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["spaces"]]


async def test_whoever_is_invited_finds_the_space_and_the_way_in_and_nobody_else_does(site: Any) -> None:
    ada = await site.set_up()
    bob, eve, mo = await site.host("bob"), await site.host("eve"), await site.host("mo")
    space = await private(bob)
    assert await invited_to(eve) == []
    await bob.put(f"/api/v1/spaces/{space}/invited/eve")
    (shown,) = (await eve.get("/api/v1/account/invited")).json()["spaces"]
    assert (shown["title"], shown["state"], shown["host_name"]) == ("Among us", "scheduled", "Bob")
    location = (await eve.get(shown["pass_url"])).headers["location"]
    check_pass(KEYRING, location.partition("?pass=")[2], space=SpaceId(space), epoch=0, now_s=0)
    assert [await invited_to(http) for http in (mo, bob, ada)] == [[], [], []]
    assert (await eve.get("/api/v1/spaces")).json()["spaces"] == []
    assert (await eve.get(f"/api/v1/spaces/{space}")).status_code == 403
    await bob.delete(f"/api/v1/spaces/{space}/invited/eve")
    assert await invited_to(eve) == []


async def test_an_invitation_that_opens_nothing_is_not_shown(site: Any) -> None:
    ada = await site.set_up()
    bob, eve = await site.host("bob"), await site.host("eve")
    names = ("blocked", "hidden", "opened", "cancelled", "speaks", "still to come")
    spaces = {name: await private(bob, title=name) for name in names}
    for space in spaces.values():
        await bob.put(f"/api/v1/spaces/{space}/invited/eve")
    assert sorted(await invited_to(eve)) == sorted(names)
    await ada.put(f"/api/v1/spaces/{spaces['hidden']}/hidden", json={"reason": "A test."})
    await bob.patch(f"/api/v1/spaces/{spaces['opened']}", json={"visibility": "public"})
    await bob.post(f"/api/v1/spaces/{spaces['cancelled']}/cancel")
    for name in ("blocked", "speaks"):
        await bob.post(f"/api/v1/spaces/{spaces[name]}/floor/invite", json={"handle": "eve"})
    path = f"/api/v1/spaces/{spaces['blocked']}"
    accepted = {"text_id": "private-and-recorded-1", "accepted": True, "name": "Eve"}
    speaker = (await eve.post(f"{path}/stage/consent", json=accepted)).json()["speaker"]
    assert (await bob.post(f"{path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert await invited_to(eve) == ["still to come"]


async def test_only_who_may_edit_a_space_invites_and_sees_who_is_invited(site: Any) -> None:
    await site.set_up()
    bob, eve = await site.host("bob"), await site.host("eve")
    space = await private(bob)
    speaker = await site.speaker(bob, space, "cohost", "Sam")
    for http in (eve, speaker):
        assert (await http.put(f"/api/v1/spaces/{space}/invited/eve")).status_code == 403
    assert (await bob.put(f"/api/v1/spaces/{space}/invited/nobody")).status_code == 404
    assert (await bob.put(f"/api/v1/spaces/{space}/invited/eve")).status_code == 200
    assert (await speaker.get(f"/api/v1/spaces/{space}")).json()["invited"] is None


async def test_an_open_space_gives_no_passes_but_to_preview_a_held_recording(site: Any) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    body = {"title": "Open", "recording_policy": "hold"}
    space = (await ada.post("/api/v1/spaces", json=body)).json()["id"]
    assert (await ask(bob, space)).status_code == 409
    await ada.post(f"/api/v1/spaces/{space}/live")
    await ada.post(f"/api/v1/spaces/{space}/end")
    assert kind_of(await ask(ada, space), space) == PREVIEWER
    refused = await ask(bob, space)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "pass_needed")


async def test_the_pass_page_sends_people_where_they_belong(site: Any) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    space = await private(ada)
    door = f"http://127.0.0.1:8000/s/{space}"
    stranger = await site.client().get(f"/pass/{space}")
    assert (stranger.status_code, stranger.headers["location"]) == (303, f"/signin?next=/pass/{space}")
    assert (await bob.get(f"/pass/{space}")).headers["location"] == f"{door}?pass=not-invited"
    location = (await ada.get(f"/pass/{space}")).headers["location"]
    assert location.startswith(f"{door}?pass=")
    check_pass(KEYRING, location.partition("?pass=")[2], space=SpaceId(space), epoch=0, now_s=0)
    assert (await ada.get("/pass/zzzzzzzzzz")).status_code == 404
    opened = (await ada.post("/api/v1/spaces", json={"title": "Open"})).json()["id"]
    assert (await bob.get(f"/pass/{opened}")).headers["location"] == f"http://127.0.0.1:8000/s/{opened}"


async def test_the_way_to_a_recording_stays_there_though_its_space_has_moved(site: Any) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    space, elsewhere = await private(ada), await private(ada)
    door = f"http://127.0.0.1:8000/s/{space}"
    await ada.post(f"/api/v1/spaces/{space}/live")
    assert (await ada.post(f"/api/v1/spaces/{space}/move", json={"to": elsewhere})).status_code == 200
    way = (await ada.get(f"/api/v1/spaces/{space}")).json()["pass_url"]
    assert (await ada.get(way)).headers["location"].startswith(f"{door}?pass="), "it is not over"
    await ada.post(f"/api/v1/spaces/{space}/end")
    way = (await ada.get(f"/api/v1/spaces/{space}")).json()["pass_url"]
    assert (await ada.get(way)).headers["location"].startswith(f"{door}?stay=&pass=")
    assert (await bob.get(way)).headers["location"] == f"{door}?stay=&pass=not-invited"
    asked = (await site.client().get(way)).headers["location"]
    assert asked == f"/signin?next=/pass/{space}%3Fstay%3D"


async def test_an_operator_who_only_operates_comes_in_on_record(site: Any) -> None:
    ada = await site.set_up()
    bob = await site.host("bob")
    await ada.patch("/api/v1/accounts/bob", json={"role": "operator"})
    space = await private(await site.host("eve"))

    async def taken() -> list[str]:
        entries = (await ada.get("/api/v1/audit", params={"space": space})).json()["entries"]
        return [each["actor"]["handle"] for each in entries if each["act"] == "space.pass"]

    await ask(ada, space)
    await ada.get(f"/pass/{space}")
    assert await taken() == ["ada", "ada"]
    assert (await ada.put(f"/api/v1/spaces/{space}/invited/bob")).status_code == 200
    for of_the_space in (bob, site.client()):
        await ask(of_the_space, space)
    assert await taken() == ["ada", "ada"], "who is invited comes as that"
    hers = await private(ada)
    await ask(ada, hers)
    assert "space.pass" not in (await ada.get("/api/v1/audit", params={"space": hers})).text


async def test_the_door_s_pages_may_ask_for_a_pass_and_other_sites_may_not(site: Any) -> None:
    space = await private(await site.set_up(), passphrase=PASSPHRASE)
    path = f"/api/v1/spaces/{space}/pass"
    door = site.client()
    door.headers["origin"] = "http://127.0.0.1:8000"
    preflight = await door.options(path, headers={"access-control-request-method": "POST"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "Content-Type"
    for words, status in ((PASSPHRASE, 200), ("wrong words", 403)):
        answer = await ask(door, space, words)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert "access-control-allow-credentials" not in answer.headers
    elsewhere = site.client()
    elsewhere.headers["origin"] = "http://evil.example"
    assert "access-control-allow-origin" not in (await ask(elsewhere, space, PASSPHRASE)).headers
    assert "access-control-allow-origin" not in (await elsewhere.options(path)).headers
    assert "access-control-allow-origin" not in (await door.get("/api/v1/session")).headers


async def test_a_cookie_that_another_site_s_page_brings_gives_no_pass(site: Any) -> None:
    ada = await site.set_up()
    space = await private(ada)
    ada.headers["origin"] = "http://127.0.0.1:8000"
    assert (await ask(ada, space)).json()["error"]["code"] == "pass_needed"


async def test_short_passphrases_are_refused_and_one_can_be_changed_and_taken_away(site: Any) -> None:
    ada = await site.set_up()
    short = await ada.post("/api/v1/spaces", json={"title": "T", "passphrase": "12345"})
    assert short.status_code == 400
    space = await private(ada, passphrase=PASSPHRASE)
    path = f"/api/v1/spaces/{space}"
    assert (await ada.patch(path, json={"passphrase": "another one"})).json()["has_passphrase"]
    assert (await ask(site.client(), space, PASSPHRASE)).status_code == 403
    assert (await ask(site.client(), space, "another one")).status_code == 200
    assert not (await ada.patch(path, json={"passphrase": ""})).json()["has_passphrase"]
    assert (await ask(site.client(), space, "another one")).status_code == 403


async def test_a_space_that_was_live_in_private_stays_private(site: Any) -> None:
    ada = await site.set_up()
    space = await private(ada)
    path = f"/api/v1/spaces/{space}"
    assert (await ada.patch(path, json={"visibility": "unlisted"})).status_code == 200
    assert (await ada.patch(path, json={"visibility": "private"})).status_code == 200
    await ada.post(f"{path}/live")
    refused = await ada.patch(path, json={"visibility": "public"})
    assert refused.status_code == 409
    assert "agreed" in refused.json()["error"]["message"]


async def test_an_open_space_may_be_closed_while_it_is_live(site: Any) -> None:
    ada = await site.set_up()
    space = (await ada.post("/api/v1/spaces", json={"title": "Open"})).json()["id"]
    await ada.post(f"/api/v1/spaces/{space}/live")
    closed = await ada.patch(f"/api/v1/spaces/{space}", json={"visibility": "private"})
    assert closed.json()["visibility"] == "private"
