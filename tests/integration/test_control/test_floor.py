"""The floor over the API: every rule of the table both ways, and what each act changes."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from harness.floor import BY_LINK, CONSENT, SDP, Floor, consent, enters, floor_of, on_stage, view
from harness.floor_rules import ALLOWED, Rule
from harness.post_office import PostOffice, post_office
from rostra.bus.messages import (
    Role,
    Speaker,
)
from rostra.control import seats
from rostra.control.floor import LINES, TARGETED, Act, Place, why_not
from rostra.core.ids import SpeakerId
from rostra.store.database import database_path

BY_THEMSELVES = {Act.ASK}
"""Asking goes through the door, which knows nobody's place."""
NO_ROOM = {Act.INVITE_COHOST, Act.PROMOTE, Act.HAND_OVER}
"""Not possible on a full floor: both co-hosts are there, and whoever was host becomes one more."""


async def test_whoever_may_not_is_told_so_in_a_sentence_and_leaves_only_a_line_in_the_record(
    site: Any, accounts: Any
) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator)
    refused = [
        (act, actor, target)
        for act, actor in itertools.product(sorted(set(Act) - BY_THEMSELVES), Place)
        for target in targets_of(act)
        if (act, actor, target) not in ALLOWED and not (act is Act.MUTE and actor is target)
    ]
    await floor.waiting()
    await floor.blocked()
    before, tried = floor.kept(), 0
    for act, actor, target in refused:
        for undo in (False, True) if act in (Act.MUTE, Act.MUTE_SELF) else (False,):
            answer = await floor.act(act, actor, target, undo=undo)
            assert answer.status_code == 403, (act, actor, target, answer.text)
            assert answer.json()["error"]["message"] == str(why_not(act, actor, target))
            tried += 1
    assert floor.kept() == before
    assert len(floor.lines("floor.refused")) == tried
    assert floor.lines("backstage.refused") == []
    assert site.stage.taken_off[1:] == site.stage.mutes == site.stage.recasts == []


def targets_of(act: Act) -> tuple[Place | None, ...]:
    """To whom it can be tried; who waits in the queue is a listener, whoever answers."""
    if act in (Act.ACCEPT, Act.DECLINE):
        return (Place.LISTENER,)
    if act is Act.TAKE_LINK_BACK:
        return BY_LINK
    return tuple(Place) if act in TARGETED else (None,)


def rules(act: Act) -> list[Rule]:
    """What is let through of an act; nobody does to themselves what is done to others."""
    found = [rule for rule in ALLOWED if rule[0] is act and rule[1] is not rule[2]]
    return sorted(found, key=lambda rule: (rule[1], str(rule[2])))


def says(rule: Rule) -> str:
    """Why something that is allowed is not possible on a full floor just now; empty where it is."""
    if rule[0] in NO_ROOM:
        return "co-hosts as it may"
    return "You are the host already." if rule[0] is Act.TAKE_BACK else ""


async def make_possible(floor: Floor, rule: Rule) -> None:
    """As the owner: free the places of those co-hosts who neither act nor are meant; hand the role over, to
    take it back; lock, to unlock."""
    act, actor, target = rule
    if says(rule):
        for cohost in {Place.ACTING, Place.COHOST} - {actor, target}:
            assert (await floor.act(Act.DEMOTE, Place.OWNER, cohost)).status_code == 204
    if act is Act.TAKE_BACK:
        assert (await floor.act(Act.HAND_OVER, Place.OWNER, Place.SPEAKER)).status_code == 204
    if act is Act.UNLOCK:
        assert (await floor.act(Act.LOCK, Place.OWNER)).status_code == 204


