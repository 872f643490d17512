"""Tests that make networks need root: whoever is not has it in a user namespace of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_BEGUN = "begun"
_PREPARE = f'mount -t tmpfs tmpfs /run && ip link set lo up && echo {_BEGUN} && exec "$@"'
"""``ip netns`` keeps its names in /run."""


def goes_on_there(request: pytest.FixtureRequest, folder: Path) -> bool:
    """Whether this test was run by root of namespaces of their own, and passed there. False for root.

    ``folder`` is for its files, and not there yet. Skips the test where it was skipped there, or where the
    kernel lets nobody have such namespaces.
    """
    if os.geteuid() == 0:
        return False
    test = f"{request.node.path}::{request.node.name}"
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}", test]
    namespaces = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
    done = subprocess.run(
        [*namespaces, "sh", "-c", _PREPARE, "sh", *pytest_], capture_output=True, text=True, check=False
    )
    if not done.stdout.startswith(_BEGUN) or "1 skipped" in done.stdout:
        pytest.skip(f"needs root or namespaces of one's own: {(done.stdout or done.stderr)[-300:]}")
    assert done.returncode == 0, done.stdout
    return True
