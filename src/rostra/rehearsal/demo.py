"""What ``rostra demo`` does: an evening on a server of its own, with links for the person who tries it.

Owns the order of things and what is said on the terminal meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
import webbrowser
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from rich.console import Console

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.rehearsal import replies
from rostra.rehearsal.acts import Acts
from rostra.rehearsal.deployment import (
    HERE,
    USUAL_PORTS,
    Deployment,
    Ports,
    chosen_ports,
    deploy,
    lan_address,
)
from rostra.rehearsal.evening import Evening, open_evening
from rostra.rehearsal.hearing import Report
from rostra.rehearsal.invitation import Invitation
from rostra.rehearsal.keys import Keys
from rostra.rehearsal.listeners import Listener
from rostra.rehearsal.recording import Played

COUNTED_S = 3.0
"""A timed demo's voices wait no longer than this for its listener to be counted."""
LEAVE_S = 5.0
"""Time in which the demo's listener must notice the end."""


class NothingHeard(RostraError):
    """The demo's own listener heard nothing."""

    code = "nothing_heard"


class Stopped(RostraError):
    """The demo was stopped before its end."""

    code = "stopped"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line of a timed demo."""

    space: str
    url: str
    live_s: float
    first_audio_ms: int | None
    """From the start of joining to the first decoded sound."""
    latency_ms: int | None
    """Median of: arrival of a chunk minus the moment when its last sample was spoken."""
    gaps: int
    recording: str
    """Path of the recording's file."""
    recording_url: str
    """Its address while the server runs."""
    recording_s: float
    published_ms: int
    """From asking for the end until the recording plays."""
    level_dbfs: float
    spoken: tuple[str, ...]
    """Who was heard."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo. ``seconds`` makes it listen to itself and end by itself."""

    console: Console
    data: Path
    clock: Clock
    seconds: float | None

    async def run(self) -> Result | None:
        """Run from start to stop; a timed demo returns its result. The server never outlives this."""
        keys = Keys()
        with keys.listening() as on_terminal:
            async with replies.client() as http:
                evening = asyncio.create_task(self._evening(http, keys, on_terminal=on_terminal))
                leaving = asyncio.create_task(keys.quit.wait())
                try:
                    await asyncio.wait({evening, leaving}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    leaving.cancel()
                    evening.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.wait({evening})
        if evening.cancelled():
            if self.seconds is not None:
                raise Stopped
            return None
        return evening.result()

    async def _evening(self, http: httpx.AsyncClient, keys: Keys, *, on_terminal: bool) -> Result | None:
        chosen = chosen_ports()
        async with contextlib.AsyncExitStack() as stack:
            with self.console.status("Starting the server …") as status:
                server = await stack.enter_async_context(deploy(self.data, chosen))
                if chosen is None:
                    self._say_ports(server.ports)
                status.update("Bringing two voices on stage …")
                evening = await stack.enter_async_context(open_evening(http, server, clock=self.clock))
            keys.something_to_end = True
            _invitation(server, evening).show(self.console, keys=on_terminal)
            acts = Acts(self.console, evening, keys)
            acting = [asyncio.create_task(each) for each in acts.all()]
            try:
                if self.seconds is not None:
                    return await self._timed(http, evening, keys, self.seconds)
                await self._until_quit(evening, keys, on_terminal=on_terminal)
            finally:
                for each in acting:
                    each.cancel()
                await asyncio.wait(acting)
        return None

    def _say_ports(self, ports: Ports) -> None:
        if ports != USUAL_PORTS:
            taken = f"{ports.door}, {ports.edge} and {ports.control}"
            self.console.print(f"Ports 8000 to 8002 are in use; this demo takes {taken}.")

    async def _until_quit(self, evening: Evening, keys: Keys, *, on_terminal: bool) -> None:
        """Speak from the first listener on; end when wished; then stay until quitting cancels this."""
        with self.console.status("Live. The voices begin when the first listener arrives."):
            await first_of(evening.first_listener(), evening.over(), keys.end.wait())
        evening.timeline.begin()
        with self.console.status("Live. Somebody is listening; the voices are talking."):
            await first_of(evening.over(), keys.end.wait())
        keys.something_to_end = False
        played = await evening.end()
        self._say_replay(evening, played)
        self._say_afterwards(evening, played)
        self.console.print("Press q to quit." if on_terminal else "Ctrl-C quits.")
        await asyncio.to_thread(open_browser, evening.listen_url)
        await keys.quit.wait()

    async def _timed(self, http: httpx.AsyncClient, evening: Evening, keys: Keys, seconds: float) -> Result:
        """Listen to the evening from its own door, end it in time, and see the recording play."""
        listener = Listener(http, evening.page.url, clock=self.clock)
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(listener.listen())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(COUNTED_S):
                    await evening.first_listener()
            evening.timeline.begin()
            with self.console.status(
                f"Live for {seconds:g} seconds; a listener of the demo's own is measuring."
            ):
                await first_of(keys.end.wait(), asyncio.sleep(seconds - evening.live_s))
            played = await evening.end()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_S):
                    await asyncio.wait({hearing})
            hearing.cancel()
        self._say_replay(evening, played)
        self._say_afterwards(evening, played)
        return self._result(evening, listener.report(), played)

    def _say_replay(self, evening: Evening, played: Played) -> None:
        self.console.print(
            f"Ended after {evening.live_s:.1f} s. The recording ({played.seconds:.1f} s) was there "
            f"{played.ready_ms} ms later: {evening.listen_url}",
            highlight=False,
            soft_wrap=True,
        )

    def _say_afterwards(self, evening: Evening, played: Played) -> None:
        """The link is dead once this demo's server is; what one has then."""
        self.console.print(
            f"That link works until this demo ends. The recording stays in {self._file(evening, played)}; "
            f"its page is there again with:\n  {serve_again(self.data, evening.server.ports)}",
            highlight=False,
            soft_wrap=True,
        )

    def _file(self, evening: Evening, played: Played) -> Path:
        """Where the recording lies on the disk, as its address names it."""
        run, name = urlsplit(played.url).path.split("/")[-2:]
        return (self.data / "tapes" / evening.space / run / name).absolute()

    def _result(self, evening: Evening, report: Report, played: Played) -> Result:
        if not report.chunks:
            raise NothingHeard
        return Result(
            space=evening.space,
            url=evening.page.url,
            live_s=round(evening.live_s, 2),
            first_audio_ms=report.first_audio_ms,
            latency_ms=report.latency_ms,
            gaps=report.gaps,
            recording=str(self._file(evening, played)),
            recording_url=played.url,
            recording_s=played.seconds,
            published_ms=played.ready_ms,
            level_dbfs=report.level_dbfs,
            spoken=report.spoken,
        )


def _invitation(server: Deployment, evening: Evening) -> Invitation:
    lan = lan_address()
    return Invitation(
        listen=evening.listen_url,
        host=f"{server.control(HERE)}/studio/{evening.space}#k={evening.host.token}",
        console=f"{server.control(HERE)}/console",
        sign_in=evening.sign_in,
        lan_listen=f"{server.door(lan)}/s/{evening.space}" if lan else None,
    )


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Return once one of these is done, the others cancelled; its error comes out."""
    tasks = {asyncio.create_task(wait) for wait in waits}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()


def serve_again(data: Path, ports: Ports) -> str:
    """Return the command that serves a demo's folder again, at the same addresses, as a shell reads it."""
    program = os.path.relpath(Path(sys.executable).with_name("rostra"))
    words = [program, "serve", "--data", str(data)]
    if ports != USUAL_PORTS:
        words += [f"--door-port={ports.door}", f"--edge-port={ports.edge}", f"--control-port={ports.control}"]
    return shlex.join(words)


def open_browser(url: str) -> bool:
    """Open a page in the person's browser, unless the only browser is one inside the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser and browser.open(url)
