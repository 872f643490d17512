"""Whatever is asked of a real edge, in whatever pieces: whole answers, right bodies, others unharmed."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import h11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.edge import RUN, SPACE, Stand, standing

REFUSALS = {400, 403, 404, 405, 408, 411, 413, 414, 416, 431, 503}
QUANTA = 30
"""Two whole segments, and a third in which nothing comes any more."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What a client needs to know."""

    port: int
    ticket: str
    segments: tuple[bytes, ...] = field(repr=False)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    ready, leave = threading.Event(), threading.Event()
    found: list[Edge] = []

    async def main() -> None:
        async with standing(tmp_path_factory.mktemp("edge")) as stand:
            stand.speak(QUANTA)
            await stand.until_at(QUANTA)
            found.append(described(stand))
            ready.set()
            await asyncio.to_thread(leave.wait)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert ready.wait(30)
    yield found[0]
    leave.set()
    thread.join()


def described(stand: Stand) -> Edge:
    return Edge(stand.port, stand.ticket(), (stand.spoken(0, 12), stand.spoken(12, 24)))


ODD = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=12)
NUMBER = st.one_of(
    st.integers(0, 4).map(str),
    st.sampled_from(["-1", "1e3", "00", "99999999999999999999", "٣", "%30", "", "0x1", "1.5"]),
)
NAME = st.one_of(
    st.sampled_from(["live.json", "index.m3u8", "opus.m3u8", "manifest.mpd", "beacon", "radio.aac/", ""]),
    st.builds("{0}/aac64/{1}.m4s".format, st.just(RUN), NUMBER),
    st.builds("{0}/aac64/{1}-{2}.m4s".format, st.just(RUN), NUMBER, NUMBER),
    st.builds(
        "{0}/{1}/{2}.{3}.m4s".format, st.just(RUN), st.sampled_from(["aac64", "opus32"]), NUMBER, NUMBER
    ),
    st.builds("{0}/aac64/{1}".format, st.just(RUN), st.sampled_from(["init.mp4", "live.m3u8", "x", ".."])),
    st.builds("r/{0}/{1}".format, st.just(RUN), ODD),
    st.builds("/".join, st.lists(ODD, max_size=8)),
)
PATH = st.one_of(
    st.builds("/t/{{ticket}}/{0}/{1}".format, st.just(SPACE), NAME),
    st.builds("/t/{0}/{1}/{2}".format, ODD, st.just(SPACE), NAME),
    st.builds("/{0}/{1}/{2}".format, st.sampled_from(["r", "c", "t"]), st.just(SPACE), NAME),
    st.sampled_from(["/", "*", "/time", "/healthz", "/metrics", "//", "/../..", "http://x/time", ""]),
    ODD.map("/".__add__),
)
QUERY = st.one_of(
    st.just(""),
    st.builds("?_HLS_msn={0}&_HLS_part={1}".format, NUMBER, NUMBER),
    st.builds("?_HLS_part={0}".format, NUMBER),
    ODD.map("?".__add__),
    st.just("?" + "&".join(f"a{n}=1" for n in range(40))),
)
HEADER = st.one_of(
    st.builds(
        "Range: {0}".format, st.sampled_from(["bytes=0-4", "bytes=-5", "bytes=9-1", "x", "bytes=0-1,4-5"])
    ),
    st.sampled_from(
        [
            "Icy-MetaData: 1",
            "Connection: close",
            "Expect: 100-continue",
            "Upgrade: websocket",
            "Content-Length: 0",
            "Content-Length: -1",
            "Content-Length: 4, 4",
            "Transfer-Encoding: chunked",
            "Host: twice",
            "X-Forwarded-For: 1.2.3.4",
            "Bad header",
            ": nothing",
            "Big: {big}",
            " folded",
        ]
    ),
    st.builds("{0}: {1}".format, ODD, ODD),
)
REQUEST = st.builds(
    lambda method, path, query, version, host, headers: (
        method,
        path,
        "\r\n".join([f"{method} {path}{query} HTTP/{version}", *host, *headers, "", ""]),
    ),
    st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "get", "BREW", ""]),
    PATH,
    QUERY,
    st.sampled_from(["1.1", "1.1", "1.1", "1.0", "2.0", "9"]),
    st.sampled_from([["Host: edge"], ["Host: edge"], [], ["Host: ev il"], ["Host:"]]),
    st.lists(HEADER, max_size=3),
)


