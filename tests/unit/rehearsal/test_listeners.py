"""A listener against a door and an edge made of functions: real bytes, no sockets, no waiting."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import av
import httpx
import msgspec
import pytest

from harness.clock import ManualClock
from rostra.core.errors import BadRequest, RostraError
from rostra.rehearsal import commands, listeners, replies
from rostra.rehearsal.keepsake import Keepsake
from rostra.rehearsal.listeners import Listener, NoRendition, NothingLive
from rostra.rehearsal.replies import Refused, Unreachable

SPACE = "abcdefgh23"
PAGE = f"http://door:8000/s/{SPACE}"
BASE = f"http://edge:8001/t/ticket/{SPACE}/"


class Tape(Protocol):
    init: bytes
    chunks: tuple[bytes, ...]

    def segment(self, number: int) -> bytes: ...


class Pieces(httpx.AsyncByteStream):
    """A response body that may break off."""

    def __init__(self, data: bytes, *, breaks: bool = False) -> None:
        self._data = data
        self._breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), 1_000):
            yield self._data[at : at + 1_000]
        if self._breaks:
            raise httpx.RemoteProtocolError("peer closed connection")


class World:
    """A space of three segments that ends after the last; tests put trouble in its way."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.state = "live"
        self.first = 0
        self.trouble: dict[str, list[Callable[[], httpx.Response | None]]] = {}
        self.asked: list[str] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def breaks_off_after(self, segments: int) -> None:
        """The first answer does, at the end of a segment."""
        data = b"".join(self.tape.segment(number) for number in range(segments))
        self.trouble["0-15.m4s"] = [lambda: httpx.Response(200, stream=Pieces(data, breaks=True))]

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[1]
        self.asked.append(name)
        trouble = self.trouble.get(name)
        if trouble and (answer := trouble.pop(0)()):
            return answer
        answers = {
            "join": {"ticket": "ticket", "base": BASE, "run": "rrrrrrrr", "edge": "http://edge:8001"},
            "status.json": {"v": 1, "state": self.state, "starts_at": 0, "listeners": 1},
            "live.json": {
                "run": "rrrrrrrr",
                "anchor_utc_ns": 1_700_000_000_000_000_000,
                "renditions": [{"name": "aac64"}],
                "segment": self.first,
                "samples": 1,
            },
        }
        if name in answers:
            return httpx.Response(200, content=msgspec.json.encode(answers[name]))
        if name == "init.mp4":
            return httpx.Response(200, content=self.tape.init)
        first, last = (int(number) for number in name.removesuffix(".m4s").split("-"))
        segments = b"".join(self.tape.segment(number) for number in range(first, last + 1))
        if segments:
            return httpx.Response(200, stream=Pieces(segments))
        self.state = "published"
        return refused(404)


def refused(status: int, message: str = "No.") -> httpx.Response:
    body = {"error": {"code": "no", "message": message}}
    return httpx.Response(status, content=msgspec.json.encode(body))


def fine() -> None:
    """No trouble this time."""


