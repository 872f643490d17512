"""A whole backstage on loopback: real broker, real database, real sockets, and a stage that only answers."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvloop
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite

from rostra.bus import messages as m
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.control.keys import setup_token_path
from rostra.control.passwords import Passwords
from rostra.control.worker import run
from rostra.core.clock import SystemClock
from rostra.core.errors import NotAllowed, NotFound, RostraError, StageFull, TapeDamaged
from rostra.core.ids import RunId, SessionId, SpaceId
from rostra.core.own_backstage import local_token_path
from rostra.core.role import RoleContext, bus_path
from rostra.core.settings import Settings
from rostra.store.database import database_path
from rostra.store.migrate import migrate

ANCHOR_NS = 1_900_000_000_000_000_000
RECORDING = m.Recording(duration_samples=480_000, size_bytes=81_234)
RENDITIONS = (
    m.Rendition(name="aac64", codec="mp4a.40.2", bandwidth=70_000),
    m.Rendition(name="opus32", codec="opus", bandwidth=40_000),
)
PASS_KEYS = m.PassKeys(keys=((7, b"k" * 32),))
PASSWORD = "correct horse battery"


class StageStub:
    """Answers as the stage does, and remembers what it was asked. Never touches audio."""

    def __init__(self, bus: BusClient) -> None:
        self._bus = bus
        self.offers: list[m.Offer] = []
        self.tried: list[m.TryLine] = []
        self.left: list[m.Leave] = []
        self.patches: list[m.Patch] = []
        self.mutes: list[m.Mute] = []
        self.recasts: list[m.Recast] = []
        self.taken_off: list[m.TakeOff] = []
        self.erased: list[m.Erase] = []
        self.captions: list[m.Caption] = []
        self.runs: dict[SpaceId, RunId] = {}
        self.ended: set[SpaceId] = set()
        self.whose: dict[SessionId, str] = {}
        """Who made which session, by label."""
        self.monitors: set[SessionId] = set()
        """Who listens in."""
        self.looks = 0
        """How often it was asked who does."""
        self.full = False
        self.answer_offer = self._answer_offer
        self.hold: asyncio.Event | None = None
        """When set, the answer to End waits for it."""
        self.begun: asyncio.Event | None = None
        """When set, told that GoLive was asked for."""
        self.begin: asyncio.Event | None = None
        """When set, the answer to GoLive waits for it."""
        self.refuses_live: RostraError | None = None
        """When set, the answer to GoLive."""

    async def offer(self, offer: m.Offer) -> m.Answer:
        return await self.answer_offer(offer)

    async def _answer_offer(self, offer: m.Offer) -> m.Answer:
        if self.full:
            raise StageFull
        self.offers.append(offer)
        session = SessionId("sssssssssssssss2")
        self.whose[session] = offer.label
        return m.Answer(session=session, sdp="v=0\r\nanswer\r\n", etag='"first"')

    async def monitor(self, monitor: m.Monitor) -> m.Answer:
        session = SessionId("sssssssssssssss3")
        self.whose[session] = monitor.label
        self.monitors.add(session)
        return m.Answer(session=session, sdp="v=0\r\nheard\r\n", etag='"first"')

    async def who_monitors(self, _: m.WhoMonitors) -> m.Monitoring:
        self.looks += 1
        return m.Monitoring(sessions=tuple(self.monitors))

    def _need_own(self, session: SessionId, label: str | None) -> None:
        if label is not None and label != self.whose.get(session, label):
            raise NotAllowed("This connection is somebody else's.")

    async def patch(self, patch: m.Patch) -> m.Patched:
        self._need_own(patch.session, patch.label)
        self.patches.append(patch)
        return m.Patched(etag='"second"', fragment="a=ice-ufrag:ours\r\n" if patch.if_match == "*" else "")

    async def try_line(self, tried: m.TryLine) -> m.Answer:
        self.tried.append(tried)
        return m.Answer(session=SessionId("sssssssssssssss3"), sdp="v=0\r\nanswer\r\n")

    async def leave(self, leave: m.Leave) -> m.Done:
        if leave.known and leave.session not in ("sssssssssssssss2", "sssssssssssssss3"):
            raise NotFound
        self._need_own(leave.session, leave.label)
        self.left.append(leave)
        self.monitors.discard(leave.session)
        return m.Done()

    async def mute(self, mute: m.Mute) -> m.Done:
        self.mutes.append(mute)
        return m.Done()

    async def recast(self, recast: m.Recast) -> m.Done:
        self.recasts.append(recast)
        return m.Done()

    async def live(self, ask: m.GoLive) -> m.WentLive:
        if self.begun is not None:
            self.begun.set()
        if self.begin is not None:
            await self.begin.wait()
        if self.refuses_live is not None:
            raise self.refuses_live
        run = self.runs.setdefault(ask.space, RunId(f"run2222{len(self.runs) + 2}"))
        return m.WentLive(run=run, anchor_utc_ns=ANCHOR_NS, renditions=RENDITIONS)

    async def end(self, ask: m.End) -> m.Ended:
        if self.runs.get(ask.space) != ask.run:
            raise TapeDamaged
        self.ended.add(ask.space)
        if self.hold is not None:
            await self.hold.wait()
        return m.Ended(recording=RECORDING)

    async def take_off(self, ask: m.TakeOff) -> m.Done:
        self.taken_off.append(ask)
        return m.Done()

    async def erase(self, ask: m.Erase) -> m.Done:
        self.erased.append(ask)
        return m.Done()

    async def caption(self, ask: m.Caption) -> m.Captioned:
        self.captions.append(ask)
        return m.Captioned(caption="cccccccc", at=48_000, samples=96_000)

    async def hold_music(self, ask: m.HoldLoop) -> m.HoldLoopTaken:
        return m.HoldLoopTaken(duration_ms=4_000 if ask.file else 0)

    def report(self, space: str, *speakers: m.Speaker, **fields: Any) -> None:
        """Publish what a stage would about ``space``."""
        report = m.StageReport(space=SpaceId(space), **{"live": False, "speakers": speakers, **fields})
        self._bus.publish(m.stage_report(SpaceId(space)), report, retain=True)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Be there for the block; outside of it nobody answers."""
        async with AsyncExitStack() as stack:
            for subject, asked, handler in (
                (m.STAGE_OFFER, m.Offer, self.offer),
                (m.STAGE_MONITOR, m.Monitor, self.monitor),
                (m.STAGE_WHO_MONITORS, m.WhoMonitors, self.who_monitors),
                (m.STAGE_PATCH, m.Patch, self.patch),
                (m.STAGE_TRY_LINE, m.TryLine, self.try_line),
                (m.STAGE_LEAVE, m.Leave, self.leave),
                (m.STAGE_MUTE, m.Mute, self.mute),
                (m.STAGE_RECAST, m.Recast, self.recast),
                (m.STAGE_LIVE, m.GoLive, self.live),
                (m.STAGE_END, m.End, self.end),
                (m.STAGE_TAKE_OFF, m.TakeOff, self.take_off),
                (m.STAGE_ERASE, m.Erase, self.erase),
                (m.STAGE_CAPTION, m.Caption, self.caption),
                (m.STAGE_HOLD, m.HoldLoop, self.hold_music),
            ):
                await stack.enter_async_context(self._bus.serve(subject, asked, handler))
            yield


