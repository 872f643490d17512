"""Who may hear what at the edge: one table of spaces, addresses and visitors."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import msgspec
import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, recording_of
from rostra.bus.messages import Lifecycle, RecordingPolicy, Removed, SpaceState, Visibility
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId
from rostra.core.samples import CHUNKS_PER_SEGMENT, SAMPLE_RATE, SEGMENT
from rostra.core.settings import Settings
from rostra.edge import answers
from rostra.edge.refusals import Refusals
from rostra.edge.shelf import Shelf
from rostra.edge.site import Site
from rostra.edge.spaces import KEPT_AFTER_END_NS, KEPT_UNPUBLISHED_NS, Spaces
from rostra.edge.streams import Streams
from rostra.edge.turnstile import Turnstile
from rostra.serving.exchange import Exchange, Transport
from rostra.serving.request import Request
from rostra.tape import TapeWriter
from unit.edge.states import LIVE, RUN, SPACE

KEYS = Keyring((TicketKey(1, b"k" * 32),))
PUBLIC, UNLISTED, PRIVATE = Visibility
PUBLISH, HOLD, DELETE = RecordingPolicy
NOW_S = ManualClock().utc_ns() // 10**9


def _ticket(subject: SpaceId, epoch: int = 0) -> str:
    return mint(KEYS, Ticket(subject, b"listener", 0, 0, NOW_S + 86_400, NOW_S + 86_400, epoch))


LIVE_TICKET, RECORDING_TICKET = _ticket(SPACE), _ticket(recording_of(SPACE, RUN))
ANOTHERS_TICKET = _ticket(recording_of(SpaceId("zzzzzzzzzz"), RUN))
NAMES = (
    "aac64.mp4",
    "opus32.mp4",
    "index.m3u8",
    "opus.m3u8",
    "manifest.mpd",
    "aac64/index.m3u8",
    "aac64/init.mp4",
    "events.json",
)


class Sink:
    """A channel whose transport keeps what is written."""

    def __init__(self) -> None:
        self.transport = cast(Transport, self)
        self.write_paused = False
        self.brisk = self.cramped = False
        self.date = b""
        self.descriptor = -1
        self.written = b""
        self.aborted = False

    def get_extra_info(self, _name: str) -> None:
        return None

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.aborted = True

    def finished(self, *, keep: bool) -> None:
        self.aborted = self.aborted or not keep

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished tape, longer than one slice of what is read at a time."""
    tapes = tmp_path_factory.mktemp("tapes")
    writer = TapeWriter.create(tapes / SPACE / RUN, programme.genesis(), clock=ManualClock())
    for quantum in programme.quanta()[: programme.QUANTA]:
        writer.append(quantum)
    writer.finish()
    writer.close()
    return tapes


def state(
    visibility: Visibility = PUBLIC,
    lifecycle: Lifecycle = Lifecycle.PUBLISHED,
    policy: RecordingPolicy = PUBLISH,
    **changes: Any,
) -> SpaceState:
    whole = msgspec.structs.replace(
        LIVE, lifecycle=lifecycle, visibility=visibility, recording_policy=policy, ended_at=NOW_S * 1000
    )
    return msgspec.structs.replace(whole, **changes)


