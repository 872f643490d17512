"""Tests that make networks need root: whoever is not has it in a user namespace of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from typing import NoReturn

import pytest

_BEGUN = "begun"
_PREPARE = f'mount -t tmpfs tmpfs /run && ip link set lo up && echo {_BEGUN} && exec "$@"'
"""``ip netns`` keeps its names in /run."""
_TOLD = re.compile(r"^(\w+): (.+) \(.+\)$", re.MULTILINE)
"""As the end of a run tells a test's properties."""


def cannot(why: str, *, needed: bool) -> NoReturn:
    """Skip this test, which cannot run here, or fail it when it is ``needed``."""
    if needed:
        pytest.fail(why)
    pytest.skip(why)


def goes_on_there(request: pytest.FixtureRequest, *, needed: bool = False) -> bool:
    """Whether this test was run by root of namespaces of their own, and passed there. False for root.

    Skips the test where it was skipped there, or where the kernel lets nobody have such namespaces; fails it
    then when it is ``needed``. What it told is told here.
    """
    if os.geteuid() == 0:
        return False
    test = f"{request.node.path}::{request.node.name}"
    namespaces = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
    # A folder of its own: below this test's, paths are longer than a socket's may be.
    with tempfile.TemporaryDirectory(prefix="there-") as folder:
        pytest_ = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--basetemp={folder}/t",
            test,
        ]
        done = subprocess.run(
            [*namespaces, "sh", "-c", _PREPARE, "sh", *pytest_], capture_output=True, text=True, check=False
        )
    if not done.stdout.startswith(_BEGUN) or "1 skipped" in done.stdout:
        cannot(f"needs root or namespaces of one's own: {(done.stdout or done.stderr)[-300:]}", needed=needed)
    assert done.returncode == 0, done.stdout
    request.node.user_properties.extend(_TOLD.findall(done.stdout))
    return True
