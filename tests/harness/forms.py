"""What the short form of the tests leaves to the long one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def every_fourth(cases: Iterable[Sequence[Any]]) -> list[Any]:
    """All of these in the long form, one in four in the short: where each takes a process of its own."""
    return [
        pytest.param(*case, marks=() if number % 4 == 0 else pytest.mark.long)
        for number, case in enumerate(cases)
    ]
