"""What a benchmark found kept and broken: the broken said to people, and how the command ends."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console


def exit_code(kept: Mapping[str, bool]) -> int:
    """Name each promise that was broken on standard error; 1 where there is one, else 0."""
    broken = [promise for promise, is_kept in kept.items() if not is_kept]
    for promise in broken:
        Console(stderr=True).print(f"Not kept: {promise}.", style="bold red", markup=False)
    return 1 if broken else 0