class Edge:
    """A site over real tapes, and a client of it."""

    def __init__(self, tapes: Path, group: asyncio.TaskGroup) -> None:
        self.clock = ManualClock()
        self.shelf = Shelf(tapes, group=group, refuse=Refusals(Settings()).answer)
        self.spaces = Spaces(
            tapes, group=group, clock=self.clock, finished=self.shelf.prepare, withdrawn=self.shelf.forget
        )
        turnstile = Turnstile(clock=self.clock)
        turnstile.take_keys(KEYS)
        self.site = Site(
            spaces=self.spaces,
            shelf=self.shelf,
            turnstile=turnstile,
            streams=Streams(worker=0, clock=self.clock),
            settings=Settings(),
            clock=self.clock,
        )

    def take(self, state: SpaceState) -> None:
        """Hear of a space, as the worker does."""
        self.spaces.take(state)
        self.site.take(state)

    def begin(self, path: str, extra: dict[bytes, bytes] | None = None) -> Sink:
        """Send a request; what is answered stands in the sink, by and by."""
        sink = Sink()
        exchange = Exchange(sink, head_only=False, keep_alive=True)
        headers = {b"host": b"here:8001", **(extra or {})}
        path, _, query = path.partition("?")
        request = Request("GET", path, query, headers, "here", http10=False, keep_alive=True)
        try:
            self.site.respond(request, exchange)
        except RostraError as error:
            exchange.send(answers.refusal(error))
        return sink

    async def ask_as_cache(self, rest: str) -> bytes:
        """The same for a cache in front, of what is in the space."""
        sink, (path, _, query) = Sink(), rest.partition("?")
        exchange = Exchange(sink, head_only=False, keep_alive=True)
        request = Request("GET", f"/c/{SPACE}/{path}", query, {}, "here", http10=False, keep_alive=True)
        try:
            self.site.shared(SPACE, path, request, exchange)
        except RostraError as error:
            exchange.send(answers.refusal(error))
        return await _answered(sink)

    async def ask(self, path: str, headers: dict[bytes, bytes] | None = None) -> bytes:
        return await _answered(self.begin(path, headers))


async def _answered(sink: Sink) -> bytes:
    async with asyncio.timeout(5):
        while not sink.written:
            await asyncio.sleep(0.001)
    return sink.written


@contextlib.asynccontextmanager
async def edge(tapes: Path, *states: SpaceState) -> AsyncIterator[Edge]:
    async with asyncio.TaskGroup() as group:
        one = Edge(tapes, group)
        for each in states:
            one.spaces.take(each)
        yield one
        one.spaces.close()
        one.shelf.close()


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _code(answer: bytes) -> str:
    return str(msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])["error"]["code"])


ROWS = [
    # visibility, lifecycle, policy; without a ticket; with a ticket to the recording
    (PUBLIC, Lifecycle.PUBLISHED, PUBLISH, 200, 200),
    (PUBLIC, Lifecycle.PUBLISHED, HOLD, 200, 200),
    (UNLISTED, Lifecycle.PUBLISHED, PUBLISH, 200, 200),
    (PRIVATE, Lifecycle.PUBLISHED, PUBLISH, "ticket_invalid", 200),
    (PUBLIC, Lifecycle.ENDED, PUBLISH, 200, 200),
    (PRIVATE, Lifecycle.ENDED, PUBLISH, "ticket_invalid", 200),
    (PUBLIC, Lifecycle.ENDED, HOLD, "recording_held", 200),
    (PUBLIC, Lifecycle.ENDED, DELETE, "recording_deleted", "recording_deleted"),
    (PUBLIC, Lifecycle.HELD, HOLD, "recording_held", 200),
    (UNLISTED, Lifecycle.HELD, HOLD, "recording_held", 200),
    (PRIVATE, Lifecycle.HELD, HOLD, "recording_held", 200),
    (PUBLIC, Lifecycle.DELETED, DELETE, "recording_deleted", "recording_deleted"),
    (PRIVATE, Lifecycle.DELETED, PUBLISH, "recording_deleted", "recording_deleted"),
    (PUBLIC, Lifecycle.LIVE, DELETE, "not_found", "not_found"),
    (PUBLIC, Lifecycle.CANCELLED, PUBLISH, "not_found", "not_found"),
]
STATUS = {"ticket_invalid": 403, "recording_held": 403, "recording_deleted": 410, "not_found": 404}


@pytest.mark.parametrize(("visibility", "lifecycle", "policy", "without", "with_ticket"), ROWS)
async def test_a_recording_is_heard_by_whom_it_is_open_to(
    tapes: Path,
    visibility: Visibility,
    lifecycle: Lifecycle,
    policy: RecordingPolicy,
    without: int | str,
    with_ticket: int | str,
) -> None:
    async with edge(tapes, state(visibility, lifecycle, policy)) as one:
        for name in NAMES:
            for folder, expected in (
                (f"/r/{SPACE}/{RUN}", without),
                (f"/t/{RECORDING_TICKET}/{SPACE}/r/{RUN}", with_ticket),
            ):
                answer = await one.ask(f"{folder}/{name}")
                if isinstance(expected, int):
                    assert _status(answer) == expected, (folder, name)
                else:
                    assert (_status(answer), _code(answer)) == (STATUS[expected], expected), (folder, name)


