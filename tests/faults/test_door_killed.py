"""The door is killed at the worst moments: no place is lost or doubled, and who listens notices nothing."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.guests import Guest
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting import until
from rostra.admission.drawn import check
from rostra.rehearsal.sound import Tone

TOLD_S = 2.5
"""A door leaves word once a second of the networks from which very many came."""
pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    ("n_early", "n_late", "places"), [(32, 16, 20), pytest.param(160, 80, 100, marks=pytest.mark.long)]
)
async def test_a_killed_door_loses_and_doubles_no_place_and_no_listener_notices(
    tmp_path: Path, n_early: int, n_late: int, places: int
) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with (
        Deployment(tmp_path, capacity=places, entries_per_prefix=10_000) as site,
        Evening(site, starts_at=soon) as evening,
        httpx.AsyncClient(timeout=30.0, trust_env=False, limits=limits) as http,
        speaking(evening, Tone(LOW_HZ)),
    ):
        page = f"{site.door}/s/{evening.space}"
        early = [Guest(http, page) for _ in range(n_early)]
        late = [Guest(http, page) for _ in range(n_late)]
        everybody = [*early, *late]

        # They enter the draw, and the door dies among it.
        entering = asyncio.gather(*(guest.ask() for guest in early))
        await until(lambda: _some(early, "place"), what="some have entered", within_s=20)
        await site.kill("gateway-0")
        await entering
        await evening.call("POST", f"/spaces/{evening.space}/live")
        await evening.until_state("live", within_s=30)

        # All claim, more come, and it dies again while the first are let in.
        leave = {id(guest): asyncio.Event() for guest in everybody}

        async def visit(guest: Guest) -> None:
            await guest.come_in()
            await guest.listen(leave[id(guest)])

        visits = [asyncio.create_task(visit(guest)) for guest in everybody]
        await until(lambda: _some(everybody, "base"), what="the first are in", within_s=30)
        await site.kill("gateway-0")

        # As some leave, the next are called; it dies in the middle of that.
        await until(lambda: _inside(everybody, visits, places), what="all places are taken", within_s=60)
        inside = [guest for guest in everybody if guest.heard]
        assert len([guest for guest in everybody if guest.base]) == places
        leaving = inside[: places // 2]
        for guest in leaving:
            leave[id(guest)].set()
        await until(lambda: _inside(everybody, visits, places + 5), what="the next are called", within_s=60)
        await site.kill("gateway-0")
        stayed = [guest for guest in inside if not leave[id(guest)].is_set()]
        before = {id(guest): guest.heard for guest in stayed}

        # In the end everybody has been in, one by one, each with what was theirs.
        went = set(map(id, leaving))

        async def all_in() -> bool:
            for guest in everybody:
                if guest.heard and id(guest) not in went and guest not in stayed:
                    went.add(id(guest))
                    leave[id(guest)].set()
            assert all(guest.base for guest in everybody), sum(not guest.base for guest in everybody)
            return True

        await until(all_in, what="everybody has been in", within_s=120)
        assert all(guest.heard > before[id(guest)] for guest in stayed)
        assert not any(guest.broke_off for guest in everybody), "nobody who listened noticed anything"
        for event in leave.values():
            event.set()
        await asyncio.gather(*visits)
        _assert_each_has_its_own(everybody)
        await _assert_the_draw_is_theirs(http, page, early)


async def test_a_network_at_its_limit_stays_there_though_the_door_is_killed(tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    async with (
        Deployment(tmp_path, entries_per_prefix=3) as site,
        Evening(site, starts_at=soon) as evening,
        httpx.AsyncClient(timeout=30.0, trust_env=False) as http,
    ):
        page = f"{site.door}/s/{evening.space}"

        async def lines(count: int) -> list[int]:
            return [(await Guest(http, page).ask())["line"] for _ in range(count)]

        assert await lines(5) == [0, 0, 0, 1, 1]
        await asyncio.sleep(TOLD_S)
        await site.replaced("gateway-0", await site.kill("gateway-0"))
        assert await lines(3) == [1, 1, 1]


def _assert_each_has_its_own(everybody: list[Guest]) -> None:
    assert all(len(guest.numbers) <= 1 for guest in everybody), "nobody's number ever changed"
    told = [number for guest in everybody for number in guest.numbers]
    assert len(told) == len(set(told)), "no number was given twice"
    tickets = [ticket for guest in everybody for ticket in guest.tickets]
    assert len(tickets) == len(set(tickets))
    assert {code for guest in everybody for code in guest.answers} <= {503}, (
        "while it starts, it asks for patience"
    )


async def _assert_the_draw_is_theirs(http: httpx.AsyncClient, page: str, early: list[Guest]) -> None:
    document = (await http.get(f"{page}/draw.json")).raise_for_status()
    log = (await http.get(f"{page}/draw.log")).raise_for_status()
    _, published, numbers = check(document.content, log.content)
    dealt = {entry.hex(): int(number) for entry, number in zip(published.log, numbers, strict=True)}
    assert {guest.receipt for guest in early} <= dealt.keys(), "every receipt is in the log"
    for guest in early:
        assert guest.numbers <= {dealt[guest.receipt]}


async def _some(guests: list[Guest], what: str) -> bool:
    with contextlib.suppress(AssertionError):
        assert sum(bool(getattr(guest, what)) for guest in guests) >= 20
        return True
    return False


async def _inside(guests: list[Guest], visits: list[asyncio.Task[None]], count: int) -> bool:
    for visit in visits:
        if visit.done():
            visit.result()
    return sum(bool(guest.heard) for guest in guests) >= count
