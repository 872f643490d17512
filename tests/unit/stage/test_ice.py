"""Browsers are told addresses and ports that the operator chose, or all that the machine has."""

from __future__ import annotations

import socket

import pytest
from aioice import Candidate

from rostra.stage import ice
from rostra.stage.errors import NoAddress, NoFreePort
from rostra.stage.ice import Host, Network, ServerConnection


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
    assert Network(address).hosts() == (Host(bind, address),)


def test_every_port_of_the_range_is_tried_once() -> None:
    assert sorted(Network(port_min=40_000, port_max=40_009).ports()) == list(range(40_000, 40_010))
    assert list(Network().ports()) == [0]
    assert list(Network(port_min=9, port_max=8).ports()) == [0]


async def test_a_port_in_use_is_passed_over_and_none_left_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        first = ServerConnection(False, network=Network("127.0.0.1", port, port + 1))
        await first.gather_candidates()
        assert [candidate.port for candidate in first.local_candidates] == [port + 1]
        second = ServerConnection(False, network=Network("127.0.0.1", port, port + 1))
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
    connection = ServerConnection(False, network=Network())
    await connection.gather_candidates()
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1"]
    await connection.close()


async def test_the_error_says_what_is_wrong_where_no_address_can_be_bound(own_addresses: list[str]) -> None:
    own_addresses[:] = [GONE]
    with pytest.raises(NoAddress):
        await ServerConnection(False, network=Network()).gather_candidates()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        own_addresses.append("127.0.0.1")
        with pytest.raises(NoFreePort):
            await ServerConnection(False, network=Network("", port, port)).gather_candidates()


async def test_an_advertised_address_is_told_with_the_port_that_is_bound() -> None:
    connection = ServerConnection(False, network=Network("203.0.113.9"))
    await connection.gather_candidates()
    (candidate,) = connection.local_candidates
    assert (candidate.host, candidate.type) == ("203.0.113.9", "host")
    assert candidate.port > 0
    await connection.close()


async def test_a_name_by_multicast_is_passed_over_at_once_and_the_list_stays_open() -> None:
    connection = ServerConnection(False, network=Network("127.0.0.1"))
    name = Candidate.from_sdp("1 1 udp 2122194687 5f2c9b0a-0000-4000-8000-000000000000.local 5000 typ host")
    await connection.add_remote_candidate(name)
    await connection.add_remote_candidate(None)
    assert connection.remote_candidates == []
    await connection.add_remote_candidate(Candidate.from_sdp("2 1 udp 1 127.0.0.1 5000 typ host"))
    assert len(connection.remote_candidates) == 1
    await connection.close()