async def try_allowed(site: Any, accounts: Any, tried: list[Rule]) -> None:
    """Each is let through, does what its line in the record says, and is not refused."""
    operator, owner = accounts
    for rule in tried:
        act, actor, target = rule
        live_already = act is Act.GO_LIVE and actor is Place.ACTING
        floor = await floor_of(site, owner, operator, live=act is not Act.GO_LIVE or live_already)
        if act in (Act.HAND_OVER, Act.TAKE_BACK):
            await enters(site, owner, floor.path, floor.speakers[target or Place.SPEAKER])
        if says(rule):
            answer = await floor.act(act, actor, target)
            assert (answer.status_code, says(rule) in answer.text) == (409, True), (rule, answer.text)
        await make_possible(floor, rule)
        before = {line: floor.lines(line) for line in LINES[act]}
        answer = await floor.act(act, actor, target)
        assert answer.is_success, (rule, answer.text)
        added = [line for line, lines in before.items() if len(floor.lines(line)) == len(lines) + 1]
        assert len(added) == (0 if act is Act.SEE_FLOOR or live_already else 1), rule
        if act in (Act.MUTE, Act.MUTE_SELF):
            assert (await floor.act(act, actor, target, undo=True)).is_success, rule
            assert [mute.muted for mute in site.stage.mutes[-2:]] == [True, False], rule
        assert floor.lines("floor.refused") == floor.lines("backstage.refused") == []
        for http in set(floor.people.values()) - {operator, owner}:
            await http.aclose()


async def test_whoever_may_is_let_through(site: Any, accounts: Any) -> None:
    """By one rule of every third act."""
    await try_allowed(site, accounts, [rules(act)[-1] for act in sorted(set(Act) - BY_THEMSELVES)[::3]])


@pytest.mark.long
@pytest.mark.parametrize("act", sorted(set(Act) - BY_THEMSELVES))
async def test_every_rule_that_lets_through_does(site: Any, accounts: Any, act: Act) -> None:
    await try_allowed(site, accounts, rules(act))


async def test_a_locked_stage_takes_nobody_new_and_lets_those_back_who_were_there(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam, rita = [await site.speaker(owner, space, "speaker", name) for name in ("Sam", "Rita")]
    await consent(sam, path, "")
    assert (await owner.put(f"{path}/floor/lock", json={})).status_code == 204
    assert (await rita.post(f"{path}/stage/consent", json=CONSENT)).json()["error"]["code"] == "stage_locked"
    with pytest.raises(Exception, match="locked"):
        await Floor(site, space, {}, {}).ask("late")
    assert (await sam.post(f"{path}/stage/offer", json={"sdp": SDP})).status_code == 200
    assert (await owner.delete(f"{path}/floor/lock")).status_code == 204
    await consent(rita, path, "")


async def test_who_was_let_speak_before_the_lock_comes_as_long_as_a_seat_is_kept_for_them(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {}, {})
    for secret, name in (("lenas", "Lena"), ("ritas", "Rita")):
        request = await floor.ask(secret, name=name)
        assert (await owner.post(f"{floor.path}/floor/requests/{request}/accept")).status_code == 204
    waits = await floor.ask("pauls", name="Paul")
    assert (await owner.put(f"{floor.path}/floor/lock", json={})).status_code == 204
    lena, rita = [site.client(f"Speaker {secret}") for secret in ("lenas", "ritas")]
    await consent(lena, floor.path, "")
    assert (await lena.post(f"{floor.path}/stage/offer", json={"sdp": SDP})).status_code == 200
    with closing(sqlite3.connect(database_path(site.data))) as connection:  # two minutes go by
        connection.execute("UPDATE floor_requests SET decided_at = decided_at - 120000 WHERE name = 'Rita'")
        connection.commit()
    late = await rita.post(f"{floor.path}/stage/consent", json=CONSENT)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stage_locked")
    refused = await owner.post(f"{floor.path}/floor/requests/{waits}/accept")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "stage_locked")


async def test_an_operators_lock_is_shown_with_its_reason_and_only_operators_undo_it(
    site: Any, accounts: Any
) -> None:
    operator, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    lock = f"/api/v1/spaces/{space}/floor/lock"
    for none in ({}, {"reason": ""}, {"reason": "  "}):
        refused = await operator.put(lock, json=none)
        assert (refused.status_code, "The reason is missing" in refused.text) == (400, True)
    assert not site.states[space].locked
    assert (await operator.put(lock, json={"reason": "Too many strangers"})).status_code == 204
    assert site.states[space].locked_reason == "Too many strangers"
    refused = await owner.delete(lock)
    assert refused.status_code == 403
    assert "Only an operator" in refused.json()["error"]["message"]
    assert (await operator.delete(lock)).status_code == 204
    assert not site.states[space].locked


