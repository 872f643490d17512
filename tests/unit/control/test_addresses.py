"""Public addresses from settings or from a request whose Host header nobody vouches for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.control.addresses import addresses
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings

BARE = Settings(data=Path("unused"))


@pytest.mark.parametrize(
    ("host", "door", "control"),
    [
        ("127.0.0.1:8002", "http://127.0.0.1:8000", "http://127.0.0.1:8002"),
        ("studio.example", "http://studio.example:8000", "http://studio.example"),
        ("[::1]:8002", "http://[::1]:8000", "http://[::1]:8002"),
    ],
)
def test_without_settings_the_host_of_the_request_counts(host: str, door: str, control: str) -> None:
    own = addresses(BARE, scheme="http", host=host)
    assert (own.door, own.control) == (door, control)


def test_settings_come_first() -> None:
    settings = Settings(
        data=Path("unused"), control_url="https://studio.example/", door_url="https://a.example"
    )
    own = addresses(settings, scheme="http", host="10.0.0.1:8002")
    assert own.studio("abc", "k2") == "https://studio.example/studio/abc#k=k2"
    assert own.event("abc") == "https://a.example/s/abc"
    assert own.edge == "http://10.0.0.1:8001"


@given(st.text(max_size=80))
def test_whatever_the_host_header_holds_no_address_is_broken_out_of(host: str) -> None:
    try:
        own = addresses(BARE, scheme="http", host=host)
    except BadRequest:
        return
    assert not set(own.door + own.control) & set(" \"'<>;,\\@?#\r\n")
    assert own.control.count("/") == 2


def test_an_address_that_only_a_strangers_host_says_is_not_certain() -> None:
    assert not addresses(Settings(), scheme="http", host="evil.example").certain
    assert addresses(Settings(), scheme="http", host="127.0.0.1:8002").certain
    assert addresses(Settings(control_url="https://a.example"), scheme="http", host="evil.example").certain
