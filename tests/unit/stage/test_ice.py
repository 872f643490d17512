"""Browsers are told addresses and ports that the operator chose, or all that the machine has."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aioice import Candidate, Connection
from aioice.stun import Class, Message, Method

from harness.clock import ManualClock
from rostra.stage import ice
from rostra.stage.errors import NoAddress, NoFreePort
from rostra.stage.ice import MOST_MET, MOST_WAITING, SILENT_NS, Host, Network, ServerConnection
from rostra.stage.postbox import Postbox


def agent(network: Network, clock: ManualClock | None = None) -> ServerConnection:
    return ServerConnection(False, network=network, postbox=Postbox(), clock=clock or ManualClock())


@pytest.fixture
def own_addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    addresses = ["192.0.2.7", "2001:db8::7"]
    monkeypatch.setattr(ice, "get_host_addresses", lambda **_: addresses)
    return addresses


def test_without_settings_all_own_addresses_are_told(own_addresses: list[str]) -> None:
    assert Network().hosts() == tuple(Host(address, address) for address in own_addresses)


def test_a_machine_without_a_network_offers_loopback(own_addresses: list[str]) -> None:
    own_addresses.clear()
    assert Network().hosts() == (Host("127.0.0.1", "127.0.0.1"),)


@pytest.mark.parametrize(
    ("address", "bind"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("203.0.113.9", "0.0.0.0"),
        ("2001:db8::1", "::"),
    ],
)
@pytest.mark.usefixtures("own_addresses")
def test_one_address_is_told_when_it_is_set_and_bound_when_it_is_ours(address: str, bind: str) -> None:
    assert Network((address,)).hosts() == (Host(bind, address),)


@pytest.mark.usefixtures("own_addresses")
def test_an_address_of_each_family_is_told() -> None:
    network = Network(("203.0.113.9", "2001:db8::7"))
    assert network.hosts() == (Host("0.0.0.0", "203.0.113.9"), Host("2001:db8::7", "2001:db8::7"))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as any_address:
            any_address.bind(("::", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_both_families_share_the_one_port_that_there_is() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    connection = agent(Network(("203.0.113.9", "2001:db8::1"), port, port))
    await connection.gather_candidates()
    told = [(candidate.host, candidate.port) for candidate in connection.local_candidates]
    assert told == [("203.0.113.9", port), ("2001:db8::1", port)]
    await connection.close()


def test_every_port_of_the_range_is_tried_once() -> None:
    assert sorted(Network(port_min=40_000, port_max=40_009).ports()) == list(range(40_000, 40_010))
    assert list(Network().ports()) == [0]
    assert list(Network(port_min=9, port_max=8).ports()) == [0]


async def test_a_port_in_use_is_passed_over_and_none_left_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        first = agent(Network(("127.0.0.1",), port, port + 1))
        await first.gather_candidates()
        assert [candidate.port for candidate in first.local_candidates] == [port + 1]
        second = agent(Network(("127.0.0.1",), port, port + 1))
        with pytest.raises(NoFreePort):
            await second.gather_candidates()
        await first.close()
        await second.close()


GONE = "192.0.2.7"
"""Nobody's: it cannot be bound, as an address that has just gone cannot."""


async def test_an_address_that_cannot_be_bound_is_left_out(
    own_addresses: list[str],
) -> None:
    own_addresses[:] = [GONE, "127.0.0.1", "2001:db8::7"]
    connection = agent(Network())
    await connection.gather_candidates()
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1"]
    await connection.close()


async def test_the_error_says_what_is_wrong_where_no_address_can_be_bound(own_addresses: list[str]) -> None:
    own_addresses[:] = [GONE]
    with pytest.raises(NoAddress):
        await agent(Network()).gather_candidates()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        own_addresses.append("127.0.0.1")
        with pytest.raises(NoFreePort):
            await agent(Network((), port, port)).gather_candidates()


async def test_an_advertised_address_is_told_with_the_port_that_is_bound() -> None:
    connection = agent(Network(("203.0.113.9",)))
    await connection.gather_candidates()
    (candidate,) = connection.local_candidates
    assert (candidate.host, candidate.type) == ("203.0.113.9", "host")
    assert candidate.port > 0
    await connection.close()


