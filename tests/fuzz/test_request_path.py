"""Whatever is asked of a real edge, in whatever pieces: whole answers, right bodies, others unharmed."""

from __future__ import annotations

import asyncio
import errno
import gzip
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

import h11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import m3u8
from harness.edge import RUN, SPACE, Stand, standing
from rostra.core.samples import CHUNKS_PER_PART, CHUNKS_PER_SEGMENT

REFUSALS = {400, 403, 404, 405, 408, 409, 411, 413, 414, 416, 431, 503}
QUANTA = 30
"""On the tape from the start: two whole segments, and half of a third."""
QUANTUM_S = 0.02
"""From one to the next: sixteen times as fast as people speak."""
RENDITIONS = ("aac64", "aac32", "opus32", "opus16")
SIBLING = {"aac64": "aac32", "aac32": "aac64", "opus32": "opus16", "opus16": "opus32"}
SEGMENTS = re.compile(r"/([a-z0-9]+)/(\d+)(?:-(\d+))?\.m4s$")
PART = re.compile(r"/([a-z0-9]+)/(\d+)\.(\d+)\.m4s$")
PLAYLIST = re.compile(r"/([a-z0-9]+)/live\.m3u8$")
PER_SEGMENT, PER_PART = CHUNKS_PER_SEGMENT, CHUNKS_PER_PART


class Edge:
    """A tape that grows, and what a client needs to know of the edge that serves it."""

    def __init__(self, stand: Stand, ticket: str) -> None:
        self.stand = stand
        self.ticket = ticket

    def __repr__(self) -> str:
        """Without the tape: as an example that fails is told."""
        return f"Edge(ticket={self.ticket!r})"

    @property
    def port(self) -> int:
        return self.stand.port

    @property
    def newest(self) -> int:
        """The segment in the making."""
        return len(self.stand.appended) // PER_SEGMENT

    def segments(self, first: int, last: int, rendition: str = "aac64") -> bytes:
        """As they were spoken."""
        return self.stand.spoken(first * PER_SEGMENT, (last + 1) * PER_SEGMENT, rendition)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    ready, leave = threading.Event(), threading.Event()
    found: list[Edge] = []

    async def main() -> None:
        async with standing(tmp_path_factory.mktemp("edge")) as stand:
            stand.speak(QUANTA)
            await stand.until_at(QUANTA)
            found.append(Edge(stand, stand.ticket()))
            ready.set()
            while not leave.is_set():
                await asyncio.sleep(QUANTUM_S)
                stand.speak()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert ready.wait(30)
    yield found[0]
    leave.set()
    thread.join()


