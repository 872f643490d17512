"""``rostra serve`` as a person starts it, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from harness.deployment import Deployment
from harness.evening import Evening
from harness.small_disk import fill
from harness.terminal import Terminal
from harness.voices import Babble, speaking
from harness.waiting import until
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.bus.client import BusClient
from rostra.bus.messages import TICKET_KEYS, TicketKeys
from rostra.core.ids import SpaceId
from rostra.core.role import bus_path
from rostra.serve.priority import may_be_realtime

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

BODY_LIMIT = 98_304
REFUSAL_S = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with Deployment(tmp_path_factory.mktemp("serve")) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evening(site: Deployment) -> AsyncIterator[Evening]:
    async with Evening(site) as evening:
        yield evening


def refusal_to_start(deployment: Deployment) -> str:
    """What a ``rostra serve`` that must not start prints; it exits with 1 and shows no traceback."""
    deployment.folder.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        deployment.command(),
        env={**deployment.environment(), "COLUMNS": "500"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=REFUSAL_S,
        check=False,
    )
    said = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == 1, f"exit status {ended.returncode}: {said}"
    assert "Traceback" not in said, said
    return said


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which carries a sentence for people."""
    error = answer.json()["error"]
    assert len(error["message"]) > 10, error
    assert "Traceback" not in answer.text
    return answer.status_code, error["code"]


async def test_a_second_server_on_one_data_folder_is_refused(site: Deployment, tmp_path: Path) -> None:
    second = Deployment(tmp_path)
    second.data = site.data
    said = refusal_to_start(second)
    assert "data folder" in said
    assert str(site.data) in said.replace("\n", "")
    assert await site.is_ready(), "the first one goes on"


@pytest.mark.parametrize(
    ("which", "option"),
    [("door_port", "--door-port"), ("edge_port", "--edge-port"), ("control_port", "--control-port")],
)
async def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path, which: str, option: str) -> None:
    deployment = Deployment(tmp_path)
    with socket.create_server(("127.0.0.1", getattr(deployment, which))):
        said = refusal_to_start(deployment)
    assert str(getattr(deployment, which)) in said
    assert option in said


async def test_a_full_disk_at_the_start_is_one_sentence(small_disk: Path) -> None:
    deployment = Deployment(small_disk)
    fill(small_disk)
    said = refusal_to_start(deployment)
    assert "No space left" in said
    assert str(deployment.data) in said.replace("\n", "")


async def test_an_unknown_space_is_a_404_at_every_port(site: Deployment) -> None:
    token = {"authorization": f"Bearer {site.token}"}
    async with httpx.AsyncClient(trust_env=False) as http:
        for answer in (
            await http.get(f"{site.door}/s/nosuchspace/status.json"),
            await http.post(f"{site.door}/s/nosuchspace/join"),
            await http.get(f"{site.control}/api/v1/spaces/nosuchspace", headers=token),
            await http.get(f"{site.edge}/r/nosuchspace/nosuchrun/aac64.mp4"),
        ):
            status, _ = error_of(answer)
            assert status == 404, answer.url


async def test_the_page_of_an_unknown_space_is_written_for_people(site: Deployment) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{site.door}/s/nosuchspace", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "no conversation" in answer.text
    assert 'href="/"' in answer.text


async def test_a_wrong_ticket_is_refused_with_the_way_back(evening: Evening) -> None:
    site = evening.site
    base = f"{site.edge}/t/{'a' * 64}/{evening.space}/"
    for path in ("live.json", "radio.aac", "index.m3u8"):
        answer = await evening.http.get(f"{base}{path}")
        assert answer.status_code == 403, path
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "event page" in answer.text
        assert f"/s/{evening.space}" in answer.text, "the way back is in the answer"


async def ticket_keys(site: Deployment) -> Keyring:
    """The keys that the door signs with."""
    async with BusClient(bus_path(site.data), name="test") as bus:
        async with bus.subscribe(TICKET_KEYS, TicketKeys) as values:
            _, value = await asyncio.wait_for(anext(aiter(values)), 5)
    return Keyring(tuple(TicketKey(number, secret) for number, secret in value.keys))


async def test_an_expired_ticket_is_refused_with_the_way_back(evening: Evening) -> None:
    site = evening.site
    keyring = await ticket_keys(site)
    past = int(time.time()) - 60
    ticket = mint(keyring, Ticket(SpaceId(evening.space), new_listener(), 0, 0, past, past))
    answer = await evening.http.get(f"{site.edge}/t/{ticket}/{evening.space}/live.json")
    assert error_of(answer) == (403, "ticket_expired")
    assert f"/s/{evening.space}" in answer.text, "the way back is in the answer"


async def test_joining_before_the_start_gives_a_place_that_is_let_in_once_it_is_live(
    evening: Evening,
) -> None:
    join = f"{evening.site.door}/s/{evening.space}/join"
    early = (await evening.http.post(join)).json()
    assert (early["admitted"], early["reason"]) == (False, "before_start")
    async with speaking(evening, Babble()):
        await evening.go_live()
        asked = {"place": early["place"]}
        async with asyncio.timeout(10):
            while not (answer := (await evening.http.post(join, json=asked)).json())["admitted"]:
                await asyncio.sleep(0.1)
    assert (await evening.http.get(f"{answer['base']}live.json")).status_code == 200