@pytest.mark.parametrize("ticket", ["x" * 64, LIVE_TICKET, ANOTHERS_TICKET, ""])
@pytest.mark.parametrize("row", [(PRIVATE, Lifecycle.PUBLISHED, PUBLISH), (PUBLIC, Lifecycle.HELD, HOLD)])
async def test_no_other_ticket_opens_a_recording(
    tapes: Path, ticket: str, row: tuple[Visibility, Lifecycle, RecordingPolicy]
) -> None:
    async with edge(tapes, state(*row)) as one:
        for name in NAMES:
            answer = await one.ask(f"/t/{ticket}/{SPACE}/r/{RUN}/{name}")
            assert (_status(answer), _code(answer)) == (403, "ticket_invalid")
            assert f'<http://here:8000/s/{SPACE}>; rel="alternate"'.encode() in answer


async def test_a_ticket_to_a_recording_ends(tapes: Path) -> None:
    async with edge(tapes, state(PRIVATE)) as one:
        path = f"/t/{RECORDING_TICKET}/{SPACE}/r/{RUN}/index.m3u8"
        assert _status(await one.ask(path)) == 200
        one.clock.advance(ms=86_401_000)
        assert _code(await one.ask(path)) == "ticket_expired"


async def test_a_ticket_to_a_recording_opens_nothing_live(tapes: Path) -> None:
    async with edge(tapes, state(PRIVATE, Lifecycle.LIVE)) as one:
        answer = await one.ask(f"/t/{RECORDING_TICKET}/{SPACE}/live.json")
        assert _code(answer) == "ticket_invalid"


async def test_what_is_private_is_kept_by_no_cache_on_the_way(tapes: Path) -> None:
    async with edge(tapes, state(PRIVATE)) as one:
        for name in NAMES:
            answer = await one.ask(f"/t/{RECORDING_TICKET}/{SPACE}/r/{RUN}/{name}")
            assert b"\r\nCache-Control: private, max-age=3600\r\n" in answer
            assert b"\r\nX-Robots-Tag: noindex\r\n" in answer


async def test_what_is_unlisted_is_found_by_no_crawler(tapes: Path) -> None:
    for visibility in (PUBLIC, UNLISTED):
        async with edge(tapes, state(visibility)) as one:
            for name in NAMES:
                answer = await one.ask(f"/r/{SPACE}/{RUN}/{name}")
                assert b"\r\nCache-Control: public, max-age=60, must-revalidate\r\n" in answer
                assert (b"\r\nX-Robots-Tag: noindex\r\n" in answer) == (visibility is UNLISTED)


async def test_a_cache_that_asks_again_is_told_to_keep_what_it_has_until_the_recording_is_deleted(
    tapes: Path,
) -> None:
    async with edge(tapes, state()) as one:
        for name in NAMES:
            path = f"/r/{SPACE}/{RUN}/{name}"
            (etag,) = re.findall(rb"\r\nETag: (\S+)\r\n", await one.ask(path))
            one.spaces.take(state())
            assert _status(await one.ask(path, {b"if-none-match": b"W/" + etag})) == 304
            one.spaces.take(state(lifecycle=Lifecycle.DELETED))
            assert _status(await one.ask(path, {b"if-none-match": etag})) == 410
            one.spaces.take(state())


async def test_a_change_of_mind_holds_from_the_next_request_on(tapes: Path) -> None:
    path = f"/r/{SPACE}/{RUN}/aac64.mp4"
    async with edge(tapes, state()) as one:
        assert _status(await one.ask(path)) == 200
        one.spaces.take(state(PRIVATE))
        assert _status(await one.ask(path)) == 403
        one.spaces.take(state())
        assert _status(await one.ask(path)) == 200
        one.spaces.take(state(lifecycle=Lifecycle.DELETED))
        assert _status(await one.ask(path)) == 410


