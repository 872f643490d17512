"""The file that holds the ticket keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.clock import ManualClock
from rostra.bus.messages import TicketKeys
from rostra.serve.keys import KeyBox, KeysDamaged

DAY_S = 86_400


def box(data: Path, clock: ManualClock | None = None) -> KeyBox[TicketKeys]:
    return KeyBox(
        data, name="tickets", kind=TicketKeys, clock=clock or ManualClock(), every_s=DAY_S, life_s=DAY_S
    )


def first(data: Path, clock: ManualClock | None = None) -> TicketKeys:
    """What is published when the keys are opened."""
    value = box(data, clock).turn()
    assert value is not None
    return value


def key_file(data: Path) -> Path:
    return data / "keys" / "tickets.key"


def stored(raw: bytes, data: Path) -> Path:
    key_file(data).parent.mkdir(exist_ok=True)
    key_file(data).write_bytes(raw)
    return data


def test_keys_are_the_same_after_a_restart_and_private(tmp_path: Path) -> None:
    clock = ManualClock()
    before = first(tmp_path, clock)
    clock.advance(ms=DAY_S * 1000)
    turned = first(tmp_path, clock)
    assert len(turned.keys) == 2
    assert turned.keys[0] == before.keys[0]
    assert first(tmp_path, clock) == turned
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert not list(key_file(tmp_path).parent.glob("*.new"))


def test_nothing_is_told_twice(tmp_path: Path) -> None:
    keys = box(tmp_path)
    assert keys.turn() is not None
    assert keys.turn() is None


def test_the_file_of_one_bare_key_is_taken_over(tmp_path: Path) -> None:
    clock, secret = ManualClock(), bytes(range(32))
    stored(secret, tmp_path)
    made_s = clock.utc_ns() // 10**9
    os.utime(key_file(tmp_path), (made_s, made_s))
    assert first(tmp_path, clock).keys == ((1, secret),)
    clock.advance(ms=DAY_S * 1000)
    assert first(tmp_path, clock).keys[0] == (1, secret)
    assert json.loads(key_file(tmp_path).read_bytes())["keys"][1]["number"] == 1


def test_keys_that_cannot_be_stored_are_not_used(tmp_path: Path) -> None:
    clock = ManualClock()
    keys = box(tmp_path, clock)
    keys.turn()
    blocked = key_file(tmp_path).with_suffix(".new")
    blocked.mkdir()
    clock.advance(ms=DAY_S * 1000)
    assert keys.turn() is None
    blocked.rmdir()
    turned = keys.turn()
    assert turned is not None
    assert len(turned.keys) == 2


def test_two_keys_of_one_number_are_damage(tmp_path: Path) -> None:
    first(tmp_path)
    document = json.loads(key_file(tmp_path).read_bytes())
    document["keys"] *= 2
    with pytest.raises(KeysDamaged):
        box(stored(json.dumps(document).encode(), tmp_path))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80).filter(lambda raw: len(raw) != 32) | st.just(b'{"keys":[]}'))
def test_any_other_file_is_named_as_damaged(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(KeysDamaged):
        box(stored(raw, tmp_path))
