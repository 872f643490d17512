"""The floor over the API: every rule of the table both ways, and what each act changes."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

import httpx
import pytest

from harness.floor_rules import ALLOWED, Rule
from harness.post_office import PostOffice, post_office
from rostra.admission.allowance import Allowance
from rostra.bus.client import RemoteError
from rostra.bus.messages import (
    FLOOR_ASK,
    FLOOR_WITHDRAW,
    Asked,
    Asking,
    AskToSpeak,
    Role,
    Speaker,
    WithdrawAsking,
)
from rostra.control import requests, seats
from rostra.control.floor import LINES, TARGETED, Act, Place, why_not
from rostra.core.ids import SpaceId, SpeakerId

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
CONSENT = {"text_id": "live-and-recorded-1", "accepted": True}
BY_LINK = (Place.HOST, Place.ACTING, Place.COHOST, Place.SPEAKER, Place.LISTENER)
BY_THEMSELVES = {Act.ASK}
"""Asking goes through the door, which knows nobody's place."""
NO_ROOM = {Act.INVITE_COHOST, Act.PROMOTE, Act.HAND_OVER}
"""Not possible on a full floor: both co-hosts are there, and whoever was host becomes one more."""
WHY = {"reason": "Too many strangers"}


@dataclass
class Floor:
    """A live space with somebody at every place; ``people`` ask, ``speakers`` are whom they are on stage."""

    site: Any
    space: str
    people: dict[Place, httpx.AsyncClient]
    speakers: dict[Place, str]
    request: str = ""
    block: str = ""

    @property
    def path(self) -> str:
        return f"/api/v1/spaces/{self.space}"

    async def act(  # noqa: PLR0912 (a table of addresses)
        self, act: Act, actor: Place, target: Place | None = None, *, undo: bool = False
    ) -> httpx.Response:
        """Do one thing over the API; ``undo`` takes a mute back."""
        http, floor = self.people[actor], f"{self.path}/floor"
        whom = f"{floor}/speakers/{self.speakers[target]}" if target is not None else ""
        own = f"{self.path}/stage/speakers/{self.speakers[actor]}/mute"
        match act:
            case Act.ACCEPT | Act.DECLINE:
                return await http.post(f"{floor}/requests/{await self.waiting()}/{act}")
            case Act.SEE_FLOOR:
                return await http.get(f"{self.path}/links")
            case Act.INVITE:
                return await http.post(f"{floor}/invite", json={"handle": "ivy"})
            case Act.INVITE_COHOST | Act.INVITE_HOST:
                return await http.post(f"{self.path}/links", json={"role": act.removeprefix("invite-")})
            case Act.TAKE_LINK_BACK:
                return await http.delete(f"{self.path}/links/{await self.link(target)}")
            case Act.MUTE_SELF:
                return await http.post(own, json={"muted": not undo})
            case Act.MUTE:
                address = f"{self.path}/stage/speakers/{self.speakers[target or actor]}/mute"
                return await http.post(address, json={"muted": not undo})
            case Act.MUTE_ALL:
                return await http.post(f"{floor}/mute-all")
            case Act.LISTENER | Act.PROMOTE | Act.DEMOTE | Act.HAND_OVER:
                roles = {Act.PROMOTE: "cohost", Act.DEMOTE: "speaker", Act.HAND_OVER: "host"}
                return await http.put(f"{whom}/place", json={"role": roles.get(act, "listener")})
            case Act.REMOVE:
                return await http.delete(whom)
            case Act.BLOCK | Act.BLOCK_EVERYWHERE:
                return await http.post(f"{whom}/block", json={"everywhere": act is Act.BLOCK_EVERYWHERE})
            case Act.UNBLOCK:
                return await http.delete(f"{floor}/blocks/{await self.blocked()}")
            case Act.LOCK:
                return await http.put(f"{floor}/lock", json=WHY)
            case Act.UNLOCK:
                return await http.delete(f"{floor}/lock")
            case Act.TAKE_BACK:
                return await http.post(f"{floor}/take-back")
            case Act.GO_LIVE:
                return await http.post(f"{self.path}/live")
            case Act.END:
                return await http.post(f"{self.path}/end", json=WHY)
        raise AssertionError(act)

    async def link(self, holder: Place | None) -> str:
        """The link by which somebody came."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            came = "select person from consents where speaker = ?"
            ((person,),) = database.execute(came, (self.speakers[holder or Place.LISTENER],))
            return str(person).removeprefix("link:")

    async def waiting(self) -> str:
        """A request that waits."""
        if not self.request:
            self.request = await self.ask()
        return self.request

    async def blocked(self) -> str:
        """Somebody whom the owner has blocked."""
        if not self.block:
            owner, floor = self.people[Place.OWNER], f"{self.path}/floor"
            await owner.post(f"{floor}/requests/{await self.ask()}/block", json={})
            held = (await owner.get(f"{floor}/blocks")).json()["blocks"]
            (self.block,) = [block["id"] for block in held if not block["everywhere"]]
        return self.block

    async def ask(self, secret: str = "", **about: str) -> str:
        """A listener asks to speak, as the door passes it on."""
        request = sha256((secret or token_hex()).encode()).hexdigest()
        asked = AskToSpeak(
            space=SpaceId(self.space), request=request, **{"name": "Lena", "browser": request, **about}
        )
        await self.site.bus.request(FLOOR_ASK, asked, Asked)
        return request

    def kept(self) -> dict[str, list[Any]]:
        """Everything in the database but the record."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            found = database.execute("select name from sqlite_master where type = 'table'")
            tables = [name for (name,) in found]
            return {
                name: database.execute(f"select * from {name} order by 1").fetchall()
                for name in tables
                if name not in ("audit", "sqlite_sequence")
            }

    def lines(self, act: str) -> list[str]:
        """The record's lines of an act: who."""
        with closing(sqlite3.connect(self.site.data / "rostra.db")) as database:
            return [who for (who,) in database.execute("select actor from audit where act = ?", (act,))]