ODD = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=12)
NUMBER = st.one_of(
    st.integers(0, 4).map(str),
    st.sampled_from(["{newest-1}", "{newest}", "{newest+1}"]),
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


def say(port: int, pieces: list[bytes], *, patient: bool = False) -> bytes:
    """Send pieces, read all there is. Who is not ``patient`` closes their half, and waits for nothing."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                sock.sendall(piece)
            if not patient:
                sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(65_536):
                got += data
        except OSError as error:  # what was refused may be reset while the rest of it still comes
            if not isinstance(error, ConnectionError) and error.errno != errno.ENOTCONN:
                raise
    return got


def cut(raw: bytes, cuts: list[int]) -> list[bytes]:
    pieces = []
    for size in cuts:
        pieces.append(raw[:size])
        raw = raw[size:]
    return [*pieces, raw]


def filled(edge: Edge, text: str) -> str:
    """Put in what is known only now."""
    newest = edge.newest
    for name, value in {
        "{ticket}": edge.ticket,
        "{newest-1}": str(newest - 1),
        "{newest}": str(newest),
        "{newest+1}": str(newest + 1),
        "{big}": "x" * 9_000,
    }.items():
        text = text.replace(name, value)
    return text


def check(edge: Edge, path: str, query: str, body: bytes) -> None:
    """Hold a whole answer of 200 against what was spoken."""
    if found := SEGMENTS.search(path):
        first = int(found[2])
        assert body == edge.segments(first, int(found[3] or first), found[1]), path
    elif found := PART.search(path):
        first = int(found[2]) * PER_SEGMENT + int(found[3]) * PER_PART
        assert body == edge.stand.spoken(first, first + PER_PART, found[1]), path
    elif found := PLAYLIST.search(path):
        check_playlist(edge, found[1], query, body.decode())


def check_playlist(edge: Edge, rendition: str, query: str, text: str) -> None:
    """A playlist lists what there is up to what was asked for at least, and what comes next."""
    playlist = m3u8.parse(text)
    numbers = [each.number for each in playlist.segments]
    assert numbers == list(range(playlist.first + playlist.skipped, numbers[-1] + 1))
    for segment in playlist.segments:
        names = [f"{segment.number}.{index}.m4s" for index in range(len(segment.parts))]
        assert [part.uri for part in segment.parts] == names
    number, part = playlist.last_place
    assert number * PER_SEGMENT + (part + 1) * PER_PART <= len(edge.stand.appended)
    asked = dict(parse_qsl(query))
    if "_HLS_msn" in asked:
        least = int(asked["_HLS_msn"]), int(asked.get("_HLS_part", PER_SEGMENT // PER_PART - 1))
        assert (number, part) >= least or least[1] >= PER_SEGMENT // PER_PART
    after = (number, part + 1) if (part + 1) * PER_PART < PER_SEGMENT else (number + 1, 0)
    assert [hint["URI"] for hint in playlist.hints] == ["{}.{}.m4s".format(*after)]
    (report,) = playlist.reports
    assert report["URI"] == f"../{SIBLING[rendition]}/live.m3u8"
    assert (int(report["LAST-MSN"]), int(report["LAST-PART"])) == (number, part)


def answers(raw: bytes, methods: list[str]) -> list[tuple[int, str, bytes]]:
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
        status, encoding, body = 0, "", b""
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return found
            if isinstance(event, h11.Response):
                status = event.status_code
                encoding = dict(event.headers).get(b"content-encoding", b"").decode()
            elif isinstance(event, h11.Data):
                body += event.data
        found.append((status, encoding, body))
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
    requests = [(method, filled(edge, path), filled(edge, text)) for method, path, text in requests]
    raw = "".join(text for _, _, text in requests).encode("utf-8") + tail
    heard = say(edge.port, cut(raw, cuts))
    for (method, path, text), (status, _, body) in zip(
        requests, answers(heard, [method for method, _, _ in requests]), strict=False
    ):
        assert status in {100, 200, 204, 206} | REFUSALS, (status, path)
        if status == 200 and method == "GET" and path.startswith("/t/"):
            check(edge, path, text.partition("\r\n")[0].partition("?")[2].partition(" ")[0], body)
    base = f"/t/{edge.ticket}/{SPACE}/{RUN}/aac64/1.m4s"
    [(status, _, body)] = answers(
        say(edge.port, [f"GET {base} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()]), ["GET"]
    )
    assert (status, body) == (200, edge.segments(1, 1))


NEAR = st.integers(-3, 2)
"""From the newest segment."""
PLACE = st.integers(0, 5)
LIVE = st.tuples(
    st.sampled_from(RENDITIONS),
    st.one_of(
        st.builds("{{{0}}}.m4s".format, NEAR),
        st.builds("{{{0}}}-{{{1}}}.m4s".format, NEAR, NEAR),
        st.builds("{{{0}}}.{1}.m4s".format, NEAR, PLACE),
        st.builds(
            "live.m3u8?_HLS_msn={{{0}}}&_HLS_part={1}{2}".format, NEAR, PLACE, st.just("&_HLS_skip=YES")
        ),
        st.builds("live.m3u8?_HLS_msn={{{0}}}&_HLS_part={1}".format, NEAR, PLACE),
        st.builds("live.m3u8?_HLS_msn={{{0}}}".format, NEAR),
        st.just("live.m3u8"),
    ),
    st.sampled_from(["Accept: */*", "Accept-Encoding: gzip"]),
)
"""Rendition, name and a header of a request for something live."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    askers=st.lists(
        st.tuples(st.lists(LIVE, min_size=1, max_size=4), st.lists(st.integers(1, 400), max_size=4)),
        min_size=1,
        max_size=4,
    )
)
def test_whoever_waits_while_the_tape_grows_gets_what_was_spoken(
    edge: Edge, askers: list[tuple[list[tuple[str, str, str]], list[int]]]
) -> None:
    """Several at once, each with a ticket of their own and one request after the other on a connection."""
    newest = edge.newest

    def placed(near: re.Match[str]) -> str:
        return str(max(0, newest + int(near[1])))

    def ask(asked: list[tuple[str, str, str]], cuts: list[int]) -> None:
        folder = f"/t/{edge.stand.ticket()}/{SPACE}/{RUN}"
        targets = [
            re.sub(r"{(-?\d)}", placed, f"{folder}/{rendition}/{name}") for rendition, name, _ in asked
        ]
        heads = [
            f"GET {target} HTTP/1.1\r\nHost: edge\r\n{header}\r\n"
            for (_, _, header), target in zip(asked, targets, strict=True)
        ]
        raw = "\r\n".join(heads) + "Connection: close\r\n\r\n"
        heard = answers(say(edge.port, cut(raw.encode(), cuts), patient=True), ["GET"] * len(asked))
        assert len(heard) == len(asked), "nothing was broken off"
        for target, (status, encoding, body) in zip(targets, heard, strict=True):
            assert status in {200, 400, 404}, target
            if status == 200:
                path, _, query = target.partition("?")
                check(edge, path, query, gzip.decompress(body) if encoding == "gzip" else body)

    with ThreadPoolExecutor(len(askers)) as threads:
        list(threads.map(lambda each: ask(*each), askers))


def test_a_request_that_comes_byte_by_byte_is_answered_whole(edge: Edge) -> None:
    address = f"/t/{edge.ticket}/{SPACE}/{RUN}/aac64/0.m4s"
    request = f"GET {address} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n".encode()
    heard = say(edge.port, [bytes([byte]) for byte in request], patient=True)
    assert answers(heard, ["GET"]) == [(200, "", edge.segments(0, 0))]


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
        assert answers(heard, ["GET"]) == [(200, "", edge.segments(1, 1))]
    finally:
        for sock in idle:
            sock.close()
