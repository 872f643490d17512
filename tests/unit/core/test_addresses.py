"""Public addresses, written as a browser writes the origin of a page."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.core.addresses import PublicAddresses, is_this_machine, public_addresses
from rostra.core.settings import Settings

CERTIFIED = {"tls_certificate": "unused.pem", "tls_key": "unused.key"}


@pytest.mark.parametrize(
    ("settings", "name", "addresses"),
    [
        ({}, "a.example", ("http://a.example:8000", "http://a.example:8001", "http://a.example:8002")),
        ({"door_port": 80}, "A.Example", ("http://a.example", "http://a.example:8001")),
        (
            {"door_port": 443, "edge_port": 80, **CERTIFIED},
            "[::1]",
            ("https://[::1]", "https://[::1]:80", "https://[::1]:8002"),
        ),
        ({"bind": "::"}, "", ("http://localhost:8000",)),
        ({"bind": "2001:db8::7"}, "", ("http://[2001:db8::7]:8000",)),
        ({"bind": "192.0.2.7"}, "", ("http://192.0.2.7:8000",)),
        (
            {"door_url": "https://Live.Example:443/", "edge_url": "http://a.example:443"},
            "b.example",
            ("https://live.example", "http://a.example:443", "http://b.example:8002"),
        ),
    ],
)
def test_what_is_set_comes_first_and_what_goes_without_saying_is_left_out(
    settings: dict[str, Any], name: str, addresses: tuple[str, ...]
) -> None:
    seen = public_addresses(Settings(**settings), name=name)
    assert (seen.door, seen.edge, seen.backstage)[: len(addresses)] == addresses


def test_what_was_really_asked_counts_more_than_the_settings() -> None:
    seen = public_addresses(Settings(), name="a.example", scheme="https", door_port=9000, backstage_port=443)
    assert seen == PublicAddresses("https://a.example:9000", "https://a.example:8001", "https://a.example")


def test_only_this_machine_s_own_names_are_its_own() -> None:
    assert is_this_machine("LocalHost")
    assert is_this_machine("[::1]")
    assert not is_this_machine("evil.example")
