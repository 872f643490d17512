import socket
import sys
from pathlib import Path

import pytest

from rostra.core.errors import PortInUse
from rostra.core.settings import WrongSetting
from rostra.rehearsal import deployment
from rostra.rehearsal.deployment import NotStarted, Ports, chosen_ports, deploy, free_ports, new_folder


def test_ports_in_use_are_passed_over_for_the_next_free_trio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_is_free", lambda port: port not in (8001, 8012))
    assert free_ports() == Ports(8020, 8021, 8022)


def test_ports_that_variables_name_are_taken_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_ports() is None
    monkeypatch.setenv("ROSTRA_DOOR_PORT", "9100")
    assert chosen_ports() == Ports(9100, 8001, 8002)
    monkeypatch.setenv("ROSTRA_EDGE_PORT", "9100")
    with pytest.raises(WrongSetting, match="three different ports"):
        chosen_ports()


def test_no_free_ports_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_is_free", lambda _port: False)
    with pytest.raises(PortInUse, match="between 8000 and"):
        free_ports()


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not deployment._is_free(taken.getsockname()[1])


def served_by(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a shell script in the place of Rostra's server; whatever is asked, somebody answers."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))

    async def answered(*_: object) -> bool:
        return True

    monkeypatch.setattr(deployment, "_is_healthy", answered)


async def test_a_server_that_does_not_start_says_why_whoever_else_answers_at_its_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served_by("sleep 0.1; echo no such luck >&2; exit 3", tmp_path, monkeypatch)
    earlier = tmp_path / "data" / "run" / "backstage.address"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("http://127.0.0.1:3\n")
    with pytest.raises(NotStarted, match="no such luck"):
        async with deploy(tmp_path / "data", Ports(1, 2, 3)):
            pass


async def test_whoever_finds_the_ports_taken_meanwhile_takes_the_next_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    served_by(
        f'case "$*" in *"--door-port 8000 "*) touch {taken}; exit 3 ;; esac\ncd {tmp_path}\n'
        "mkdir -p data/run; echo http://127.0.0.1:8012 >data/run/backstage.address; exec cat",
        tmp_path,
        monkeypatch,
    )
    monkeypatch.setattr(deployment, "_is_free", lambda port: port >= 8010 or not taken.exists())
    async with deploy(tmp_path / "data") as server:
        assert server.ports == Ports(8010, 8011, 8012)


def test_two_demos_of_one_second_have_a_folder_each(tmp_path: Path) -> None:
    one, other = (new_folder(tmp_path / "data" / "demo", "20260101-200000") for _ in range(2))
    assert one != other
    assert all(each.is_dir() and each.name.startswith("20260101-200000-") for each in (one, other))


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotStarted, match="cannot be made"):
        async with deploy(tmp_path / "file" / "data", Ports(1, 2, 3)):
            pass
