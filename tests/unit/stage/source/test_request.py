"""What sources ask for is understood as Icecast does; junk gets one refusal."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import BadRequest, NotFound, RostraError, SignInNeeded, StageFull
from rostra.stage.source.decoder import container_of
from rostra.stage.source.request import NotASource, SourceRequest, WrongSound, read_head, read_source, refusal

SPACE = "abcdefghjk"
BASIC = "Basic " + base64.b64encode(b"source:secret:with colon").decode()


def asked(first: str, *headers: str) -> SourceRequest:
    return read_source(read_head("\r\n".join([first, *headers]).encode()))


def test_put_and_source_are_the_same_with_the_links_token_as_password() -> None:
    put = asked(
        f"PUT /{SPACE} HTTP/1.1", f"Authorization: {BASIC}", "Expect: 100-continue", "Content-Type: audio/ogg"
    )
    assert (put.space, put.token, put.waits, put.chunked) == (SPACE, "secret:with colon", True, False)
    old = asked(f"SOURCE /{SPACE}.mp3 ICE/1.0", f"authorization: {BASIC}", "content-type: audio/mpeg")
    assert (old.space, old.waits) == (SPACE, False)
    chunked = asked(f"PUT /{SPACE} HTTP/1.1", f"Authorization: {BASIC}", "Transfer-Encoding: chunked")
    assert (chunked.chunked, chunked.length_bytes) == (True, None)
    for announced, length_bytes in (("4000", 4000), ("0", None), ("-1", None), ("all", None)):
        of_length = asked(f"PUT /{SPACE} HTTP/1.1", f"Authorization: {BASIC}", f"Content-Length: {announced}")
        assert of_length.length_bytes == length_bytes


@pytest.mark.parametrize(
    ("first", "headers", "error"),
    [
        (f"GET /{SPACE} HTTP/1.1", [f"Authorization: {BASIC}"], NotASource),
        ("PUT /stream HTTP/1.1".replace("stream", "no/where"), [f"Authorization: {BASIC}"], NotFound),
        (f"PUT /{SPACE} HTTP/1.1", [], SignInNeeded),
        (f"PUT /{SPACE} HTTP/1.1", ["Authorization: Bearer x"], SignInNeeded),
        (f"PUT /{SPACE} HTTP/1.1", ["Authorization: Basic ????"], SignInNeeded),
        (f"PUT /{SPACE} HTTP/1.1", [f"Authorization: {BASIC}", "Content-Type: video/mp4"], WrongSound),
        ("nonsense", [], BadRequest),
        (f"PUT /{SPACE} HTTP/1.1", ["no header"], BadRequest),
    ],
)
def test_what_is_no_source_is_refused(first: str, headers: list[str], error: type[RostraError]) -> None:
    with pytest.raises(error):
        asked(first, *headers)


def test_a_head_has_lines_that_end_as_http_wants_them() -> None:
    with pytest.raises(BadRequest):
        read_head(f"PUT /{SPACE} HTTP/1.1\nAuthorization: {BASIC}".encode())


def test_refusals_say_what_a_program_must_know() -> None:
    assert b'WWW-Authenticate: Basic realm="Rostra"' in refusal(SignInNeeded())
    assert b"Retry-After: 30" in refusal(StageFull())
    assert b"Allow: PUT, SOURCE" in refusal(NotASource())
    assert refusal(StageFull()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_the_first_bytes_say_what_sound_it_is() -> None:
    assert container_of(b"OggS") == "ogg"
    assert container_of(b"\xff\xfb\x90\x64") == "mp3"
    assert container_of(b"\xff\xf1\x50\x80") == "aac"
    for other in (b"RIFF", b"\x00\x00\x00\x18", b"#EXT", b"\xff\x00\x00\x00"):
        with pytest.raises(WrongSound):
            container_of(other)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_whatever_comes_is_a_source_or_one_refusal(raw: bytes) -> None:
    refused: RostraError | None = None
    try:
        read_source(read_head(raw))
    except RostraError as error:
        refused = error
    assert refused is None or refusal(refused).startswith(b"HTTP/1.1 4")
