"""People on a stage without a browser: the rehearsal's speakers, by a studio link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from rostra.core.clock import SystemClock
from rostra.rehearsal.backstage import StudioLink
from rostra.rehearsal.sound import Tone
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline

CONNECT_S = 15.0


@asynccontextmanager
async def on_stage(
    url: str, *, name: str, hz: float, cookies: httpx.Cookies | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    """Somebody says a tone by a link; ``cookies`` are their sign-in. The task ends when they must leave."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False, verify=False, cookies=cookies) as http:
        clock = SystemClock()
        timeline = Timeline(clock)
        timeline.begin()
        link = StudioLink.parse(url)
        speaker = Speaker(http, link, name=name, source=Tone(hz), timeline=timeline, clock=clock)
        task = asyncio.create_task(speaker.run())
        try:
            async with asyncio.timeout(CONNECT_S):
                await speaker.connected.wait()
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
