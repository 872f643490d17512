"""Parsing of request heads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import RostraError
from rostra.serving.errors import MalformedRequest
from rostra.serving.limits import Limits
from rostra.serving.request import parse_head

LIMITS = Limits()


def test_path_and_query_stay_raw() -> None:
    request = parse_head(
        b"GET /a%2Fb?x=%20&y HTTP/1.1\r\nHost: radio.example:8001\r\n\r\n", LIMITS, peer="1.2.3.4"
    )
    assert (request.path, request.query) == ("/a%2Fb", "x=%20&y")
    assert (request.local_host, request.peer) == ("radio.example", "1.2.3.4")


def test_an_address_in_absolute_form_is_understood() -> None:
    request = parse_head(b"GET http://other:1/a?b HTTP/1.1\r\nHost: here\r\n\r\n", LIMITS)
    assert (request.local_host, request.path, request.query) == ("other", "/a", "b")


def test_an_ipv6_host_keeps_its_brackets() -> None:
    assert parse_head(b"GET / HTTP/1.1\r\nHost: [::1]:8001\r\n\r\n", LIMITS).local_host == "[::1]"


def test_repeated_headers_are_joined_and_names_are_lower_case() -> None:
    request = parse_head(b"GET / HTTP/1.1\r\nHost: h\r\nACCEPT: a\r\nAccept: b\r\n\r\n", LIMITS)
    assert request.headers[b"accept"] == b"a, b"


def test_an_upgrade_is_answered_as_http_1_1() -> None:
    raw = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert parse_head(raw, LIMITS).path == "/"


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /a.mp4#1 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: h\r\n\r\n",
        b"GET relative HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_head(raw, LIMITS)


@given(st.binary(max_size=300))
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    try:
        request = parse_head(b"GET " + raw + b"\r\n\r\n", LIMITS)
    except RostraError:
        return
    assert request.path.isascii()


@pytest.mark.parametrize("host", [b"\xff", b'"><x>', b"a b"])
def test_a_broken_host_header_is_refused_beside_an_absolute_address_too(host: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_head(b"GET http://good/x HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", Limits())


def test_the_authority_keeps_the_port() -> None:
    assert parse_head(b"GET /x HTTP/1.1\r\nHost: a.example:81\r\n\r\n", Limits()).authority == "a.example:81"
