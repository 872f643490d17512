"""What the door takes the machine to have for listeners."""

from __future__ import annotations

import resource

import pytest

from rostra.core.settings import Settings
from rostra.gateway.worker import machine_of


@pytest.mark.parametrize(("descriptors", "each"), [(1 << 20, 19_000), (4_096, 3_696)])
def test_nobody_is_let_in_for_whom_the_edge_has_no_descriptor(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, each: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert machine_of(Settings(edge_workers=2)).descriptors == 2 * each
