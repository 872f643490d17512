"""Take the connections of Icecast sources, and put each on stage as the speaker whose link it brings.

Bounded: so many connections, a head's size and time, silence. Who brings a token, backstage says; it is
the one thing that the stage asks. When backstage is away new sources are refused; those here go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog

from rostra.bus.messages import Known, Offer, WhoIs
from rostra.core.errors import BadRequest, RostraError, Unavailable
from rostra.core.ids import SpaceId
from rostra.core.networks import visitor
from rostra.core.threads import stand_back
from rostra.stage.source.decoder import decode
from rostra.stage.source.feed import Feed
from rostra.stage.source.pipe import Pipe
from rostra.stage.source.request import (
    ALLOW,
    MAX_HEAD_BYTES,
    Head,
    SourceRequest,
    answer,
    read_head,
    read_source,
    refusal,
)
from rostra.stage.speaker import OnStage

log = structlog.get_logger()

MOST_CONNECTIONS = 64
MOST_PER_CLIENT = 24
"""Of the connections, those of one /32 or /64: a studio's, or a stranger's who would keep others out."""
HEAD_S = 10.0
SILENT_S = 20.0
"""A source that sends nothing for so long is gone."""
RECEIVE_BUFFER_BYTES = 32_768
"""What the kernel holds of a source: its delay too is sound that waits."""
_PIECE_BYTES = 16_384
_ACCEPTED = b"HTTP/1.1 200 OK\r\nServer: Rostra\r\nConnection: close\r\n\r\n"
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
_METADATA = (
    '<?xml version="1.0"?>\n<iceresponse><message>Metadata update successful</message>'
    "<return>1</return></iceresponse>\n"
)


class Sources:
    """``who`` asks backstage; ``seat`` puts somebody on stage, or raises why not."""

    def __init__(
        self,
        *,
        who: Callable[[WhoIs], Awaitable[Known]],
        seat: Callable[[Offer, Feed], OnStage],
    ) -> None:
        self._who = who
        self._seat = seat
        self._open: set[asyncio.Task[object]] = set()
        self._held: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen while the block runs; yields the port."""
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=MOST_CONNECTIONS
        )
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        server = await asyncio.start_server(self._take, sock=listener, limit=MAX_HEAD_BYTES)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in tuple(self._open):
                task.cancel()
            if self._open:
                await asyncio.wait(self._open)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._attend(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        share = visitor(str((writer.get_extra_info("peername") or ("",))[0]))
        self._held[share] += 1
        try:
            if len(self._open) > MOST_CONNECTIONS or self._held[share] > MOST_PER_CLIENT:
                raise Unavailable("Too many sources are connected.")
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except RostraError as error:
            writer.write(refusal(error))
        except Exception:
            log.exception("source_failed")
        finally:
            self._held -= Counter([share])
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(2):
                    await writer.drain()
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _head(reader)
        if (said := _small_talk(head)) is not None:
            writer.write(said)
            return
        request = read_source(head)
        known = await self._who(WhoIs(space=request.space, token=request.token))
        feed = Feed()
        person = self._seat(_offer(request.space, known), feed)
        log.info("source_connected", space=request.space, speaker=known.speaker)
        try:
            await self._ask_again(request, known)
            writer.write(_GO_ON + _ACCEPTED if request.waits else _ACCEPTED)
            feed.lost = await self._feed(reader, request, feed)
        finally:
            feed.hang_up()
            losses = {"missed": feed.ring.missed, "broken": feed.ring.broken, "lost": feed.lost}
            log.info("source_gone", space=request.space, speaker=person.speaker, **losses)

    async def _ask_again(self, request: SourceRequest, known: Known) -> None:
        """Once they are seated: what was said of them meanwhile met nobody here, and is told now.

        Raises why they may not stay. A backstage that has gone away meanwhile has said nothing.
        """
        try:
            await self._who(WhoIs(space=request.space, token=request.token, seated=known))
        except RostraError as error:
            if error.code != Unavailable.code:
                raise

    async def _feed(self, reader: asyncio.StreamReader, request: SourceRequest, feed: Feed) -> bool:
        """Hand on sound until the source ends; say whether its connection broke instead."""
        pipe = Pipe()
        loop = asyncio.get_running_loop()
        decoded: asyncio.Future[str] = loop.create_future()

        def work() -> None:
            stand_back()
            why = decode(pipe, feed.ring)
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_settle, decoded, why)

        threading.Thread(target=work, name=f"source {request.space}", daemon=True).start()
        pumping = asyncio.ensure_future(_pump(reader, pipe, request))
        leaving = asyncio.ensure_future(feed.gone.wait())
        ending: set[asyncio.Future[Any]] = {leaving, decoded}
        try:
            await asyncio.wait({pumping, *ending}, return_when=asyncio.FIRST_COMPLETED)
            if not pumping.done():
                if decoded.done() and decoded.result():
                    log.warning("source_undecodable", space=request.space, reason=decoded.result())
                    await feed.drain()
                return False
            if pumping.result():
                return True
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
            await feed.drain()
            return False
        finally:
            pumping.cancel()
            leaving.cancel()
            pipe.close()


