"""Who counts as one visitor, and as one network."""

from __future__ import annotations

import pytest

from rostra.core.networks import network, visitor


@pytest.mark.parametrize(
    ("address", "near", "far"),
    [
        ("203.0.113.9", "203.0.113.9/32", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.9/32", "203.0.113.0/24"),
        ("::ffff:cb00:7109", "203.0.113.9/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:0DB8:0001:2::9", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("nowhere", "nowhere", "nowhere"),
    ],
)
def test_an_address_counts_as_its_owner_and_as_its_network(address: str, near: str, far: str) -> None:
    assert visitor(address) == near
    assert network(address, v4=24, v6=48) == far