def cannot_connect() -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.fixture
def world(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> World:
    async def at_once(_seconds: float) -> None: ...

    monkeypatch.setattr(listeners, "pause", at_once)
    monkeypatch.setattr(listeners, "DEALS", (0,))
    return World(tape)


async def test_a_listener_hears_a_space_to_its_end(world: World) -> None:
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert report.ended
    assert (report.chunks, report.gaps, report.decode_errors) == (36, 0, 0)
    assert report.seconds == pytest.approx(11.52)
    assert report.level_dbfs == pytest.approx(-15.1, abs=0.3)
    assert report.speakers == report.spoken == ("Nora [chair] [/s] :heart:",)
    assert report.first_audio_ms == 0


async def test_a_late_listener_starts_at_the_newest_segment(world: World) -> None:
    world.first = 2
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert report.chunks == 12


async def test_a_response_that_breaks_off_is_asked_for_again_and_nothing_is_heard_twice(
    world: World, tape: Tape
) -> None:
    half = tape.segment(0) + tape.segment(1)[: len(tape.segment(1)) // 2]
    world.trouble["0-15.m4s"] = [lambda: httpx.Response(200, stream=Pieces(half, breaks=True))]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert (report.chunks, report.gaps, report.reconnects) == (36, 0, 1)
    assert [name for name in world.asked if name.endswith(".m4s")] == ["0-15.m4s", "1-15.m4s", "3-15.m4s"]


async def test_a_response_that_breaks_off_at_a_segments_end_is_gone_on_from_without_a_pause(
    world: World,
) -> None:
    world.breaks_off_after(2)
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert (report.chunks, report.gaps, report.reconnects) == (36, 0, 0)
    assert world.asked.count("live.json") == world.asked.count("2-15.m4s") == 1


async def test_an_edge_that_is_gone_for_a_while_is_waited_for(world: World) -> None:
    world.breaks_off_after(1)
    world.trouble["1-15.m4s"] = [cannot_connect]
    world.trouble["live.json"] = [fine, cannot_connect, cannot_connect]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert report.ended
    assert (report.chunks, report.gaps, report.joins) == (36, 0, 1)


@pytest.mark.parametrize(
    ("newest", "asked"), [(2, ["0-15", "1-15", "1-15", "3-15"]), (3, ["0-15", "1-15", "3-15"])]
)
async def test_after_a_break_a_listener_asks_for_no_more_than_the_edge_gives_at_once(
    world: World, newest: int, asked: list[str]
) -> None:
    def goes_on() -> None:
        world.first = newest

    world.breaks_off_after(1)
    world.trouble["1-15.m4s"] = [cannot_connect]
    world.trouble["live.json"] = [fine, goes_on]
    await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert [name.removesuffix(".m4s") for name in world.asked if name.endswith(".m4s")] == asked


async def test_an_expired_ticket_is_renewed_at_the_door(world: World) -> None:
    world.breaks_off_after(1)
    world.trouble["1-15.m4s"] = [lambda: refused(403)]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert (report.joins, report.chunks, report.gaps) == (2, 36, 0)


async def test_a_listener_whom_the_door_lets_wait_hears_the_space_from_when_it_is_let_in(
    world: World,
) -> None:
    place = {"admitted": False, "place": "p", "number": 3, "line": 0, "called": False, "reason": "full"}
    world.trouble["join"] = [lambda: httpx.Response(200, content=msgspec.json.encode(place))]
    listener = Listener(world.client(), PAGE, clock=ManualClock())
    report = await listener.listen()
    assert world.asked[:4] == ["join", "status.json", "join", "live.json"]
    assert (report.joins, report.chunks, listener.line.placed) == (1, 36, None)


async def test_an_edge_that_is_gone_for_a_moment_before_the_first_audio_is_asked_again(world: World) -> None:
    world.trouble["init.mp4"] = [cannot_connect]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert (report.chunks, report.decode_errors, report.joins) == (36, 0, 1)
    assert report.level_dbfs == pytest.approx(-15.1, abs=0.3)


async def test_a_mistyped_rendition_takes_one_ticket_and_those_that_there_are_are_named(world: World) -> None:
    world.trouble["init.mp4"] = [lambda: refused(404)] * 9
    with pytest.raises(NoRendition, match="no rendition “aac46” here; there are: aac64"):
        await Listener(world.client(), PAGE, clock=ManualClock(), rendition="aac46").listen()
    assert world.asked.count("join") == 1


async def test_a_rendition_that_is_served_though_pages_do_not_choose_it_is_heard(world: World) -> None:
    report = await Listener(world.client(), PAGE, clock=ManualClock(), rendition="mp3").listen()
    assert (report.chunks, report.rendition) == (36, "mp3")


async def test_a_saved_file_plays_as_long_as_what_was_heard(world: World, tmp_path: Path) -> None:
    with Keepsake.opened(tmp_path / "heard.mp4") as saved:
        await Listener(world.client(), PAGE, clock=ManualClock(), saved=saved).listen()
    assert saved.trouble == ""
    with av.open(tmp_path / "heard.mp4", mode="r") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples == 36 * 15_360


async def test_what_a_file_held_is_there_until_there_is_something_to_keep(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "heard.mp4"
    file.write_bytes(b"an evening of last year")
    world.trouble["join"] = [cannot_connect]
    with Keepsake.opened(file) as saved, pytest.raises(Unreachable):
        await Listener(world.client(), PAGE, clock=ManualClock(), saved=saved).listen()
    assert file.read_bytes() == b"an evening of last year"
    world.trouble["0-15.m4s"] = [lambda: refused(403)]
    with Keepsake.opened(file) as saved, pytest.raises(Refused):
        await Listener(world.client(), PAGE, clock=ManualClock(), saved=saved).listen()
    assert file.read_bytes() == b"an evening of last year"
    with Keepsake.opened(file) as saved:
        await Listener(world.client(), PAGE, clock=ManualClock(), saved=saved).listen()
    assert file.read_bytes() == world.tape.init + b"".join(world.tape.chunks)


async def test_where_nothing_was_heard_no_file_is_left(world: World, tmp_path: Path) -> None:
    world.trouble["join"] = [cannot_connect]
    with Keepsake.opened(tmp_path / "heard.mp4") as saved, pytest.raises(Unreachable):
        await Listener(world.client(), PAGE, clock=ManualClock(), saved=saved).listen()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("buffered", [True, False], ids=["told at the end", "told at once"])
def test_a_disk_that_is_full_is_told_in_one_sentence_below_the_numbers(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], buffered: bool
) -> None:
    if not buffered:
        opened = Path.open
        monkeypatch.setattr(Path, "open", lambda path, mode: opened(path, mode, buffering=0))
    monkeypatch.setattr(replies, "client", world.client)
    monkeypatch.setattr(commands, "_quiet_logs", fine)
    with pytest.raises(SystemExit) as left:
        commands.listen_command(PAGE, json=True, save=Path("/dev/full"))
    said = capfd.readouterr()
    assert left.value.code == 1
    assert msgspec.json.decode(said.out)["chunks"] == 36
    assert said.err == "What was heard is not all in /dev/full: No space left on device.\n"


def test_who_spoke_is_printed_as_they_wrote_their_name(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replies, "client", world.client)
    monkeypatch.setattr(commands, "_quiet_logs", fine)
    commands.listen_command(PAGE)
    assert re.search(r"^Spoke +Nora \[chair\] \[/s\] :heart: *$", capfd.readouterr().out, re.MULTILINE)


async def test_a_space_that_is_not_live_says_so(world: World) -> None:
    world.state = "scheduled"
    world.trouble["join"] = [lambda: refused(409)]
    with pytest.raises(NothingLive, match="not live yet"):
        await Listener(world.client(), PAGE, clock=ManualClock()).listen()


async def test_an_unknown_space_is_told_in_the_servers_words(world: World) -> None:
    world.trouble["join"] = [lambda: refused(404, "There is no conversation at this address.")]
    world.trouble["status.json"] = [lambda: refused(404, "There is no conversation at this address.")]
    with pytest.raises(Refused, match="no conversation at this address"):
        await Listener(world.client(), PAGE, clock=ManualClock()).listen()


async def test_who_listens_while_it_is_hidden_hears_no_more_of_it_and_why(world: World) -> None:
    hidden = "This conversation was hidden by the people who run this site."
    world.breaks_off_after(2)
    world.trouble["2-15.m4s"] = [lambda: refused(403)]
    world.trouble["join"] = [fine, lambda: refused(410, hidden)]
    world.trouble["status.json"] = [lambda: refused(410, hidden)]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen(5)
    assert (report.ended, report.refused, report.joins) == (False, hidden, 1)
    assert report.chunks == 2 * 12


async def test_a_door_that_does_not_answer_is_named(world: World) -> None:
    world.trouble["join"] = [cannot_connect]
    with pytest.raises(Unreachable, match="door:8000"):
        await Listener(world.client(), PAGE, clock=ManualClock()).listen()


async def test_a_space_that_went_live_this_instant_is_tried_again(world: World) -> None:
    world.trouble["join"] = [lambda: refused(409), lambda: refused(409)]
    report = await Listener(world.client(), PAGE, clock=ManualClock()).listen()
    assert report.chunks == 36


async def test_noise_in_place_of_audio_ends_with_a_sentence(world: World) -> None:
    world.trouble["0-15.m4s"] = [
        lambda: httpx.Response(200, stream=Pieces(b"<html>nothing</html>")) for _ in range(9)
    ]
    with pytest.raises(RostraError, match="not the audio"):
        await Listener(world.client(), PAGE, clock=ManualClock()).listen()


@pytest.mark.parametrize(
    "url", ["", "door:8000", "http://door:8000/", "http://door/s/../etc", "ftp://door/s/abcdefgh"]
)
def test_what_is_not_an_event_page_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadRequest, match="http://localhost:8000/s/SPACE"):
        Listener(httpx.AsyncClient(), url, clock=ManualClock())
