"""What the door takes the machine to have for listeners."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from rostra.core.settings import Settings
from rostra.gateway.machine import free_memory, machine_of


@pytest.mark.parametrize(("descriptors", "each"), [(1 << 20, 19_000), (4_096, 3_696)])
def test_nobody_is_let_in_for_whom_the_edge_has_no_descriptor(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, each: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert machine_of(Settings(edge_workers=2)).descriptors == 2 * each


def a_machine(folder: Path, *, member: str, limits: dict[str, str]) -> dict[str, Path]:
    """One with a million kB free, and control groups of which some have a limit and 3 MB in use."""
    proc, groups = folder / "proc", folder / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal: 2000000 kB\nMemAvailable: 1000000 kB\n")
    (proc / "self" / "cgroup").write_text(f"0::{member}\n")
    for name, most in limits.items():
        (groups / name).mkdir(parents=True, exist_ok=True)
        (groups / name / "memory.max").write_text(f"{most}\n")
        (groups / name / "memory.current").write_text("3000000\n")
        (groups / name / "memory.stat").write_text("anon 2000000\ninactive_file 1000000\n")
    return {"proc": proc, "groups": groups}


@pytest.mark.parametrize(
    ("limits", "free"),
    [
        ({}, 1_024_000_000),
        ({"a/b": "max", "a": "max"}, 1_024_000_000),
        ({"a/b": "10000000", "a": "max"}, 8_000_000),
        ({"a/b": "max", "a": "9000000"}, 7_000_000),
        ({"a/b": "1000000"}, 1),
    ],
)
def test_what_a_container_may_have_of_the_memory_counts(
    tmp_path: Path, limits: dict[str, str], free: int
) -> None:
    assert free_memory(**a_machine(tmp_path, member="/a/b", limits=limits)) == free


def test_inside_a_container_its_own_group_is_the_top(tmp_path: Path) -> None:
    assert free_memory(**a_machine(tmp_path, member="/", limits={"": "10000000"})) == 8_000_000
