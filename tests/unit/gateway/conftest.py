"""A door with a few spaces, on a clock that tests move, and a client that reads its answers."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.clock import ManualClock
from rostra.admission.capacity import Policy
from rostra.admission.join import Terms
from rostra.admission.passes import LISTENER, Pass, mint_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.messages import (
    Asked,
    Asking,
    AskToSpeak,
    Lifecycle,
    PassKeys,
    Recording,
    Rendition,
    SpaceState,
    TicketKeys,
    WithdrawAsking,
)
from rostra.core.errors import RostraError
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.settings import Settings
from rostra.gateway.answers import Fresh, Ready
from rostra.gateway.applause import Applause
from rostra.gateway.ask_desk import AskDesk
from rostra.gateway.askers import Askers
from rostra.gateway.assets import Assets
from rostra.gateway.card_shelf import CardShelf
from rostra.gateway.directory import Directory
from rostra.gateway.door import Door
from rostra.gateway.edge_load import EdgeLoad
from rostra.gateway.join_queue import JoinQueue
from rostra.gateway.joining import Joining
from rostra.gateway.origins import Addresses
from rostra.gateway.pages import Pages
from rostra.gateway.premises import MOST_ANSWERS, Premises
from rostra.gateway.reminder_box import ReminderBox
from rostra.gateway.report_box import ReportBox
from rostra.gateway.rooms import Rooms
from rostra.gateway.stored import kept
from rostra.serving.request import Request

HOST = "door.example"
SPACE = SpaceId("abcdefghjk")
RUN = RunId("runrun22")
START_MS = 1_700_000_600_000
"""Ten minutes after the manual clock's beginning."""
KEYS = TicketKeys(keys=((1, b"k" * 32),))
PASS_KEYS = PassKeys(keys=((2, b"p" * 32),))
NOW_S = 1_700_000_000
"""The manual clock's beginning."""
ANSWERS_S = 20.0
"""Real time within which what is answered later is, however busy this machine is."""
RENDITIONS = (
    Rendition(name="opus32", codec="opus", bandwidth=40_000),
    Rendition(name="aac64", codec="mp4a.40.2", bandwidth=70_000),
)


def a_pass(kind: int = LISTENER, *, space: SpaceId = SPACE, end_s: int = NOW_S + 3600, epoch: int = 0) -> str:
    """A pass as backstage would sign it."""
    ring = Keyring(tuple(TicketKey(*key) for key in PASS_KEYS.keys))
    return mint_pass(ring, Pass(space, kind, b"somebody", end_s, epoch))


def space_state(lifecycle: Lifecycle = Lifecycle.SCHEDULED, **changes: Any) -> SpaceState:
    """A space in the given state, as control would publish it."""
    over = lifecycle in (Lifecycle.ENDED, Lifecycle.HELD, Lifecycle.PUBLISHED)
    begun = over or lifecycle in (Lifecycle.LIVE, Lifecycle.DELETED)
    fields: dict[str, Any] = {
        "space": SPACE,
        "revision": 3,
        "lifecycle": lifecycle,
        "title": "The evening that failed",
        "description": "What happened at eight.",
        "host": AccountId("hosthost2222"),
        "host_name": "Ada Lovelace",
        "account_name": changes.get("host_name", "Ada Lovelace"),
        "starts_at": START_MS,
        "time_zone": "Europe/Berlin",
        "run": RUN if begun else None,
        "renditions": RENDITIONS if begun else (),
        "anchor_utc_ns": START_MS * 1_000_000 if begun else 0,
        "live_at": START_MS if begun else 0,
        "recording": Recording(duration_samples=48_000 * 3723, size_bytes=30_000_000) if over else None,
    }
    return SpaceState(**(fields | changes))


