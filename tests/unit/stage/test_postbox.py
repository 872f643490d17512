"""Sockets that are read together: who gets what, how long ago it came, and what is left open."""

from __future__ import annotations

import asyncio
import os
import socket
import time

import pytest

from rostra.stage.postbox import MOST_NS, Address, Postbox, Wire


class Letters:
    """Somebody with a socket, who keeps what came."""

    def __init__(self, postbox: Postbox) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("127.0.0.1", 0))
        self.address = sock.getsockname()
        self.came_with: list[tuple[bytes, int]] = []
        self.errors: list[Exception] = []
        self.lost = False
        self.closes: Wire | None = None
        self.takes_s = 0.0
        self.fails = False
        self.wire = postbox.open(sock, self)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        assert transport.get_extra_info("sockname") == self.address

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def error_received(self, exc: Exception) -> None:
        self.errors.append(exc)

    def came(self, data: bytes, address: Address, waited_ns: int) -> None:
        self.came_with.append((data, waited_ns))
        time.sleep(self.takes_s)
        if self.fails:
            raise KeyError(data)
        if self.closes is not None:
            self.closes.close()

    def send(self, data: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
            somebody.sendto(data, self.address)


def wait() -> None:
    """Let nothing look meanwhile."""
    time.sleep(0.03)


def collect(postbox: Postbox) -> None:
    """Read all that has come: once takes 3 ms at most, of which a busy machine may leave it nothing."""
    for _ in range(10):
        postbox.collect()


def are_stamped(postbox: Postbox, somebody: Letters) -> bool:
    """Whether the kernel notes when datagrams come: it begins a moment after the first socket asks for it."""
    for _ in range(20):
        somebody.send(b"when?")
        wait()
        postbox.collect()
        if somebody.came_with.pop()[1] > 20_000_000:
            return True
    return False


async def test_each_gets_their_own_and_knows_how_long_it_has_waited() -> None:
    postbox = Postbox()
    ada, bob = Letters(postbox), Letters(postbox)
    assert are_stamped(postbox, ada)
    ada.send(b"first")
    wait()
    ada.send(b"second")
    bob.send(b"hello")
    collect(postbox)
    assert [data for data, _ in ada.came_with] == [b"first", b"second"]
    assert [data for data, _ in bob.came_with] == [b"hello"]
    waited_ms = [waited_ns / 1e6 for _, waited_ns in ada.came_with]
    assert waited_ms[0] - waited_ms[1] >= 29
    assert waited_ms[1] >= 0
    ada.wire.close()
    bob.wire.close()


async def test_what_nobody_collects_is_read_all_the_same() -> None:
    ada = Letters(Postbox())
    ada.send(b"hello")
    async with asyncio.timeout(5):
        while not ada.came_with:
            await asyncio.sleep(0.001)
    ada.wire.close()


async def test_a_flood_makes_nobody_late_and_lets_others_through() -> None:
    postbox = Postbox()
    ada, bob = Letters(postbox), Letters(postbox)
    ada.takes_s = MOST_NS / 2e9
    for _ in range(50):
        ada.send(b"flood")
    bob.send(b"hello")
    postbox.collect()
    assert 1 <= len(ada.came_with) < 10
    assert len(bob.came_with) == 1
    ada.takes_s = 0
    while len(ada.came_with) < 50:
        postbox.collect()
    ada.wire.close()
    bob.wire.close()


async def test_a_wall_clock_that_is_set_makes_nothing_older(monkeypatch: pytest.MonkeyPatch) -> None:
    postbox = Postbox()
    ada = Letters(postbox)
    assert are_stamped(postbox, ada)
    ada.send(b"first")
    wait()
    for step_ns in (-5_000_000_000, 5_000_000_000):
        now_ns = time.time_ns()
        monkeypatch.setattr(time, "time_ns", lambda now_ns=now_ns, step_ns=step_ns: now_ns + step_ns)
        ada.send(b"and again")
        collect(postbox)
        monkeypatch.undo()
    assert len(ada.came_with) == 3
    assert max(waited_ns for _, waited_ns in ada.came_with) < 1_000_000_000
    ada.wire.close()


async def test_what_its_owner_cannot_take_ends_nothing() -> None:
    postbox = Postbox()
    ada, bob = Letters(postbox), Letters(postbox)
    ada.fails = True
    ada.send(b"1")
    bob.send(b"2")
    collect(postbox)
    assert [data for data, _ in bob.came_with] == [b"2"]
    ada.wire.close()
    bob.wire.close()


async def test_a_socket_that_cannot_be_read_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr("rostra.stage.postbox.select.epoll", no_epoll)
    with pytest.raises(OSError, match="Too many"):
        Letters(Postbox())
    assert len(os.listdir("/proc/self/fd")) == before


def no_epoll() -> None:
    raise OSError(24, "Too many open files")


async def test_whoever_is_closed_by_what_another_read_gets_nothing_more_and_all_is_freed() -> None:
    before, postbox = len(os.listdir("/proc/self/fd")), Postbox()
    for _ in range(2):  # it can be used again
        ada, bob = Letters(postbox), Letters(postbox)
        ada.closes, bob.closes = bob.wire, ada.wire
        ada.send(b"close")
        bob.send(b"close")
        postbox.collect()
        assert len(ada.came_with) + len(bob.came_with) == 1
        await asyncio.sleep(0)
        assert ada.lost != bob.lost
        ada.wire.close()
        bob.wire.close()
        await asyncio.sleep(0)
        assert (ada.lost, bob.lost) == (True, True)
        assert len(os.listdir("/proc/self/fd")) == before


async def test_what_cannot_leave_is_told() -> None:
    ada = Letters(Postbox())
    ada.wire.sendto(b"x" * 70_000, ("127.0.0.1", 9))
    assert [type(error) for error in ada.errors] == [OSError]
    ada.wire.close()