def _settle(decoded: asyncio.Future[str], why: str) -> None:
    if not decoded.done():
        decoded.set_result(why)


async def _pump(reader: asyncio.StreamReader, pipe: Pipe, request: SourceRequest) -> bool:
    """Move the body into the pipe to its end; say whether the connection broke before."""
    try:
        async for piece in _chunks(reader) if request.chunked else _pieces(reader, request.length_bytes):
            await pipe.put(piece)
    except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError):
        return True
    finally:
        pipe.close()
    return False


async def _pieces(reader: asyncio.StreamReader, length_bytes: int | None) -> AsyncIterator[bytes]:
    """To the end of the connection, or of as much as was announced. ConnectionResetError when less came."""
    came = 0
    while length_bytes is None or came < length_bytes:
        piece = await asyncio.wait_for(reader.read(_PIECE_BYTES), SILENT_S)
        if not piece and length_bytes is not None:
            raise ConnectionResetError
        if not piece:
            return
        came += len(piece)
        yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Chunked transfer coding (RFC 9112 section 7.1). ValueError when it is broken."""
    while True:
        left = int((await _line(reader)).split(b";")[0].strip(), 16)
        if left <= 0:
            return
        while left:
            piece = await asyncio.wait_for(reader.read(min(left, _PIECE_BYTES)), SILENT_S)
            if not piece:
                raise ConnectionResetError
            left -= len(piece)
            yield piece
        await _line(reader)


async def _line(reader: asyncio.StreamReader) -> bytes:
    """One before or after a chunk. ValueError when it is too long to be one."""
    try:
        return await asyncio.wait_for(reader.readuntil(b"\n"), SILENT_S)
    except asyncio.LimitOverrunError as error:
        raise ValueError("the line of a chunk is too long") from error


async def _head(reader: asyncio.StreamReader) -> Head:
    try:
        async with asyncio.timeout(HEAD_S):
            raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.LimitOverrunError, TimeoutError) as error:
        raise BadRequest("The request's head is too large, or did not come in time.") from error
    return read_head(raw.removesuffix(b"\r\n\r\n"))


def _small_talk(head: Head) -> bytes | None:
    """Answer what programs ask beside the sound; None for a source. Titles are not shown: names are."""
    if head.method == "OPTIONS":
        return answer(200, Allow=ALLOW)
    if head.method == "GET" and head.path.partition("?")[0] == "/admin/metadata":
        return answer(200, _METADATA, media_type="text/xml")
    return None


def _offer(space: SpaceId, known: Known) -> Offer:
    return Offer(
        space=space,
        speaker=known.speaker,
        name=known.name,
        role=known.role,
        sdp="",
        one_way=True,
        muted=known.muted,
        muted_by_host=known.muted_by_host,
        guest=known.guest,
    )