async def consent(http: httpx.AsyncClient, path: str, name: str) -> str:
    answer = await http.post(f"{path}/stage/consent", json={**CONSENT, "name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["speaker"])


async def floor_of(
    site: Any, owner: httpx.AsyncClient, operator: httpx.AsyncClient, *, live: bool = True
) -> Floor:
    """Somebody at every place: the co-hosts came by link, one of them acts as host once it is live."""
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    people = {
        Place.OPERATOR: operator,
        Place.OWNER: owner,
        Place.HOST: await site.speaker(owner, space, "host", "Hanna"),
        Place.ACTING: await site.speaker(owner, space, "cohost", "Axel"),
        Place.COHOST: await site.speaker(owner, space, "cohost", "Carla"),
        Place.SPEAKER: await site.speaker(owner, space, "speaker", "Sam"),
        Place.LISTENER: await site.speaker(owner, space, "speaker", "Luis"),
    }
    names = {Place.OPERATOR: "Ada", Place.OWNER: "Grace"}
    speakers = {place: await consent(http, path, names.get(place, "")) for place, http in people.items()}
    off = await owner.delete(f"{path}/floor/speakers/{speakers[Place.LISTENER]}")
    assert off.status_code == 204
    if live:
        await owner.post(f"{path}/live")
    with closing(sqlite3.connect(site.data / "rostra.db")) as database:
        database.execute(
            "update spaces set acting_person = (select person from consents where speaker = ?) where id = ?",
            (speakers[Place.ACTING], space),
        )
        database.commit()
    return Floor(site, space, people, speakers)


@pytest.fixture
async def accounts(site: Any) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """An operator, and somebody who hosts."""
    operator = await site.set_up()
    await site.host("ivy")
    return operator, await site.host("grace")


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


async def test_only_who_may_lift_blocks_sees_them(site: Any, accounts: Any) -> None:
    operator, owner = accounts
    floor = await floor_of(site, owner, operator)
    block = await floor.blocked()
    for actor, http in floor.people.items():
        answer = await http.get(f"{floor.path}/floor/blocks")
        if (Act.UNBLOCK, actor, None) in ALLOWED:
            assert [each["id"] for each in answer.json()["blocks"]] == [block]
        else:
            assert answer.status_code == 403


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


@pytest.mark.parametrize("which", [pytest.param(0, marks=pytest.mark.long), -1])
async def test_whoever_may_is_let_through(site: Any, accounts: Any, which: int) -> None:
    await try_allowed(site, accounts, [rules(act)[which] for act in sorted(set(Act) - BY_THEMSELVES)])


@pytest.mark.long
@pytest.mark.parametrize("act", sorted(set(Act) - BY_THEMSELVES))
async def test_every_rule_that_lets_through_does(site: Any, accounts: Any, act: Act) -> None:
    await try_allowed(site, accounts, rules(act))


def on_stage(http: httpx.AsyncClient, path: str, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether backstage has heard of so many on stage."""

    async def heard() -> bool:
        return len((await view(http, path))["speakers"]) == count

    return heard


async def view(http: httpx.AsyncClient, path: str) -> Any:
    return (await http.get(f"{path}/stage")).json()


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
    assert "Lena" not in record.text
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


async def test_a_blocked_guest_is_refused_by_browser_and_by_invitation_until_the_block_is_lifted(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    path = f"/api/v1/spaces/{space}"
    sam = await site.speaker(owner, space, "speaker", "Sam")
    body = {**CONSENT, "browser": "a browser of Sam's"}
    speaker = (await sam.post(f"{path}/stage/consent", json=body)).json()["speaker"]
    assert (await owner.post(f"{path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert site.stage.taken_off[-1].speakers == (speaker,)
    refused = await sam.post(f"{path}/stage/offer", json={"sdp": SDP})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
    assert "this browser and the invitation" in refused.json()["error"]["message"]
    floor = Floor(site, space, {}, {})
    with pytest.raises(Exception, match="this browser"):
        await floor.ask("again", name="Samuel", browser="a browser of Sam's")
    await floor.ask("another", name="Rita", browser="hers")
    await site.control.kill()
    await site.start()
    owner.base_url = sam.base_url = site.url
    owner.headers["origin"] = site.url
    assert (await sam.get(f"{path}/stage")).json()["error"]["code"] == "blocked"
    (block,) = (await owner.get(f"{path}/floor/blocks")).json()["blocks"]
    assert (await owner.delete(f"{path}/floor/blocks/{block['id']}")).status_code == 204
    await floor.ask("again", name="Samuel", browser="a browser of Sam's")


async def test_who_is_there_as_two_is_judged_by_the_higher_place(site: Any, accounts: Any) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    carla = await site.speaker(owner, space, "cohost", "Carla")
    await consent(carla, floor.path, "")
    vouched = (await eve.get(f"{floor.path}/floor/me")).json()["voucher"]
    request = await floor.ask("eves", voucher=vouched)
    by_link = await site.speaker(owner, space, "cohost", "Eve")
    by_link.cookies = eve.cookies
    await consent(by_link, floor.path, "Eve")
    asked = f"{floor.path}/floor/requests/{request}"
    refused = await carla.post(f"{asked}/block", json={})
    assert (refused.status_code, "block a co-host" in refused.text) == (403, True)
    assert (await carla.post(f"{asked}/accept")).status_code == 204
    speaker = await consent(site.client("Speaker eves"), floor.path, "Eve Two")
    refused = await carla.post(f"{floor.path}/floor/speakers/{speaker}/block", json={})
    assert (refused.status_code, "block a co-host" in refused.text) == (403, True)
    with pytest.raises(RemoteError, match="A co-host may not ask"):
        await floor.ask("again", voucher=vouched)
    assert (await owner.post(f"{floor.path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert len(site.stage.taken_off[-1].speakers) == 2
    for gone in (by_link, site.client("Speaker eves")):
        assert (await gone.get(f"{floor.path}/stage")).status_code == 403


@pytest.mark.parametrize("came", [True, False])
async def test_a_guest_who_was_let_speak_in_two_tabs_goes_from_both(
    site: Any, accounts: Any, came: bool
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    speakers = []
    for tab in ("one", "two"):
        request = await floor.ask(tab, name="Lena", browser="hers")
        assert (await owner.post(f"{floor.path}/floor/requests/{request}/accept")).status_code == 204
        if tab == "one" or came:
            body = {**CONSENT, "name": f"Lena {tab}", "browser": "hers"}
            answer = await site.client(f"Speaker {tab}").post(f"{floor.path}/stage/consent", json=body)
            speakers.append(answer.json()["speaker"])
    assert (await owner.post(f"{floor.path}/floor/speakers/{speakers[0]}/block", json={})).status_code == 204
    assert set(site.stage.taken_off[-1].speakers) == set(speakers)
    assert (await site.client("Speaker two").get(f"{floor.path}/stage")).status_code == 403


@pytest.mark.parametrize("asks", [True, False])
async def test_a_blocked_account_that_signs_out_is_the_same_browser(
    site: Any, accounts: Any, asks: bool
) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    if asks:
        vouched = (await eve.get(f"{floor.path}/floor/me")).json()["voucher"]
        whom = f"requests/{await floor.ask('eves', voucher=vouched, browser='hers')}"
    else:
        await owner.post(f"{floor.path}/floor/invite", json={"handle": "eve"})
        body = {**CONSENT, "name": "Eve", "browser": "hers"}
        speaker = (await eve.post(f"{floor.path}/stage/consent", json=body)).json()["speaker"]
        whom = f"speakers/{speaker}"
    assert (await owner.post(f"{floor.path}/floor/{whom}/block", json={})).status_code == 204
    with pytest.raises(RemoteError) as refused:
        await floor.ask("again", name="Lena", browser="hers")
    assert refused.value.code == "blocked"
    bob = await site.host("bob")
    vouched = (await bob.get(f"{floor.path}/floor/me")).json()["voucher"]
    await floor.ask("bobs", voucher=vouched, browser="hers")


async def test_who_is_blocked_everywhere_has_no_say_on_any_other_stage_of_the_owner(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    paths, speakers = [], []
    for _ in range(2):
        space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
        paths.append(path := f"/api/v1/spaces/{space}")
        await owner.post(f"{path}/floor/invite", json={"handle": "eve"})
        speakers.append(await consent(eve, path, "Eve"))
    here, there = paths
    made = await owner.put(f"{there}/floor/speakers/{speakers[1]}/place", json={"role": "cohost"})
    assert made.status_code == 204
    slides = {"link": "https://example.org/slides", "label": "Slides"}
    assert (await eve.put(f"{there}/pinned", json=slides)).status_code == 200
    blocked = await owner.post(f"{here}/floor/speakers/{speakers[0]}/block", json={"everywhere": True})
    assert blocked.status_code == 204
    assert set(site.stage.taken_off[-1].speakers) == set(speakers)
    for refused in (
        await eve.put(f"{there}/pinned", json={**slides, "label": "More"}),
        await eve.post(f"{there}/floor/mute-all"),
        await eve.post(f"{there}/stage/offer", json={"sdp": SDP}),
    ):
        assert refused.status_code == 403
    again = await owner.post(f"{there}/floor/invite", json={"handle": "eve"})
    assert (again.status_code, "Lift the block" in again.text) == (409, True)


async def test_a_block_of_somebody_who_only_asks_ends_nobodys_pass(site: Any, accounts: Any) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    epoch = site.states[space].pass_epoch
    request = await floor.ask("asks", name="Lena", browser="hers")
    assert (await owner.post(f"{floor.path}/floor/requests/{request}/block", json={})).status_code == 204
    assert site.states[space].pass_epoch == epoch


async def test_a_guest_who_is_blocked_everywhere_changes_nothing_where_they_never_were(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    here, there = [
        (await owner.post("/api/v1/spaces", json={"title": title})).json()["id"] for title in ("A", "B")
    ]
    sam = await site.speaker(owner, here, "speaker", "Sam")
    speaker = await consent(sam, f"/api/v1/spaces/{here}", "")
    before = site.states[there]
    path = f"/api/v1/spaces/{here}/floor/speakers/{speaker}/block"
    assert (await owner.post(path, json={"everywhere": True})).status_code == 204
    assert site.states[there] == before


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


async def test_an_operators_lock_is_shown_with_its_reason_and_only_operators_undo_it(
    site: Any, accounts: Any
) -> None:
    operator, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    lock = f"/api/v1/spaces/{space}/floor/lock"
    for none in ({}, {"reason": ""}, {"reason": "  "}):
        refused = await operator.put(lock, json=none)
        assert (refused.status_code, "“reason” is missing" in refused.text) == (400, True)
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
    assert (refused.status_code, "“reason” is missing" in refused.text) == (400, True)
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
    assert (await owner.put(sam, json={"role": "host"})).status_code == 409
    assert (await owner.put(carla, json={"role": "host"})).status_code == 204


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


async def test_a_blocked_account_gets_no_pass_to_a_private_space(site: Any, accounts: Any) -> None:
    _, owner = accounts
    eve = await site.host("eve")
    body = {"title": "Talk", "visibility": "private"}
    space = (await owner.post("/api/v1/spaces", json=body)).json()["id"]
    path = f"/api/v1/spaces/{space}"
    await owner.put(f"{path}/invited/eve")
    await owner.post(f"{path}/floor/invite", json={"handle": "eve"})
    accepted = {**CONSENT, "text_id": "private-and-recorded-1", "name": "Eve"}
    speaker = (await eve.post(f"{path}/stage/consent", json=accepted)).json()["speaker"]
    assert (await eve.post(f"{path}/pass", json={})).status_code == 200
    assert (await owner.post(f"{path}/floor/speakers/{speaker}/block", json={})).status_code == 204
    assert (await eve.post(f"{path}/pass", json={})).status_code == 403


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


async def test_whoever_is_invited_while_they_ask_is_let_speak_where_they_wait(
    site: Any, accounts: Any
) -> None:
    _, owner = accounts
    space = (await owner.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
    floor = Floor(site, space, {Place.OWNER: owner}, {})
    uma = await site.host("uma")
    voucher = (await uma.get(f"{floor.path}/floor/me")).json()["voucher"]
    await floor.ask("her secret", voucher=voucher)
    assert (await owner.post(f"{floor.path}/floor/invite", json={"handle": "uma"})).status_code == 204
    assert (await view(owner, floor.path))["requests"] == []
    assert (await view(site.client("Speaker her secret"), floor.path))["me"]["name"] == "Uma"
    assert (await view(uma, floor.path))["me"]["place"] == "speaker"


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
