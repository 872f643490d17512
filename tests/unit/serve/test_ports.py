"""What the operator asks of the kernel's queues and does not get is said at the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from rostra.core.settings import Settings
from rostra.serve import sockets
from rostra.serve.ports import Ports


@pytest.mark.parametrize(("allowed", "said"), [("128\n", True), ("4096\n", False), ("", False)])
def test_a_kernel_that_queues_less_than_was_asked_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str, said: bool
) -> None:
    limit = tmp_path / "somaxconn"
    limit.write_text(allowed)
    monkeypatch.setattr(sockets, "SOMAXCONN", limit)
    with capture_logs() as logs, Ports.open(Settings(data=tmp_path, backlog=4_096), ()):
        pass
    named = [each for each in logs if each["event"] == "backlog_cut"]
    assert [(each["backlog"], each["somaxconn"]) for each in named] == ([(4_096, 128)] if said else [])
