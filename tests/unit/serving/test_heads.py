"""Heads whose lines were there before are read as those that were not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.serving.errors import AddressTooLong, MalformedRequest
from rostra.serving.heads import MOST_KEPT, Heads
from rostra.serving.limits import Limits
from rostra.serving.request import Request, body_length, parse_head

LIMITS = Limits(path_bytes=40)
PROXIES = Proxies(("192.0.2.1",))
PEERS = st.sampled_from(["192.0.2.1", "198.51.100.7", ""])
LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"HEAD /a/b.m4s HTTP/1.1",
        b"GET /t/x-_1~/live.m3u8?_HLS_msn=7&_HLS_part=1 HTTP/1.1",
        b"GET /? HTTP/1.1",
        b"GET /x?a?b HTTP/1.1",
        b"GET /x#y HTTP/1.1",
        b"GET /%41 HTTP/1.1",
        b"GET //host/x HTTP/1.1",
        b"GET http://other/x HTTP/1.1",
        b"POST /beacon HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET / HTTP/1.0",
        b"GET / HTTP/2.0",
        b"GET  / HTTP/1.1",
        b"get / HTTP/1.1",
        b"GET /" + b"a" * 39 + b" HTTP/1.1",
        b"GET /" + b"a" * 40 + b" HTTP/1.1",
        b"GET /?" + b"a" * 38 + b" HTTP/1.1",
        b"GET /?" + b"a" * 39 + b" HTTP/1.1",
    ]
)
FIELDS = st.sampled_from(
    [
        b"Host: a.example:8001",
        b"Host: [::1]",
        b"Host: a b",
        b"Connection: close",
        b"Connection: keep-alive",
        b"Upgrade: websocket",
        b"Accept: */*",
        b"ACCEPT: audio/mp4",
        b"X-Forwarded-For: 203.0.113.5",
        b"X-Forwarded-For: 203.0.113.6",
        b"Cookie: pass=secret",
        b"Range: bytes=0-",
        b"Content-Length: 3",
        b"bad header",
        b" folded",
    ]
)
HEADS = st.builds(
    lambda line, fields: b"\r\n".join([line, *fields, b"", b""]), LINES, st.lists(FIELDS, max_size=4)
)


def told(head: bytes, peer: str, heads: Heads | None) -> Request | str:
    """What is read, or how it is refused."""
    try:
        if heads is None:
            return parse_head(head, LIMITS, peer=peer, proxies=PROXIES)
        request = heads.parse(head, peer=peer, proxies=PROXIES)
        assert head.endswith(b" HTTP/1.1\r\n" + request.fields) or not request.fields
        return structs.replace(request, fields=b"")
    except RostraError as error:
        return error.code


@given(st.lists(st.tuples(HEADS, PEERS), max_size=12))
def test_who_asked_before_changes_nothing_of_what_is_read(asked: list[tuple[bytes, str]]) -> None:
    heads = Heads(LIMITS)
    for head, peer in [*asked, *asked]:
        assert told(head, peer, heads) == told(head, peer, None)


@given(st.lists(HEADS, max_size=12))
def test_what_is_asked_for_stands_as_it_came_where_the_whole_head_says_no_more(asked: list[bytes]) -> None:
    heads = Heads(LIMITS)
    for head in [*asked, *asked]:
        known, request = heads.address(head), told(head, "", heads)
        if known is not None:
            target, fields = known
            assert head.endswith(b" HTTP/1.1\r\n" + fields)
            assert head.startswith(b"GET %b HTTP/1.1\r\n" % target.encode("latin-1"))
            if isinstance(request, Request):
                assert (request.method, request.path) == ("GET", target.partition("?")[0])
                assert request.keep_alive
                assert body_length(request, LIMITS) == 0
        assert heads.address(head[:-1]) is heads.address(head + b"G") is None


def test_an_address_alone_is_that_of_a_head_whose_lines_are_known() -> None:
    heads, head = Heads(LIMITS), b"GET /1.m4s HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n"
    assert heads.address(head) is None
    heads.parse(head, peer="", proxies=PROXIES)
    fields = b"Host: h\r\nAccept: */*\r\n\r\n"
    assert heads.address(head) == ("/1.m4s", fields)
    assert heads.address(head.replace(b"1.m4s", b"2.m4s")) == ("/2.m4s", fields)
    for number in range(MOST_KEPT):
        heads.parse(b"GET / HTTP/1.1\r\nHost: h\r\nX: %d\r\n\r\n" % number, peer="", proxies=PROXIES)
    assert heads.address(head) is None, "long ago"
    assert len(heads._alone) == MOST_KEPT


POSTED = b"POST /s/1/join HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"


def test_what_is_posted_is_known_by_lines_that_were_there_before() -> None:
    heads = Heads(LIMITS)
    assert heads.posted(POSTED + b"body") is None
    heads.parse(POSTED, peer="", proxies=PROXIES)
    assert heads.posted(POSTED + b"body") == ("/s/1/join", b"body", "h", True)
    assert heads.posted(POSTED.replace(b"/s/1", b"/s/2") + b"else") == ("/s/2/join", b"else", "h", True)
    assert heads.address(POSTED + b"body") is None


def test_so_is_whether_more_may_follow() -> None:
    heads, closing = Heads(LIMITS), POSTED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    heads.parse(closing, peer="", proxies=PROXIES)
    assert heads.posted(closing + b"body") == ("/s/1/join", b"body", "h", False)
    for number in range(MOST_KEPT):
        heads.parse(b"GET / HTTP/1.1\r\nHost: h\r\nX: %d\r\n\r\n" % number, peer="", proxies=PROXIES)
    assert heads.posted(closing + b"body") is None, "long ago"
    assert len(heads._posted) == MOST_KEPT


@pytest.mark.parametrize(
    "said",
    [
        POSTED + b"bod",
        POSTED + b"body" + POSTED + b"body",
        POSTED[:-2],
        b"POST /s/1/join HTTP/1.1",
        POSTED.replace(b"Length: 4", b"Length: 5") + b"body",
        POSTED.replace(b"POST", b"PUT") + b"body",
        POSTED.replace(b"POST", b"GET") + b"body",
        POSTED.replace(b"/s/1/join", b"/" + b"x" * LIMITS.path_bytes) + b"body",
    ],
)
def test_what_is_less_or_more_than_one_post_is_not(said: bytes) -> None:
    heads = Heads(LIMITS)
    heads.parse(POSTED, peer="", proxies=PROXIES)
    assert heads.posted(said) is None


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 4\r\nExpect: 100-continue",
        b"Content-Length: 4\r\nCookie: pass_1=a",
        b"Content-Length: 4\r\nX-Forwarded-For: 192.0.2.7",
        b"Content-Length: 99999999",
        b"Content-Length: +4",
        b"Transfer-Encoding: chunked",
    ],
)
def test_lines_that_say_more_have_to_be_read(lines: bytes) -> None:
    heads, head = Heads(LIMITS), b"POST /s/1/join HTTP/1.1\r\nHost: h\r\n" + lines + b"\r\n\r\n"
    with suppress(RostraError):
        heads.parse(head, peer="", proxies=PROXIES)
    assert heads.posted(head + b"body") is None
    assert heads.posted(head) is None


def test_the_same_lines_are_read_once_and_each_address_for_itself() -> None:
    heads = Heads(LIMITS)
    first = heads.parse(b"GET /1.m4s HTTP/1.1\r\nHost: h\r\n\r\n", peer="198.51.100.7", proxies=PROXIES)
    second = heads.parse(b"HEAD /2.m4s?x=1 HTTP/1.1\r\nHost: h\r\n\r\n", peer="203.0.113.9", proxies=PROXIES)
    assert second.headers is first.headers
    assert (second.method, second.path, second.query) == ("HEAD", "/2.m4s", "x=1")
    assert second.peer == "203.0.113.9"


@pytest.mark.parametrize(
    "line", [b"Cookie: pass=secret", b"X-Forwarded-For: 203.0.113.5", b"Range: bytes=0-"]
)
def test_lines_that_name_a_person_or_differ_each_time_are_not_kept(line: bytes) -> None:
    heads = Heads(LIMITS)
    head = b"GET / HTTP/1.1\r\nHost: h\r\n" + line + b"\r\n\r\n"
    first = heads.parse(head, peer="", proxies=PROXIES)
    assert heads.parse(head, peer="", proxies=PROXIES).headers is not first.headers


def test_of_who_asked_first_nothing_is_kept() -> None:
    heads = Heads(LIMITS)
    heads.parse(b"GET /t/ticket/x?y=1 HTTP/1.1\r\nHost: h\r\n\r\n", peer="198.51.100.7", proxies=PROXIES)
    (kept,) = heads._kept.values()
    assert (kept.path, kept.query, kept.peer) == ("", "", "")


def test_a_refused_head_is_refused_again() -> None:
    heads = Heads(LIMITS)
    for _ in range(2):
        with pytest.raises(MalformedRequest):
            heads.parse(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", peer="", proxies=PROXIES)
        with pytest.raises(AddressTooLong):
            heads.parse(b"GET /" + b"a" * 40 + b" HTTP/1.1\r\nHost: h\r\n\r\n", peer="", proxies=PROXIES)


def test_a_client_that_changes_its_lines_each_time_fills_no_memory() -> None:
    heads = Heads(LIMITS)
    first = heads.parse(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", peer="", proxies=PROXIES)
    for number in range(MOST_KEPT):
        heads.parse(b"GET / HTTP/1.1\r\nHost: h\r\nX: %d\r\n\r\n" % number, peer="", proxies=PROXIES)
    again = heads.parse(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", peer="", proxies=PROXIES)
    assert again.headers is not first.headers
