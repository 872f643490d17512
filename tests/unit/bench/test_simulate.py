"""``make bench-simulate`` says how long an evening took to play, and fails where that is too long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bench import simulate_bench


def ended(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """How it ends with a small crowd, and what it printed."""
    monkeypatch.setattr("sys.argv", ["bench-simulate", "--scenario", "stampede", "--arrivals", "9000"])
    code = simulate_bench.main()
    return code, json.loads(capsys.readouterr().out)


def test_it_tells_what_was_played_and_how_long_that_took(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ended(monkeypatch, capsys)
    assert (code, told["played"]["arrivals"], all(told["kept"].values())) == (0, 9_000, True)
    assert told["took_s"] > told["played"]["seconds"] > 0
    assert told["memory_bytes"] > 10_000_000


def test_it_fails_where_that_is_too_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulate_bench, "MOST_S", 0.0)
    code, told = ended(monkeypatch, capsys)
    assert code == 1
    assert [promise for promise, kept in told["kept"].items() if not kept] == ["within 0 s"]
