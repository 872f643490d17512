import socket
import threading
import time

import pytest

from rostra.rehearsal.netem_link import netem
from rostra.rehearsal.roughness import Roughness
from rostra.rehearsal.tun_link import TunLink


class Wire:
    """Two ends of what stands in for devices: datagrams that a test puts in and takes out."""

    def __init__(self, rough: Roughness) -> None:
        self.near, near = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.far, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._held = (near, far)
        self.link = TunLink("none", (near.fileno(), far.fileno()), rough)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.link.carry, args=(self._stopping,))

    def __enter__(self) -> "Wire":
        self.far.settimeout(0.5)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for each in (self.near, self.far, *self._held):
            each.close()


def test_a_packet_arrives_as_it_was_and_not_before_its_time() -> None:
    with Wire(Roughness(delay_ms=60, jitter_ms=20, loss=0)) as wire:
        sent_s = time.monotonic()
        wire.near.send(b"packet")
        assert wire.far.recv(2000) == b"packet"
        assert time.monotonic() - sent_s >= 0.04


def test_both_directions_are_carried() -> None:
    with Wire(Roughness(delay_ms=0, jitter_ms=0, loss=0)) as wire:
        wire.near.settimeout(0.5)
        wire.far.send(b"back")
        assert wire.near.recv(2000) == b"back"


def test_losses_are_counted_and_never_arrive() -> None:
    with Wire(Roughness(delay_ms=0, jitter_ms=0, loss=1)) as wire:
        wire.near.send(b"packet")
        with pytest.raises(TimeoutError):
            wire.far.recv(2000)
        assert (wire.link.carried, wire.link.dropped) == (0, 1)


def test_a_link_grows_rough_and_smooth_again_while_it_is_used() -> None:
    with Wire(Roughness(delay_ms=0, jitter_ms=0, loss=0)) as wire:
        wire.link.roughen(Roughness(delay_ms=0, jitter_ms=0, loss=1))
        wire.near.send(b"lost")
        with pytest.raises(TimeoutError):
            wire.far.recv(2000)
        wire.link.roughen(Roughness(delay_ms=0, jitter_ms=0, loss=0))
        wire.near.send(b"packet")
        assert wire.far.recv(2000) == b"packet"


def test_the_kernel_is_told_the_same() -> None:
    assert netem(Roughness(delay_ms=60, jitter_ms=50, loss=0.05)) == (
        *("netem", "limit", "4096"),
        *("delay", "60ms", "50ms"),
        *("loss", "random", "5.0%"),
    )