@pytest.mark.parametrize("value", [state(lifecycle=Lifecycle.DELETED), Removed(space=SPACE)])
async def test_who_listens_to_a_recording_that_is_deleted_or_hidden_hears_no_more(
    tapes: Path, value: SpaceState | Removed
) -> None:
    async with edge(tapes, state()) as one:
        await one.ask(f"/r/{SPACE}/{RUN}/index.m3u8")
        later: list[Callable[[], None]] = []
        sink = Sink()
        sink.soon = later.append  # type: ignore[method-assign]  # a client that takes piece after piece
        request = Request("GET", f"/r/{SPACE}/{RUN}/aac64.mp4", "", {}, "here", http10=False, keep_alive=True)
        one.site.respond(request, Exchange(sink, head_only=False, keep_alive=True))
        one.spaces.take(value)
        later.pop()()
        size = (tapes / SPACE / RUN / "aac64.mp4").stat().st_size
        assert sink.aborted
        assert len(sink.written.partition(b"\r\n\r\n")[2]) < size


@pytest.mark.parametrize(
    ("lifecycle", "policy", "kept_ns"),
    [
        (Lifecycle.PUBLISHED, PUBLISH, KEPT_AFTER_END_NS),
        (Lifecycle.HELD, HOLD, KEPT_UNPUBLISHED_NS),
        (Lifecycle.DELETED, DELETE, KEPT_UNPUBLISHED_NS),
    ],
)
async def test_after_the_end_a_live_ticket_opens_no_more_than_the_end(
    tapes: Path, lifecycle: Lifecycle, policy: RecordingPolicy, kept_ns: int
) -> None:
    path = f"/t/{LIVE_TICKET}/{SPACE}/{RUN}/aac64/{programme.QUANTA // CHUNKS_PER_SEGMENT}.m4s"
    async with edge(tapes, state(PUBLIC, Lifecycle.LIVE, policy)) as one:
        await over(one)
        one.spaces.take(state(PUBLIC, lifecycle, policy))
        one.clock.advance(ns=kept_ns - 1)
        await one.spaces.tick()
        assert _status(await one.ask(path)) == 200
        one.clock.advance(ns=2)
        await one.spaces.tick()
        assert _status(await one.ask(path)) == 404


