"""Threads beside a loop on which somebody's sound depends. For the roles whose loops send it."""

from __future__ import annotations

import sys
from typing import Final

SWITCH_S: Final = 0.000_5
"""How long another thread may keep the interpreter from the loop: it lets go of it with every system call."""


def favour_the_loop() -> None:
    """Let no thread of this process keep the interpreter for longer, from now on."""
    sys.setswitchinterval(SWITCH_S)