class RunningControl:
    """One control process, played by a task."""

    def __init__(self, settings: Settings) -> None:
        self._listener = listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the supervisor's sockets have
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._stopping = asyncio.Event()
        context = RoleContext(
            settings=settings, clock=SystemClock(), index=0, sockets=(listener,), stopping=self._stopping
        )
        cheap = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._task = asyncio.create_task(run(context, passwords=cheap))

    async def stop(self) -> None:
        """Ask it to stop, as SIGTERM does, and wait until it has."""
        self._stopping.set()
        await self._task

    async def kill(self) -> None:
        """Tear it down in the middle of whatever it does."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._listener.close()


@dataclass
class Site:
    """Everything a test needs of one site."""

    data: Path
    settings: Settings
    bus: BusClient
    stage: StageStub
    states: dict[str, m.SpaceState] = field(default_factory=dict)
    """The newest state of each space, as the other roles hear it."""
    control: RunningControl | None = None
    _serving: AsyncExitStack = field(default_factory=AsyncExitStack)
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def start(self) -> None:
        self.control = RunningControl(self.settings)
        http = self.client()
        await until(lambda: _healthy(http))

    async def restart(self) -> None:
        assert self.control is not None
        await self.control.stop()
        await self.start()

    @property
    def url(self) -> str:
        assert self.control is not None
        return self.control.url

    def client(self, authorization: str = "") -> httpx.AsyncClient:
        """A visitor of their own: no cookie yet."""
        headers = {"authorization": authorization} if authorization else {}
        http = httpx.AsyncClient(
            base_url=self.url, headers=headers, trust_env=False, verify=False, timeout=10
        )
        self._clients.append(http)
        return http

    def operator(self) -> httpx.AsyncClient:
        """Whoever can read the data folder."""
        return self.client(f"Bearer {local_token_path(self.data).read_text().strip()}")

    def browser(self) -> httpx.AsyncClient:
        """A browser on this site's own pages."""
        http = self.client()
        http.headers["origin"] = self.url
        return http

    async def stage_starts(self) -> None:
        await self._serving.enter_async_context(self.stage.serving())

    @asynccontextmanager
    async def stage_away(self) -> AsyncIterator[None]:
        """Nobody answers for the stage inside the block."""
        await self._serving.aclose()
        yield
        await self.stage_starts()

    async def set_up(self) -> httpx.AsyncClient:
        """Make the first operator; return their browser."""
        http = self.browser()
        body = {"token": setup_token_path(self.data).read_text().strip(), "handle": "ada", "name": "Ada"}
        answer = await http.post("/api/v1/setup", json={**body, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return http

    async def host(self, handle: str) -> httpx.AsyncClient:
        """Make an account that may host; return their browser, signed in."""
        body = {"handle": handle, "name": handle.title(), "password": PASSWORD}
        assert (await self.operator().post("/api/v1/accounts", json=body)).status_code == 201
        http = self.browser()
        signed = await http.post("/api/v1/session", json={"handle": handle, "password": PASSWORD})
        assert signed.status_code == 200
        return http

    async def speaker(
        self, http: httpx.AsyncClient, space: str, role: str, name: str = ""
    ) -> httpx.AsyncClient:
        """Somebody who came by a link that ``http`` made."""
        answer = await http.post(f"/api/v1/spaces/{space}/links", json={"role": role, "name": name})
        assert answer.status_code == 201, answer.text
        return self.client(f"Speaker {answer.json()['token']}")

    async def close(self) -> None:
        for http in self._clients:
            await http.aclose()
        if self.control is not None:
            await self.control.kill()
        await self._serving.aclose()

    async def listen(self) -> None:
        async with self.bus.subscribe("space.*.state", m.SpaceState) as states:
            async for _, state in states:
                self.states[state.space] = state


async def until(ready: Callable[[], Awaitable[bool]] | Callable[[], bool], within_s: float = 5.0) -> None:
    """Look again and again until ``ready``; a test that waits in vain fails here."""
    async with asyncio.timeout(within_s):
        while True:
            answer = ready()
            if (answer if isinstance(answer, bool) else await answer) is True:
                return
            await asyncio.sleep(0.01)


async def _healthy(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.hookimpl
def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that backstage runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once for all tests."""
    path = database_path(tmp_path_factory.mktemp("migrated"))
    migrate(path)
    return path


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """What was compiled for the database of one site serves the next, which has an engine of its own."""
    compiled: dict[Any, Any] = {}

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLiteDialect_aiosqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_aiosqlite, "__hash__", lambda one: hash(type(one)))
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
async def site(settings: Settings, migrated: Path) -> AsyncIterator[Site]:
    """A fresh site whose stage answers."""
    path = bus_path(settings.data)
    path.parent.mkdir(parents=True)
    shutil.copy(migrated, database_path(settings.data))
    async with Broker(path), BusClient(path, name="test") as bus:
        site = Site(settings.data, settings, bus, StageStub(bus))
        bus.publish(m.PASS_KEYS, PASS_KEYS, retain=True)
        listening = asyncio.create_task(site.listen())
        try:
            await site.start()
            await site.stage_starts()
            yield site
        finally:
            listening.cancel()
            await site.close()


@pytest.fixture
def wait_until() -> Callable[..., Awaitable[None]]:
    return until


@pytest.fixture
async def accounts(site: Site) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """An operator, and somebody who hosts."""
    operator = await site.set_up()
    await site.host("ivy")
    return operator, await site.host("grace")
