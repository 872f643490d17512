"""The demo's evening on a running server: a space, two voices on its stage, live, then ended.

Speaks to the server as its operator and its speakers do. Never prints, never reads a key.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import httpx

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.rehearsal import dialogue, programme
from rostra.rehearsal.backstage import Backstage, Link, SignIn, StudioLink
from rostra.rehearsal.deployment import HERE, Deployment
from rostra.rehearsal.programme import Page
from rostra.rehearsal.recording import Played, play
from rostra.rehearsal.replies import Refused, Unreachable
from rostra.rehearsal.speakers import Speaker
from rostra.rehearsal.timeline import Timeline

TITLE = "The evening that failed, and how this one does not"
DESCRIPTION = "Two synthetic voices on a real stage. A conversation in a loop, from the top for you."
ON_STAGE_S = 20.0
_POLL_S = 0.1


class VoicesMissing(RostraError):
    """The demo's voices did not reach the stage."""

    code = "voices_missing"
    status = 503


class Evening:
    """A space with its voices. Made by :func:`open_evening`; live from then until ``end``."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        server: Deployment,
        space: str,
        *,
        host: Link,
        sign_in: SignIn | None,
        clock: Clock,
    ) -> None:
        self.server = server
        self.page = Page(server.door(), space)
        self.space = space
        self.host = host
        """For the person who tries the demo."""
        self.sign_in = sign_in
        """How they come in backstage; None where somebody had an account before."""
        self.voices: tuple[Speaker, ...] = ()
        self.timeline = Timeline(clock)
        self._http = http
        self._clock = clock
        self._operator = Backstage.of_operator(http, server.control(), server.operator_token())
        self._live_ns = 0
        self._end_ns = 0

    @property
    def listen_url(self) -> str:
        """The event page as a person on this machine opens it."""
        return f"{self.server.door(HERE)}/s/{self.space}"

    @property
    def live_s(self) -> float:
        """Seconds live so far, or in all."""
        until_ns = self._end_ns or self._clock.monotonic_ns()
        return (until_ns - self._live_ns) / 1e9 if self._live_ns else 0.0

    async def cast(self) -> None:
        """Make a link for each voice, ready to speak."""
        play = await asyncio.to_thread(dialogue.load)
        voices = []
        for name, source in play.voices.items():
            link = await self._operator.create_link(self.space, role="speaker", name=name)
            studio = StudioLink(self.server.control(), self.space, link.token)
            voices.append(
                Speaker(
                    self._http, studio, name=name, source=source, timeline=self.timeline, clock=self._clock
                )
            )
        self.voices = tuple(voices)

    async def go_live(self) -> None:
        """Wait for the voices, then go live: silence flows. VoicesMissing when they do not come."""
        try:
            async with asyncio.timeout(ON_STAGE_S):
                for voice in self.voices:
                    await voice.connected.wait()
        except TimeoutError as error:
            raise VoicesMissing from error
        asked_ns = self._clock.monotonic_ns()
        await self._operator.go_live(self.space)
        self._live_ns = (asked_ns + self._clock.monotonic_ns()) // 2

    async def notify(self, text: str) -> None:
        """Put a notice on the event page, beside whatever is there."""
        await self._operator.notify(self.space, text)

    async def worst_case(self, places: int) -> None:
        """Announce the worst case: no more than so many listen, newcomers wait. It puts nobody out."""
        await self._operator.order_door(rung="worst", places=places)

    async def leave_worst_case(self) -> None:
        """Let the door go by what it measures again."""
        await self._operator.order_door(rung=None, places=None)

    async def listeners(self) -> int:
        """How many listen, as the door tells everyone."""
        return (await programme.status(self._http, self.page)).listeners

    async def first_listener(self) -> None:
        """Wait until somebody listens."""
        await self._until(lambda status: status.listeners > 0)

    async def over(self) -> None:
        """Wait until the conversation is over, whoever ended it."""
        await self._until(lambda status: status.state in programme.OVER)

    async def _until(self, true_of: Callable[[programme.Status], bool]) -> None:
        while True:
            with contextlib.suppress(Unreachable, Refused):
                if true_of(await programme.status(self._http, self.page)):
                    return
            await asyncio.sleep(_POLL_S)

    async def end(self) -> Played:
        """End the conversation; return its recording once it plays. NotPlayable when it does not.

        Somebody may have ended it before, in the studio or the console.
        """
        self._end_ns = asked_ns = self._clock.monotonic_ns()
        try:
            await self._operator.end(self.space)
        except Refused as error:
            if error.http_status != 409:
                raise
        self._end_ns = (asked_ns + self._clock.monotonic_ns()) // 2
        return await play(self._http, self.page, since_ns=asked_ns, clock=self._clock)


@contextlib.asynccontextmanager
async def open_evening(
    http: httpx.AsyncClient, server: Deployment, *, clock: Clock
) -> AsyncIterator[Evening]:
    """Make the space, bring both voices on stage and go live; they leave with the block."""
    operator = Backstage.of_operator(http, server.control(), server.operator_token())
    sign_in = await operator.set_up("demo", "Rostra demo")
    space = await operator.create_space(title=TITLE, description=DESCRIPTION)
    host = await operator.create_link(space, role="host", name="Host")
    evening = Evening(http, server, space, host=host, sign_in=sign_in, clock=clock)
    await evening.cast()
    async with asyncio.TaskGroup() as group:
        speaking = [group.create_task(voice.run()) for voice in evening.voices]
        try:
            await evening.go_live()
            yield evening
        finally:
            for task in speaking:
                task.cancel()
