"""What a proxy of ours says of who connects: PROXY protocol, and by header on a trusted socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.serving.errors import MalformedRequest
from rostra.serving.exchange import Exchange
from rostra.serving.proxied import MOST_BYTES, SIGNATURE, read_head
from rostra.serving.request import Request
from rostra.serving.response import response
from rostra.serving.server import serve


def proxy_head(peer: str, *, command: int = 0x21, extension: bytes = b"") -> bytes:
    address = ip_address(peer)
    family, other = (0x11, b"\x7f\0\0\1") if address.version == 4 else (0x21, bytes(16))
    block = address.packed + other + struct.pack("!HH", 4242, 8001) + extension
    return SIGNATURE + struct.pack("!BBH", command, family, len(block)) + block


@given(peer=st.ip_addresses().map(str), extension=st.binary(max_size=100), rest=st.binary(max_size=20))
def test_a_head_gives_the_address_and_leaves_what_follows(peer: str, extension: bytes, rest: bytes) -> None:
    raw = proxy_head(peer, extension=extension)
    for count in range(1, len(raw)):
        assert read_head(raw[:count]) is None
    head = read_head(raw + rest)
    assert head is not None
    mapped = getattr(ip_address(peer), "ipv4_mapped", None)
    assert (head.size, head.peer) == (len(raw), str(mapped or peer))


@given(st.binary(max_size=64))
def test_no_bytes_crash_it(data: bytes) -> None:
    for raw in (data, SIGNATURE + data):
        with contextlib.suppress(MalformedRequest):
            head = read_head(raw)
            assert head is None or head.size <= len(raw)


def test_a_health_check_and_a_request_without_a_head_name_nobody() -> None:
    assert read_head(proxy_head("192.0.2.1", command=0x20)) == (28, "")
    assert read_head(b"GET / HTTP/1.1\r\n") == (0, "")
    with pytest.raises(MalformedRequest):
        read_head(SIGNATURE + struct.pack("!BBH", 0x21, 0x11, MOST_BYTES))


class Echo:
    """Says who asks."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        exchange.send(response(200, request.peer.encode(), content_type="text/plain"))


@contextlib.asynccontextmanager
async def serving(path: Path) -> AsyncIterator[int]:
    """A server on a public port and at a path; give the port."""
    public, local = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    local.bind(str(path))
    local.listen()
    stopping = asyncio.Event()
    task = asyncio.create_task(serve(Echo(), [public], stopping=stopping, trusted=[local]))
    try:
        yield public.getsockname()[1]
    finally:
        stopping.set()
        await asyncio.wait_for(task, 10)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> bytes:
    writer.write(raw)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


GET = b"GET / HTTP/1.1\r\nHost: here\r\n%b\r\n"
FORWARDED = b"X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (GET % FORWARDED, b"198.51.100.7"),
        (GET % b"", b""),
        (proxy_head("192.0.2.1") + GET % b"", b"192.0.2.1"),
        (proxy_head("192.0.2.1") + GET % FORWARDED, b"192.0.2.1"),
        (proxy_head("2001:db8::1") + GET % b"" + GET % b"", b"2001:db8::1"),
    ],
)
async def test_on_the_trusted_socket_the_proxy_is_believed(tmp_path: Path, raw: bytes, said: bytes) -> None:
    async with serving(tmp_path / "edge.sock"):
        answer = await ask(*await asyncio.open_unix_connection(tmp_path / "edge.sock"), raw)
    assert answer.endswith(b"\r\n\r\n" + said)


async def test_on_the_public_port_nobody_is(tmp_path: Path) -> None:
    async with serving(tmp_path / "edge.sock") as port:
        said = await ask(*await asyncio.open_connection("127.0.0.1", port), GET % FORWARDED)
        refused = await ask(
            *await asyncio.open_connection("127.0.0.1", port), proxy_head("192.0.2.1") + GET % b""
        )
    assert said.endswith(b"\r\n\r\n127.0.0.1")
    assert refused.startswith(b"HTTP/1.1 400 ")
