"""What machine figures hold for."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """This machine in a few words: system, processors, Python."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {os.cpu_count()} cores, Python {platform.python_version()}"


def listen_overflows(table: Path = Path("/proc/net/netstat")) -> int:
    """How many connections the kernel has dropped since it started because an accept queue was full."""
    lines = [line.split() for line in table.read_text().splitlines() if line.startswith("TcpExt:")]
    names, values = lines
    return int(values[names.index("ListenOverflows")])
