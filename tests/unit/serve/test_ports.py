"""What is asked of the kernel's queues and sockets; what the operator does not get is said at the start."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from harness.caches import free_port
from rostra.core.settings import Settings
from rostra.serve import sockets
from rostra.serve.ports import Ports
from rostra.serve.roles import Seat
from rostra.serving.backlog import GONE_AFTER_MS


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


def test_a_listener_who_vanishes_is_gone_after_a_minute(tmp_path: Path) -> None:
    """Unless the system is told so, it waits a quarter of an hour for an acknowledgement."""
    setting = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    for role, kept_ms in (("edge", GONE_AFTER_MS), ("gateway", 0)):
        seat = Seat(role, 0, "", free_port())
        with Ports.open(Settings(data=tmp_path, bind="127.0.0.1"), [seat]) as ports:
            with socket.socket(fileno=os.dup(ports.descriptors(seat)[0])) as listening:
                listening.setblocking(True)
                with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
                    assert accepted.getsockopt(*setting) == kept_ms
