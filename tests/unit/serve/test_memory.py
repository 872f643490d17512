"""What a supervisor tells its successor of live spaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.waiting import until
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SITE_STATE,
    Lifecycle,
    Removed,
    SiteState,
    SpaceState,
    space_state,
)
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.serve.memory import Memory

SPACE = SpaceId("space23456")
SUBJECT = space_state(SPACE)


def state(lifecycle: Lifecycle, revision: int = 1) -> SpaceState:
    return SpaceState(
        space=SPACE,
        revision=revision,
        lifecycle=lifecycle,
        title="A talk",
        description="",
        host=AccountId("host23456"),
        host_name="Ann",
        starts_at=0,
        time_zone="UTC",
        run=RunId("run2345678"),
    )


@asynccontextmanager
async def remembering(data: Path) -> AsyncIterator[BusClient]:
    path = data / "run" / "bus.sock"
    memory = Memory(data)
    async with Broker(path, retained=memory.load()), BusClient(path, name="test") as bus:
        following = asyncio.create_task(memory.follow(bus))
        try:
            yield bus
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


async def until_said(data: Path, *subjects: str) -> None:
    async def is_said() -> bool:
        assert set(Memory(data).load()) == set(subjects)
        return True

    await until(is_said, what=f"{subjects} are on disk", within_s=10)


async def test_a_live_space_and_the_site_are_there_again_in_a_fresh_broker(tmp_path: Path) -> None:
    live = state(Lifecycle.LIVE)
    async with remembering(tmp_path) as bus:
        bus.publish(SITE_STATE, SiteState(name="Here"), retain=True)
        bus.publish(SUBJECT, live, retain=True)
        await until_said(tmp_path, SITE_STATE, SUBJECT)
    assert (tmp_path / "run" / "said").stat().st_mode & 0o777 == 0o600
    async with remembering(tmp_path) as bus, bus.subscribe("space.*.state", SpaceState) as states:
        assert await asyncio.wait_for(anext(aiter(states)), 10) == (SUBJECT, live)


async def test_what_is_not_live_or_not_known_any_more_is_forgotten(tmp_path: Path) -> None:
    for last in (state(Lifecycle.PUBLISHED, 2), Removed(space=SPACE)):
        async with remembering(tmp_path) as bus:
            bus.publish(SUBJECT, state(Lifecycle.LIVE), retain=True)
            await until_said(tmp_path, SUBJECT)
            bus.publish(SUBJECT, last, retain=True)
            await until_said(tmp_path)


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_memory_is_none(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "run").mkdir(exist_ok=True)
    (tmp_path / "run" / "said").write_bytes(raw)
    try:
        expected = msgspec.msgpack.decode(raw, type=dict[str, bytes])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        expected = {}
    assert Memory(tmp_path).load() == expected
