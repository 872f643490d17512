"""A host name for the stage's address: one of each family, looked up again, kept while none is found."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from rostra.core.settings import Settings
from rostra.stage import reach
from rostra.stage.errors import AddressUnknown
from rostra.stage.ice import Network
from rostra.stage.reach import Reach

NAME = "stage.example.org"


class Resolver:
    """What a name server says from one moment to the next; None: nothing."""

    def __init__(self) -> None:
        self.says: Sequence[str] | None = None
        self.asked = 0

    async def look_up(self, name: str) -> Sequence[str]:
        assert name == NAME
        self.asked += 1
        if self.says is None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self.says


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("FIRST_WAIT_S", "LONGEST_WAIT_S", "LOOK_AGAIN_S"):
        monkeypatch.setattr(reach, wait, 0.001)


@asynccontextmanager
async def looking(resolver: Resolver) -> AsyncIterator[Reach]:
    found = Reach(Settings(rtc_address=NAME), look_up=resolver.look_up)
    task = asyncio.create_task(found.find())
    try:
        yield found
    finally:
        task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_an_address_of_each_family_is_told_and_the_next_one_once_the_name_has_moved() -> None:
    resolver = Resolver()
    async with looking(resolver) as found:
        with pytest.raises(AddressUnknown):
            found.network()
        resolver.says = ["2001:db8::1", "203.0.113.9", "203.0.113.10", "2001:db8::2"]
        await until(lambda: resolver.asked > 0 and bool(found._addresses))
        assert found.network() == Network(("203.0.113.9", "2001:db8::1"))
        resolver.says = ["198.51.100.7"]
        await until(lambda: found.network() == Network(("198.51.100.7",)))


async def test_what_is_known_stands_while_no_name_server_answers() -> None:
    resolver = Resolver()
    resolver.says = ["203.0.113.9"]
    async with looking(resolver) as found:
        await until(lambda: bool(found._addresses))
        resolver.says, asked = None, resolver.asked
        await until(lambda: resolver.asked > asked + 3)
        assert found.network() == Network(("203.0.113.9",))
        resolver.says = ["198.51.100.7"]
        await until(lambda: found.network() == Network(("198.51.100.7",)))


async def test_a_name_with_several_addresses_in_turn_stays_where_it_was() -> None:
    resolver = Resolver()
    resolver.says = ["203.0.113.9", "203.0.113.10"]
    async with looking(resolver) as found:
        await until(lambda: bool(found._addresses))
        resolver.says, asked = ["203.0.113.10", "203.0.113.9"], resolver.asked
        await until(lambda: resolver.asked > asked + 2)
        assert found.network() == Network(("203.0.113.9",))


@pytest.mark.parametrize(("address", "told"), [("", ()), ("203.0.113.9", ("203.0.113.9",))])
async def test_without_a_name_nothing_is_looked_up(address: str, told: tuple[str, ...]) -> None:
    resolver = Resolver()
    found = Reach(Settings(rtc_address=address), look_up=resolver.look_up)
    await found.find()
    assert found.network() == Network(told)
    assert resolver.asked == 0