def say(port: int, pieces: list[bytes]) -> bytes:
    """Send pieces, close one's half, read all there is."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                sock.sendall(piece)
            sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(65_536):
                got += data
        except OSError as error:  # what was refused may be reset while the rest of it still comes
            if not isinstance(error, ConnectionError) and error.errno != errno.ENOTCONN:
                raise
    return got


def answers(raw: bytes, methods: list[str]) -> list[tuple[int, bytes]]:
    """Read well-formed answers off ``raw``, one for each request at most; h11 raises for anything else.

    The last may be broken off: whoever closes their half has left. A request that cannot be read is refused
    with a body, whatever its method.
    """
    found = []
    for method in methods:
        if not raw:
            break
        client = h11.Connection(h11.CLIENT)
        asked = method if method in {"GET", "HEAD", "POST", "OPTIONS"} else "GET"
        client.send(h11.Request(method=asked, target="/", headers=[("Host", "edge")]))
        client.send(h11.EndOfMessage())
        client.receive_data(raw)
        status, body = 0, b""
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return found
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
        found.append((status, body))
        if method == "HEAD" and status in REFUSALS:
            break
        raw = client.trailing_data[0]
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    requests=st.lists(REQUEST, min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 400), max_size=6),
    tail=st.binary(max_size=40),
)
def test_every_answer_is_well_formed_and_right_and_the_next_client_is_unharmed(
    edge: Edge, requests: list[tuple[str, str, str]], cuts: list[int], tail: bytes
) -> None:
    whole = (
        "".join(text for _, _, text in requests)
        .replace("{ticket}", edge.ticket)
        .replace("{big}", "x" * 9_000)
    )
    raw = whole.encode("utf-8") + tail
    pieces, rest = [], raw
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    heard = say(edge.port, [*pieces, rest])
    for (method, path, _), (status, body) in zip(
        requests, answers(heard, [method for method, _, _ in requests]), strict=False
    ):
        assert status in {100, 200, 204, 206} | REFUSALS, (status, path)
        for number, segment in enumerate(edge.segments):
            if status == 200 and method == "GET" and path.endswith(f"/aac64/{number}.m4s"):
                assert body == segment
        if status == 200 and method == "GET" and path.endswith("/aac64/0-1.m4s"):
            assert body == b"".join(edge.segments)
    base = f"/t/{edge.ticket}/{SPACE}/{RUN}/aac64/1.m4s"
    [(status, body)] = answers(
        say(edge.port, [f"GET {base} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()]), ["GET"]
    )
    assert (status, body) == (200, edge.segments[1])


def test_a_request_that_comes_byte_by_byte_is_answered_whole(edge: Edge) -> None:
    request = f"GET /t/{edge.ticket}/{SPACE}/{RUN}/aac64/0.m4s HTTP/1.1\r\nHost: edge\r\n\r\n".encode()
    heard = say(edge.port, [bytes([byte]) for byte in request])
    assert answers(heard, ["GET"]) == [(200, edge.segments[0])]


@pytest.mark.parametrize("count", [500, pytest.param(8_000, marks=pytest.mark.long)])
def test_idle_connections_and_half_requests_keep_nobody_waiting(edge: Edge, count: int) -> None:
    idle = []
    try:
        for number in range(count):
            sock = socket.socket()
            idle.append(sock)
            sock.bind((f"127.0.0.{2 + number % 200}", 0))
            sock.connect(("127.0.0.1", edge.port))
            if number % 2:
                sock.send(b"GET /t/" + b"x" * (number % 3_000))
        base = f"/t/{edge.ticket}/{SPACE}/{RUN}/aac64/1.m4s"
        heard = say(edge.port, [f"GET {base} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()])
        assert answers(heard, ["GET"]) == [(200, edge.segments[1])]
    finally:
        for sock in idle:
            sock.close()
