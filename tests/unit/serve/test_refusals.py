"""What cannot work is refused with a sentence before anything starts, never with a traceback."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.forms import every_fourth


def refused(data: Path, options: list[str], variables: dict[str, str]) -> str:
    """Run ``rostra serve`` and return what it says; it must leave by itself with status 1."""
    done = subprocess.run(
        [sys.executable, "-m", "rostra", "serve", "--data", str(data), *options],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    every_fourth(
        [
            ([], {"ROSTRA_LOG_LEVEL": "loud"}, "ROSTRA_LOG_LEVEL is 'loud'"),
            (
                [],
                {"ROSTRA_STUN_SERVERS": "abc"},
                "ROSTRA_STUN_SERVERS is 'abc': must be a list of texts in JSON",
            ),
            ([], {"ROSTRA_TRUSTED_PROXIES": "[1]"}, "ROSTRA_TRUSTED_PROXIES is"),
            (
                [],
                {"ROSTRA_TRUSTED_PROXIES": '["nonsense"]'},
                "ROSTRA_TRUSTED_PROXIES is '[\"nonsense\"]': must be",
            ),
            ([], {"ROSTRA_EDGE_TRUSTED_LISTEN": "0.0.0.0:8004"}, "must be on a loopback or private address"),
            ([], {"ROSTRA_EDGE_TRUSTED_LISTEN": "127.0.0.1:99999"}, "ROSTRA_EDGE_TRUSTED_LISTEN is"),
            (
                [],
                {"ROSTRA_SOURCE_LISTEN": "999.1.1.1:8005"},
                "ROSTRA_SOURCE_LISTEN is '999.1.1.1:8005': must be",
            ),
            ([], {"ROSTRA_DOOR_URL": "javascript:x"}, "ROSTRA_DOOR_URL is 'javascript:x'"),
            ([], {"ROSTRA_RTC_PORT_MIN": "5000"}, "rtc_port_min and rtc_port_max go together"),
            ([], {"ROSTRA_TICKET_LIFE_S": "-5"}, "ROSTRA_TICKET_LIFE_S is '-5'"),
            (["--door-port", "99999"], {}, "ROSTRA_DOOR_PORT is 99999"),
            (["--edge-workers", "-1"], {}, "ROSTRA_EDGE_WORKERS is -1"),
            ([], {"ROSTRA_EDGE_CADENCE": "5"}, "edge_cadence and edge_cohorts divide 12"),
            (["--door-port", "26901", "--edge-port", "26901"], {}, "three different ports"),
            (["--bind", "192.0.2.250"], {}, "Cannot listen on 192.0.2.250, port 8000"),
        ]
    ),
)
def test_a_setting_that_cannot_work_is_named(
    tmp_path: Path, options: list[str], variables: dict[str, str], said: str
) -> None:
    assert said in refused(tmp_path / "data", options, variables)


@pytest.fixture
def ports() -> list[str]:
    """Three ports of our own, so that nothing but the case at hand is in the way."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        numbers = [str(each.getsockname()[1]) for each in held]
    options = zip(("--door-port", "--edge-port", "--control-port"), numbers, strict=True)
    return ["--bind", "127.0.0.1", *(word for option in options for word in option)]


@pytest.mark.parametrize("setting", ["ROSTRA_EDGE_TRUSTED_LISTEN", "ROSTRA_SOURCE_LISTEN"])
def test_a_listener_whose_port_is_taken_is_named(tmp_path: Path, ports: list[str], setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refused(tmp_path / "data", ports, {setting: address})
    assert f"Cannot listen on {address}: Address already in use. Choose another by {setting}." in said


def test_a_listener_on_the_door_s_own_port_is_named(tmp_path: Path, ports: list[str]) -> None:
    address = f"127.0.0.1:{ports[3]}"
    said = refused(tmp_path / "data", ports, {"ROSTRA_EDGE_TRUSTED_LISTEN": address})
    assert f"Cannot listen on {address}" in said


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path, ports: list[str]) -> None:
    chain = tmp_path / "chain.pem"
    files = {"ROSTRA_TLS_CERTIFICATE": str(chain), "ROSTRA_TLS_KEY": str(chain)}
    said = refused(tmp_path / "data", ports, files)
    assert "Check ROSTRA_TLS_CERTIFICATE and ROSTRA_TLS_KEY" in said
    assert f"{chain}: No such file" in said.replace("\n", "")
    del files["ROSTRA_TLS_KEY"]
    assert "needs both" in refused(tmp_path / "data", ports, files)


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refused(tmp_path / "file" / "data", [], {})
    assert "too long" in refused(tmp_path / ("x" * 120), [], {})
    assert "[/red]" in refused(tmp_path / "file" / "[" / "red]" / "data", [], {})
