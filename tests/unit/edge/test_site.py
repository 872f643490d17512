"""Whatever is asked for: an answer of the error tree or the right one, and nothing live without a ticket."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import programme
from harness.clock import ManualClock
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint
from rostra.bus.messages import Visibility
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId
from rostra.core.pace import LANES
from rostra.core.settings import Settings
from rostra.edge import answers, portions
from rostra.edge.begun import unpack
from rostra.edge.radio import ENOUGH, RadioPlaces
from rostra.edge.segments import LiveSegments
from rostra.edge.shelf import Shelf
from rostra.edge.site import Site
from rostra.edge.spaces import Spaces
from rostra.edge.streams import Streams
from rostra.edge.turnstile import MOST_OPEN, PRESENT_NS, Turnstile
from rostra.serving.exchange import Exchange, Transport
from rostra.serving.request import Request
from rostra.tape import TapeWriter
from unit.edge.states import LIVE, RUN, SPACE

KEYS = Keyring((TicketKey(1, b"k" * 32),))
CLOCK = ManualClock()
TICKET = mint(
    KEYS, Ticket(SPACE, b"listener", 0, 0, CLOCK.utc_ns() // 10**9 + 60, CLOCK.utc_ns() // 10**9 + 600)
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

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        """Nothing to do."""

    def finished(self, *, keep: bool) -> None:
        """Nothing to do."""

    def soon(self, callback: Callable[[], None]) -> None:
        callback()


class Unread(Sink):
    """One whose client reads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.write_paused = True


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A tape of a segment and a half, still open."""
    tapes = tmp_path_factory.mktemp("tapes")
    writer = TapeWriter.create(tapes / SPACE / RUN, programme.genesis(), clock=ManualClock())
    for number in range(18):
        writer.append(programme.quanta()[number])
    yield tapes
    writer.close()


@contextlib.asynccontextmanager
async def live(
    tapes: Path, *, streams: Streams | None = None, radios: RadioPlaces = ENOUGH
) -> AsyncIterator[tuple[Site, Turnstile]]:
    """A site with one live space, and who is let in there."""
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group)
        spaces = Spaces(tapes, group=group, clock=CLOCK, finished=shelf.prepare, radios=radios)
        turnstile = Turnstile(clock=CLOCK)
        turnstile.take_keys(KEYS)
        site = Site(
            spaces=spaces,
            shelf=shelf,
            turnstile=turnstile,
            streams=streams or Streams(worker=0, clock=CLOCK),
            settings=Settings(),
            clock=CLOCK,
        )
        spaces.take(LIVE)
        while not spaces.programmes:
            await asyncio.sleep(0)
        try:
            yield site, turnstile
        finally:
            spaces.close()
            shelf.close()


def answer(site: Site, request: Request, client: type[Sink] = Sink) -> Sink:
    """Ask; the sink has what is answered at once."""
    sink = client()
    exchange = Exchange(sink, head_only=request.method == "HEAD", keep_alive=True)
    try:
        site.respond(request, exchange)
    except RostraError as error:
        exchange.send(answers.refusal(error))
    return sink


async def ask(
    tapes: Path, requests: list[Request], streams: Streams | None = None, *, client: type[Sink] = Sink
) -> list[bytes]:
    """What a site with one live space answers to each."""
    async with live(tapes, streams=streams) as (site, _):
        sinks = [answer(site, request, client) for request in requests]
    return [sink.written for sink in sinks]


def get(path: str, query: str = "", method: str = "GET") -> Request:
    return Request(
        method,
        path,
        query,
        {b"host": b"here:8001"},
        "here",
        http10=False,
        keep_alive=True,
        authority="here:8001",
    )


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
known = (
    "t r aac64 opus32 0.m4s 1.m4s 2.m4s 3.m4s 0.5.m4s 1.2.m4s 9.9.m4s live.m3u8 init.mp4 live.json "
    "plain.m3u8 0-1.m4s 1-9.m4s 2-1.m4s 0-99.m4s "
    "index.m3u8 opus.m3u8 manifest.mpd radio.aac radio.opus radio.mp3 aac64.mp4 events.json .."
)
part = printable | st.sampled_from([*known.split(), TICKET, SPACE, RUN, ""])
folder = st.sampled_from(
    ["/", f"/t/{TICKET}/{SPACE}/", f"/t/{TICKET}/{SPACE}/{RUN}/aac64/", f"/r/{SPACE}/{RUN}/"]
)
paths = st.builds(lambda folder, parts: folder + "/".join(parts), folder, st.lists(part, max_size=4))
queries = printable | st.builds("_HLS_msn={}&_HLS_part={}".format, printable, st.integers(-9, 99))
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "BREW"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(get, paths, queries, methods), min_size=1, max_size=30))
def test_any_address_gets_an_answer_that_scripts_may_read(tapes: Path, requests: list[Request]) -> None:
    for request, answer in zip(requests, asyncio.run(ask(tapes, requests)), strict=True):
        assert status(answer) in {200, 204, 400, 403, 404, 405, 409, 503}, request
        assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in answer
        assert (b"\r\nAllow: GET, HEAD, " in answer) is (status(answer) == 405)
        if request.method == "HEAD":
            assert answer.endswith(b"\r\n\r\n")
        if request.method == "GET" and status(answer) == 200:
            allowed = request.path in {"/time", "/healthz"} or request.path.startswith(
                f"/t/{TICKET}/{SPACE}/"
            )
            assert allowed, request


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("abcXYZ019-_"), min_size=60, max_size=66))
def test_no_made_up_ticket_opens_anything(tapes: Path, ticket: str) -> None:
    answer = asyncio.run(ask(tapes, [get(f"/t/{ticket}/{SPACE}/live.json")]))[0]
    assert status(answer) == 403
    assert f"http://here:8000/s/{SPACE}".encode() in answer


def test_it_says_that_it_is_well_as_door_and_backstage_do(tapes: Path) -> None:
    head, _, body = asyncio.run(ask(tapes, [get("/healthz")]))[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    assert msgspec.json.decode(body) == {"ok": True}


def test_the_first_segment_is_whole_and_the_second_in_the_making(tapes: Path) -> None:
    base = f"/t/{TICKET}/{SPACE}/{RUN}/aac64"
    first, second, part = asyncio.run(
        ask(tapes, [get(f"{base}/0.m4s"), get(f"{base}/1.m4s"), get(f"{base}/1.2.m4s")])
    )
    assert b"\r\nContent-Length: " in first
    assert b"\r\nTransfer-Encoding: chunked\r\n" in second
    assert part.partition(b"\r\n\r\n")[2] in (tapes / SPACE / RUN / "aac64.mp4").read_bytes()


def test_head_of_a_stretch_is_answered_at_once(tapes: Path) -> None:
    base = f"/t/{TICKET}/{SPACE}/{RUN}/aac64"
    asked = [get(f"{base}/{name}.m4s", method="HEAD") for name in ("0-1", "1-16", "2-17", "3-4")]
    answered = asyncio.run(ask(tapes, asked))
    assert [status(answer) for answer in answered] == [200, 200, 200, 404]
    assert all(answer.endswith(b"\r\n\r\n") for answer in answered)
    assert [answer.count(b"\r\nDate: ") for answer in answered] == [1, 1, 1, 0]


async def test_finished_audio_that_nobody_reads_costs_a_portion_and_counts_for_its_ticket(
    tapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = get(f"/t/{TICKET}/{SPACE}/{RUN}/aac64/0.m4s")
    (whole,) = await ask(tapes, [segment])
    monkeypatch.setattr(portions, "PORTION_BYTES", 1_000)
    assert await ask(tapes, [segment] * 2) == [whole] * 2, "whoever reads gets the same"
    unread = await ask(tapes, [segment] * (MOST_OPEN + 1), client=Unread)
    assert [status(answer) for answer in unread] == [200] * MOST_OPEN + [503]
    assert len(whole) > 10_000
    assert max(map(len, unread)) < 3_000


async def test_what_lies_at_hand_is_what_would_be_answered_to_who_is_here(tapes: Path) -> None:
    names = ["0.m4s", "0.0.m4s", "0.5.m4s", "1.0.m4s", "0.6.m4s", "1.m4s", "2.0.m4s", "9.m4s", "init.mp4"]
    paths = [
        f"/t/{TICKET}/{SPACE}/{RUN}/{rendition}/{name}" for rendition in ("aac64", "opus32") for name in names
    ]
    others = [
        paths[0].replace(TICKET, "x" * 64),
        paths[0].replace(SPACE, "other23456"),
        paths[0].replace(RUN, "other456"),
        paths[0].replace("aac64", "flac"),
        paths[0].replace("/t/", "/c/"),
        paths[0] + "/",
        paths[0] + "?",
        paths[0] + "?x=1",
        paths[0] + " HTTP/1.0\r\nA: b",
        paths[0].replace(SPACE, f"{SPACE[:-1]}%{ord(SPACE[-1]):x}"),
        "/healthz",
    ]
    async with live(tapes) as (site, _):
        assert not any(map(site.at_hand, [*paths, *others])), "nothing is rendered, and nobody is here"
        answered = {path: answer(site, get(path)).written for path in [*paths, *others]}
        at_hand = {path: found for path in answered if (found := site.at_hand(path)) is not None}
        assert at_hand == {path: answered[path] for path in (*paths[:4], *paths[len(names) :][:4])}


async def test_nothing_lies_at_hand_that_is_private_too_large_or_no_longer_for_all(
    tapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/t/{TICKET}/{SPACE}/{RUN}/aac64/0.m4s"
    async with live(tapes) as (site, _):
        whole = answer(site, get(path)).written
        assert site.at_hand(path) == whole
        ((_, of),) = site._spaces.programmes
        of.keep_private(True)
        assert b"\r\nCache-Control: private" in answer(site, get(path)).written
        assert site.at_hand(path) is None
        of.keep_private(False)
        with monkeypatch.context() as patch:
            patch.setattr(portions, "PORTION_BYTES", 1_000)
            answer(site, get(path), client=Unread)
            assert site.at_hand(path) is None
        of.renditions["aac64"].segments.finished.clear()
        answer(site, get(path))
        assert site.at_hand(path) == whole
        of.renditions["aac64"].segments.withhold(True)
        assert site.at_hand(path) is None


@pytest.mark.parametrize("places", [1, 0])
async def test_a_radio_that_hears_that_all_places_are_taken_is_not_counted(tapes: Path, places: int) -> None:
    async with live(tapes, radios=RadioPlaces(places)) as (site, turnstile):
        assert status(answer(site, get(f"/t/{TICKET}/{SPACE}/radio.aac")).written) == 200
        assert len(turnstile.here().get(SPACE, ())) == places
        CLOCK.advance(ns=PRESENT_NS + 1)
        assert len(turnstile.here().get(SPACE, ())) == places


async def test_whoever_comes_through_a_cache_is_dealt_into_all_lanes_alike(
    tapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes: Counter[int] = Counter()
    monkeypatch.setattr(LiveSegments, "stretch", lambda *_, lane, **__: lanes.update([lane]))
    async with live(tapes) as (site, _):
        for _ in range(2 * LANES):
            exchange = Exchange(Sink(), head_only=False, keep_alive=True)
            site.shared(SPACE, f"{RUN}/aac64/1-16.m4s", get("/"), exchange)
    assert lanes == dict.fromkeys(range(LANES), 2)


async def test_an_endless_stream_ends_with_its_ticket(tapes: Path) -> None:
    async with live(tapes) as (site, turnstile):
        exchange = Exchange(Sink(), head_only=False, keep_alive=True)
        site.respond(get(f"/t/{TICKET}/{SPACE}/radio.aac"), exchange)
        site.end_overdue()
        assert not exchange.closed
        (listener,) = turnstile._present
        listener.end_s = CLOCK.utc_ns() // 1_000_000_000 - 1
        site.end_overdue()
        assert exchange.closed


async def test_whose_radio_is_turned_away_is_no_listener(tapes: Path) -> None:
    async with live(tapes, radios=RadioPlaces(0, tells=False)) as (site, turnstile):
        assert status(answer(site, get(f"/t/{TICKET}/{SPACE}/radio.aac")).written) == 503
        assert turnstile.here() == {}


async def test_what_a_cache_shares_ends_when_its_space_becomes_private(tapes: Path) -> None:
    async with live(tapes) as (site, _):
        sinks = {name: Sink() for name in ("1-2", "2-3")}
        exchanges = {name: Exchange(sink, head_only=False, keep_alive=True) for name, sink in sinks.items()}
        for name, exchange in exchanges.items():
            site.shared(SPACE, f"{RUN}/aac64/{name}.m4s", get("/"), exchange)
        site.take(msgspec.structs.replace(LIVE, space=SpaceId("other23456"), visibility=Visibility.PRIVATE))
        site.take(LIVE)
        assert [exchange.closed for exchange in exchanges.values()] == [False, False]
        assert (status(sinks["1-2"].written), sinks["2-3"].written) == (200, b"")
        begun = sinks["1-2"].written
        site.take(msgspec.structs.replace(LIVE, visibility=Visibility.PRIVATE))
        assert [exchange.closed for exchange in exchanges.values()] == [True, True]
        assert (sinks["1-2"].written, status(sinks["2-3"].written)) == (begun, 403)


def test_what_is_refused_for_its_method_names_those_that_there_are(tapes: Path) -> None:
    tries = (("BREW", "live.json"), ("POST", "live.json"), ("BREW", "beacon"), ("POST", "beacon"))
    asked = [get(f"/t/{TICKET}/{SPACE}/{name}", method=method) for method, name in tries]
    *refused, beacon = asyncio.run(ask(tapes, asked))
    allowed = [answer.partition(b"\r\nAllow: ")[2].partition(b"\r\n")[0] for answer in refused]
    assert allowed == [b"GET, HEAD, OPTIONS", b"GET, HEAD, OPTIONS", b"GET, HEAD, POST, OPTIONS"]
    assert [status(answer) for answer in (*refused, beacon)] == [405, 405, 405, 204]


async def test_a_listeners_address_is_neither_kept_nor_told_to_other_workers(tapes: Path) -> None:
    streams = Streams(worker=0, clock=CLOCK)
    await ask(
        tapes, [msgspec.structs.replace(get(f"/t/{TICKET}/{SPACE}/radio.aac"), peer="192.0.2.1")], streams
    )
    (begun,) = unpack(streams.take_begun())
    assert b"192.0.2.1" not in msgspec.msgpack.encode(begun)
    assert len(begun.peer) == 2
