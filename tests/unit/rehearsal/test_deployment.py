import socket
import sys
from pathlib import Path

import pytest

from rostra.core.errors import PortInUse
from rostra.rehearsal import deployment
from rostra.rehearsal.deployment import NotStarted, Ports, deploy, free_ports


def test_ports_in_use_are_passed_over_for_the_next_free_trio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_is_free", lambda port: port not in (8001, 8012))
    assert free_ports() == Ports(8020, 8021, 8022)


def test_no_free_ports_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_is_free", lambda _port: False)
    with pytest.raises(PortInUse, match="between 8000 and"):
        free_ports()


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not deployment._is_free(taken.getsockname()[1])


async def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(NotStarted, match="no such luck"):
        async with deploy(tmp_path / "data", Ports(1, 2, 3)):
            pass


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotStarted, match="cannot be made"):
        async with deploy(tmp_path / "file" / "data", Ports(1, 2, 3)):
            pass
