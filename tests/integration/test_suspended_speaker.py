"""A speaker suspended on another's stage, with real processes and real WebRTC: off, and back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from harness.deployment import PASSWORD, Deployment
from harness.evening import Evening
from harness.voices import Babble, speaking
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline

WITHIN_S = 2.0


@asynccontextmanager
async def browser_of(site: Deployment, handle: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which a member is signed in."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False, headers={"origin": site.control}) as http:
        body = {"handle": handle, "password": PASSWORD}
        assert (await http.post(f"{site.control}/api/v1/session", json=body)).is_success
        yield http


def speaker(http: httpx.AsyncClient, url: str) -> Speaker:
    clock = SystemClock()
    timeline = Timeline(clock)
    timeline.begin()
    return Speaker(
        http, StudioLink.parse(url), name="Grace", source=Babble(3), timeline=timeline, clock=clock
    )


async def names(evening: Evening) -> set[str]:
    """Who is on stage, as the door tells everyone."""
    return {person["name"] for person in (await evening.status())["speakers"]}


async def until_names(evening: Evening, *expected: str, within_s: float = 15.0) -> None:
    async def told() -> bool:
        present = await names(evening)
        assert present == set(expected), f"on stage: {present}"
        return True

    await until(told, what=f"{expected} on stage", within_s=within_s)


async def test_off_within_two_seconds_while_the_space_goes_on_and_back_once_reinstated(
    tmp_path: Path,
) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening, speaking(evening, Babble()):
        account = {"handle": "grace", "name": "Grace", "password": PASSWORD}
        await evening.call("POST", "/accounts", account)
        link = await evening.link("speaker", "Grace")
        async with browser_of(site, "grace") as http:
            first = asyncio.create_task(speaker(http, link.url).run())
            await evening.go_live()
            await until_names(evening, "Ann", "Grace")

            began = time.monotonic()
            await evening.call("POST", "/accounts/grace/suspend", {"reason": "A test."})
            await until_names(evening, "Ann", within_s=WITHIN_S - (time.monotonic() - began))
            took_s = time.monotonic() - began
            assert took_s < WITHIN_S
            await asyncio.wait([first], timeout=10)
            assert "This account is suspended." in str(first.exception())
            recorded = (await evening.until_served())["samples"]
            await evening.until_recorded(recorded + 2 * 48_000, within_s=10)
            assert (await evening.status())["state"] == "live"
            assert await names(evening) == {"Ann"}

            await evening.call("POST", "/accounts/grace/reinstate")
            second = asyncio.create_task(speaker(http, link.url).run())
            try:
                await until_names(evening, "Ann", "Grace")
            finally:
                second.cancel()
                with suppress(asyncio.CancelledError):
                    await second
            await evening.end()
            await evening.replay()
