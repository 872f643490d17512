"""A connection on a wire does what a loop's transport does, and one's fault is not the others'."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from rostra.serving.wires import Wire, Wires

LARGE = 20_000_000
"""More than the kernel holds for somebody who does not read."""


class Heard(asyncio.Protocol):
    """Notes what it is told; ``answer`` is called with all that comes."""

    def __init__(self, answer: Callable[[Heard, bytes], None] = lambda _, __: None) -> None:
        self.heard = b""
        self.told: list[str] = []
        self.error: Exception | None = None
        self._answer = answer
        self.wire: Wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast(Wire, transport)
        self.told.append("made")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self._answer(self, data)

    def eof_received(self) -> None:
        self.told.append("eof")

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost")
        self.error = exc


@contextlib.asynccontextmanager
async def wired() -> AsyncIterator[Callable[[Heard], socket.socket]]:
    """Yield what gives a protocol a connection and returns the client's end of it."""
    wires = Wires()
    with contextlib.ExitStack() as clients, socket.create_server(("127.0.0.1", 0)) as listening:

        def connect(protocol: Heard) -> socket.socket:
            client = clients.enter_context(socket.create_connection(listening.getsockname()))
            client.setblocking(False)
            wires.connect(listening.accept()[0], protocol)
            return client

        try:
            yield connect
        finally:
            wires.close()
            await asyncio.sleep(0)


async def read_all(client: socket.socket) -> bytes:
    """Read to the end."""
    loop, heard = asyncio.get_running_loop(), b""
    async with asyncio.timeout(10):
        while piece := await loop.sock_recv(client, 65_536):
            heard += piece
    return heard


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def reset(client: socket.socket) -> None:
    """Leave without a goodbye."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class Failing(Heard):
    """Fails as it hears that its connection is over."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        raise RuntimeError("the protocol's fault")


async def test_who_fails_at_the_end_keeps_nobody_else_from_hearing_of_theirs() -> None:
    async with wired() as connect:
        everybody: list[Heard] = [Failing(), Heard()]
        for client in [connect(each) for each in everybody]:
            client.close()
        await until(lambda: all("lost" in each.told for each in everybody))
        assert [each.told.count("lost") for each in everybody] == [1, 1]
        assert all(each.wire.get_extra_info("socket").fileno() < 0 for each in everybody)


async def test_what_is_said_is_heard_and_what_is_answered_comes_back() -> None:
    async with wired() as connect:
        protocol = Heard(lambda self, data: self.wire.write(data.upper()))
        client = connect(protocol)
        assert protocol.wire.get_extra_info("peername") == client.getsockname()
        client.send(b"good evening")
        assert await asyncio.get_running_loop().sock_recv(client, 100) == b"GOOD EVENING"
        client.close()
        await until(lambda: protocol.told == ["made", "eof", "lost"])
        assert protocol.error is None


@given(pieces=st.lists(st.binary(max_size=300_000), max_size=12))
def test_whatever_is_written_arrives_whole_and_in_order(pieces: list[bytes]) -> None:
    async def say() -> bytes:
        async with wired() as connect:
            protocol = Heard()
            client = connect(protocol)
            for piece in pieces:
                protocol.wire.write(piece)
            protocol.wire.close()
            return await read_all(client)

    assert asyncio.run(say()) == b"".join(pieces)


async def test_a_slow_client_pauses_its_writer_until_most_is_taken() -> None:
    async with wired() as connect:
        protocol = Heard()
        client = connect(protocol)
        protocol.wire.write(bytes(LARGE))
        assert protocol.told == ["made", "pause"]
        assert 0 < protocol.wire.get_write_buffer_size() < LARGE
        protocol.wire.write(b"and more")
        reading = asyncio.create_task(read_all(client))
        await until(lambda: "resume" in protocol.told)
        await until(lambda: not protocol.wire.get_write_buffer_size())
        protocol.wire.close()
        assert await reading == bytes(LARGE) + b"and more"
        await until(lambda: protocol.told == ["made", "pause", "resume", "lost"])


async def test_whoever_is_aborted_gets_no_more() -> None:
    async with wired() as connect:
        protocol = Heard()
        client = connect(protocol)
        protocol.wire.write(bytes(LARGE))
        protocol.wire.abort()
        protocol.wire.write(b"more")
        await until(lambda: "lost" in protocol.told)
        assert len(await read_all(client)) < LARGE


async def test_one_half_is_closed_once_all_is_out_and_the_other_still_heard() -> None:
    async with wired() as connect:
        protocol = Heard()
        client = connect(protocol)
        protocol.wire.write(bytes(LARGE))
        protocol.wire.write_eof()
        assert await read_all(client) == bytes(LARGE)
        client.send(b"thank you")
        await until(lambda: protocol.heard == b"thank you")
        assert "lost" not in protocol.told


async def test_nothing_is_read_meanwhile_and_all_of_it_later() -> None:
    async with wired() as connect:
        protocol = Heard()
        client = connect(protocol)
        protocol.wire.pause_reading()
        client.send(b"wait")
        await asyncio.sleep(0.05)
        assert not protocol.heard
        protocol.wire.resume_reading()
        await until(lambda: protocol.heard == b"wait")


async def test_whoever_resets_is_noticed_while_nothing_is_read_and_keeps_nobody_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    ready = Wire.ready
    monkeypatch.setattr(Wire, "ready", lambda self, events: (looked.append(events), ready(self, events)))
    async with wired() as connect:
        protocol = Heard()
        client = connect(protocol)
        protocol.wire.pause_reading()
        reset(client)
        await until(lambda: "lost" in protocol.told)
        await asyncio.sleep(0.05)
        assert len(looked) == 1
        assert looked[0] & select.EPOLLHUP


async def test_a_write_to_whoever_has_reset_is_no_error() -> None:
    async with wired() as connect:
        protocol = Heard()
        reset(connect(protocol))
        for _ in range(3):
            protocol.wire.write(bytes(LARGE))
        await until(lambda: "lost" in protocol.told)
        assert isinstance(protocol.error, ConnectionError)
        assert protocol.told.count("lost") == 1


async def test_what_goes_wrong_with_one_ends_that_one_alone() -> None:
    def fail(_: Heard, __: bytes) -> None:
        raise ZeroDivisionError

    async with wired() as connect:
        faulty, sound = Heard(fail), Heard()
        one, other = connect(faulty), connect(sound)
        with structlog.testing.capture_logs() as logs:
            one.send(b"!")
            other.send(b"hello")
            await until(lambda: sound.heard == b"hello" and "lost" in faulty.told)
        assert [each["event"] for each in logs] == ["connection_failed"]
        assert await read_all(one) == b""


async def test_the_end_of_all_ends_each() -> None:
    protocols = [Heard() for _ in range(3)]
    async with wired() as connect:
        for each in protocols:
            connect(each)
        protocols[0].wire.write(bytes(LARGE))
    assert all(each.told[-1] == "lost" for each in protocols)
    assert all(each.wire.get_extra_info("socket").fileno() == -1 for each in protocols)