async def test_a_name_by_multicast_is_passed_over_at_once_and_the_list_stays_open() -> None:
    connection = agent(Network(("127.0.0.1",)))
    name = Candidate.from_sdp("1 1 udp 2122194687 5f2c9b0a-0000-4000-8000-000000000000.local 5000 typ host")
    await connection.add_remote_candidate(name)
    await connection.add_remote_candidate(None)
    assert connection.remote_candidates == []
    await connection.add_remote_candidate(Candidate.from_sdp("2 1 udp 1 127.0.0.1 5000 typ host"))
    assert len(connection.remote_candidates) == 1
    await connection.close()


async def browser_of(server: ServerConnection, *, like: Connection | None = None) -> Connection:
    """An agent in control that knows the server; ``like`` another, it is the same person elsewhere."""
    who = {"local_username": like.local_username, "local_password": like.local_password} if like else {}
    browser = Connection(True, **who)
    browser.remote_username, browser.remote_password = server.local_username, server.local_password
    await browser.gather_candidates()
    for candidate in server.local_candidates:
        await browser.add_remote_candidate(candidate)
    return browser


def check_of(browser: Connection) -> bytes:
    """An authentic check of the browser's, as it could come from anywhere."""
    check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
    check.attributes["USERNAME"] = f"{browser.remote_username}:{browser.local_username}"
    check.attributes["PRIORITY"] = 1
    check.attributes["ICE-CONTROLLING"] = 1
    check.add_message_integrity((browser.remote_password or "").encode())
    return bytes(check)


async def test_checks_from_a_thousand_addresses_pile_nothing_up_and_a_speaker_who_moves_gets_through() -> (
    None
):
    clock = ManualClock()
    server = agent(Network(("127.0.0.1",)), clock)
    await server.gather_candidates()
    browser = await browser_of(server)
    server.remote_username, server.remote_password = browser.local_username, browser.local_password
    await asyncio.wait_for(asyncio.gather(server.connect(), browser.connect()), 8)
    path, before = server._nominated[1], len(asyncio.all_tasks())
    for _ in range(1000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind(("127.0.0.1", 0))
            elsewhere.sendto(check_of(browser), ("127.0.0.1", server.local_candidates[0].port))
        server._postbox.collect()
    async with asyncio.timeout(8):
        while server.junk < 900:
            await asyncio.sleep(0.01)
    assert len(server.remote_candidates) <= MOST_MET
    assert len(server._check_list) <= MOST_MET
    assert len(asyncio.all_tasks()) - before <= MOST_MET
    assert server._nominated[1] is path, "the speaker is heard all the while"
    clock.advance(ns=SILENT_NS)
    moved = await browser_of(server, like=browser)
    await asyncio.wait_for(moved.connect(), 8)
    async with asyncio.timeout(8):
        while server._nominated[1] is path:
            await asyncio.sleep(0.01)
    ports = {candidate.port for candidate in moved.local_candidates}
    assert server._nominated[1].remote_addr[1] in ports
    assert len(server.remote_candidates) <= MOST_MET
    for each in (moved, browser, server):
        await each.close()


RECORD = bytes([22, 254, 253]) + bytes(20)
"""As of a handshake."""


async def test_a_handshake_is_not_crowded_out_by_media_nor_by_what_is_nothing() -> None:
    server = agent(Network(("127.0.0.1",)))
    for first in (0, 70, 128, 191, 255):
        for _ in range(MOST_WAITING):
            server.data_received(bytes([first, 200]) + bytes(30), 1)
    server.data_received(RECORD, 1)
    assert server._queue.get_nowait() == (RECORD, 1)
    assert server.junk == 5 * MOST_WAITING


async def test_no_more_records_wait_than_handshakes_need() -> None:
    server = agent(Network(("127.0.0.1",)))
    for _ in range(2 * MOST_WAITING):
        server.data_received(RECORD, 1)
    assert server._queue.qsize() == server.junk == MOST_WAITING