async def test_an_operator_ends_somebody_elses_space_only_with_a_reason_and_their_own_without(
    site: Any, accounts: Any
) -> None:
    operator, owner = accounts
    hers, own = [
        f"/api/v1/spaces/{(await each.post('/api/v1/spaces', json={'title': 'Talk'})).json()['id']}"
        for each in (owner, operator)
    ]
    for path in (hers, own):
        await operator.post(f"{path}/live")
    refused = await operator.post(f"{hers}/end")
    assert (refused.status_code, "The reason is missing" in refused.text) == (400, True)
    ended = (await operator.post(f"{hers}/end", json={"reason": "Spam"})).json()
    assert ended["ended_reason"] == "ended_by_site: Spam"
    assert (await operator.post(f"{own}/end")).json()["ended_reason"] == ""


async def test_the_host_hands_the_role_over_and_the_owner_takes_it_back(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    grace = await consent(owner, path, "Grace")
    sam = await site.speaker(owner, space, "speaker", "Sam")
    speaker = await consent(sam, path, "")
    place = f"{path}/floor/speakers/{speaker}/place"
    await enters(site, owner, path, speaker)
    assert (await owner.put(place, json={"role": "host"})).status_code == 204
    assert {(each.speaker, each.role) for each in site.stage.recasts} == {
        (speaker, Role.HOST),
        (grace, Role.COHOST),
    }
    assert [(await view(each, path))["me"]["role"] for each in (sam, owner)] == ["host", "cohost"]
    await owner.post(f"{path}/live")
    site.stage.recasts.clear()
    assert (await owner.post(f"{path}/floor/take-back")).status_code == 204
    assert {(each.speaker, each.role) for each in site.stage.recasts} == {
        (speaker, Role.SPEAKER),
        (grace, Role.HOST),
    }
    assert (await sam.post(f"{path}/end")).status_code == 403


@pytest.mark.parametrize("through", ["one", "another"])
async def test_whoever_the_role_is_taken_back_from_is_what_they_were_before(
    site: Any, accounts: Any, through: str
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    carla, sam = [
        await site.speaker(owner, space, role, name)
        for role, name in (("cohost", "Carla"), ("speaker", "Sam"))
    ]
    ids = [await consent(each, path, "") for each in (carla, sam)]
    await owner.post(f"{path}/live")
    await enters(site, owner, path, *ids)
    carlas, sams = [f"{path}/floor/speakers/{each}/place" for each in ids]

    async def roles() -> list[str]:
        return [(await view(each, path))["me"]["role"] for each in (carla, sam)]

    assert (await owner.put(carlas, json={"role": "host"})).status_code == 204
    if through == "another":
        assert (await carla.put(sams, json={"role": "host"})).status_code == 204
        assert await roles() == ["cohost", "host"]
    assert (await owner.post(f"{path}/floor/take-back")).status_code == 204
    assert await roles() == ["cohost", "speaker"]
    if through == "one":
        assert site.stage.recasts[-1].role is Role.COHOST
        assert (await owner.put(carlas, json={"role": "speaker"})).status_code == 204
        assert (await owner.put(carlas, json={"role": "host"})).status_code == 204
        assert (await owner.post(f"{path}/floor/take-back")).status_code == 204
        assert await roles() == ["speaker", "speaker"]


async def test_whoever_the_role_is_taken_back_from_is_no_cohost_too_many(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    people = [
        await site.speaker(owner, space, role, name)
        for role, name in (("cohost", "Axel"), ("cohost", "Carla"), ("speaker", "Sam"))
    ]
    ids = [await consent(each, path, "") for each in people]
    await owner.post(f"{path}/live")
    await enters(site, owner, path, *ids)
    _, carla, sam = [f"{path}/floor/speakers/{each}/place" for each in ids]
    assert (await owner.put(carla, json={"role": "host"})).status_code == 204
    assert (await people[1].put(sam, json={"role": "cohost"})).status_code == 204
    assert (await owner.post(f"{path}/floor/take-back")).status_code == 204
    roles = [(await view(each, path))["me"]["role"] for each in people]
    assert roles == ["cohost", "speaker", "cohost"]


async def test_the_hosts_role_goes_to_nobody_who_is_not_on_stage(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam, lea = [await site.speaker(owner, space, "speaker", name) for name in ("Sam", "Lea")]
    there, away = [await consent(each, path, "") for each in (sam, lea)]
    place = f"{path}/floor/speakers/{away}/place"
    await owner.post(f"{path}/live")
    for present in ((), (there,)):
        await enters(site, owner, path, *present)
        refused = await owner.put(place, json={"role": "host"})
        assert (refused.status_code, refused.json()["error"]["message"]) == (
            409,
            "Only somebody who is on stage can become the host.",
        )
    assert (await view(lea, path))["me"]["role"] == "speaker"
    assert (site.stage.recasts, Floor(site, space, {}, {}).lines("floor.hand-over")) == ([], [])
    await enters(site, owner, path, there, away, connected=False)
    assert (await owner.put(place, json={"role": "host"})).status_code == 204, "a seat is kept for her"


async def test_handing_over_makes_no_cohost_too_many_though_the_owner_was_never_on_stage(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    speakers = [
        await consent(await site.speaker(owner, space, role, name), path, "")
        for role, name in (("cohost", "Axel"), ("cohost", "Carla"), ("speaker", "Sam"))
    ]
    _, carla, sam = (f"{path}/floor/speakers/{each}/place" for each in speakers)
    await enters(site, owner, path, *speakers)
    assert (await owner.put(sam, json={"role": "host"})).status_code == 409
    assert (await owner.put(carla, json={"role": "host"})).status_code == 204


async def test_a_host_hands_over_beside_a_cohost_though_the_owner_never_came(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    hanna, axel, sam, lea = [
        await site.speaker(owner, space, role, name)
        for role, name in (("host", "Hanna"), ("cohost", "Axel"), ("speaker", "Sam"), ("speaker", "Lea"))
    ]
    speakers = [await consent(each, path, "") for each in (hanna, axel, sam, lea)]
    places = [f"{path}/floor/speakers/{each}/place" for each in speakers]
    await enters(site, owner, path, *speakers)
    assert (await hanna.put(places[2], json={"role": "host"})).status_code == 204
    roles = [(await view(each, path))["me"]["role"] for each in (hanna, axel, sam)]
    assert roles == ["cohost", "cohost", "host"]
    assert (await sam.put(places[3], json={"role": "cohost"})).status_code == 409
    assert (await sam.put(places[1], json={"role": "speaker"})).status_code == 204
    assert (await sam.put(places[3], json={"role": "cohost"})).status_code == 204


async def test_who_becomes_a_cohost_while_they_enter_is_one_on_stage(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(owner, space, "speaker", "Sam")
    speaker = await consent(sam, path, "")
    answer = site.stage.answer_offer

    async def slow(offer: Any) -> Any:
        made = await owner.put(f"{path}/floor/speakers/{speaker}/place", json={"role": "cohost"})
        assert made.status_code == 204
        site.stage.recasts.clear()
        return await answer(offer)

    site.stage.answer_offer = slow
    assert (await sam.post(f"{path}/stage/offer", json={"sdp": SDP})).status_code == 200
    assert [(each.speaker, each.role) for each in site.stage.recasts] == [(speaker, Role.COHOST)]


async def test_there_are_no_more_cohosts_than_there_may_be(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    speakers = [
        await consent(await site.speaker(owner, space, "speaker", name), path, "")
        for name in ("Ann", "Ben", "Cem")
    ]
    answers = [
        (await owner.put(f"{path}/floor/speakers/{each}/place", json={"role": "cohost"})).status_code
        for each in speakers
    ]
    assert answers == [204, 204, 409]
    await owner.put(f"{path}/floor/speakers/{speakers[0]}/place", json={"role": "speaker"})
    third = await owner.put(f"{path}/floor/speakers/{speakers[2]}/place", json={"role": "cohost"})
    assert third.status_code == 204


async def test_nobody_on_stage_is_made_what_has_no_place_there(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(owner, space, "speaker", "Sam")
    place = f"{path}/floor/speakers/{await consent(sam, path, '')}/place"
    for role in ("captioner", "owner", "operator", "acting", ""):
        assert (await owner.put(place, json={"role": role})).status_code == 400
    assert site.stage.taken_off == []
    assert (await view(sam, path))["me"]["role"] == "speaker"


async def test_an_account_that_is_invited_finds_the_stage_and_one_that_was_removed_does_not(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    assert (await eve.get(f"{path}/stage")).status_code == 403
    assert (await owner.post(f"{path}/floor/invite", json={"handle": "eve"})).status_code == 204
    assert [each["id"] for each in (await eve.get("/api/v1/spaces")).json()["spaces"]] == [space]
    speaker = await consent(eve, path, "Eve")
    assert (await view(eve, path))["me"]["guest"] is False
    assert (await owner.delete(f"{path}/floor/speakers/{speaker}")).status_code == 204
    refused = await eve.post(f"{path}/stage/offer", json={"sdp": SDP})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "off_stage")
    assert (await eve.get("/api/v1/spaces")).json()["spaces"] == []


async def test_whoever_tries_a_link_of_their_own_takes_off_that_alone(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    await consent(owner, path, "")
    by_link = await site.speaker(owner, space, "speaker", "Somebody")
    by_link.cookies = owner.cookies
    tried = await consent(by_link, path, "")
    assert (await owner.delete(f"{path}/floor/speakers/{tried}")).status_code == 204
    assert site.stage.taken_off[-1].speakers == (tried,)
    assert (await by_link.get(f"{path}/stage")).status_code == 403
    assert (await view(owner, path))["me"]["role"] == "host"


async def test_muting_all_silences_speakers_and_no_host(site: Any, accounts: Any, wait_until: Any) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator)
    roles = {Place.OWNER: Role.HOST, Place.COHOST: Role.COHOST, Place.SPEAKER: Role.SPEAKER}
    present = [
        Speaker(speaker=SpeakerId(floor.speakers[place]), name=place, role=role)
        for place, role in roles.items()
    ]
    site.stage.report(floor.space, *present, live=True)
    await wait_until(on_stage(owner, floor.path, 3))
    answer = await floor.act(Act.MUTE_ALL, Place.COHOST)
    assert answer.json() == {"muted": 1}
    (mute,) = site.stage.mutes
    assert (mute.speaker, mute.by_host) == (floor.speakers[Place.SPEAKER], True)


class TestMails:
    """Where the operator has set a mail server up."""

    @pytest.fixture
    async def office(self) -> Any:
        async with post_office() as office:
            yield office

    @pytest.fixture
    def settings(self, settings: Any, office: PostOffice) -> Any:
        return settings.model_copy(update={"smtp_url": office.url, "mail_from": "rostra@example.org"})

    async def test_whoever_is_invited_to_speak_is_mailed_the_way_to_the_stage(
        self, site: Any, accounts: Any, office: PostOffice, wait_until: Any
    ) -> None:
        _, owner = accounts
        uma = await site.host("uma")
        await uma.patch("/api/v1/account", json={"email": "uma@example.org", "language": "es"})
        space = (await owner.post("/api/v1/spaces", json={"title": "Night buses"})).json()["id"]
        for _ in range(2):
            await owner.post(f"/api/v1/spaces/{space}/floor/invite", json={"handle": "uma"})
        await wait_until(lambda: len(office.letters) == 1)
        (letter,) = office.letters
        assert (letter["to"], letter["subject"]) == (
            "uma@example.org",
            "Rostra: puedes hablar en «Night buses»",
        )
        assert f"{site.url}/studio/{space}" in letter.get_content().splitlines()


async def test_nobody_is_kept_on_stage_because_too_many_changed_their_place(
    site: Any, accounts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MOST_SEATS", 1)
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    people = [await site.speaker(owner, space, "speaker", name) for name in ("Ann", "Ben", "Cem", "Dora")]
    ann, ben, cem, dora = [await consent(each, path, "") for each in people]
    floor = f"{path}/floor/speakers"
    assert (await owner.put(f"{floor}/{ann}/place", json={"role": "cohost"})).status_code == 204
    assert (await owner.put(f"{floor}/{dora}/place", json={"role": "cohost"})).status_code == 409
    assert (await owner.delete(f"{floor}/{ben}")).status_code == 204
    assert (await owner.post(f"{floor}/{cem}/block", json={})).status_code == 204
    answers = [(await each.post(f"{path}/stage/offer", json={"sdp": SDP})).status_code for each in people]
    assert answers == [200, 401, 401, 200]