@pytest.fixture(scope="module")
def long_tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished tape of fifteen segments, and a little more."""
    tapes = tmp_path_factory.mktemp("long")
    writer = TapeWriter.create(tapes / SPACE / RUN, programme.genesis(), clock=ManualClock())
    quanta = programme.quanta()[: programme.QUANTA]
    for number in range(15 * CHUNKS_PER_SEGMENT + 1):
        writer.append(quanta[number % len(quanta)])
    writer.finish()
    writer.close()
    return tapes


async def over(one: Edge) -> None:
    """Wait until the end is heard."""
    async with asyncio.timeout(5):
        while not one.spaces.programmes or one.spaces.programmes[0][1].ended_ns is None:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("policy", [HOLD, DELETE])
@pytest.mark.parametrize("shared", [False, True])
async def test_of_what_is_held_or_deleted_the_end_alone_is_heard_and_is_all_that_playlists_list(
    long_tapes: Path, policy: RecordingPolicy, shared: bool
) -> None:
    async with edge(long_tapes, state(PUBLIC, Lifecycle.LIVE, policy)) as one:
        await over(one)
        one.take(state(PUBLIC, Lifecycle.HELD if policy is HOLD else Lifecycle.DELETED, policy))

        async def ask(name: str) -> bytes:
            if not shared:
                return await one.ask(f"/t/{LIVE_TICKET}/{SPACE}/{RUN}/aac64/{name}")
            return await one.ask_as_cache(f"{RUN}/aac64/{name}")

        heard = [_status(await ask(f"{number}.m4s")) for number in range(17)]
        assert heard == [404] * 12 + [200] * 4 + [404]
        assert [_status(await ask(f"{number}.0.m4s")) for number in (0, 11, 12, 15)] == [404, 404, 200, 200]
        for name in ("live.m3u8", "live.m3u8?_HLS_skip=YES", "plain.m3u8"):
            listed = await ask(name)
            assert re.findall(rb"^(\d+)\.m4s", listed, re.MULTILINE) == [b"12", b"13", b"14", b"15"]
            assert b"MEDIA-SEQUENCE:12" in listed
            assert b"ENDLIST" in listed


MPD = {"d": "urn:mpeg:dash:schema:mpd:2011"}


def told_by(manifest: bytes) -> list[int]:
    """The segments that a player takes there to be, of a manifest of a programme that is over."""
    mpd = ElementTree.fromstring(manifest.partition(b"\r\n\r\n")[2])
    whole_s, period = float(mpd.get("mediaPresentationDuration", "")[2:-1]), mpd.find("d:Period", MPD)
    template = mpd.find(".//d:SegmentTemplate", MPD)
    assert period is not None
    assert template is not None
    begins_s = float(period.get("start", "")[2:-1])
    lasts_s = float(period.get("duration", f"PT{whole_s - begins_s}S")[2:-1])
    assert begins_s + lasts_s == pytest.approx(whole_s, abs=0.001)
    assert int(template.get("presentationTimeOffset", 0)) == begins_s * SAMPLE_RATE
    first = int(template.get("startNumber", ""))
    return list(range(first, first + math.ceil(lasts_s * SAMPLE_RATE / SEGMENT)))


@pytest.mark.parametrize("shared", [False, True])
async def test_a_dash_manifest_tells_of_what_is_to_be_heard_while_it_is_held_and_once_it_is_released(
    long_tapes: Path, shared: bool
) -> None:
    async with edge(long_tapes, state(PUBLIC, Lifecycle.LIVE, HOLD)) as one:
        await over(one)

        async def ask(name: str) -> bytes:
            if not shared:
                return await one.ask(f"/t/{LIVE_TICKET}/{SPACE}/{name}")
            return await one.ask_as_cache(name)

        async def heard() -> list[int]:
            answers = {number: await ask(f"{RUN}/opus32/{number}.m4s") for number in range(18)}
            return [number for number, answer in answers.items() if _status(answer) == 200]

        one.take(state(PUBLIC, Lifecycle.HELD, HOLD))
        assert told_by(await ask("manifest.mpd")) == await heard() == [12, 13, 14, 15]
        one.take(state(PUBLIC, Lifecycle.PUBLISHED, HOLD))
        assert told_by(await ask("manifest.mpd")) == await heard() == list(range(16))


async def test_what_is_deleted_minutes_after_the_end_is_no_longer_heard_by_the_addresses_of_before(
    long_tapes: Path,
) -> None:
    folder = f"/t/{LIVE_TICKET}/{SPACE}/{RUN}/aac64"
    async with edge(long_tapes, state(PUBLIC, Lifecycle.LIVE)) as one:
        await over(one)
        one.take(state())
        assert [_status(await one.ask(f"{folder}/{number}.m4s")) for number in (0, 9, 15)] == [200] * 3
        assert b"MEDIA-SEQUENCE:5" in await one.ask(f"{folder}/live.m3u8")
        late = one.begin(f"{folder}/1.m4s")
        one.take(state(lifecycle=Lifecycle.DELETED))
        assert [_status(await one.ask(f"{folder}/{number}.m4s")) for number in (0, 9, 15)] == [404, 404, 200]
        assert b"MEDIA-SEQUENCE:12" in await one.ask(f"{folder}/live.m3u8")
        assert _status(await _answered(late)) == 404, "what was read meanwhile is not handed out"


@pytest.mark.parametrize(
    ("visibility", "lifecycle", "refused"),
    [
        (PRIVATE, Lifecycle.PUBLISHED, True),
        (PRIVATE, Lifecycle.HELD, True),
        (PUBLIC, Lifecycle.HELD, True),
        (PUBLIC, Lifecycle.PUBLISHED, False),
    ],
)
async def test_when_passes_are_ended_so_are_the_tickets_to_a_recording_that_is_not_for_all(
    tapes: Path, visibility: Visibility, lifecycle: Lifecycle, refused: bool
) -> None:
    policy = HOLD if lifecycle is Lifecycle.HELD else PUBLISH
    async with edge(tapes, state(visibility, lifecycle, policy)) as one:
        path = f"/t/{RECORDING_TICKET}/{SPACE}/r/{RUN}/index.m3u8"
        assert _status(await one.ask(path)) == 200
        one.take(state(visibility, lifecycle, policy, pass_epoch=1))
        answer = await one.ask(path)
        if refused:
            assert (_status(answer), _code(answer)) == (403, "ticket_ended")
            assert f'<http://here:8000/s/{SPACE}>; rel="alternate"'.encode() in answer
        else:
            assert _status(answer) == 200
        fresh = _ticket(recording_of(SPACE, RUN), 1)
        assert _status(await one.ask(f"/t/{fresh}/{SPACE}/r/{RUN}/index.m3u8")) == 200


@pytest.mark.parametrize(("visibility", "status"), [(PRIVATE, 403), (UNLISTED, 200)])
async def test_when_passes_are_ended_so_are_the_tickets_to_what_is_live_in_a_private_space(
    tapes: Path, visibility: Visibility, status: int
) -> None:
    async with edge(tapes, state(visibility, Lifecycle.LIVE)) as one:
        async with asyncio.timeout(5):
            while not one.spaces.programmes:
                await asyncio.sleep(0.001)
        assert _status(await one.ask(f"/t/{LIVE_TICKET}/{SPACE}/live.json")) == 200
        one.take(state(visibility, Lifecycle.LIVE, pass_epoch=1))
        assert _status(await one.ask(f"/t/{LIVE_TICKET}/{SPACE}/live.json")) == status
        assert _status(await one.ask(f"/t/{_ticket(SPACE, 1)}/{SPACE}/live.json")) == 200


async def test_when_passes_are_ended_what_is_open_on_earlier_tickets_ends_at_once(tapes: Path) -> None:
    async with edge(tapes, state(PRIVATE)) as one:
        sinks = {}
        for epoch in (0, 1):
            folder = f"/t/{_ticket(recording_of(SPACE, RUN), epoch)}/{SPACE}/r/{RUN}"
            await one.ask(f"{folder}/index.m3u8")
            sink = sinks[epoch] = Sink()
            sink.soon = lambda _: None  # type: ignore[method-assign]  # a client that takes its time
            request = Request("GET", f"{folder}/aac64.mp4", "", {}, "here", http10=False, keep_alive=True)
            one.site.respond(request, Exchange(sink, head_only=False, keep_alive=True))
        one.take(state(PRIVATE, pass_epoch=1))
        assert (sinks[0].aborted, sinks[1].aborted) == (True, False)


async def test_whoever_reads_a_recording_that_becomes_private_is_broken_off(tapes: Path) -> None:
    async with edge(tapes, state()) as one:
        await one.ask(f"/r/{SPACE}/{RUN}/index.m3u8")  # It is read from now on.
        later: list[Callable[[], None]] = []
        sink = Sink()
        sink.soon = later.append  # type: ignore[method-assign]
        request = Request("GET", f"/r/{SPACE}/{RUN}/aac64.mp4", "", {}, "here", http10=False, keep_alive=True)
        one.site.respond(request, Exchange(sink, head_only=False, keep_alive=True))
        assert sink.written.startswith(b"HTTP/1.1 200 ")
        closed = state(visibility=Visibility.PRIVATE, revision=9, pass_epoch=1)
        one.spaces.take(closed)
        one.site.take(closed)
        while later:
            later.pop()()
        whole = (tapes / SPACE / RUN / "aac64.mp4").stat().st_size
        assert len(sink.written.partition(b"\r\n\r\n")[2]) < whole