async def consented(evening: Evening) -> str:
    """A speaker who has accepted the sentence; return their ``Authorization``."""
    link = await evening.link("speaker", "Sam")
    authorization = f"Speaker {link.token}"
    site = await evening.call("GET", "/site")
    answer = await evening.request(
        "POST",
        f"/spaces/{evening.space}/stage/consent",
        {"text_id": site["consent"]["id"], "accepted": True, "name": "Sam", "browser": "his"},
        token=authorization,
    )
    assert answer.is_success, answer.text
    return authorization


async def test_nobody_enters_the_stage_without_consent(evening: Evening) -> None:
    link = await evening.link("speaker", "Sam")
    answer = await evening.request(
        "POST", f"/spaces/{evening.space}/stage/offer", {"sdp": "v=0\r\n"}, token=f"Speaker {link.token}"
    )
    assert error_of(answer) == (403, "consent_needed")


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "v=0\r\n" + "a=candidate:x\r\n" * 2000,
    ],
    ids=["empty", "nonsense", "nothing in it", "no fingerprint", "no audio", "too many candidates"],
)
async def test_a_broken_session_description_is_a_400(evening: Evening, sdp: str) -> None:
    answer = await evening.request(
        "POST",
        f"/spaces/{evening.space}/stage/offer",
        {"sdp": sdp},
        token=await consented(evening),
    )
    assert error_of(answer)[0] == 400


async def test_a_body_over_its_limit_is_a_413(evening: Evening) -> None:
    answer = await evening.request(
        "POST",
        f"/spaces/{evening.space}/stage/offer",
        {"sdp": "v=0\r\n" * BODY_LIMIT},
        token=await consented(evening),
    )
    assert error_of(answer) == (413, "body_too_large")
    large = {"title": "x" * BODY_LIMIT, "description": "", "starts_at": "now", "time_zone": "UTC"}
    assert error_of(await evening.request("POST", "/spaces", large)) == (413, "body_too_large")


async def test_a_body_that_never_ends_is_refused_before_it_is_read(evening: Evening) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * BODY_LIMIT

    answer = await evening.http.post(
        f"{evening.site.control}/api/v1/spaces",
        content=endless(),
        headers={"authorization": f"Bearer {evening.site.token}", "content-type": "application/json"},
    )
    assert error_of(answer) == (413, "body_too_large")


async def test_a_wrong_token_is_a_401_and_a_wrong_link_too(evening: Evening) -> None:
    for authorization in ("Bearer wrong", "Speaker wrong", "Basic d3Jvbmc6d3Jvbmc="):
        answer = await evening.request("POST", "/spaces", {}, token=authorization)
        assert error_of(answer)[0] in (401, 403), authorization


async def test_a_link_opens_no_other_stage(evening: Evening) -> None:
    authorization = await consented(evening)
    async with Evening(evening.site, title="Another") as other:
        answer = await other.request(
            "POST", f"/spaces/{other.space}/stage/offer", {"sdp": "v=0\r\n"}, token=authorization
        )
        assert error_of(answer)[0] in (403, 404)


async def test_a_speaker_may_not_end_the_evening(evening: Evening) -> None:
    answer = await evening.request(
        "POST", f"/spaces/{evening.space}/live", {}, token=await consented(evening)
    )
    assert error_of(answer) == (403, "floor_refused")


async def test_the_tickets_and_tokens_on_disk_are_for_their_owner_only(site: Deployment) -> None:
    for file in (site.data / "keys").iterdir():
        assert file.stat().st_mode & 0o077 == 0, f"{file.name} can be read by others"


async def test_on_a_terminal_a_start_is_a_handful_of_lines(tmp_path: Path) -> None:
    site = Deployment(tmp_path, operator=False)
    terminal = await Terminal.start(tmp_path, *site.command(), environment=site.environment())
    try:
        await terminal.until(r"(ROSTRA_LOG_LEVEL=info)")
        named = ["door", "edge", "backstage", "first", "stop", "log"]
        stands = [line.split()[0] for line in terminal.lines if "Starting" not in line]
        assert stands == named, terminal.lines
    finally:
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.close() == 0


@pytest.mark.parametrize("first", [True, False], ids=["first", "as all are"])
async def test_the_stage_goes_before_all_else_and_apart_from_the_door_unless_told_not_to(
    tmp_path: Path, first: bool
) -> None:
    site = Deployment(tmp_path, operator=False, stage_first=first)

    async def noted() -> dict[str, int]:
        pids = site.pids()
        return pids if {"gateway-0", "stage-0"} <= pids.keys() else {}

    site.launch()
    try:
        pids = await until(noted, what="door and stage have been started", within_s=60)
        goes_first = os.sched_getscheduler(pids["stage-0"]) == os.SCHED_RR
        door, stage = (os.sched_getaffinity(pids[seat]) for seat in ("gateway-0", "stage-0"))
    finally:
        site.close()
    assert goes_first is (first and may_be_realtime())
    assert door.isdisjoint(stage) is (goes_first and len(os.sched_getaffinity(0)) > 1)


@pytest.mark.long
async def test_an_operator_who_stops_the_server_waits_for_nothing_and_what_is_live_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        await evening.go_live()
        run = (await evening.status())["run"]
        began = time.monotonic()
        assert site.terminate() == 0
        assert time.monotonic() - began < 6
        assert site.pids() == {}, "every role left"
        with (site.data / "run" / "serve.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        await site.start()
        assert (await evening.until_state("live"))["run"] == run, "it is the same tape"
        await evening.end()
        assert (await evening.replay())["seconds"] > 0
