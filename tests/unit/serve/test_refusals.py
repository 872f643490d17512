"""What cannot work is refused with a sentence before anything starts, never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
    [
        ([], {"ROSTRA_LOG_LEVEL": "loud"}, "ROSTRA_LOG_LEVEL is 'loud'"),
        ([], {"ROSTRA_STUN_SERVERS": "abc"}, "ROSTRA_STUN_SERVERS is 'abc': must be a list of texts in JSON"),
        ([], {"ROSTRA_TRUSTED_PROXIES": "[1]"}, "ROSTRA_TRUSTED_PROXIES is"),
        ([], {"ROSTRA_DOOR_URL": "javascript:x"}, "ROSTRA_DOOR_URL is 'javascript:x'"),
        ([], {"ROSTRA_RTC_PORT_MIN": "5000"}, "rtc_port_min and rtc_port_max go together"),
        ([], {"ROSTRA_TICKET_LIFE_S": "-5"}, "ROSTRA_TICKET_LIFE_S is '-5'"),
        (["--door-port", "99999"], {}, "ROSTRA_DOOR_PORT is 99999"),
        (["--edge-workers", "-1"], {}, "ROSTRA_EDGE_WORKERS is -1"),
        ([], {"ROSTRA_EDGE_CADENCE": "5"}, "edge_cadence and edge_cohorts divide 12"),
        (["--door-port", "26901", "--edge-port", "26901"], {}, "three different ports"),
        (["--bind", "192.0.2.250"], {}, "Cannot listen on 192.0.2.250, port 8000"),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    tmp_path: Path, options: list[str], variables: dict[str, str], said: str
) -> None:
    assert said in refused(tmp_path / "data", options, variables)


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refused(tmp_path / "file" / "data", [], {})
    assert "too long" in refused(tmp_path / ("x" * 120), [], {})