@dataclass(frozen=True)
class Reply:
    """An answer taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Reply:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        assert int(headers.get("content-length", 0)) == len(body)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return cls(int(first.split()[1]), headers, body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeExchange:
    """Keeps what was sent."""

    sent: list[bytes] = field(default_factory=list)
    closed: bool = False
    closing: Callable[[], None] | None = None
    more: bool = False
    """Whether the client was expected to ask for more at once."""

    def send(self, response: bytes, *, more: bool = False) -> None:
        self.sent.append(response)
        self.more = more

    def on_close(self, callback: Callable[[], None]) -> None:
        self.closing = callback


class House:
    """The door under test with all that it stands on."""

    def __init__(self, pages: Path, **settings: Any) -> None:
        self.clock = ManualClock()
        self._loop: asyncio.Runner | None = None
        self.directory = Directory(clock=self.clock)
        self.shelf = CardShelf(draw=lambda card: f"PNG {card.title}{card.color}".encode())
        self.backstage: list[AskToSpeak | WithdrawAsking] = []
        """What was passed on."""
        self.refusal: RostraError | None = None
        """What backstage says to it; None: all right."""
        self.desk = AskDesk(self._pass_on, clock=self.clock)
        assets = Assets(pages)
        table = Settings(**settings)
        clock = self.clock
        terms = Terms(admit_s=120, life_s=86_400)
        self.reminders = ReminderBox(clock=clock)
        self.askers = Askers(clock=clock, most_per_s=table.poll_rate)
        self.expects_more = False
        """Whether whoever asked last may ask for more on their connection though many are open."""
        self.queued = self.accepted = 0
        """Who waits for the door in the kernel's queue, and who was taken out of it."""
        self.rooms = Rooms(
            self.directory,
            EdgeLoad(tls=False, clock=clock),
            JoinQueue(queued=lambda: self.queued, accepted=lambda: self.accepted),
            folder=pages / "door",
            opens_ms=table.waiting_room_s * 1000,
            policy=Policy(by_hand=table.capacity or None),
            clock=clock,
            poll_ms=lambda: self.askers.poll_ms,
        )
        self.applause = Applause(clock=self.clock, open=table.reactions)
        self.door = Door(
            Premises(
                directory=self.directory,
                pages=Pages(assets=assets),
                assets=assets,
                shelf=self.shelf,
                desk=self.desk,
                addresses=Addresses.of(table, clock=clock),
                terms=terms,
                kept=kept(table),
                clock=self.clock,
                fresh=Fresh(clock=self.clock, most=MOST_ANSWERS),
                ready=Ready(clock=self.clock, turn=lambda: self.directory.turn, most=MOST_ANSWERS),
                askers=self.askers,
                reports=ReportBox(clock=self.clock),
                reminders=self.reminders,
                rooms=self.rooms,
                joining=Joining(
                    self.rooms,
                    self.askers,
                    terms=terms,
                    per_prefix=table.entries_per_prefix,
                    now_ms=lambda: clock.utc_ns() // 1_000_000,
                ),
                applause=self.applause,
            )
        )

    async def _pass_on(self, asked: AskToSpeak | WithdrawAsking) -> Asked:
        self.backstage.append(asked)
        if self.refusal is not None:
            raise self.refusal
        return Asked(request=asked.request, state=Asking.WAITING)

    def wait(self, ms: int = 100) -> None:
        """Let time pass, turn by turn, as the rooms would see it."""
        for _ in range(max(1, ms // 100)):
            self.clock.advance(ms=min(ms, 100))
            self.rooms.turn()

    def ask_later(self, path: str, body: bytes = b"", *, peer: str = "192.0.2.7") -> FakeExchange:
        """Send a POST, of which all lines but the first are known; its answer may come with a later turn."""
        exchange = FakeExchange()
        answer = self.door.at_once(path, body, peer, HOST)
        if answer is not None:
            exchange.send(answer)
            return exchange
        request = self.posted(path, body, peer=peer)
        self.door.respond(request, exchange)  # type: ignore[arg-type]  # all that the door uses of an exchange
        return exchange

    @staticmethod
    def posted(path: str, body: bytes, *, peer: str) -> Request:
        """A POST as the server reads it."""
        path, _, query = path.partition("?")
        return Request("POST", path, query, {}, HOST, http10=False, keep_alive=True, body=body, peer=peer)

    def open(self, *states: SpaceState) -> House:
        """Let the door know its spaces and keys."""
        for state in states:
            self.directory.take_state(state)
        self.directory.take_keys(KEYS)
        self.directory.take_pass_keys(PASS_KEYS)
        self.directory.complete = True
        return self

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str = "door.example",
        body: bytes = b"",
        peer: str = "",
        **headers: str,
    ) -> Reply:
        """Send one request; underscores in header names stand for hyphens."""
        exchange = FakeExchange()
        lines = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        path, _, query = path.partition("?")
        request = Request(
            method, path, query, lines, host, http10=False, keep_alive=True, peer=peer, body=body
        )
        self.door.respond(request, exchange)  # type: ignore[arg-type]  # all that the door uses of an exchange
        if not exchange.sent and method == "POST":
            self.passes_on(exchange)
        if not exchange.sent:
            self.shelf_draws(exchange)
        self.expects_more = exchange.more
        return Reply.parse(exchange.sent[0])

    def shelf_draws(self, exchange: FakeExchange) -> None:
        """Let the shelf draw what is wanted, until there is an answer."""
        self._work(self.shelf.run(), exchange)

    def passes_on(self, exchange: FakeExchange) -> None:
        """Let what was asked go on its way, until there is an answer."""
        self._work(self.desk.run(), exchange)

    def _work(self, errands: Coroutine[Any, Any, None], exchange: FakeExchange) -> None:
        async def until_answered() -> None:
            working = asyncio.create_task(errands)
            try:
                async with asyncio.timeout(ANSWERS_S):
                    while not (exchange.sent or working.done()):
                        await asyncio.sleep(0.001)
            finally:
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

        self._loop = self._loop or asyncio.Runner()
        self._loop.run(until_answered())

    def close(self) -> None:
        """Close what drawing and rooms needed."""
        self.rooms.close()
        if self._loop is not None:
            self._loop.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A door that knows nothing yet, without a web build."""
    house = House(tmp_path)
    yield house
    house.close()
