"""Whose word counts about who is asking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from rostra.core.proxies import NetworkUnreadable, Proxies, with_mapped

OURS = Proxies(["127.0.0.1", "10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.9", b"198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", b"", "127.0.0.1"),
        ("127.0.0.1", b"198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", b"198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", b"6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("::1", b"2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", b"198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", b"unknown, 10.1.2.3", "10.1.2.3"),
    ],
)
def test_the_client_is_the_first_address_that_is_not_ours(
    peer: str, forwarded_for: bytes, client: str
) -> None:
    assert OURS.client(peer, forwarded_for) == client


@given(st.binary(max_size=300))
def test_a_stranger_is_never_somebody_else_whatever_they_send(header: bytes) -> None:
    assert OURS.client("203.0.113.9", header) == "203.0.113.9"


def test_by_default_nobody_is_believed() -> None:
    assert Proxies().client("127.0.0.1", b"198.51.100.1") == "127.0.0.1"


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(NetworkUnreadable):
        Proxies(["everyone"])


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.20.0.7", "::1", "203.0.113.9"])
def test_backstage_trusts_whom_the_door_trusts_by_a_socket_of_both_families(peer: str) -> None:
    networks = ["127.0.0.1", "10.0.0.0/8", "::1"]
    backstage = ProxyHeadersMiddleware(lambda *_: None, with_mapped(networks))  # type: ignore[arg-type, return-value]
    assert (peer in backstage.trusted_hosts) is Proxies(networks).trusts(peer)
