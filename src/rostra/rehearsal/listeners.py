"""A listener without a screen: joins at the door, takes live segments from the edge, and measures.

Waits in line where it has to. Takes stretches of segments, and heals as a player does: where a response
breaks off at a segment's end it goes on with the next, a broken segment is asked for again, an old ticket is
renewed at the door, a dead server is waited for. Ends when the space ends. Plays nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

import httpx
import structlog

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.samples import CHUNKS_PER_SEGMENT, STRETCH_BEHIND, last_of_stretch
from rostra.rehearsal import programme
from rostra.rehearsal.backoff import Backoff
from rostra.rehearsal.chunks import Chunk, ChunkStream, Defaults, read_init
from rostra.rehearsal.decoder import Decoder
from rostra.rehearsal.hearing import Hearing, Report
from rostra.rehearsal.keepsake import Keepsake
from rostra.rehearsal.line import Line
from rostra.rehearsal.programme import OVER, Joined, Live, Page
from rostra.rehearsal.replies import Refused, refusal
from rostra.rehearsal.roll import Roll
from rostra.rehearsal.sound import SILENCE_DBFS, rms_dbfs

log = structlog.get_logger()

BASELINE = "aac64"
RESUME_SEGMENTS = STRETCH_BEHIND - 1
"""After a break a listener goes on where it was if it missed no more than this, else at the newest: the edge
gives one more, and that may begin before it is asked."""


DEALS = (0, 4, 8, 12)
"""At which segments a listener asks again: a crowd takes turns, and few names are asked for."""
FIRST_TRIES = 5
"""Tries before the first audio; a space that has just gone live may not be known everywhere yet."""


class NothingLive(RostraError):
    """There is nothing to hear here now."""

    code = "nothing_live"
    status = 409


class NoRendition(RostraError):
    """The programme is not encoded like that here."""

    code = "no_rendition"
    status = 404


class Broken(RostraError):
    """The audio stopped in the middle."""

    code = "broken_off"
    status = 503


class Listener:
    """One listener. ``listen`` does the work; every public attribute may be read meanwhile."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        *,
        clock: Clock,
        rendition: str = BASELINE,
        saved: Keepsake | None = None,
    ) -> None:
        """``saved`` gets the init segment and every new chunk of the first tape heard: a playable file."""
        self.page = Page.parse(url)
        self.hearing = Hearing(started_utc_ns=clock.utc_ns())
        self.roll = Roll()
        self.level_dbfs = SILENCE_DBFS
        """Of the newest chunk."""
        self.joins = 0
        self.reconnects = 0
        """Breaks after which audio came again."""
        self.ended = False
        self.refused = ""
        """What the door said, where it lets one hear no more of what goes on."""
        self.line = Line(http, self.page, pause=pause)
        self._http = http
        self._clock = clock
        self._rendition = rendition
        self._saved = saved or Keepsake()
        self._run = ""
        self._anchor_utc_ns = 0
        self._init = b""
        self._defaults = Defaults()
        self._decoder: Decoder | None = None
        self._number: int | None = None
        """Of the segment to ask for next."""
        self._deal = random.choice(DEALS)
        self._backoff = Backoff()
        self._failures = 0
        """Since the last chunk."""

    async def listen(self, seconds: float | None = None) -> Report:
        """Listen until the space ends, or for so many seconds from now.

        Until the first audio, whatever goes wrong comes out (Unreachable, NothingLive, NoRendition, Refused);
        afterwards it is healed.
        """
        self.hearing.started_utc_ns = self._clock.utc_ns()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._listen()
        return self.report()

    async def _listen(self) -> None:
        joined: Joined | None = None
        while not self.ended:
            try:
                joined = joined or await self._join()
                await self._follow(joined)
            except RostraError as error:
                await self._look_for_the_end(error)
                if not self.ended and joined is None and self._may_not_go_on(error):
                    break
                if not self.ended:
                    await self._wait_after(error)
                joined = None if _ticket_is_bad(error) else joined

    async def _join(self) -> Joined:
        joined = await self.line.join()
        if not self.hearing.chunks:
            self.hearing.started_utc_ns = self._clock.utc_ns()  # the wait in line is not the player's
        self.joins += 1
        return joined

    async def _look_for_the_end(self, error: RostraError) -> None:
        """Ask the door whether the space is over; NothingLive when there never was anything to hear."""
        if not (isinstance(error, Refused) and error.http_status in (404, 409, 410)):
            return
        try:
            status = await programme.status(self._http, self.page)
        except RostraError:
            if self.hearing.chunks:
                return
            raise
        if not self.hearing.chunks and status.state != "live":
            raise NothingLive(_sentence(status)) from error
        self.ended = status.state in OVER

    def _may_not_go_on(self, error: RostraError) -> bool:
        """Whether the door says so, of what is hidden or private by now. One that restarts says 503."""
        if not (self.hearing.chunks and isinstance(error, Refused) and error.http_status in (403, 404, 410)):
            return False
        self.refused = error.sentence
        return True

    async def _wait_after(self, error: RostraError) -> None:
        """Back off; before the first audio let an error out unless it is worth a few more tries."""
        passing = isinstance(error, Broken) or (isinstance(error, Refused) and error.http_status != 403)
        if not self.hearing.chunks and not (passing and self._failures < FIRST_TRIES):
            raise error
        self._failures += 1
        wait_s = self._backoff.next_s()
        log.debug("listener_back_off", reason=error.code, wait_s=round(wait_s, 2))
        await pause(wait_s)

    async def _follow(self, joined: Joined) -> None:
        """Take stretch after stretch; comes out by an error, or with ``ended`` set."""
        await self._tune(joined, await programme.live(self._http, joined))
        while self._number is not None:
            await self._stretch(joined, self._number)

    async def _tune(self, joined: Joined, live: Live) -> None:
        """Take up the programme where it stands: init segment, decoder, the segment to ask for next."""
        if live.run != self._run:
            init = await self._init_segment(joined, live)
            if self._decoder:
                self._saved.close()
            self._run, self._anchor_utc_ns, self._decoder, self._number = (
                live.run,
                live.anchor_utc_ns,
                None,
                None,
            )
            self.hearing.restart()
            self._init, self._defaults = init, read_init(init)
        if self._number is None or live.segment - self._number > RESUME_SEGMENTS:
            self._number = live.segment

    async def _init_segment(self, joined: Joined, live: Live) -> bytes:
        try:
            return await self._fetch(f"{joined.base}{live.run}/{self._rendition}/init.mp4")
        except Refused as error:
            listed = [each.name for each in live.renditions]
            if error.http_status != httpx.codes.NOT_FOUND or self._rendition in listed:
                raise
            raise NoRendition(
                f"There is no rendition “{self._rendition}” here; there are: {', '.join(listed)}."
            ) from error

    async def _fetch(self, url: str) -> bytes:
        try:
            response = await self._http.get(url)
        except httpx.HTTPError as error:
            raise Broken from error
        if response.is_error:
            raise refusal(response)
        return response.content

    async def _stretch(self, joined: Joined, first: int) -> None:
        """Take some segments, chunk by chunk as they are cut, and note which one follows.

        Broken when it stops inside one; that one follows then.
        """
        last = last_of_stretch(first, self._deal)
        url = f"{joined.base}{self._run}/{self._rendition}/{first}-{last}.m4s"
        stream = ChunkStream(self._defaults)
        seen, whole = 0, False
        try:
            async with self._http.stream("GET", url) as response:
                if response.is_error:
                    await response.aread()
                    raise refusal(response)
                async for data in response.aiter_raw():
                    for chunk in stream.feed(data):
                        seen += 1
                        self._take(chunk)
                whole = not stream.torn
        except httpx.HTTPError as error:
            if not seen:
                raise Broken from error
        finally:
            self._number = first + seen // CHUNKS_PER_SEGMENT
        if seen % CHUNKS_PER_SEGMENT and whole:
            self._number += 1  # the programme's last
        elif seen % CHUNKS_PER_SEGMENT or not seen:
            raise Broken

    def _take(self, chunk: Chunk) -> None:
        now_utc_ns = self._clock.utc_ns()
        new = self.hearing.arrived(chunk, anchor_utc_ns=self._anchor_utc_ns, now_utc_ns=now_utc_ns)
        if not new:
            return
        self._recovered()
        self.roll.take(chunk.events)
        if self._decoder is None:
            self._decoder = Decoder(self._init, chunk)
            self._saved.write(self._init)
        self._saved.write(chunk.data)
        pcm = self._decoder.decode(chunk)
        self.level_dbfs = rms_dbfs(pcm / 32768)
        self.hearing.decode_errors = self._decoder.errors
        self.hearing.decoded(pcm, now_utc_ns=self._clock.utc_ns())

    def _recovered(self) -> None:
        self.reconnects += bool(self._failures and self._decoder)
        self._failures = 0
        self._backoff.reset()

    def report(self) -> Report:
        """The numbers so far."""
        return self.hearing.report(
            url=self.page.url,
            space=self.page.space,
            run=self._run,
            rendition=self._rendition,
            reconnects=self.reconnects,
            joins=self.joins,
            speakers=self.roll.names,
            spoken=self.roll.spoken,
            ended=self.ended,
            refused=self.refused,
        )


async def pause(seconds: float) -> None:
    """Wait between tries."""
    await asyncio.sleep(seconds)


def _ticket_is_bad(error: RostraError) -> bool:
    return isinstance(error, Refused) and error.http_status in (403, 404, 409, 410)


def _sentence(status: programme.Status) -> str:
    if status.replay:
        return f"This conversation is over. Its recording is at {status.replay.mp4}"
    if status.state in OVER:
        return "This conversation is over."
    return f"This conversation is not live yet (it is {status.state}). Try again once it has started."
