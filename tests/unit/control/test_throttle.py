"""Sign-in attempts: slow for whoever guesses, free for everybody else, bounded in memory."""

from __future__ import annotations

import pytest

from harness.clock import ManualClock
from rostra.control.throttle import MAX_VISITORS, PER_ADDRESS, PER_HANDLE, Throttle
from rostra.core.errors import TooManyRequests
from rostra.core.networks import visitor


def attempts(throttle: Throttle, address: str, handle: str) -> int:
    """How many are allowed at once."""
    for number in range(1000):
        try:
            throttle.attempt(address, handle)
        except TooManyRequests:
            return number
    raise AssertionError("never refused")


def test_a_burst_is_allowed_and_then_one_more_after_a_while() -> None:
    clock = ManualClock()
    throttle = Throttle(clock=clock)
    assert attempts(throttle, "192.0.2.1", "ada") == PER_HANDLE.burst
    clock.advance(ms=int(PER_HANDLE.refill_s * 1000) + 1)
    assert attempts(throttle, "192.0.2.1", "ada") == 1


def test_nobody_can_lock_a_host_out_from_elsewhere() -> None:
    throttle = Throttle(clock=ManualClock())
    attempts(throttle, "192.0.2.1", "ada")
    throttle.attempt("192.0.2.2", "ada")


def test_trying_many_handles_from_one_address_is_stopped_too() -> None:
    throttle = Throttle(clock=ManualClock())
    for number in range(PER_ADDRESS.burst):
        throttle.attempt("192.0.2.1", f"handle{number}")
    with pytest.raises(TooManyRequests):
        throttle.attempt("192.0.2.1", "another")


def test_a_successful_sign_in_clears_the_attempts_before_it() -> None:
    throttle = Throttle(clock=ManualClock())
    for _ in range(PER_HANDLE.burst):
        throttle.attempt("192.0.2.1", "ada")
    throttle.succeeded("192.0.2.1", "ada")
    throttle.attempt("192.0.2.1", "ada")


def test_one_ipv6_network_is_one_visitor() -> None:
    assert visitor("2001:db8:1:2::1") == visitor("2001:db8:1:2:ffff::9")
    assert visitor("2001:db8:1:2::1") != visitor("2001:db8:1:3::1")
    assert visitor("::ffff:192.0.2.1") == visitor("192.0.2.1")
    assert visitor("not an address") == "not an address"


def test_memory_is_bounded_however_many_come() -> None:
    throttle = Throttle(clock=ManualClock())
    for number in range(MAX_VISITORS):
        throttle.attempt(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "ada")
    assert len(throttle._buckets) <= MAX_VISITORS
