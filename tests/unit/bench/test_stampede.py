"""``make bench-stampede`` fails where the door does not keep what it promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bench.door import __main__ as stampede
from bench.door.crowd import Crowd
from bench.machine import listen_overflows

from rostra.rehearsal.hearing import Report

COUNTS = (
    "joins admitted placed untold holding asked claims lost raced refused nonsense "
    "inside most_inside left starved cut silent deliveries late"
)
FINE: dict[str, Any] = dict.fromkeys(COUNTS.split(), 0)
FINE |= {"full_after_s": 12.0, "least_used": 0.99, "places_least": 100, "places_most": 100, "first_wrong": ""}
FINE |= dict.fromkeys(("join_ms", "status_ms", "claim_ms", "page_ms"), (2, 40, 90))


def ended(monkeypatch: pytest.MonkeyPatch, **crowd: Any) -> int:
    """How it ends with such a crowd."""
    seen = Crowd(**(FINE | crowd))
    heard: list[Report] = []

    async def played(_: object) -> stampede.Line:
        return stampede.Line(
            crowd=seen,
            before=heard,
            writes_late_share=0.0,
            places=100,
            arrivals=0,
            over_s=0.0,
            seconds=0.0,
            listen_overflows=0,
            kept=stampede._kept(seen, heard, 100, 0.0),
            machine="",
        )

    monkeypatch.setattr(stampede, "_stampede", played)
    monkeypatch.setattr("sys.argv", ["stampede"])
    return stampede.main()


def test_it_ends_well_where_all_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch) == 0
    assert all(json.loads(capsys.readouterr().out)["kept"].values())


@pytest.mark.parametrize(
    ("crowd", "promise"),
    [
        ({"late": 1}, "no late audio"),
        ({"most_inside": 99}, "at most 1 % over"),
        ({"refused": 1}, "no bare error, no reset"),
        ({"untold": 1}, "everybody refused holds a place"),
        ({"page_ms": (2, 101, 200)}, "99 % answered within 100 ms"),
        ({"full_after_s": 31.0}, "95 % used within 30 s"),
        ({"full_after_s": -1.0}, "95 % used within 30 s"),
        ({"places_least": 79}, "budget swings by less than 20 %"),
    ],
)
def test_it_fails_and_names_the_promise_that_was_broken(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    crowd: dict[str, Any],
    promise: str,
) -> None:
    assert ended(monkeypatch, **crowd) == 1
    told = capsys.readouterr()
    assert f"Not kept: {promise}." in " ".join(told.err.split())
    assert msgspec.json.decode(told.out)["kept"][promise] is False


def test_connections_dropped_at_a_full_accept_queue_are_read_from_the_kernel(tmp_path: Path) -> None:
    table = tmp_path / "netstat"
    table.write_text(
        "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 7 42 43\nIpExt: InOctets\nIpExt: 9\n"
    )
    assert listen_overflows(table) == 42
    assert listen_overflows() >= 0
