"""Wait for a recording after the end, and prove that it plays: a range, its first sound, its last."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import av
import httpx
from av.error import FFmpegError

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.rehearsal import programme
from rostra.rehearsal.programme import Page
from rostra.rehearsal.replies import Refused, Unreachable

PATIENCE_S = 20.0
_POLL_S = 0.02


class NotPlayable(RostraError):
    """The recording did not become playable."""

    code = "not_playable"


@dataclass(frozen=True, slots=True)
class Played:
    """A recording that plays."""

    url: str
    seconds: float
    """Its length, read from the file."""
    ready_ms: int
    """From the given start to the first decoded sound."""


async def play(http: httpx.AsyncClient, page: Page, *, since_ns: int, clock: Clock) -> Played:
    """Wait until the event page offers the recording and it plays. NotPlayable after 20 s.

    ``since_ns`` is the monotonic time at which the end was asked for.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            url = await _offered(http, page)
            await _ranges(http, url)
            await asyncio.to_thread(_decode_start, url)
            ready_ms = (clock.monotonic_ns() - since_ns) // 1_000_000
            seconds = await asyncio.to_thread(_decode_end, url)
    except (TimeoutError, FFmpegError, httpx.HTTPError) as error:
        raise NotPlayable(f"{NotPlayable().sentence} ({error!r})") from error
    return Played(url, round(seconds, 3), ready_ms)


async def _offered(http: httpx.AsyncClient, page: Page) -> str:
    while True:
        try:
            status = await programme.status(http, page)
            if status.replay:
                return status.replay.mp4
        except (Unreachable, Refused):
            pass  # a door that restarts is waited for, like everything else here
        await asyncio.sleep(_POLL_S)


async def _ranges(http: httpx.AsyncClient, url: str) -> None:
    """Wait until the edge answers a range, as players ask for before they seek."""
    while True:
        response = await http.get(url, headers={"range": "bytes=0-1023"})
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            return
        await asyncio.sleep(_POLL_S)


def _decode_start(url: str) -> None:
    with av.open(url, mode="r", timeout=5.0) as container:
        next(container.decode(audio=0))


def _decode_end(url: str) -> float:
    """Seek to the last second, decode to the end; return the length in seconds."""
    with av.open(url, mode="r", timeout=5.0) as container:
        stream = container.streams.audio[0]
        if stream.duration is None or stream.time_base is None:
            raise NotPlayable
        seconds = float(stream.duration * stream.time_base)
        container.seek(int(max(0.0, seconds - 1) / stream.time_base), stream=stream)
        for _frame in container.decode(stream):
            pass
    return seconds
