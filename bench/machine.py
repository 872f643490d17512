"""What machine figures hold for."""

from __future__ import annotations

import os
import platform


def machine() -> str:
    """This machine in a few words: system, processors, Python."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {os.cpu_count()} cores, Python {platform.python_version()}"
